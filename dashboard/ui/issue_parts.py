"""Looks and words of issues that several pages use."""

from collections.abc import Mapping
from typing import Final

from core.domain.wording import CATEGORIES, ISSUE_STATUSES, PRIORITIES, word
from core.storage.tables import IssueKind
from dashboard.ui.wording import StateStyle

STATUS_LOOKS: Final[Mapping[str, StateStyle]] = {
    "open": StateStyle(ISSUE_STATUSES["open"], "warning", "triangle", ":material/radio_button_unchecked:"),
    "in_progress": StateStyle(ISSUE_STATUSES["in_progress"], "info", "diamond", ":material/build:"),
    "waiting": StateStyle(ISSUE_STATUSES["waiting"], "stale", "ring", ":material/hourglass_empty:"),
    "resolved": StateStyle(ISSUE_STATUSES["resolved"], "ok", "circle", ":material/check_circle:"),
    "closed": StateStyle(ISSUE_STATUSES["closed"], "quiet", "square", ":material/done_all:"),
    "spam": StateStyle(ISSUE_STATUSES["spam"], "quiet", "cross", ":material/report_off:"),
}
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
    """Return where an issue stands."""
    known = STATUS_LOOKS.get(status)
    return known or StateStyle(word(ISSUE_STATUSES, status), "quiet", "ring")


def priority_look(priority: str) -> StateStyle:
    """Return how urgent an issue is."""
    known = PRIORITY_LOOKS.get(priority)
    return known or StateStyle(word(PRIORITIES, priority), "quiet", "circle")


def kind_look(kind: str) -> StateStyle:
    """Return whether a device or a person reported it."""
    return KIND_LOOKS.get(kind, KIND_LOOKS[IssueKind.PERSON])


def category(code: str) -> str:
    """Return the words of a category."""
    return word(CATEGORIES, code)


def who(name: str, people: Mapping[str, str]) -> str:
    """Return the full name of an account, or what is stored where there is none."""
    return people.get(name, name)
