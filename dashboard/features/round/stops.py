"""The round: who stops where, in which order, what for, and what becomes of a stop that is ticked. Pure.

A tick is what a person says; the printer's own readings have the last word. What it does not report any more
is confirmed. What it still reports half an hour (and some readings) after the tick is to be done again.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from core.domain.conditions import CONDITIONS, SEVERITY_RANK, UNREACHABLE
from core.domain.freshness import has_lasted
from core.domain.places import PlaceOrder, is_inside, place_order
from core.storage.issues import IssueRow
from core.storage.tables import LIVING, IssueStatus
from dashboard.features.attention.queries import Flag
from dashboard.features.places.queries import PartToBring
from dashboard.features.round.carry import Carry, Needs, carry_for
from dashboard.features.round.queries import Report, ReportedFlag, RoundFacts, RoundOutage
from dashboard.public_state import public_sentence

TICK_HOLDS: Final = timedelta(minutes=30)
"""So long at least a tick is believed that no reading confirms: who ticks may be about to do it."""
TICK_HOLDS_UNREAD: Final = timedelta(hours=12)
"""So long at most, where the printer is not read meanwhile."""
_VENDOR: Final = "vendor"


class TaskState(StrEnum):
    """What is known of one thing that is to be done."""

    TO_DO = "to_do"
    DONE = "done"
    """Somebody has ticked it, and the printer has not been read often enough since."""
    STILL_REPORTED = "still_reported"
    """Somebody has ticked it, and the printer still reports it: it is to be done."""
    CONFIRMED = "confirmed"
    """The printer does not report it any more, whoever has mended it."""


_ACTING: Final = (TaskState.TO_DO, TaskState.STILL_REPORTED)


@dataclass(frozen=True)
class Task:
    """One thing that a printer needs."""

    flag: Flag
    state: TaskState
    confirmed_at: datetime | None = None
    unread: bool = False
    """Still to be done because nothing has been read since the tick, not because it was reported again."""
    bring: tuple[str, ...] = ()
    """What to have at hand."""


@dataclass(frozen=True)
class Stop:
    """A printer that needs somebody, with all that is to be done there."""

    printer_id: str
    name: str
    location: str
    tasks: tuple[Task, ...]
    """The worst first, those that are over last."""
    reports: tuple[IssueRow, ...]
    """What people reported about it."""

    @property
    def to_do(self) -> tuple[Task, ...]:
        """Tasks that somebody is to see to."""
        return tuple(task for task in self.tasks if task.state in _ACTING)

    @property
    def done(self) -> tuple[Task, ...]:
        """Tasks that somebody has ticked, and the printer has not confirmed."""
        return tuple(task for task in self.tasks if task.state == TaskState.DONE)

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to do there."""
        return not self.to_do and not any(report.status in LIVING for report in self.reports)

    @property
    def severity(self) -> str:
        """The worst of what is to be done; info where people alone have reported something."""
        return max((task.flag.severity for task in self.to_do), key=SEVERITY_RANK.__getitem__, default="info")


@dataclass(frozen=True)
class NotNow:
    """Something that no technician can mend on this round."""

    printer_id: str
    name: str
    location: str
    words: str
    why: str
    issue_id: int | None


@dataclass(frozen=True)
class Round:
    """What a technician walks."""

    stops: tuple[Stop, ...]
    """By building, floor and room."""
    not_now: tuple[NotNow, ...]
    outages: tuple[RoundOutage, ...]
    carry: Carry
    """For what is not done yet."""

    @property
    def left(self) -> int:
        """How many stops are still to be made."""
        return sum(not stop.is_over for stop in self.stops)


def round_of(
    facts: RoundFacts,
    parts: Sequence[PartToBring],
    now: datetime,
    *,
    place: str,
    ended: Iterable[ReportedFlag],
) -> Round:
    """Return the round through a place ("": all). `ended`: flags that were shown as stops and are over."""
    needs = Needs(parts, facts.trays)
    known = {line.flag.attention_id: line for line in (*ended, *facts.flags)}
    lines = [line for line in known.values() if is_inside(line.flag.location, place)]
    reports = [report for report in facts.reports if is_inside(report.location, place)]
    about_flags = {line.flag.issue_id for line in lines if line.cleared_at is None}
    tasks: dict[str, list[Task]] = defaultdict(list)
    for line in lines:
        if (task := _task(line, facts, now)) is not None:
            tasks[line.flag.printer_id].append(replace(task, bring=needs.words(line.flag)))
    said: dict[str, list[Report]] = defaultdict(list)
    for report in reports:
        if report.issue.status != IssueStatus.WAITING and report.issue.id not in about_flags:
            said[report.issue.printer_id].append(report)
    stops = [_stop(tasks[printer_id], said[printer_id]) for printer_id in {*tasks, *said}]
    ordered = tuple(sorted(stops, key=_order))
    acting = [task.flag for stop in ordered for task in stop.to_do]
    not_now = sorted(_not_now(lines, reports), key=lambda one: (place_order(one.location), one.name))
    outages = (each for each in facts.outages if any(is_inside(where, place) for where in each.locations))
    carry = carry_for(acting, needs, facts.shelves, facts.rooms)
    return Round(ordered, tuple(not_now), tuple(outages), carry)


