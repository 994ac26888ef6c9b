"""Describe in words what happened to an issue."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from core.domain.units import day
from core.domain.wording import CATEGORIES, ISSUE_STATUSES, PRIORITIES, word
from core.storage.issues import (
    CASE_KEPT,
    CASE_MOVED,
    DONE_ON_SITE,
    DUPLICATE_ADDED,
    DUPLICATE_REMOVED,
    MERGED,
    NOT_DONE,
    NOT_SPAM,
    VENDOR_DAYS,
    VENDOR_FIELDS,
)
from core.storage.tables import IssueStatus, Visibility
from dashboard.features.issues.issue_queries import Event

FIELDS: Final[Mapping[str, str]] = {
    "status": "Status",
    "assignee": "Assigned to",
    "priority": "Priority",
    "category": "Category",
    "title": "Title",
    "vendor": "Vendor",
    "vendor_case": "Case number",
    "vendor_opened_on": "Opened with the vendor",
    "vendor_visit_on": "Visit expected",
}
_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "status": ISSUE_STATUSES,
    "priority": PRIORITIES,
    "category": CATEGORIES,
}
_SYSTEM: Final = frozenset({"processor", "system", "notifier"})

People = Mapping[str, str]
"""Full names by what people sign in with."""


def actor(name: str, people: People) -> str:
    """Return who did it."""
    return "The system" if name in _SYSTEM else people.get(name, name) or "Somebody"


def field_value(field: str, value: Any, people: People) -> str:
    """Return the value of a field as people say it."""
    if field == "assignee":
        return people.get(str(value), str(value)) if value else "nobody"
    if field in VENDOR_DAYS and value:
        return day(date.fromisoformat(str(value)))
    if field in VENDOR_FIELDS:
        return str(value or "none")
    return word(_WORDS[field], str(value)) if field in _WORDS else f"“{value}”"


def change_words(field: str, before: Any, after: Any, people: People) -> str:
    """Describe one change: `Status: Open → Waiting`."""
    was, is_ = (field_value(field, value, people) for value in (before, after))
    return f"{FIELDS.get(field, word({}, field))}: {was} → {is_}"


def event_words(event: Event, people: People) -> str:
    """Return what somebody did: `assigned it to Tom Adeyemi`; a comment's text is shown beside it."""
    known = _EVENTS.get(event.change)
    if known is not None:
        return known(event, people)
    if event.change in ISSUE_STATUSES:
        return f"set it to {word(ISSUE_STATUSES, event.change)}"
    return word({}, event.change).lower()


def _assigned(event: Event, people: People) -> str:
    to = str(event.details.get("to") or "")
    if not to:
        return "unassigned it"
    if place := event.details.get("place"):
        return f"assigned it to {people.get(to, to)}, who looks after {place}"
    return "took it" if to == event.actor else f"assigned it to {people.get(to, to)}"


def _edited(event: Event, people: People) -> str:
    said = [
        change_words(field, pair[0], pair[1], people)
        for field, pair in event.details.items()
        if isinstance(pair, list) and len(pair) == 2  # noqa: PLR2004 (before and after)
    ]
    return "changed " + "; ".join(said)


def _gone(event: Event, _people: People) -> str:
    message = str(event.details.get("message") or "").strip().rstrip(".")
    said = f" ({message})" if message else ""
    return f"noticed that the printer reports the fault as gone{said}. If all is well, resolve it."


def _done_on_site(_event: Event, _people: People) -> str:
    return "was there and says that it is done. It is resolved when the printer does not report it any more"


def _hung_below(event: Event, _people: People) -> str:
    outage = event.details.get("to")
    return f"counted it to outage #{outage}" if outage else "took it out of the outage"


def _device_changed(event: Event, _people: People) -> str:
    found = event.details.get("serial")
    before, now = (str(each or "unknown") for each in (found if isinstance(found, list) else ["", ""])[:2])
    serials = f" (serial number {now} instead of {before})" if found else ""
    return (
        f"noticed that another device answers at this address{serials}. "
        "This issue is about the earlier one: it is not resolved by that"
    )


def _merged(event: Event, _people: People) -> str:
    said = {CASE_MOVED: ", which has the vendor's case now", CASE_KEPT: ", which has another vendor's case"}
    return f"merged it into issue #{event.details.get('into')}{said.get(str(event.details.get('case')), '')}"


def _duplicate_added(event: Event, _people: People) -> str:
    said = {CASE_MOVED: ", with its vendor's case", CASE_KEPT: ", whose vendor's case stays there"}
    return f"merged issue #{event.details.get('issue')} into it{said.get(str(event.details.get('case')), '')}"


_EVENTS: Final[Mapping[str, Callable[[Event, People], str]]] = {
    "opened": lambda _event, _people: "opened it",
    "commented": lambda event, _people: (
        "answered" if event.visibility == Visibility.PUBLIC else "wrote a note"
    ),
    "assigned": _assigned,
    "edited": _edited,
    "resolved": lambda _event, _people: "resolved it",
    "closed": lambda _event, _people: "closed it",
    IssueStatus.SPAM: lambda _event, _people: "put it away as spam",
    NOT_SPAM: lambda _event, _people: "said that it is no spam",
    "reopened": lambda _event, _people: "opened it again",
    "fault_gone": _gone,
    DONE_ON_SITE: _done_on_site,
    NOT_DONE: lambda _event, _people: "took back that it is done",
    "hung_below": _hung_below,
    MERGED: _merged,
    DUPLICATE_ADDED: _duplicate_added,
    DUPLICATE_REMOVED: lambda event, _people: f"took issue #{event.details.get('issue')} out of it again",
    "device_changed": _device_changed,
    "muted": lambda _event, _people: "noticed that what it is about was muted",
    "me_too": lambda _event, _people: "has the same problem",
    "reporter_note": lambda _event, _people: "added, as one of those who reported it",
}
