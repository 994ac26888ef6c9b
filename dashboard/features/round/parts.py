"""The parts of the round's page, as HTML."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from core.domain.places import within
from core.domain.wording import CATEGORIES, word
from core.storage.issues import IssueRow
from core.storage.tables import LIVING
from dashboard.features.round.carry import Carry
from dashboard.features.round.stops import Stop, Task, TaskState
from dashboard.ui.issue_parts import who
from dashboard.ui.templates import render
from dashboard.ui.theme import ink_of
from dashboard.ui.wording import StateStyle, health_look

_CONFIRMED: Final = StateStyle("Done", "ok", "circle")
_TICKED: Final = StateStyle("Done", "info", "ring")
"""Said by a person, and not yet by the printer."""
_REPORTED: Final = StateStyle("Reported", "info", "diamond")


@dataclass(frozen=True)
class _ShownTask:
    words: str
    task: Task
    bring: tuple[str, ...]
    assignee: str
    done_by: str


@dataclass(frozen=True)
class _ShownReport:
    words: str
    issue: IssueRow
    assignee: str
    is_open: bool


def place_html(place: str, stops: Sequence[Stop]) -> str:
    """Return the heading of a place, with how many stops are left there."""
    left = sum(not stop.is_over for stop in stops)
    return render("round/place", place=place, left=left, total=len(stops))


def stop_html(stop: Stop, around: str, people: Mapping[str, str]) -> str:
    """Return a stop: which printer, where in the place around it, what is wrong, what to bring."""
    tasks = [
        _ShownTask(
            task.flag.message,
            task,
            to_bring(task),
            who(task.flag.assignee, people),
            who(task.flag.done_by, people),
        )
        for task in stop.tasks
    ]
    reports = [
        _ShownReport(words_of(issue), issue, who(issue.assignee, people), issue.status in LIVING)
        for issue in stop.reports
    ]
    return render(
        "round/stop",
        stop=stop,
        look=_look(stop),
        room=within(stop.location, around),
        tasks=tasks,
        reports=reports,
        states=TaskState,
    )


def to_bring(task: Task) -> tuple[str, ...]:
    """Return what to bring for a task that is to be done, but for what its sentence says already."""
    said = task.flag.message.casefold()
    return tuple(each for each in task.bring if each.casefold() not in said)


def words_of(issue: IssueRow) -> str:
    """Return what a report is about."""
    return issue.title or word(CATEGORIES, issue.category)


def _look(stop: Stop) -> StateStyle:
    if not stop.is_over:
        return health_look(stop.severity) if stop.to_do else _REPORTED
    return _TICKED if stop.done else _CONFIRMED


def carry_html(carry: Carry, *, with_stock: bool) -> str:
    """Return what to carry: parts with the store rooms that have them, and paper."""
    parts = [(part, ink_of(part.color)) for part in carry.parts]
    return render("round/carry", parts=parts, papers=carry.papers, with_stock=with_stock)


def sheet_link_html(location: str) -> str:
    """Return the link to the round on paper."""
    given = f"?location={quote(location, safe='')}" if location else ""
    return render("round/sheet_link", path=f"/round-sheet{given}")
