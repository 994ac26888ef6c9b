"""One batch of readings in one transaction: snapshots, flags, issues, events owed, history outbox."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import Connection, Engine, bindparam, exists, insert, select

from core.runtime.settings import RuleSettings
from core.storage.database import writing
from core.storage.stock import take_for_replacement
from processor.batch.mutes import follow_mutes, mutes_of
from processor.batch.prepared import PreparedQuery, PreparedStatement
from processor.batch.printer_batch import PrinterBatch, Received
from processor.batch.reported import note_reported
from processor.batch.snapshots import (
    locked,
    remove_unused,
    stored_states,
    write_changed,
    write_unchanged,
)
from processor.batch.unchanged import UnchangedReadings, unchanged
from processor.flags.rows import write_flags
from processor.forecast.renewal import apply_renewals
from processor.issues.changes import apply_issue_commands
from processor.judgment.judge import Context
from processor.supplies.writing import write_supply_events
from processor.tables import MOVES, MUTES, OUTBOX, PRINTERS

log = logging.getLogger(__name__)


class _Watched(NamedTuple):
    """A printer of the inventory that is enabled."""

    printer_id: str
    name: str
    location: str
    serial: str
    site: str
    has_mutes: bool
    """Something of it is muted, or was."""


# Built once: to build a statement costs more than SQLite needs to run it.
_WATCHED: Final = PreparedQuery(
    select(
        *(PRINTERS.c[name] for name in _Watched._fields if name != "has_mutes"),
        exists().where(MUTES.c.printer_id == PRINTERS.c.printer_id).label("has_mutes"),
    ).where(PRINTERS.c.enabled),
    PRINTERS.c.printer_id,
    _Watched,
)
_MOVES: Final = select(MOVES).where(MOVES.c.printer_id.in_(bindparam("printer_ids", expanding=True)))
_POINTS: Final = PreparedStatement(lambda _dialect: insert(OUTBOX), ["payload"])


@dataclass(frozen=True)
class ReadingRefused:
    """A reading that will never be stored; `broken` where it is its content that nobody can use."""

    received: Received
    reason: str
    broken: bool = False


@dataclass
class Outcome:
    """Outcome of a batch; every reading is in exactly one of the two lists."""

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
    """Sort by printer, each one's readings by (taken_at, seq); all writers lock printers in this order."""
    return sorted(batch, key=lambda r: (r.reading.printer_id, r.reading.taken_at, r.reading.seq))


def store(engine: Engine, batch: Iterable[Received], rules: RuleSettings, now: datetime) -> Outcome:
    """Judge and commit a batch. Raises what the database raises, then nothing is stored."""
    readings = in_order(batch)
    outcome = Outcome()
    with writing(engine) as connection:
        watched = _watched(connection, sorted({r.reading.printer_id for r in readings}))
        same, printers = _opened(
            connection, _ours(connection, readings, watched, outcome), watched, rules, now
        )
        for each in same:
            outcome.stored += each.readings
        for printer, own in printers:
            _take(printer, own, outcome)
        _write(connection, same, [printer for printer, _ in printers], now)
    return outcome


def _watched(connection: Connection, printer_ids: Sequence[str]) -> dict[str, _Watched]:
    """Return the inventory's rows of these printers, in their order; what is not watched has no snapshot."""
    rows = {row.printer_id: row for row in _WATCHED.rows(connection, printer_ids)}
    return {printer_id: rows[printer_id] for printer_id in printer_ids if printer_id in rows}


