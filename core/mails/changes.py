"""What is new or worse since the last summary: that one's account of the fleet is kept, and compared.

Times alone would not tell. A flag that gets worse keeps the time since when it is up, and one that went and
came back on the way is nothing new.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, select

from core.domain.conditions import SEVERITY_RANK
from core.mails.facts import Facts, OpenFlag
from core.mails.windows import Window
from core.storage.core_tables import WINDOWS
from core.storage.issues import IssueRow

_SETS: Final = ("issues", "stock", "ends")
"""The fields of Told that are stored as lists."""


@dataclass(frozen=True)
class Told:
    """The fleet as a summary has told of it."""

    flags: Mapping[str, Mapping[str, str]]
    """Severities by printer and then by "code|subject"; also of flags that somebody had acknowledged."""
    issues: frozenset[int]
    """Open ones."""
    parts: Mapping[str, int]
    """How many supplies need a part, by what tells it from others."""
    stock: frozenset[str]
    """Orders and visits of vendors that are overdue, and shelves low."""

    ends: frozenset[str] = frozenset()
    """Warranties and contracts that end soon; none in what an earlier version has stored."""

    def as_json(self) -> dict[str, Any]:
        """Return it as it is stored with a window."""
        return {**vars(self), **{name: sorted(vars(self)[name]) for name in _SETS}}


@dataclass(frozen=True)
class FreshPrinter:
    """A printer with flags that are new, or worse than they were."""

    printer_id: str
    flags: tuple[OpenFlag, ...]
    is_worse: bool
    """It had flags before, and there are more of them, or worse ones."""


@dataclass(frozen=True)
class FreshIssue:
    """An issue that was not open before."""

    issue: IssueRow
    is_reopened: bool


def last_told(connection: Connection, window: Window) -> Told | None:
    """Return what the summary before a window has told; None where that is not known."""
    before = select(WINDOWS.c.told).where(WINDOWS.c.ends_at <= window.begins_at)
    stored = connection.execute(before.order_by(WINDOWS.c.ends_at.desc()).limit(1)).scalar()
    if stored is None:
        return None
    return Told(**stored | {name: frozenset(stored.get(name, ())) for name in _SETS})


def told_by(facts: Facts, flags: Iterable[OpenFlag]) -> Told:
    """Return what a summary of these facts tells."""
    return Told(
        flags=_severities(flags),
        issues=frozenset(issue.id for issue in facts.open_issues),
        parts={part.key: len(part.due) for part in facts.parts},
        stock=frozenset(stock_keys(facts)),
        ends=frozenset(ending.key for ending in facts.endings),
    )


def assumed(facts: Facts, flags: Iterable[OpenFlag], begins_at: datetime) -> Told:
    """Return what a summary at that time may have told, where it was not kept: by the times of now."""
    told = told_by(facts, (flag for flag in flags if flag.since_at <= begins_at))
    return replace(told, issues=frozenset(one.id for one in facts.open_issues if one.opened_at <= begins_at))


def fresh_printers(flags: Iterable[OpenFlag], told: Told) -> list[FreshPrinter]:
    """Return the printers whose flags tell of something new; what somebody has acknowledged does not."""
    by_printer: dict[str, list[OpenFlag]] = {}
    for flag in flags:
        if flag.severity != "info" and not flag.quiet:
            by_printer.setdefault(flag.printer_id, []).append(flag)
    found = []
    for printer_id, own in by_printer.items():
        before = told.flags.get(printer_id, {})
        fresh = tuple(flag for flag in own if _rank(flag.severity) > _rank(before.get(_key(flag))))
        if fresh:
            had = max((_rank(severity) for severity in before.values()), default=_rank(None))
            goes_on = any(_key(flag) in before for flag in own)
            worst = max(_rank(flag.severity) for flag in fresh)
            is_worse = had > _rank("info") and (goes_on or worst > had)
            found.append(FreshPrinter(printer_id, fresh, is_worse))
    return found


def fresh_issues(issues: Iterable[IssueRow], told: Told, begins_at: datetime) -> list[FreshIssue]:
    """Return the open issues that were not open before."""
    return [
        FreshIssue(issue, is_reopened=issue.opened_at <= begins_at)
        for issue in issues
        if issue.id not in told.issues
    ]


def has_more_to_bring(facts: Facts, told: Told) -> bool:
    """Return whether more parts are needed than before, more orders or visits late, or more shelves low."""
    more = any(len(part.due) > told.parts.get(part.key, 0) for part in facts.parts)
    return more or any(key not in told.stock for key in stock_keys(facts))


def stock_keys(facts: Facts) -> list[str]:
    """Return what tells overdue orders, overdue visits of vendors and low shelves from others."""
    orders = [line.key for line in facts.overdue]
    visits = [f"visit-{issue.id}-{issue.vendor_visit_on}" for issue in facts.overdue_visits]
    return [*orders, *visits, *(f"shelf-{line.part.id}-{line.room_name}" for line in facts.shelves)]


def _severities(flags: Iterable[OpenFlag]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for flag in flags:
        found.setdefault(flag.printer_id, {})[_key(flag)] = flag.severity
    return found


def _key(flag: OpenFlag) -> str:
    return f"{flag.code}|{flag.subject}"


def _rank(severity: str | None) -> int:
    return -1 if severity is None else SEVERITY_RANK.get(severity, 0)
