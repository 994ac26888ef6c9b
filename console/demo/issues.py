"""Issues that people of the college have filed in the last weeks, as data."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from core.storage.core_tables import ISSUES
from core.storage.database import count_rows
from core.storage.issues import NewIssue, assign, change_issue, change_status, comment, issue_row, open_issue
from core.storage.tables import IssueStatus
from simulator.plan import PlannedPrinter


@dataclass(frozen=True)
class VendorCall:
    """A vendor is called, and comes so many days later, or was to."""

    vendor: str
    number: str
    days: int


@dataclass(frozen=True)
class StoryStep:
    """One step of an issue's story: exactly one of the four."""

    hours: float
    """After it was opened."""
    actor: str
    says: str = ""
    status: IssueStatus | None = None
    assignee: str = ""
    calls: VendorCall | None = None


@dataclass(frozen=True)
class Story:
    """An issue with its life; `about` is what its printer suffers from in the simulation, if possible."""

    days_ago: float
    new: NewIssue
    steps: tuple[StoryStep, ...] = ()
    about: str = ""


_DESK: Final = "service desk"
_MAYA: Final = "maya"
"""What she signs in with, as of _TOM (console/demo/accounts.py): so that their work is theirs."""
_TOM: Final = "tom"


def _filed(title: str, details: str, category: str, reporter: str, priority: str = "normal") -> NewIssue:
    contact = reporter.lower().replace(" ", ".") + "@hartwell.example"
    return NewIssue(
        "", title, details=details, category=category, priority=priority, reporter=reporter, contact=contact
    )


def _begun(actor: str, hours: float) -> StoryStep:
    return StoryStep(hours, actor, status=IssueStatus.IN_PROGRESS)


def _solved(actor: str, hours: float) -> StoryStep:
    return StoryStep(hours, actor, status=IssueStatus.RESOLVED)


