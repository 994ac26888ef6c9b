"""One batch of readings in one transaction: snapshots, flags, issues, events owed, history outbox."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from itertools import groupby
from typing import Any, Final

from pydantic_core import from_json
from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Row,
    bindparam,
    delete,
    insert,
    or_,
    select,
    tuple_,
)

from core.contract.messages import PrinterState
from core.domain.freshness import believed_until
from core.runtime.settings import RuleSettings
from core.storage.database import writing
from core.storage.stock import take_for_replacement
from processor.batch.printer_batch import PrinterBatch, Received, StoredState
from processor.batch.sql import MOVES, OUTBOX, PRINTERS, SNAPSHOTS, Upsert, insert_into
from processor.flags.rows import write_flags
from processor.forecast.renewal import apply_renewals
from processor.issues.changes import apply_issue_commands
from processor.supplies.writing import write_supply_events

log = logging.getLogger(__name__)

_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class ReadingRefused:
    """A reading that will never be stored; `broken` where it is its content that nobody can use."""

    received: Received
    reason: str
    broken: bool = False


@dataclass
class Outcome:
    """What became of a batch; every reading is in exactly one of the two lists."""

    stored: list[Received] = field(default_factory=list)
    refused: list[ReadingRefused] = field(default_factory=list)
    repeated: int = 0
    late: int = 0

    def add(self, other: "Outcome") -> None:
        """Take over the outcome of another part of the same batch."""
        self.stored += other.stored
        self.refused += other.refused
        self.repeated += other.repeated
        self.late += other.late


def in_order(batch: Iterable[Received]) -> list[Received]:
    """By printer, each one's readings by (taken_at, seq); all writers lock printers in this order."""
    return sorted(batch, key=lambda r: (r.reading.printer_id, r.reading.taken_at, r.reading.seq))


def store(engine: Engine, batch: Iterable[Received], rules: RuleSettings, now: datetime) -> Outcome:
    """Judge and commit a batch. Raises what the database raises, then nothing is stored."""
    readings = in_order(batch)
    outcome = Outcome()
    with writing(engine) as connection:
        printers = _open_printers(connection, sorted({r.reading.printer_id for r in readings}), rules)
        ours = _without_foreign(connection, readings, printers, outcome)
        for printer_id, group in groupby(ours, key=lambda r: r.reading.printer_id):
            _take(printers.get(printer_id), list(group), outcome)
        _write(connection, list(printers.values()), rules, now)
    return outcome


def _without_foreign(
    connection: Connection,
    readings: Sequence[Received],
    printers: Mapping[str, PrinterBatch],
    outcome: Outcome,
) -> list[Received]:
    """Refuse readings by the collector of another site than the printer's, unless it was there then."""
    foreign = [
        received
        for received in readings
        if (printer_batch := printers.get(received.reading.printer_id))
        and printer_batch.site != received.reading.site
    ]
    if not foreign:
        return list(readings)
    statement = select(MOVES).where(MOVES.c.printer_id.in_({r.reading.printer_id for r in foreign}))
    left_at = {(row.printer_id, row.site): row.left_at for row in connection.execute(statement)}
    refused: set[int] = set()
    for received in foreign:
        reading = received.reading
        left = left_at.get((reading.printer_id, reading.site))
        if left is None or reading.taken_at >= left:
            site = printers[reading.printer_id].site
            reason = f"the printer belongs to the site {site!r}, not to {reading.site!r}"
            outcome.refused.append(ReadingRefused(received, reason, broken=True))
            refused.add(id(received))
    return [received for received in readings if id(received) not in refused]


def _take(printer_batch: PrinterBatch | None, readings: Sequence[Received], outcome: Outcome) -> None:
    if printer_batch is None:
        reason = "the printer is not in the inventory, or is disabled"
        outcome.refused += (ReadingRefused(received, reason) for received in readings)
        return
    for received in readings:
        try:
            order = printer_batch.take(received)
        except Exception as error:  # whatever a rule stumbles over must not hold up the others
            log.exception("%s: reading %s cannot be judged", printer_batch.printer_id, received.reading.id)
            reason = f"the reading cannot be judged: {error!r}"
            outcome.refused.append(ReadingRefused(received, reason, broken=True))
            continue
        outcome.stored.append(received)
        outcome.repeated += order == "repeated"
        outcome.late += order == "late"


def _open_printers(
    connection: Connection, printer_ids: Sequence[str], rules: RuleSettings
) -> dict[str, PrinterBatch]:
    # What is not watched has no snapshot. A first snapshot is reserved before it is read: two processors
    # that meet a new printer at once would both take it for theirs.
    printers = {row.printer_id: row for row in connection.execute(_KNOWN, {"printer_ids": printer_ids})}
    pasts = _locked(connection, sorted(printers))
    if missing := sorted(printers.keys() - pasts.keys()):
        _reserve(connection, missing)
        pasts |= _locked(connection, missing)
    return {
        printer_id: PrinterBatch(
            printer_id, row.name, row.location, pasts[printer_id], rules, row.serial, row.site
        )
        for printer_id, row in printers.items()
    }


