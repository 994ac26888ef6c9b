"""Confirm another device that answers for a printer."""

from core.domain.permissions import Permission
from core.storage.database import writing
from core.storage.inventory import confirm_device
from dashboard.actor import Actor
from dashboard.undoing import Done


def confirm(by: Actor, printer_id: str) -> Done:
    """Take the device that answers for the printer's. Raises UserError, Conflict, Forbidden."""
    by.require(Permission.CONFIRM_DEVICES)
    with writing(by.engine) as connection:
        changed = confirm_device(connection, printer_id, by.now, actor=by.name)
    said = f"The new device is confirmed: serial number {changed['serial']}" if "serial" in changed else ""
    return Done(said or "It was confirmed already")
