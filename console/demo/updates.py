"""The updates of firmware that a demo's past has seen: of the printers that do not tell the older version."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, select

from core.contract.messages import PrinterState
from core.domain.firmware import version_of
from core.storage.audit import DEVICE_REPORTED, note
from core.storage.core_tables import AUDIT
from processor.issues.changes import ACTOR
from simulator.plan import PlannedPrinter

_EARLIEST: Final = 90
_LATEST: Final = 10
"""Days ago."""


def write_update(connection: Connection, printer: PlannedPrinter, state: PrinterState, now: datetime) -> None:
    """Note that a printer which now tells the newer version of its model told the older one before."""
    older = version_of(printer.shape.manner.older_firmware)
    if not older or not state.firmware or state.firmware == older:
        return
    noted = AUDIT.c.subject == printer.printer_id, AUDIT.c.action == DEVICE_REPORTED
    if connection.execute(select(AUDIT.c.id).where(*noted).limit(1)).first():
        return
    at = now - timedelta(days=_LATEST + printer.seed % (_EARLIEST - _LATEST))
    details = {"firmware": [older, state.firmware]}
    note(connection, DEVICE_REPORTED, printer.printer_id, actor=ACTOR, now=at, details=details)