_PAST: Final = tuple(
    SNAPSHOTS.c[name]
    for name in (
        *("printer_id", "reading_id", "taken_at", "seq", "payload", "memory", "revision", "owed"),
        "levels_at",
    )
)

# Built once: to build a statement costs more than SQLite needs to run it.
_KNOWN: Final = select(
    *(PRINTERS.c[name] for name in ("printer_id", "name", "location", "serial", "site"))
).where(PRINTERS.c.printer_id.in_(bindparam("printer_ids", expanding=True)), PRINTERS.c.enabled)
_LOCKED: Final = (
    select(*_PAST)
    .where(SNAPSHOTS.c.printer_id.in_(bindparam("printer_ids", expanding=True)))
    .order_by(SNAPSHOTS.c.printer_id)
    .with_for_update()
)
_POINTS: Final = insert(OUTBOX)


def _locked(connection: Connection, printer_ids: Sequence[str]) -> dict[str, StoredState | None]:
    return {row.printer_id: _past(row) for row in connection.execute(_LOCKED, {"printer_ids": printer_ids})}


def _past(row: Row[Any]) -> StoredState | None:
    if not row.reading_id:
        return None
    try:
        state = PrinterState.model_validate_json(row.payload)
        memory = from_json(row.memory)
    except ValueError:
        log.exception("%s: the stored snapshot cannot be read; judging without a past", row.printer_id)
        return None
    return StoredState(
        row.reading_id, row.taken_at, row.seq, state, memory, row.revision, row.owed, row.levels_at
    )


def _reserve(connection: Connection, printer_ids: Sequence[str]) -> None:
    empty = {
        "reading_id": "",
        "taken_at": _NEVER,
        "seq": 0,
        "received_at": _NEVER,
        "stale_at": _NEVER,
        "reachable": False,
        "state": "unknown",
        "payload": "{}",
        "memory": "{}",
        "revision": 0,
        "published_revision": 0,
        "owed": False,
    }
    statement = insert_into(SNAPSHOTS, connection.dialect.name).on_conflict_do_nothing()
    connection.execute(statement, [{"printer_id": printer_id} | empty for printer_id in printer_ids])


def _write(
    connection: Connection,
    printers: Sequence[PrinterBatch],
    rules: RuleSettings,
    now: datetime,
) -> None:
    moved = [printer_batch for printer_batch in printers if printer_batch.newest]
    rows = [printer_batch.snapshot_row() for printer_batch in moved]
    if rows:
        believed = believed_until(min(row["received_at"] for row in rows))
        more = {"published_revision": 0, "believed_until": believed}
        connection.execute(_upsert(connection.dialect.name), [more | row for row in rows])
    if len(moved) < len(printers):
        connection.execute(delete(SNAPSHOTS).where(SNAPSHOTS.c.reading_id == "", _among(printers)))
    write_flags(connection, [(printer_batch.printer_id, printer_batch.episodes) for printer_batch in moved])
    commands = [
        (printer_batch.printer_id, command) for printer_batch in moved for command in printer_batch.commands
    ]
    apply_issue_commands(connection, commands, now)
    renewals = {p.printer_id: found for p in moved if (found := p.renewal())}
    if renewals:
        apply_renewals(connection, renewals)
    entries = [(printer.printer_id, entry) for printer in moved for entry in printer.ledger.entries]
    if entries:
        for event in write_supply_events(connection, entries):
            take_for_replacement(connection, event)
    points = [point for printer_batch in printers for point in printer_batch.history]
    if points:
        connection.execute(_POINTS, [{"payload": point} for point in points])


def _among(printers: Sequence[PrinterBatch]) -> ColumnElement[bool]:
    return SNAPSHOTS.c.printer_id.in_([printer_batch.printer_id for printer_batch in printers])


@cache
def _upsert(dialect: str) -> Upsert:
    statement = insert_into(SNAPSHOTS, dialect)
    new, kept = statement.excluded, {"printer_id", "published_revision"}
    return statement.on_conflict_do_update(
        index_elements=["printer_id"],
        set_={column.name: new[column.name] for column in SNAPSHOTS.columns if column.name not in kept},
        where=or_(
            tuple_(new.taken_at, new.seq) > tuple_(SNAPSHOTS.c.taken_at, SNAPSHOTS.c.seq),
            SNAPSHOTS.c.reading_id == "",
            # Stored before the clock was set back: not believed, as PrinterBatch has seen.
            SNAPSHOTS.c.taken_at > bindparam("believed_until", type_=SNAPSHOTS.c.taken_at.type),
        ),
    )
