"""Pieces of HTML about issues and flags that several pages use; all that comes from outside is escaped."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from core.domain.wording import CATEGORIES, ISSUE_STATUSES, PRIORITIES, word
from core.storage.tables import IssueKind
from dashboard.ui.badges import look_badge
from dashboard.ui.text import in_html
from dashboard.ui.wording import StateStyle

STATUS_LOOKS: Final[Mapping[str, StateStyle]] = {
    "open": StateStyle(ISSUE_STATUSES["open"], "warning", "triangle", ":material/radio_button_unchecked:"),
    "in_progress": StateStyle(ISSUE_STATUSES["in_progress"], "info", "diamond", ":material/build:"),
    "waiting": StateStyle(ISSUE_STATUSES["waiting"], "stale", "ring", ":material/hourglass_empty:"),
    "resolved": StateStyle(ISSUE_STATUSES["resolved"], "ok", "circle", ":material/check_circle:"),
    "closed": StateStyle(ISSUE_STATUSES["closed"], "quiet", "square", ":material/done_all:"),
}
"""For Streamlit's own widgets; on the page a status is badges.status_badge."""
PRIORITY_LOOKS: Final[Mapping[str, StateStyle]] = {
    "urgent": StateStyle(PRIORITIES["urgent"], "critical", "octagon", ":material/priority_high:"),
    "high": StateStyle(PRIORITIES["high"], "warning", "triangle", ":material/keyboard_arrow_up:"),
    "normal": StateStyle(PRIORITIES["normal"], "quiet", "circle", ":material/remove:"),
    "low": StateStyle(PRIORITIES["low"], "quiet", "ring", ":material/keyboard_arrow_down:"),
}
KIND_LOOKS: Final[Mapping[str, StateStyle]] = {
    IssueKind.DEVICE: StateStyle("Found by the system", "info", "diamond", ":material/sensors:"),
    IssueKind.PERSON: StateStyle("Reported by a person", "quiet", "circle", ":material/person:"),
}


def status_look(status: str) -> StateStyle:
    """Where an issue stands."""
    known = STATUS_LOOKS.get(status)
    return known or StateStyle(word(ISSUE_STATUSES, status), "quiet", "ring")


def priority_look(priority: str) -> StateStyle:
    """How urgent an issue is."""
    known = PRIORITY_LOOKS.get(priority)
    return known or StateStyle(word(PRIORITIES, priority), "quiet", "circle")


def kind_look(kind: str) -> StateStyle:
    """Whether a device or a person says so."""
    return KIND_LOOKS.get(kind, KIND_LOOKS[IssueKind.PERSON])


def category(code: str) -> str:
    """The words of a category."""
    return word(CATEGORIES, code)


def who(name: str, people: Mapping[str, str]) -> str:
    """The full name of an account, or what is stored where there is none."""
    return people.get(name, name)


def priority_badge(priority: str) -> str:
    """The badge of an issue's priority."""
    known = PRIORITY_LOOKS.get(priority)
    return look_badge(known or StateStyle(word(PRIORITIES, priority), "quiet", "circle", ""))


def kind_badge(kind: str) -> str:
    """Whether a device or a person says so."""
    return look_badge(KIND_LOOKS.get(kind, KIND_LOOKS[IssueKind.PERSON]))


def link(path: str, words: str, **query: str | int) -> str:
    """A link to another page of the dashboard; `words` are shown as text."""
    target = f"/{path}?{urlencode(query)}" if query else f"/{path}"
    return f'<a href="{in_html(target, 2000)}" target="_self">{in_html(words)}</a>'


def printer_link(printer_id: str, name: str) -> str:
    """A link to a printer's page."""
    return link("printer", name or printer_id, id=printer_id)


def issue_link(issue_id: int, words: str = "") -> str:
    """A link to an issue's page."""
    return link("issue", words or f"Issue {issue_id}", id=issue_id)


def dotted(*parts: str) -> str:
    """Pieces of HTML in a line, those that are empty left out."""
    return ' <span aria-hidden="true">·</span> '.join(part for part in parts if part)
