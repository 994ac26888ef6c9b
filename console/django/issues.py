"""An issue of the old application in our words; pure."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from console.django.dump import TITLES, Dump, Record
from console.django.people import People
from console.django.values import time_of
from core.domain.text import lines
from core.domain.wording import CATEGORIES
from core.storage.tables import IssueKind, IssueStatus

Values = dict[str, Any]

PRINTER_FIELDS: Final = (
    "printer",
    "printer_id",
    "device",
    "device_id",
    "asset",
    "printer_name",
    "machine",
    "copier",
)
_DETAILS: Final = (
    "description",
    "details",
    "body",
    "text",
    "message",
    "content",
    "notes",
    "comment",
    "comments",
)
_REPORTERS: Final = (
    "reporter",
    "reported_by",
    "created_by",
    "submitted_by",
    "user",
    "author",
    "requester",
    "owner",
)
_CONTACTS: Final = ("contact", "reporter_email", "email", "contact_email", "phone", "telephone")
ASSIGNEES: Final = ("assignee", "assigned_to", "assigned", "technician", "handler")
_OPENED: Final = (
    "opened_at created_at created created_on date_created reported_at reported_on submitted_at date timestamp"
)
_RESOLVED: Final = "resolved_at resolved_on date_resolved fixed_at fixed_on completed_at solved_at"
_CLOSED: Final = "closed_at closed_on date_closed"
_UPDATED: Final = "updated_at updated modified modified_at last_modified updated_on"
_STATUSES: Final[Mapping[IssueStatus, str]] = {
    IssueStatus.OPEN: "o n open opened new reported pending todo unresolved submitted reopened",
    IssueStatus.IN_PROGRESS: "p i ip in_progress inprogress assigned active working started acknowledged",
    IssueStatus.WAITING: "w h waiting on_hold hold blocked parts_ordered awaiting_parts vendor deferred",
    IssueStatus.RESOLVED: "r f d resolved fixed done completed complete solved finished",
    IssueStatus.CLOSED: "c x closed cancelled canceled rejected duplicate archived wontfix invalid",
    IssueStatus.SPAM: "spam junk",
}
_STATUS_OF: Final = {word: status for status, words in _STATUSES.items() for word in words.split()}
_ENDED_FLAGS: Final = (
    "resolved",
    "is_resolved",
    "fixed",
    "is_fixed",
    "done",
    "completed",
    "closed",
    "is_closed",
)
_PRIORITY_OF: Final = {
    **dict.fromkeys(("urgent", "critical", "emergency", "u"), "urgent"),
    **dict.fromkeys(("high", "major", "important", "h"), "high"),
    **dict.fromkeys(("normal", "medium", "moderate", "m", "n"), "normal"),
    **dict.fromkeys(("low", "minor", "trivial", "l"), "low"),
}
_CATEGORY_WORDS: Final = (
    ("jam", "jam"),
    ("toner", "supplies"), ("ink", "supplies"), ("cartridge", "supplies"), ("suppl", "supplies"),
    ("paper", "paper"), ("tray", "paper"),
    ("quality", "quality"), ("streak", "quality"), ("faded", "quality"), ("smear", "quality"),
    ("offline", "offline"), ("network", "connection"), ("connect", "connection"),
    ("disconnect", "connection"),
    ("noise", "noise"), ("damage", "damage"), ("broken", "damage"), ("hardware", "damage"),
)  # fmt: skip
"""Beginnings of words, the more telling first."""
_CATEGORY_FIELDS: Final = ("category", "type", "issue_type", "problem_type", "kind")
_NO_CATEGORY: Final = frozenset({"misc", "miscellaneous", "general", "unknown", "none"})
_CATEGORY_OF_LABEL: Final = {label.casefold(): category for category, label in CATEGORIES.items()}
_LONGEST_TITLE: Final = 200


class Unusable(Exception):
    """The reason why an issue is not taken."""


def issue_of(
    record: Record, dump: Dump, printer_id: str, people: People, now: datetime
) -> tuple[Values, list[str]]:
    """Return the row of our table, and what was not understood. Raises Unusable."""
    notes: list[str] = []
    first = _first_of(record, dump)
    details = first(_DETAILS)
    title = first(TITLES) or details.split("\n")[0]
    if not title.strip():
        raise Unusable("it has neither a title nor a description")
    opened, resolved, closed, updated = (
        time_of(first(names.split()), notes) for names in (_OPENED, _RESOLVED, _CLOSED, _UPDATED)
    )
    status = _status(record, dump, ended=resolved or closed, notes=notes)
    ended_at = resolved or closed or updated or opened or now
    touched = [at for at in (opened, resolved, closed, updated) if at is not None]
    return {
        "printer_id": printer_id,
        "kind": IssueKind.PERSON,
        "attention_code": "",
        "attention_subject": "",
        "title": " ".join(title.split())[:_LONGEST_TITLE],
        "details": details,
        "category": _category(first(_CATEGORY_FIELDS), title, notes),
        "priority": _priority(first(("priority", "severity", "urgency")), notes),
        "status": status,
        "reporter": first(_REPORTERS),
        "contact": first(_CONTACTS),
        "assignee": _assignee(record, people),
        "opened_at": opened or now,
        "updated_at": max(touched, default=now),
        "resolved_at": ended_at if status in (IssueStatus.RESOLVED, IssueStatus.CLOSED) else None,
        "closed_at": (closed or ended_at) if status == IssueStatus.CLOSED else None,
        "version": 1,
    }, notes


def _first_of(record: Record, dump: Dump) -> Callable[[tuple[str, ...] | list[str]], str]:
    def first(names: tuple[str, ...] | list[str]) -> str:
        words = (dump.word_of(name, record.fields.get(name)).strip() for name in names)
        return lines(next(filter(None, words), ""))

    return first


def _status(record: Record, dump: Dump, *, ended: object, notes: list[str]) -> IssueStatus:
    written = dump.word_of("status", record.fields.get("status", record.fields.get("state"))).strip()
    known = _STATUS_OF.get(re.sub(r"[\s-]+", "_", written.lower()))
    if known:
        return known
    flagged = any(str(record.fields.get(name)).lower() in ("true", "1", "yes") for name in _ENDED_FLAGS)
    if flagged or ended:
        return IssueStatus.RESOLVED
    if written:
        notes.append(f"status {written[:30]!r} is taken for open")
    return IssueStatus.OPEN


def _priority(written: str, notes: list[str]) -> str:
    if written and written.lower() not in _PRIORITY_OF:
        notes.append(f"priority {written[:30]!r} is taken for normal")
    return _PRIORITY_OF.get(written.lower(), "normal")


def _category(written: str, title: str, notes: list[str]) -> str:
    """Return the category that the issue was given; words of its title count where it was given none.

    A number is no word: it points to a category that the file does not have.
    """
    key = re.sub(r"[\s-]+", "_", written.strip().lower())
    if not key or key.isdigit():
        return _category_in(title) or "other"
    if key in CATEGORIES:
        return key
    found = _CATEGORY_OF_LABEL.get(written.strip().casefold()) or _category_in(written)
    if found is None and key not in _NO_CATEGORY:
        notes.append(f"category {written[:30]!r} is taken for other")
    return found or "other"


def _category_in(text: str) -> str | None:
    words = re.findall(r"[^\W\d_]+", text.lower())
    return next(
        (category for begin, category in _CATEGORY_WORDS if any(word.startswith(begin) for word in words)),
        None,
    )


def _assignee(record: Record, people: People) -> str:
    called = (people.called(name, record.fields.get(name)) for name in ASSIGNEES)
    return next(filter(None, called), "")
