"""The audit: who changed what, when; written in the transaction of the change. Secrets never.

Changes are kept for ever. Sign-ins and refused rights, which strangers can cause, are bounded in age and
number.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, TypeVar

from sqlalchemy import Connection, delete, insert, or_, select

from core.storage.core_tables import AUDIT

Details = Mapping[str, object]
"""What a line of the audit, or of an issue's timeline, tells beside its words; kept as JSON."""
Value = TypeVar("Value")

COMMAND_LINE: Final = "console"
"""What the audit and `created_by` call who works on the command line."""
DEVICE_EXCHANGED: Final = "printer.device_changed"
"""Another device answers for a printer."""
DEVICE_REPORTED: Final = "printer.reported"
"""A printer reports another model, firmware, name or location of itself than before."""
ACCESS_KEPT: Final = timedelta(days=90)
MOST_ACCESS: Final = 20_000
_ACCESS: Final = ("sign_in.", "right.")
_TIDY_EVERY: Final = 100
"""Lines: looking for what is too much costs more than writing one."""


def note(  # noqa: PLR0913 (the columns of a row)
    connection: Connection,
    action: str,
    subject: str,
    *,
    actor: str,
    now: datetime,
    details: Details | None = None,
) -> None:
    """Write one line of the audit: `note(connection, "user.created", "maya", actor="console", now=now)`."""
    entry = {"at": now, "actor": actor, "action": action, "subject": subject, "details": dict(details or {})}
    connection.execute(insert(AUDIT).values(**entry))


def note_access(  # noqa: PLR0913 (the columns of a row)
    connection: Connection,
    action: str,
    subject: str,
    *,
    actor: str,
    now: datetime,
    details: Details,
) -> None:
    """Write a line about a sign-in or a refused right; the oldest beyond the bounds are deleted."""
    entry = {"at": now, "actor": actor, "action": action, "subject": subject, "details": dict(details)}
    number = connection.execute(insert(AUDIT).values(**entry).returning(AUDIT.c.id)).scalar_one()
    if number % _TIDY_EVERY == 0:
        _forget_access(connection, now)


def _forget_access(connection: Connection, now: datetime) -> None:
    about_access = or_(*(AUDIT.c.action.startswith(prefix) for prefix in _ACCESS))
    connection.execute(delete(AUDIT).where(about_access, AUDIT.c.at < now - ACCESS_KEPT))
    beyond = select(AUDIT.c.id).where(about_access).order_by(AUDIT.c.id.desc()).offset(MOST_ACCESS).limit(1)
    newest = connection.execute(beyond).scalar()
    if newest is not None:
        connection.execute(delete(AUDIT).where(about_access, AUDIT.c.id <= newest))


def note_many(
    connection: Connection,
    action: str,
    subjects: Mapping[str, Details],
    *,
    actor: str,
    now: datetime,
) -> None:
    """Write a line for each subject with its details, in one statement."""
    entries = [
        {"at": now, "actor": actor, "action": action, "subject": subject, "details": dict(details)}
        for subject, details in subjects.items()
    ]
    if entries:
        connection.execute(insert(AUDIT), entries)


def differences(before: Mapping[str, Value], after: Mapping[str, Value]) -> dict[str, list[Value]]:
    """Return `{"field": [before, after]}` of what an edit changes; for `details`."""
    return {name: [before[name], value] for name, value in after.items() if before[name] != value}
