"""What whoever reported a problem may know of it: where it stands, and the steps that are not internal.

The link is shared by all who reported the same problem: no names, no contacts, nothing that people wrote.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select

from core.domain.wording import ISSUE_STATUSES, word
from core.storage.audit import Details
from core.storage.core_tables import EVENTS, ISSUES, PRINTERS
from core.storage.tables import IssueKind

REPORTER_NOTE: Final = "reporter_note"
"""The event of something that a reporter adds."""


@dataclass(frozen=True)
class FollowStep:
    """One line of what has happened."""

    at: datetime
    words: str


@dataclass(frozen=True)
class Followed:
    """An issue as its reporters see it."""

    issue_id: int
    category: str
    status: str
    opened_at: datetime
    printer_id: str
    printer: str
    location: str
    steps: tuple[FollowStep, ...]


_STEPS: Final[Mapping[str, str]] = {
    "fault_gone": "The printer itself reports the fault as gone.",
    "device_changed": "The printer was exchanged for another device.",
    "me_too": "Somebody else has the same problem.",
    REPORTER_NOTE: "A note was added.",
    "reopened": "It was opened again.",
}


def read_followed(connection: Connection, issue_id: int) -> Followed | None:
    """The issue of that number; None where there is none any more."""
    query = (
        select(ISSUES, PRINTERS.c.name, PRINTERS.c.location)
        .select_from(ISSUES.outerjoin(PRINTERS, PRINTERS.c.printer_id == ISSUES.c.printer_id))
        .where(ISSUES.c.id == issue_id)
    )
    row = connection.execute(query).mappings().first()
    if row is None:
        return None
    events = connection.execute(
        select(EVENTS).where(EVENTS.c.issue_id == issue_id).order_by(EVENTS.c.at, EVENTS.c.id)
    ).mappings()
    told = ((event["at"], _words(event["change"], event["details"], row["kind"])) for event in events)
    return Followed(
        issue_id=issue_id,
        category=row["category"],
        status=row["status"],
        opened_at=row["opened_at"],
        printer_id=row["printer_id"],
        printer=row["name"] or row["printer_id"],
        location=row["location"] or "",
        steps=tuple(FollowStep(at, words) for at, words in told if words),
    )


def _words(change: str, details: Details, kind: str) -> str:
    """The words of an event; "" for one that is internal."""
    if change == "opened":
        return "The system found it by itself." if kind == IssueKind.DEVICE else "It was reported."
    if change == "assigned":
        return "Somebody takes care of it." if details.get("to") else ""
    if change in ISSUE_STATUSES:
        return f"{word(ISSUE_STATUSES, change)}."
    return _STEPS.get(change, "")