STORIES: Final[tuple[Story, ...]] = (
    Story(
        0.02,
        _filed(
            "Paper is stuck again",
            "I pulled out one sheet, but it still says there is a jam. My essay is due at noon.",
            "jam",
            "Aisha Rahman",
            "high",
        ),
        about="jam",
    ),
    Story(
        0.15,
        _filed(
            "No paper in any drawer", "And none in the cupboard beside it either.", "paper", "Luca Moretti"
        ),
        (StoryStep(1, _DESK, assignee=_TOM), StoryStep(1.1, _TOM, says="Bringing two boxes after lunch.")),
        "no_paper",
    ),
    Story(
        0.9,
        _filed(
            "Cannot reach the printer",
            "It was fine yesterday. The job sits in the queue with a red mark.",
            "connection",
            "Prof. Helen Okafor",
            "high",
        ),
        (
            StoryStep(2, _DESK, assignee=_MAYA),
            StoryStep(3, _MAYA, says="The wall socket is loose; I have asked the building team."),
            StoryStep(3.1, _MAYA, status=IssueStatus.WAITING),
        ),
        "network_lost",
    ),
    Story(
        1.6,
        _filed(
            "Prints are pale and streaky",
            "Every page has a light band on the left. We have the open day brochures to print.",
            "quality",
            "Daniel Fischer",
            "high",
        ),
        (
            StoryStep(3, _DESK, assignee=_MAYA),
            _begun(_MAYA, 4),
            StoryStep(4.2, _MAYA, says="Toner is nearly gone, a cartridge is on its way."),
        ),
        "toner_low",
    ),
    Story(
        3.2,
        _filed(
            "Tray 2 does not close", "It springs open again by a finger's width.", "hardware", "Wei Zhang"
        ),
        (
            StoryStep(5, _DESK, assignee=_TOM),
            _begun(_TOM, 22),
            StoryStep(23, _TOM, says="A clip is broken, which is under the contract."),
            StoryStep(23.1, _TOM, status=IssueStatus.WAITING),
            StoryStep(23.2, _TOM, calls=VendorCall("Northline Leasing", "NL-20417", 1)),
        ),
        "tray_missing",
    ),
    Story(
        4.1,
        _filed("Smells of burning", "Only when it prints many pages.", "hardware", "Grace Mbeki", "urgent"),
        (
            StoryStep(0.3, _DESK, assignee=_TOM),
            _begun(_TOM, 0.5),
            StoryStep(1.5, _TOM, says="Switched off and unplugged. Vendor comes tomorrow at nine."),
            StoryStep(1.6, _TOM, calls=VendorCall("Northline Leasing", "NL-20398", 1)),
            StoryStep(26, _TOM, says="Fuser replaced under the contract."),
            _solved(_TOM, 26.2),
        ),
    ),
    Story(
        5.5,
        _filed(
            "Please put color back on",
            "It only prints black since Monday.",
            "quality",
            "Sofia Petrova",
        ),
        (
            StoryStep(6, _DESK, says="Which program do you print from?"),
            StoryStep(6.1, _DESK, status=IssueStatus.WAITING),
        ),
        "toner_empty",
    ),
    Story(
        8.3,
        _filed("Squeaks on every page", "The whole reading room hears it.", "noise", "Jonas Keller", "low"),
        (
            StoryStep(20, _DESK, assignee=_TOM),
            StoryStep(22, _TOM, calls=VendorCall("Baird Office Service", "88213", 12)),
            StoryStep(22.1, _TOM, status=IssueStatus.WAITING),
        ),
    ),
    Story(
        11.7,
        _filed("Toner all over my hands", "I only wanted to help.", "toner", "Emily Carter"),
        (
            StoryStep(0.5, _TOM, says="The waste box was overfull. Cleaned, new box put in."),
            _solved(_TOM, 1),
            StoryStep(72, _DESK, status=IssueStatus.CLOSED),
        ),
        "waste_nearly_full",
    ),
    Story(
        13.1,
        _filed(
            "Nothing prints in the whole building",
            "All of them at once, since nine.",
            "connection",
            "Prof. Helen Okafor",
            "urgent",
        ),
        (
            StoryStep(0.2, _DESK, assignee=_MAYA),
            _begun(_MAYA, 0.3),
            StoryStep(2.4, _MAYA, says="A switch had lost its power supply. Exchanged."),
            _solved(_MAYA, 2.5),
            StoryStep(48, _DESK, status=IssueStatus.CLOSED),
        ),
    ),
    Story(
        19.4,
        _filed("Jams with thick paper", "Invitations, 200 g.", "jam", "Music School office"),
        (
            StoryStep(4, _TOM, says="Use the bypass tray and the rear exit; I have put up a note."),
            _solved(_TOM, 4.1),
            StoryStep(70, "Music School office", says="Jammed again today, with the rear exit open."),
            StoryStep(70.1, _DESK, status=IssueStatus.OPEN),
            StoryStep(75, _DESK, assignee=_TOM),
        ),
    ),
    Story(
        27.8,
        _filed("Staples are missing", "It folds the corner instead.", "other", "Noah Williams", "low"),
        (
            StoryStep(30, _TOM, says="Refilled."),
            _solved(_TOM, 30.1),
            StoryStep(120, _DESK, status=IssueStatus.CLOSED),
        ),
    ),
)


def file_issues(connection: Connection, printers: Sequence[PlannedPrinter], now: datetime) -> int:
    """Let the STORIES have happened, in one transaction; none where there are issues already."""
    if count_rows(connection, ISSUES):
        return 0
    for at, story in enumerate(sorted(STORIES, key=lambda story: -story.days_ago)):
        suffering = [printer for printer in printers if story.about and story.about in printer.beginning]
        printer = suffering[0] if suffering else printers[at * 7 % len(printers)]
        _tell(connection, story, printer.printer_id, now)
    return len(STORIES)


def _tell(connection: Connection, story: Story, printer_id: str, now: datetime) -> None:
    opened = now - timedelta(days=story.days_ago)
    new = replace(story.new, printer_id=printer_id)
    number = open_issue(connection, new, actor=new.reporter, now=opened)
    for step in story.steps:
        at = opened + timedelta(hours=step.hours)
        if at < now:
            _take(connection, number, step, at)


def _take(connection: Connection, number: int, step: StoryStep, at: datetime) -> None:
    seen = issue_row(connection, number)
    if seen is None:  # nobody else writes in this transaction
        return
    if step.status is not None:
        change_status(connection, seen, step.status, actor=step.actor, now=at)
    elif step.assignee:
        assign(connection, seen, step.assignee, actor=step.actor, now=at)
    elif step.calls is not None:
        wanted = {
            "vendor": step.calls.vendor,
            "vendor_case": step.calls.number,
            "vendor_opened_on": at.date().isoformat(),
            "vendor_visit_on": (at.date() + timedelta(days=step.calls.days)).isoformat(),
        }
        change_issue(connection, seen, wanted, actor=step.actor, now=at)
    else:
        comment(connection, number, step.says, actor=step.actor, now=at)
