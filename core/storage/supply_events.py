"""The cartridge ledger as it is stored: written in the caller's transaction, read for pages and routes."""

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Select, select, update

from core.domain.supply_events import SupplyEvent
from core.storage.core_tables import SUPPLY_EVENTS

_EVENT_FIELDS: Final = tuple(field.name for field in fields(SupplyEvent) if field.name != "event_id")


def supply_event(row: Mapping[Any, Any]) -> SupplyEvent:
    """Return the event of a row."""
    return SupplyEvent(**{name: row[name] for name in _EVENT_FIELDS}, event_id=row["id"])


def event_values(event: SupplyEvent) -> dict[str, Any]:
    """Return the columns of a new event."""
    return {name: getattr(event, name) for name in _EVENT_FIELDS} | {"revision": 1, "owed": True}


def since_its_start(connection: Connection, event: SupplyEvent) -> SupplyEvent:
    """Return an event with when the old supply was put in and what was printed since, where that is known."""
    columns = SUPPLY_EVENTS.c
    statement = (
        select(columns.at, columns.new_percent, columns.life_count)
        .where(
            columns.printer_id == event.printer_id,
            columns.supply_index == event.supply_index,
            columns.device == event.device,
            columns.undone_at.is_(None),
            columns.at < event.at,
        )
        .order_by(columns.at.desc())
        .limit(1)
    )
    began = connection.execute(statement).one_or_none()
    if began is None:
        return event
    pages = None
    if event.life_count is not None and began.life_count is not None and event.life_count >= began.life_count:
        pages = event.life_count - began.life_count
    return replace(event, pages=pages, began_at=began.at, began_percent=began.new_percent)


def undo(connection: Connection, event_id: int, *, by: str, now: datetime) -> SupplyEvent | None:
    """Say that an event was no replacement; None where that has been said, or there is none."""
    values = {"undone_at": now, "undone_by": by, "owed": True, "revision": SUPPLY_EVENTS.c.revision + 1}
    mine = SUPPLY_EVENTS.c.id == event_id
    statement = update(SUPPLY_EVENTS).where(mine, SUPPLY_EVENTS.c.undone_at.is_(None)).values(values)
    if connection.execute(statement).rowcount != 1:
        return None
    return supply_event(connection.execute(select(SUPPLY_EVENTS).where(mine)).mappings().one())


def newest_of_printer(connection: Connection, printer_id: str, limit: int) -> list[SupplyEvent]:
    """Return the last replacements of a printer, the newest first."""
    own = SUPPLY_EVENTS.c.printer_id == printer_id
    return _read(connection, select(SUPPLY_EVENTS).where(own).limit(limit))


def events_between(connection: Connection, since: datetime, until: datetime) -> list[SupplyEvent]:
    """Return the replacements of a period, the newest first."""
    columns = SUPPLY_EVENTS.c
    return _read(connection, select(SUPPLY_EVENTS).where(columns.at >= since, columns.at < until))


def _read(connection: Connection, statement: Select[Any]) -> list[SupplyEvent]:
    ordered = statement.order_by(SUPPLY_EVENTS.c.at.desc(), SUPPLY_EVENTS.c.id.desc())
    return [supply_event(row) for row in connection.execute(ordered).mappings()]
