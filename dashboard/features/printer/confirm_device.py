"""Confirm another device that answers for a printer."""

from datetime import datetime

from sqlalchemy import Engine

from core.domain.permissions import Permission
from core.storage.database import writing
from core.storage.inventory import confirm_device
from dashboard.undoing import Done
from dashboard.viewer import Viewer


def confirm(engine: Engine, viewer: Viewer, printer_id: str, *, now: datetime) -> Done:
    """Take the device that answers for the printer's. Raises UserError, Conflict, Forbidden."""
    viewer.require(Permission.CONFIRM_DEVICES)
    with writing(engine) as connection:
        changed = confirm_device(connection, printer_id, now, actor=viewer.name)
    said = f"The new device is confirmed: serial number {changed['serial']}" if "serial" in changed else ""
    return Done(said or "It was confirmed already", permission=Permission.CONFIRM_DEVICES)
