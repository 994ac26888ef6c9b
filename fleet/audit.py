"""The audit: who changed what, when; written in the transaction of the change. Secrets never."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert

from fleet.core_tables import AUDIT


def note(  # noqa: PLR0913 (the columns of a row)
    connection: Connection,
    action: str,
    subject: str,
    *,
    actor: str,
    now: datetime,
    details: Mapping[str, Any] | None = None,
) -> None:
    """One line of the audit: `note(connection, "user.created", "maya", actor="console", now=now)`."""
    entry = {"at": now, "actor": actor, "action": action, "subject": subject, "details": dict(details or {})}
    connection.execute(insert(AUDIT).values(**entry))


def note_many(
    connection: Connection,
    action: str,
    subjects: Mapping[str, Mapping[str, Any]],
    *,
    actor: str,
    now: datetime,
) -> None:
    """A line for each subject with its details, in one statement."""
    entries = [
        {"at": now, "actor": actor, "action": action, "subject": subject, "details": dict(details)}
        for subject, details in subjects.items()
    ]
    if entries:
        connection.execute(insert(AUDIT), entries)


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """`{"field": [before, after]}` of what an edit changes; for `details`."""
    return {name: [before.get(name), value] for name, value in after.items() if before.get(name) != value}
