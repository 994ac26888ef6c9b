"""Filing an issue from the portal, and what its reporters do afterwards: add something, say it is not solved.

Who may, how often, how long the texts are, and what is kept of it.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from core.contract.errors import UserError
from core.domain.links import Follower, follow_token, joined_token
from core.domain.mail_addresses import is_address
from core.domain.permissions import Permission
from core.domain.wording import CATEGORIES
from core.storage.core_tables import EVENTS, ISSUES, PRINTERS
from core.storage.database import writing
from core.storage.issues import NewIssue, add_event, change_status, issue_row, open_issue, surviving
from core.storage.place_assignees import assign_by_place
from core.storage.tables import ENDED, IssueStatus, Visibility
from dashboard.actor import Actor
from dashboard.features.photos.store import file_photos
from dashboard.features.report.pauses import keep_sender, refuse_paused
from dashboard.features.report.queries import REPORTER_NOTE, may_reopen
from dashboard.settings import DashboardAppSettings
from dashboard.throttle import Limit, count_attempt
from dashboard.ui.text import clean
from dashboard.viewer import Viewer

LONGEST_DETAILS: Final = 4000
LONGEST_NAME: Final = 100
LONGEST_CONTACT: Final = 200
REPORT_ADDRESS: Final = Limit("report-address", 5, timedelta(minutes=15))
"""How often one address without an account may report, or say that it is concerned, too."""
REPORT_USER: Final = Limit("report-user", 60, timedelta(minutes=15))
"""The same for an account."""
ME_TOO: Final = "me_too"
"""The event of somebody who has the same problem."""


class RefusedReport(UserError):
    """A report cannot be taken like that; the sentence says what to change, `field` which entry."""

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True)
class ProblemReport:
    """Input of a report."""

    printer_id: str
    category: str
    details: str = ""
    name: str = ""
    contact: str = ""
    trap: str = ""
    """A field that people do not see: who fills it in is a program."""
    draft: str = ""
    """The draft whose photos belong to it."""


@dataclass(frozen=True)
class Note:
    """A later note of a reporter on an issue."""

    text: str
    draft: str = ""
    """The draft whose photos belong to it."""


@dataclass(frozen=True)
class FiledReport:
    """A report that was taken."""

    number: int
    token: str
    """What its reporter follows it by."""


def file_report(
    by: Actor, settings: DashboardAppSettings, report: ProblemReport, *, address: str
) -> FiledReport:
    """Open an issue. Raises RefusedReport, TooManyAttempts or ReportsPaused; then nothing is stored."""
    by.require(Permission.REPORT_PROBLEMS)
    _check(by.viewer, report)
    with writing(by.engine) as connection:
        _check_printer(connection, report.printer_id)
        _check_pause(connection, by, address, settings.zone)
        _count(connection, by, address)
        number = open_issue(connection, _issue(by.viewer, report), actor=by.name, now=by.now)
        if by.viewer.is_anonymous:
            keep_sender(connection, number, address, by.now)
        assign_by_place(connection, number, now=by.now)
        if report.draft:
            opened = select(EVENTS.c.id).where(EVENTS.c.issue_id == number)
            file_photos(connection, report.draft, connection.execute(opened).scalar_one())
    return FiledReport(number, follow_token(settings.web.signing_key(), number))


def me_too(by: Actor, settings: DashboardAppSettings, issue_id: int, *, address: str) -> FiledReport:
    """Say that the same problem is there for somebody else; raises like file_report.

    They follow it by another kind of link: what its reporter wrote is not for everybody who passes by.
    """
    by.require(Permission.REPORT_PROBLEMS)
    with writing(by.engine) as connection:
        _check_open(connection, issue_id)
        _check_pause(connection, by, address, settings.zone)
        _count(connection, by, address)
        add_event(connection, issue_id, ME_TOO, actor=by.name, now=by.now)
    return FiledReport(issue_id, joined_token(settings.web.signing_key(), issue_id))


def add_note(by: Actor, follower: Follower, note: Note, *, address: str) -> None:
    """Add what a reporter has to say to an open issue; raises like file_report."""
    by.require(Permission.REPORT_PROBLEMS)
    with writing(by.engine) as connection:
        follower = _of_surviving(connection, follower)
        _check_open(connection, follower.issue_id)
        _count(connection, by, address)
        _add_note(connection, by, follower, note)


def reopen(by: Actor, follower: Follower, note: Note, *, address: str) -> None:
    """Open an issue again that is not solved, within REOPEN_WITHIN of its end; raises like file_report."""
    by.require(Permission.REPORT_PROBLEMS)
    with writing(by.engine) as connection:
        follower = _of_surviving(connection, follower)
        seen = issue_row(connection, follower.issue_id)
        if seen is None or not may_reopen(seen, by.now):
            raise RefusedReport("This issue can no longer be reopened: report the problem again.")
        _count(connection, by, address)
        change_status(connection, seen, IssueStatus.OPEN, actor=by.name, now=by.now)
        said = note if note.text.strip() else Note("It is not solved.", note.draft)
        _add_note(connection, by, follower, said)


def _of_surviving(connection: Connection, follower: Follower) -> Follower:
    """Return the follower of the issue that theirs was merged into, as one who has the same problem."""
    row = surviving(connection, follower.issue_id)
    return follower if row is None or row.id == follower.issue_id else Follower(row.id, reported=False)


def _check_open(connection: Connection, issue_id: int) -> None:
    status = connection.execute(select(ISSUES.c.status).where(ISSUES.c.id == issue_id)).scalar()
    if status is None or status in ENDED:
        raise RefusedReport("This issue is no longer open: report the problem again.")


def _add_note(connection: Connection, by: Actor, follower: Follower, note: Note) -> None:
    said = clean(note.text.strip(), LONGEST_DETAILS)
    event_id = add_event(
        connection,
        follower.issue_id,
        REPORTER_NOTE,
        actor=by.name,
        now=by.now,
        details={"text": said},
        visibility=Visibility.REPORTER if follower.reported else Visibility.INTERNAL,
    )
    photos = file_photos(connection, note.draft, event_id) if note.draft else 0
    if not (said or photos):
        raise RefusedReport("Write what there is to add.")


def _check(viewer: Viewer, report: ProblemReport) -> None:
    if report.trap:
        raise RefusedReport("This report could not be taken.")
    if report.category not in CATEGORIES:
        raise RefusedReport("Choose the type of problem.", "category")
    if report.category == "other" and not report.details.strip():
        raise RefusedReport("Say in a few words what is wrong.", "details")
    if len(report.details) > LONGEST_DETAILS:
        raise RefusedReport(
            f"The description is too long: at most {LONGEST_DETAILS:,} characters.", "details"
        )
    if viewer.is_anonymous:
        _check_contact(report)


def _check_contact(report: ProblemReport) -> None:
    if not report.name.strip() or len(report.name) > LONGEST_NAME:
        raise RefusedReport("Enter your name, so that we can reach you.", "name")
    if len(report.contact) > LONGEST_CONTACT or not is_address(report.contact.strip()):
        raise RefusedReport("Enter a mail address that reaches you, such as name@example.org.", "contact")


def _check_printer(connection: Connection, printer_id: str) -> None:
    known = select(PRINTERS.c.printer_id).where(PRINTERS.c.printer_id == printer_id, PRINTERS.c.enabled)
    if connection.execute(known).first() is None:
        raise RefusedReport("Choose the printer that this is about.")


def _check_pause(connection: Connection, by: Actor, address: str, zone: ZoneInfo) -> None:
    # What is added by the link of a report is taken: it is of somebody whose report is none of the spam.
    if by.viewer.is_anonymous:
        refuse_paused(connection, address, by.now, zone)


def _count(connection: Connection, by: Actor, address: str) -> None:
    whose = (REPORT_ADDRESS, address) if by.viewer.is_anonymous else (REPORT_USER, by.name)
    count_attempt(connection, [whose], by.now)


def _issue(viewer: Viewer, report: ProblemReport) -> NewIssue:
    details = clean(report.details.strip(), LONGEST_DETAILS)
    return NewIssue(
        printer_id=report.printer_id,
        title=_title(report.category, details),
        details=details,
        category=report.category,
        reporter=clean(report.name.strip() or viewer.full_name or viewer.name, LONGEST_NAME),
        contact=clean(report.contact.strip() or viewer.email, LONGEST_CONTACT),
    )


_LONGEST_TITLE: Final = 80


def _title(category: str, details: str) -> str:
    """Return the category, or the first words where it says little."""
    first = " ".join(details.split())
    if category == "other" and first:
        return clean(first, _LONGEST_TITLE)
    return CATEGORIES[category]
