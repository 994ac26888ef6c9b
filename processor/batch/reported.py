"""Note in the audit what printers report otherwise of themselves than before."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, func, select

from core.storage.audit import DEVICE_REPORTED, Details, note
from core.storage.core_tables import AUDIT
from processor.issues.changes import ACTOR

MOST_A_DAY: Final = 5
"""Of one printer: more is two devices that take turns at one address, or a printer that tells nonsense."""
_DAY: Final = timedelta(days=1)


def note_reported(connection: Connection, reported: Mapping[str, Sequence[Details]], now: datetime) -> None:
    """Write a line for each change of each printer, by printer_id; of what is too much in a day, none."""
    if not reported:
        return
    entry = AUDIT.c
    lately = select(entry.subject, func.count().label("number")).group_by(entry.subject)
    lately = lately.where(entry.subject.in_(reported), entry.action == DEVICE_REPORTED, entry.at > now - _DAY)
    counts = {row.subject: row.number for row in connection.execute(lately)}
    for printer_id, changes in reported.items():
        for details in changes[: max(0, MOST_A_DAY - counts.get(printer_id, 0))]:
            note(connection, DEVICE_REPORTED, printer_id, actor=ACTOR, now=now, details=details)