def _ours(
    connection: Connection,
    readings: Sequence[Received],
    watched: Mapping[str, _Watched],
    outcome: Outcome,
) -> dict[str, list[Received]]:
    """Return the readings of watched printers by id, and refuse the others.

    A reading by the collector of another site than its printer's is refused, unless it was there then.
    """
    foreign = {
        r.reading.printer_id
        for r in readings
        if (row := watched.get(r.reading.printer_id)) and row.site != r.reading.site
    }
    moves = connection.execute(_MOVES, {"printer_ids": sorted(foreign)}) if foreign else ()
    left_at = {(row.printer_id, row.site): row.left_at for row in moves}
    ours: dict[str, list[Received]] = {printer_id: [] for printer_id in watched}
    for received in readings:
        reading = received.reading
        row, left = watched.get(reading.printer_id), left_at.get((reading.printer_id, reading.site))
        if row is None:
            reason = "the printer is not in the inventory, or is disabled"
            outcome.refused.append(ReadingRefused(received, reason))
        elif row.site != reading.site and (left is None or reading.taken_at >= left):
            reason = f"the printer belongs to the site {row.site!r}, not to {reading.site!r}"
            outcome.refused.append(ReadingRefused(received, reason, broken=True))
        else:
            ours[reading.printer_id].append(received)
    return ours


def _opened(
    connection: Connection,
    readings: Mapping[str, list[Received]],
    watched: Mapping[str, _Watched],
    rules: RuleSettings,
    now: datetime,
) -> tuple[list[UnchangedReadings], list[tuple[PrinterBatch, list[Received]]]]:
    """Lock the printers; return what need not be judged, and the printers whose readings must be."""
    latest = locked(connection, [*watched])
    contexts = _contexts(connection, watched, rules, now)
    same: list[UnchangedReadings] = []
    changed: list[str] = []
    for printer_id, own in readings.items():
        found = unchanged(latest.get(printer_id), own, contexts[printer_id]) if own else None
        if found is not None:
            same.append(found)
        else:
            changed.append(printer_id)
    past = stored_states(connection, changed)
    return same, [(PrinterBatch(name, past.get(name), contexts[name]), readings[name]) for name in changed]


def _contexts(
    connection: Connection, watched: Mapping[str, _Watched], rules: RuleSettings, now: datetime
) -> dict[str, Context]:
    """Return what the readings of each printer are judged by."""
    mutes = mutes_of(connection, [name for name, row in watched.items() if row.has_mutes], now)
    return {
        name: Context(rules, now, row.name, row.location, row.serial, mutes.get(name, ()))
        for name, row in watched.items()
    }


def _take(printer: PrinterBatch, readings: Sequence[Received], outcome: Outcome) -> None:
    for received in readings:
        try:
            order = printer.take(received)
        except MemoryError:  # of the process, not of the reading
            raise
        except Exception as error:  # whatever a rule stumbles over must not hold up the others
            log.exception("%s: reading %s cannot be judged", printer.printer_id, received.reading.id)
            reason = f"the reading cannot be judged: {error!r}"
            outcome.refused.append(ReadingRefused(received, reason, broken=True))
            continue
        outcome.stored.append(received)
        outcome.repeated += order == "repeated"
        outcome.late += order == "late"


def _write(
    connection: Connection,
    same: Sequence[UnchangedReadings],
    printers: Sequence[PrinterBatch],
    now: datetime,
) -> None:
    write_unchanged(connection, same)
    moved = [printer for printer in printers if printer.newest]
    write_changed(connection, moved)
    if len(moved) < len(printers):
        remove_unused(connection, [printer.printer_id for printer in printers])
    for printer in moved:
        if printer.mutes != printer.context.mutes:
            follow_mutes(connection, printer.context.mutes, printer.mutes)
    write_flags(connection, [(printer.printer_id, printer.episodes) for printer in moved])
    commands = [(printer.printer_id, command) for printer in moved for command in printer.commands]
    apply_issue_commands(connection, commands, now)
    reported = {printer.printer_id: printer.reported for printer in moved if printer.reported}
    note_reported(connection, reported, now)
    renewals = {printer.printer_id: found for printer in moved if (found := printer.renewal())}
    if renewals:
        apply_renewals(connection, renewals)
    entries = [(printer.printer_id, entry) for printer in moved for entry in printer.ledger.entries]
    if entries:
        for event in write_supply_events(connection, entries):
            take_for_replacement(connection, event)
    points = [point for each in same for point in each.history]
    points += [point for printer in printers for point in printer.history]
    _POINTS.run(connection, [{"payload": point} for point in points])
