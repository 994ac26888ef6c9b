"""What is done about the device that answers for a printer: another one is confirmed."""

from datetime import datetime

from sqlalchemy import Engine

from dashboard.actions.undoing import Done
from dashboard.viewer import Rank, Viewer
from fleet.database import writing
from fleet.inventory import confirm_device


def confirm(engine: Engine, viewer: Viewer, printer_id: str, *, now: datetime) -> Done:
    """Take the device that answers for the printer's. Raises FleetError, Conflict, Forbidden."""
    viewer.require(Rank.TECHNICIAN)
    with writing(engine) as connection:
        changed = confirm_device(connection, printer_id, now, actor=viewer.name)
    said = f"The new device is confirmed: serial number {changed['serial']}" if "serial" in changed else ""
    return Done(said or "It was confirmed already", rank=Rank.TECHNICIAN)
