"""Replacements into the ledger, in the transaction of the batch that has shown them."""

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import Connection, bindparam, select, update

from core.domain.supply_events import SupplyEvent
from core.storage.supply_events import event_values, since_its_start, undo
from core.storage.upserts import insert_into
from processor.supplies.ledger import LedgerEntry, Moved, Undone
from processor.tables import SUPPLY_EVENTS


def write_supply_events(
    connection: Connection, entries: Iterable[tuple[str, LedgerEntry]]
) -> list[SupplyEvent]:
    """Store what readings have shown of (printer_id, supplies), in order; return the events that changed.

    An event that is stored already changes nothing, so that none is handed on twice.
    """
    changed: list[SupplyEvent] = []
    for printer_id, entry in entries:
        if isinstance(entry, Moved):
            _follow_moved(connection, printer_id, entry)
            continue
        stored = (
            _undo(connection, printer_id, entry) if isinstance(entry, Undone) else _add(connection, entry)
        )
        if stored is not None:
            changed.append(stored)
    return changed


def _add(connection: Connection, found: SupplyEvent) -> SupplyEvent | None:
    event = since_its_start(connection, found)
    statement = insert_into(SUPPLY_EVENTS, connection.dialect.name).values(event_values(event))
    own = statement.on_conflict_do_nothing().returning(SUPPLY_EVENTS.c.id)
    event_id = connection.execute(own).scalar()
    return None if event_id is None else replace(event, event_id=event_id)


def _undo(connection: Connection, printer_id: str, undone: Undone) -> SupplyEvent | None:
    columns = SUPPLY_EVENTS.c
    mine = select(columns.id).where(
        columns.printer_id == printer_id,
        columns.supply_index == undone.supply_index,
        columns.at == undone.replaced_at,
    )
    event_id = connection.execute(mine).scalar()
    return None if event_id is None else undo(connection, event_id, by="", now=undone.at)


def _follow_moved(connection: Connection, printer_id: str, entry: Moved) -> None:
    """Let events follow their supplies to new rows; two may change places, so in two steps."""
    columns = SUPPLY_EVENTS.c
    own = columns.printer_id == printer_id, columns.device == entry.device
    statement = (
        update(SUPPLY_EVENTS)
        .where(*own, columns.supply_index == bindparam("was"))
        .values(supply_index=bindparam("now"))
    )
    moved = [(was, f"~{now}", now) for was, now in sorted(entry.moved.items())]
    connection.execute(statement, [{"was": was, "now": aside} for was, aside, _ in moved])
    connection.execute(statement, [{"was": aside, "now": now} for _, aside, now in moved])
