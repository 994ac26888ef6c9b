"""The cartridge ledger from SQL, with the printers that its events are of, and what people say of them."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from sqlalchemy import Connection, select

from core.domain.permissions import Permission
from core.domain.places import place_of
from core.storage.audit import note
from core.storage.core_tables import PRINTERS
from core.storage.database import conflict, writing
from core.storage.stock import take_for_replacement
from core.storage.supply_events import events_between, undo
from dashboard.actor import Actor
from dashboard.features.reports.cartridges import LedgerLine, judged
from dashboard.undoing import Done

_COMPARED: Final = timedelta(days=730)
"""How far back cartridges are compared with each other."""


def ledger(connection: Connection, until: datetime, prices: Mapping[str, Decimal]) -> list[LedgerLine]:
    """Return the replacements of two years, the newest first; `prices` are those of parts that have one."""
    named = {
        row.printer_id: (row.name or row.printer_id, row.location)
        for row in connection.execute(select(PRINTERS.c.printer_id, PRINTERS.c.name, PRINTERS.c.location))
    }
    lines = []
    for event in events_between(connection, until - _COMPARED, until):
        name, location = named.get(event.printer_id, (event.printer_id, ""))
        lines.append(LedgerLine(event, name, location, place_of(location)))
    return judged(lines, prices)


def say_it_was_none(by: Actor, event_id: int) -> Done:
    """Say that an event was no replacement. Raises Conflict where that has been said already."""
    by.require(Permission.ORDER_SUPPLIES)
    with writing(by.engine) as connection:
        event = undo(connection, event_id, by=by.name, now=by.now)
        if event is None:
            raise conflict("The event")
        take_for_replacement(connection, event)  # puts back what was taken for it
        details = {"supply": event.part, "at": event.at.isoformat()}
        subject = event.printer_id
        note(connection, "supply_event.undone", subject, actor=by.name, now=by.now, details=details)
    return Done(f"{event.part} in {event.printer_id} counts as not replaced")
