"""Saying of a replacement in the cartridge ledger that it was none."""

from core.domain.permissions import Permission
from core.storage.audit import note
from core.storage.database import conflict, writing
from core.storage.stock import take_for_replacement
from core.storage.supply_events import undo
from dashboard.actor import Actor
from dashboard.undoing import Done


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
