"""Read what the reporter of a problem may know of it: its status, public answers, their own words.

Those who have the same problem see the same without the reporter's words. Nobody sees names, contacts and
internal notes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, select

from core.domain.links import Follower
from core.domain.vendor_cases import VendorCase
from core.domain.wording import ISSUE_STATUSES, word
from core.storage.core_tables import EVENTS, PRINTERS
from core.storage.issues import MERGED, NOT_SPAM, IssueRow, issue_row, surviving
from core.storage.tables import ENDED, IssueKind, IssueStatus, Visibility
from dashboard.features.photos.store import photos_by_event, visible_to

REPORTER_NOTE: Final = "reporter_note"
"""The event of something that a reporter adds."""


REOPEN_WITHIN: Final = timedelta(days=14)
"""How long after its end a reporter can open an issue again."""


@dataclass(frozen=True)
class FollowStep:
    """One line of what has happened."""

    at: datetime
    words: str
    text: str = ""
    """What was written, where it is shown to this follower."""
    photos: tuple[int, ...] = ()
    answered: bool = False
    """It is an answer of those who look after the printers."""


@dataclass(frozen=True)
class Followed:
    """An issue as one of its followers sees it."""

    issue_id: int
    category: str
    status: str
    opened_at: datetime
    printer_id: str
    printer: str
    location: str
    steps: tuple[FollowStep, ...]
    resolution: str = ""
    """The answer that was given when it ended."""
    vendor: VendorCase | None = None
    """That a vendor has it, without which one; None once it has ended."""
    can_reopen: bool = False


_STEPS: Final[Mapping[str, str]] = {
    "fault_gone": "The printer itself reports the fault as gone.",
    "device_changed": "The printer was exchanged for another device.",
    "me_too": "Another person reported the same problem.",
    REPORTER_NOTE: "A note was added.",
    "reopened": "It was opened again.",
    NOT_SPAM: "It was no spam, and was opened again.",
}


def may_reopen(row: IssueRow, now: datetime) -> bool:
    """Return whether a reporter can say of an issue that it is not solved.

    The system's own open with the fault.
    """
    ended_at = row.resolved_at or row.closed_at
    ended = row.status in ENDED and row.status != IssueStatus.SPAM and row.kind == IssueKind.PERSON
    return ended and ended_at is not None and now - ended_at <= REOPEN_WITHIN


def read_followed(connection: Connection, follower: Follower, now: datetime) -> Followed | None:
    """The issue that a link to follow one is for; None where there is none any more.

    Of a report that was merged into another issue it is both: its own words, and how that one goes on.
    """
    row, main = issue_row(connection, follower.issue_id), surviving(connection, follower.issue_id)
    if row is None or main is None:
        return None
    printer = connection.execute(
        select(PRINTERS.c.name, PRINTERS.c.location).where(PRINTERS.c.printer_id == row.printer_id)
    ).one_or_none()
    steps = _steps(connection, row, visible_to(follower))
    if main.id != row.id:
        merged_at = max((step.at for step in steps), default=row.updated_at)
        others = _steps(connection, main, (Visibility.PUBLIC,))
        later = (step for step in others if step.answered or step.at > merged_at)
        steps = tuple(sorted((*steps, *later), key=lambda step: step.at))
    case = main.with_vendor
    return Followed(
        issue_id=row.id,
        category=row.category,
        status=main.status,
        opened_at=row.opened_at,
        printer_id=row.printer_id,
        printer=printer.name if printer and printer.name else row.printer_id,
        location=printer.location if printer else "",
        steps=steps,
        resolution=_resolution(main, steps),
        vendor=case.for_everybody() if case is not None and not case.is_over else None,
        can_reopen=may_reopen(main, now),
    )


def _steps(connection: Connection, row: IssueRow, visible: tuple[Visibility, ...]) -> tuple[FollowStep, ...]:
    photos = photos_by_event(connection, row.id, visible)
    events = connection.execute(
        select(EVENTS).where(EVENTS.c.issue_id == row.id).order_by(EVENTS.c.at, EVENTS.c.id)
    ).mappings()
    found = []
    for event in events:
        shown = event["visibility"] in visible
        answered = shown and event["change"] == "commented"
        said = row.details if event["change"] == "opened" else str(event["details"].get("text") or "")
        words = "Answer" if answered else _words(event["change"], bool(event["details"].get("to")), row.kind)
        if event["change"] == MERGED:
            words = f"It was joined with report no. {event['details'].get('into')}, which is about the same."
        if words:
            text = said if shown else ""
            found.append(FollowStep(event["at"], words, text, photos.get(event["id"], ()), answered))
    return tuple(found)


def _resolution(row: IssueRow, steps: tuple[FollowStep, ...]) -> str:
    """Return the last answer that was given in the same step as its end."""
    if row.status not in ENDED:
        return ""
    ends = {row.resolved_at, row.closed_at}
    answers = [step.text for step in steps if step.answered and step.at in ends]
    return answers[-1] if answers else ""


def _words(change: str, given: bool, kind: str) -> str:
    """The words of an event; "" for one that is internal. `given`: it is assigned to somebody."""
    if change == "opened":
        return "The system found it." if kind == IssueKind.DEVICE else "It was reported."
    if change == "assigned":
        return "It was assigned." if given else ""
    if change == IssueStatus.SPAM:
        return "It was taken for spam."
    if change in ISSUE_STATUSES:
        return f"{word(ISSUE_STATUSES, change)}."
    return _STEPS.get(change, "")
