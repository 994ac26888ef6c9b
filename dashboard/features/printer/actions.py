"""Take a printer out of service and put it back; confirm another device that answers for it."""

from datetime import datetime

from core.domain.permissions import Permission
from core.storage.database import writing
from core.storage.inventory import confirm_device
from core.storage.out_of_service import put_back_in_service, take_out_of_service
from dashboard.actor import Actor
from dashboard.features.printer.queries import PrinterView
from dashboard.features.shared.cached import forget_states
from dashboard.undoing import Done


def take_out(by: Actor, view: PrinterView, why: str, until: datetime | None) -> Done:
    """Take a printer out of service. Raises Forbidden, and UserError for what cannot be."""
    by.require(Permission.WORK_ISSUES)
    with writing(by.engine) as connection:
        take_out_of_service(connection, view.printer_id, until=until, why=why, actor=by.name, now=by.now)
    forget_states()
    return Done(f"{view.name} is out of service")


def put_back(by: Actor, view: PrinterView) -> Done:
    """Put a printer back in service. Raises Forbidden."""
    by.require(Permission.WORK_ISSUES)
    with writing(by.engine) as connection:
        put_back_in_service(connection, view.printer_id, actor=by.name, now=by.now)
    forget_states()
    return Done(f"{view.name} is back in service")


def confirm(by: Actor, printer_id: str) -> Done:
    """Take the device that answers for the printer's. Raises UserError, Conflict, Forbidden."""
    by.require(Permission.CONFIRM_DEVICES)
    with writing(by.engine) as connection:
        changed = confirm_device(connection, printer_id, by.now, actor=by.name)
    said = f"The new device is confirmed: serial number {changed['serial']}" if "serial" in changed else ""
    return Done(said or "It was confirmed already")
