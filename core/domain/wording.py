"""The plain words for what is stored: states, levels, issues; colors and advice are the dashboard's."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from core.contract.messages import InputTray, Supply
from core.domain.conditions import UNREACHABLE
from core.domain.health import HEALTHS
from core.domain.units import ago

STATES: Final[Mapping[str, str]] = {
    "idle": "Ready",
    "printing": "Printing",
    "warming_up": "Warming up",
    "asleep": "Asleep",
    "stopped": "Stopped",
    "unreachable": "Not answering",
    "unknown": "Unknown",
    "stale": HEALTHS["stale"],
}
ISSUE_STATUSES: Final[Mapping[str, str]] = {
    "open": "Open",
    "in_progress": "In progress",
    "waiting": "Waiting",
    "resolved": "Resolved",
    "closed": "Closed",
    "spam": "Spam",
}
PRIORITIES: Final[Mapping[str, str]] = {"urgent": "Urgent", "high": "High", "normal": "Normal", "low": "Low"}
"""Most urgent first."""
CATEGORIES: Final[Mapping[str, str]] = {
    "jam": "Paper jam",
    "paper": "No paper, or a paper tray",
    "supplies": "Toner, ink or another supply",
    "quality": "Prints look wrong",
    "offline": "Does not answer or print",
    "connection": "Cannot connect to it",
    "noise": "Strange noise or smell",
    "damage": "Something is broken",
    "other": "Something else",
}
SUPPLY_STATES: Final[Mapping[str, str]] = {
    "measured": "",
    "some_remaining": "some left",
    "unlimited": "no limit",
    "unknown": "not reported",
}
"""What is said instead of a percentage."""
AT_ZERO: Final = "at 0"


def level_words(row: Supply | InputTray) -> str:
    """Return a level in words: 42 %, some left, not reported; "at 0" where only the capacity is unknown."""
    if row.level_percent is not None:
        return f"{row.level_percent} %"
    if row.level == 0 and row.max_capacity != 0:
        return AT_ZERO
    return word(SUPPLY_STATES, row.level_state)


COUNTERS: Final[Mapping[str, str]] = {
    "mono": "Mono",
    "color": "Color",
    "duplex": "Two-sided",
    "copy": "Copies",
    "scan": "Scans",
    "a3": "A3 (large format)",
}
"""The page counters of core.contract.vendor_counters."""


_AVAILABILITY: Final[Mapping[int, str]] = {
    0: "idle",
    1: "unavailable on request",
    2: "standby",
    3: "unavailable: broken",
    4: "active",
    5: "unknown",
    6: "busy",
    7: "unknown",
}
_CONDITIONS: Final[Mapping[int, str]] = {
    8: "non-critical alert",
    16: "critical alert",
    32: "offline",
    64: "changing state",
}


def subunit_words(status: int | None) -> str:
    """Return what a PrtSubUnitStatusTC says (RFC 3805), such as "idle, critical alert"; "" for None."""
    if status is None or status < 0:
        return ""
    conditions = (words for bit, words in _CONDITIONS.items() if status & bit)
    return ", ".join((_AVAILABILITY[status & 7], *conditions))


def word(words: Mapping[str, str], code: str | None) -> str:
    """Return the words for a code; a code without any is shown readable."""
    return words.get(code or "", (code or "").replace("_", " ").capitalize())


def condition_name(code: str) -> str:
    """Return what conditions of a code are called where they are counted: "Paper low", "Not answering"."""
    return word({UNREACHABLE: STATES["unreachable"]}, code)


def within_line(label: str) -> str:
    """Return a label as it stands within a line: "not answering", but "OK"."""
    return label if label.isupper() else label[:1].lower() + label[1:]


def last_answer(answered_at: datetime | None, now: datetime) -> str:
    """Return what is said instead of a last reading where the printer did not answer it."""
    return "never answered" if answered_at is None else f"last answered {ago(answered_at, now)}"
