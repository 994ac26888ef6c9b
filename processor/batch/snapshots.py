"""Snapshots and their documents: read under a lock at the begin of a batch, written at its end."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from pydantic_core import from_json
from sqlalchemy import BindParameter, Connection, bindparam, delete, select, update

from core.contract.messages import PrinterState
from core.storage.states import state_json
from core.storage.upserts import Upsert, insert_into
from processor.batch.prepared import PreparedQuery, PreparedStatement
from processor.batch.printer_batch import PrinterBatch, StoredState
from processor.batch.unchanged import LatestReading, UnchangedReadings
from processor.supplies.memory import SupplyMemory
from processor.tables import DOCUMENTS, SNAPSHOTS

log = logging.getLogger(__name__)

_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
_RESERVED: Final = {
    "reading_id": "",
    "taken_at": _NEVER,
    "seq": 0,
    "received_at": _NEVER,
    "stale_at": _NEVER,
    "reachable": False,
    "state": "unknown",
    "revision": 0,
    "published_revision": 0,
    "owed": False,
    "reached": False,
}
"""The snapshot of a printer whose first reading is in this batch."""
_VOLATILE: Final = ("reading_id", "taken_at", "seq", "received_at", "stale_at", "uptime_ticks", "repeats")
"""The columns that a reading writes which says what the one before said."""
_OF_PRINTERS: Final[BindParameter[Any]] = bindparam("printer_ids", expanding=True)


class _StoredRow(NamedTuple):
    """A snapshot with its document."""

    printer_id: str
    reading_id: str
    taken_at: datetime
    seq: int
    stale_at: datetime
    repeats: int
    uptime_ticks: int | None
    revision: int
    owed: bool
    levels_at: datetime | None
    payload: str
    memory: str


# Built once: to build a statement costs more than SQLite needs to run it.
_LATEST: Final = PreparedQuery(
    select(*(SNAPSHOTS.c[name] for name in LatestReading._fields))
    .order_by(SNAPSHOTS.c.printer_id)
    .with_for_update(),
    SNAPSHOTS.c.printer_id,
    LatestReading,
)
_STORED: Final = PreparedQuery(
    select(
        *((DOCUMENTS if name in DOCUMENTS.c else SNAPSHOTS).c[name] for name in _StoredRow._fields)
    ).join_from(SNAPSHOTS, DOCUMENTS, DOCUMENTS.c.printer_id == SNAPSHOTS.c.printer_id),
    SNAPSHOTS.c.printer_id,
    _StoredRow,
)
_REPEATED: Final = PreparedStatement(
    lambda _dialect: (
        update(SNAPSHOTS)
        .where(SNAPSHOTS.c.printer_id == bindparam("of_printer"))
        .values({name: bindparam(f"new_{name}", type_=SNAPSHOTS.c[name].type) for name in _VOLATILE})
    ),
    ("of_printer", *(f"new_{name}" for name in _VOLATILE)),
)
_UNUSED: Final = delete(SNAPSHOTS).where(
    SNAPSHOTS.c.reading_id == "", SNAPSHOTS.c.printer_id.in_(_OF_PRINTERS)
)


def _upsert(dialect: str) -> Upsert:
    # The rows are locked: that what is written is newer has been decided by what was read.
    statement = insert_into(SNAPSHOTS, dialect)
    new, kept = statement.excluded, {"printer_id", "published_revision"}
    changes = {column.name: new[column.name] for column in SNAPSHOTS.columns if column.name not in kept}
    return statement.on_conflict_do_update(index_elements=["printer_id"], set_=changes)


def _upsert_document(dialect: str) -> Upsert:
    statement = insert_into(DOCUMENTS, dialect)
    changes: Mapping[str, Any] = {name: statement.excluded[name] for name in ("memory", "payload")}
    return statement.on_conflict_do_update(index_elements=["printer_id"], set_=changes)


_SNAPSHOT: Final = PreparedStatement(_upsert, [column.name for column in SNAPSHOTS.columns])
_DOCUMENT: Final = PreparedStatement(_upsert_document, [column.name for column in DOCUMENTS.columns])


def locked(connection: Connection, printer_ids: Sequence[str]) -> dict[str, LatestReading]:
    """Return the snapshots of these printers, locked until the end of the transaction, by id."""
    found = _locked(connection, printer_ids)
    # A first snapshot is reserved before it is read: two processors that meet a new printer at once would
    # both take it for theirs.
    if missing := [printer_id for printer_id in printer_ids if printer_id not in found]:
        reserve = insert_into(SNAPSHOTS, connection.dialect.name).on_conflict_do_nothing()
        connection.execute(reserve, [{"printer_id": printer_id} | _RESERVED for printer_id in missing])
        found |= _locked(connection, missing)
    return found


def _locked(connection: Connection, printer_ids: Sequence[str]) -> dict[str, LatestReading]:
    return {row.printer_id: row for row in _LATEST.rows(connection, printer_ids)}


def stored_states(connection: Connection, printer_ids: Sequence[str]) -> dict[str, StoredState]:
    """Return what is known of locked printers as their last reading has left it, by id."""
    rows = _STORED.rows(connection, printer_ids)
    return {row.printer_id: found for row in rows if row.reading_id and (found := _stored(row)) is not None}


def _stored(row: _StoredRow) -> StoredState | None:
    try:
        state = PrinterState.model_validate(state_json(row))
        memory = from_json(row.memory)
        if row.repeats:
            memory = _moved(memory, from_json(row.payload)["taken_at"], row.taken_at)
    except ValueError:
        log.exception("%s: the stored snapshot cannot be read; judging without a past", row.printer_id)
        return None
    return StoredState(
        row.reading_id, row.taken_at, row.seq, state, memory, row.revision, row.owed, row.levels_at
    )


def _moved(memory: dict[str, Any], judged_at: str, taken_at: datetime) -> dict[str, Any]:
    """Return the memory after readings that have said the same, the last one at `taken_at`."""
    supplies = SupplyMemory.load(memory.get("supplies"))
    # With a cover open a reading says nothing of the supplies: then their memory is older than the state.
    if not supplies.entries or supplies.at != datetime.fromisoformat(judged_at).timestamp():
        return memory
    return {**memory, "supplies": supplies.moved(taken_at.timestamp(), supplies.count).dump()}


def write_unchanged(connection: Connection, printers: Sequence[UnchangedReadings]) -> None:
    """Write that printers have said the same again."""
    _REPEATED.run(connection, [printer.row() for printer in printers])


def write_changed(connection: Connection, printers: Sequence[PrinterBatch]) -> None:
    """Write the states of printers that have a new reading."""
    rows = [printer.rows() for printer in printers]
    _SNAPSHOT.run(connection, [snapshot for snapshot, _ in rows])
    _DOCUMENT.run(connection, [document for _, document in rows])


def remove_unused(connection: Connection, printers: Iterable[str]) -> None:
    """Remove the reserved snapshots of those of these printers that had no reading that counts."""
    connection.execute(_UNUSED, {"printer_ids": list(printers)})