def for_everybody(
    facts: RoundFacts, ended: Iterable[ReportedFlag]
) -> tuple[RoundFacts, tuple[ReportedFlag, ...]]:
    """Return the same without printers' own words, for who does not see addresses."""
    return replace(facts, flags=tuple(map(_public, facts.flags))), tuple(map(_public, ended))


def _public(line: ReportedFlag) -> ReportedFlag:
    words = public_sentence(line.flag.code, line.flag.message)
    return replace(line, flag=replace(line.flag, message=words))


def _task(line: ReportedFlag, facts: RoundFacts, now: datetime) -> Task | None:
    """Return what a flag asks of this round; None where that is nothing."""
    flag = line.flag
    if line.cleared_at is not None:
        if flag.printer_id not in facts.silent:
            return Task(flag, TaskState.CONFIRMED, line.cleared_at)
        return Task(flag, TaskState.DONE) if flag.done_at is not None else None  # hidden, by its silence
    in_outage = flag.code == UNREACHABLE and flag.printer_id in facts.in_outage
    if _is_not_now(flag) or in_outage:
        return None
    return Task(flag, TaskState.TO_DO) if flag.done_at is None else _ticked(line, flag.done_at, now)


def _ticked(line: ReportedFlag, done_at: datetime, now: datetime) -> Task:
    """Return what a flag asks that somebody has ticked, and that is still reported."""
    if line.read_at is not None and line.read_at - done_at >= max(TICK_HOLDS, line.confirming):
        return Task(line.flag, TaskState.STILL_REPORTED)
    if has_lasted(done_at, TICK_HOLDS_UNREAD, now):
        return Task(line.flag, TaskState.STILL_REPORTED, unread=True)
    return Task(line.flag, TaskState.DONE)


def _is_not_now(flag: Flag) -> bool:
    return flag.fixer == _VENDOR or flag.issue_status == IssueStatus.WAITING


def _stop(tasks: Sequence[Task], reports: Sequence[Report]) -> Stop:
    """Return the stop at one printer."""
    open_ones = {(task.flag.code, task.flag.subject) for task in tasks if task.state != TaskState.CONFIRMED}
    # A toner that was low and is empty now is one thing, and not mended.
    left = [
        task
        for task in tasks
        if task.state != TaskState.CONFIRMED
        or not any((code, task.flag.subject) in open_ones for code in _same_or_worse(task.flag.code))
    ]
    left.sort(key=_task_order)
    about = [(task.flag.printer_id, task.flag.printer_name, task.flag.location) for task in tasks]
    about += [(report.issue.printer_id, report.printer_name, report.location) for report in reports]
    return Stop(*about[0], tuple(left), tuple(report.issue for report in reports))


def _task_order(task: Task) -> tuple[bool, int, datetime]:
    return task.state not in _ACTING, -SEVERITY_RANK[task.flag.severity], task.flag.since_at


def _same_or_worse(code: str) -> tuple[str, ...]:
    condition = CONDITIONS.get(code)
    return (code, *(condition.stronger if condition else ()))


def _not_now(lines: Iterable[ReportedFlag], reports: Iterable[Report]) -> Iterable[NotNow]:
    for line in lines:
        flag = line.flag
        if line.cleared_at is None and _is_not_now(flag):
            why = "For the vendor's service" if flag.fixer == _VENDOR else "Waiting"
            yield NotNow(flag.printer_id, flag.printer_name, flag.location, flag.message, why, flag.issue_id)
    for report in reports:
        if report.issue.status == IssueStatus.WAITING:
            issue = report.issue
            yield NotNow(
                issue.printer_id, report.printer_name, report.location, issue.title, "Waiting", issue.id
            )


def _order(stop: Stop) -> tuple[PlaceOrder, PlaceOrder, str]:
    return place_order(stop.location), place_order(stop.name), stop.printer_id
