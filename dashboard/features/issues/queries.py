"""Issues as lists: filtered, ordered by what is most urgent, a page at a time; and who can be given one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final, TypeVarTuple

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, or_, select

from core.domain.text import row_number
from core.domain.wording import ISSUE_STATUSES, PRIORITIES
from core.storage.core_tables import EVENTS, ISSUES, PRINTERS
from core.storage.database import count_rows
from core.storage.full_names import full_names
from core.storage.issues import ISSUE_COLUMNS, WITH_VENDOR, IssueRow
from core.storage.outages import HANGS_BELOW
from core.storage.tables import ENDED, LIVING, IssueKind, IssueStatus
from dashboard.features.issues.outage_queries import OutageMember, is_outage, outage_members
from dashboard.public_state import public_issue
from dashboard.ui.order import Order, sql_order

Columns = TypeVarTuple("Columns")
AT_VENDOR: Final = "with"
VISIT_OVERDUE: Final = "overdue"
"""What IssueFilter.vendor asks for, as addresses have it."""


@dataclass(frozen=True)
class IssueFilter:
    """Filter of the issues; empty is all."""

    statuses: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    assignee: str | None = None
    """Whose; "" for nobody's, None for anybody's."""
    or_nobody: bool = False
    """Also nobody's, beside those of the assignee."""
    printer_id: str = ""
    kind: str = ""
    """device (opened by the system) or person."""
    vendor: str = ""
    """AT_VENDOR for those that a vendor has, VISIT_OVERDUE for those to which nobody came in time."""
    today: date = date.min
    """Issues whose visit was due before lead the list."""
    ended_since: datetime | None = None
    text: str = ""
    """In the title, the details, the reporter, the vendor's case, the printer's name, id or location; `#12`
    is a number."""
    folded: bool = False
    """Without those that hang below the issue of an outage, unless words or a printer are looked for."""
    sees_addresses: bool = True
    """Whether contacts and printers' own words are shown, and looked through."""


@dataclass(frozen=True)
class IssueLine:
    """An issue with its printer. `seen` is its row, for those who change it."""

    seen: IssueRow
    printer_name: str
    location: str
    by_nobody: bool
    """Whether somebody without an account has reported it."""

    @property
    def issue_id(self) -> int:
        return self.seen.id


_URGENCY: Final = case(
    {name: rank for rank, name in enumerate(PRIORITIES)}, value=ISSUES.c.priority, else_=len(PRIORITIES)
)
_STAGE: Final = case(
    {name: rank for rank, name in enumerate(ISSUE_STATUSES)}, value=ISSUES.c.status, else_=len(ISSUE_STATUSES)
)


_BY_NOBODY: Final = (
    select(EVENTS.c.id)
    .where(EVENTS.c.issue_id == ISSUES.c.id, EVENTS.c.change == "opened", EVENTS.c.actor == "")
    .exists()
    .label("by_nobody")
)
_WITHOUT_SPAM: Final = tuple(status for status in ENDED if status != IssueStatus.SPAM)


SORTED_BY: Final[Mapping[str, ColumnElement[Any]]] = {
    "status": _STAGE,
    "priority": _URGENCY,
    "printer": func.coalesce(PRINTERS.c.name, ISSUES.c.printer_id),
    "location": PRINTERS.c.location,
    "opened": ISSUES.c.opened_at,
    "changed": ISSUES.c.updated_at,
    **{name: ISSUES.c[name] for name in ("id", "assignee", "category", "kind", "vendor")},
}
"""What the table can be sorted by, by its name in the address; not the title, which not everybody may see."""


def issue_lines(
    connection: Connection,
    wanted: IssueFilter,
    *,
    limit: int = 50,
    offset: int = 0,
    order: Order | None = None,
) -> list[IssueLine]:
    """A page of them: by status, the most urgent first, then the one that changed last; first by `order`.

    Those whose visit is overdue lead. Where only ended ones are wanted, just the one that changed last:
    nothing is urgent about them.
    """
    over = bool(wanted.statuses) and set(wanted.statuses) <= set(ENDED)
    urgency = () if over else (case((_visit_overdue(wanted.today), 0), else_=1), _STAGE, _URGENCY)
    first = [sql_order(SORTED_BY[order.column], order)] if order else []
    statement = (
        _from_issues(select(*ISSUE_COLUMNS, PRINTERS.c.name, PRINTERS.c.location, _BY_NOBODY))
        .where(*_matches(wanted))
        .order_by(*first, *urgency, ISSUES.c.updated_at.desc(), ISSUES.c.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return [_line(wanted, *row) for row in connection.execute(statement)]


def count_by_status(connection: Connection, wanted: IssueFilter) -> dict[str, int]:
    """Return how many there are in each status, whatever statuses the filter names."""
    found = _count_by(connection, ISSUES.c.status, replace(wanted, statuses=()))
    return {status: found.get(status, 0) for status in ISSUE_STATUSES}


def count_by_priority(connection: Connection, wanted: IssueFilter) -> dict[str, int]:
    """Return the same by priority; without statuses in the filter, of those that are still to be done."""
    statuses = wanted.statuses or LIVING
    return _count_by(connection, ISSUES.c.priority, replace(wanted, priorities=(), statuses=statuses))


def count_overdue(connection: Connection, today: date) -> int:
    """Return to how many issues, whoever has them, the vendor did not come in time."""
    return count_rows(connection, ISSUES, _visit_overdue(today))


def _count_by(connection: Connection, column: ColumnElement[str], wanted: IssueFilter) -> dict[str, int]:
    counting = select(column, func.count()).where(*_matches(wanted)).group_by(column)
    # The printers are looked up for words alone: without them the index on the status tells.
    statement = _from_issues(counting) if wanted.text.strip() else counting
    return {str(name): int(number) for name, number in connection.execute(statement)}


PER_COLUMN: Final = 12
MACHINES_SHOWN: Final = 30
ENDED_SHOWN: Final = 30


@dataclass(frozen=True)
class Board:
    """What the board shows of a filter: people's reports by status, the system's, and what ended today."""

    columns: Mapping[str, Sequence[IssueLine]]
    counts: Mapping[str, int]
    """Of people's reports in each status."""
    machines: Sequence[IssueLine]
    machines_total: int
    members: Mapping[int, Sequence[OutageMember]]
    """What hangs below the outages among them."""
    ended: Sequence[IssueLine]
    ended_total: int


def read_board(connection: Connection, wanted: IssueFilter, today: datetime) -> Board:
    """Return the board of a filter; `today` is when the day began.

    The columns are of what is still to be done, or of the statuses that the filter names.
    """
    statuses = wanted.statuses or LIVING
    people_s = replace(wanted, kind=IssueKind.PERSON.value)
    systems = replace(wanted, kind=IssueKind.DEVICE.value, statuses=statuses)
    with_people, with_systems = (
        wanted.kind in ("", kind.value) for kind in (IssueKind.PERSON, IssueKind.DEVICE)
    )
    counts = count_by_status(connection, people_s) if with_people else {}

    def top(status: str) -> list[IssueLine]:
        one = replace(people_s, statuses=(status,))
        return issue_lines(connection, one, limit=PER_COLUMN) if counts.get(status) else []

    machines = issue_lines(connection, systems, limit=MACHINES_SHOWN) if with_systems else []
    of_systems = count_by_status(connection, systems) if with_systems else {}
    ended = replace(wanted, statuses=_WITHOUT_SPAM, ended_since=today)
    over = [] if wanted.statuses else issue_lines(connection, ended, limit=ENDED_SHOWN)
    counts_over = count_by_status(connection, ended) if over else {}
    outages = [line.issue_id for line in machines if is_outage(line.seen)]
    return Board(
        columns={status: top(status) for status in statuses} if with_people else {},
        counts=counts,
        machines=machines,
        machines_total=sum(of_systems.get(status, 0) for status in statuses),
        members={issue_id: outage_members(connection, issue_id) for issue_id in outages},
        ended=over,
        ended_total=sum(counts_over.get(status, 0) for status in _WITHOUT_SPAM),
    )


def people(connection: Connection) -> dict[str, str]:
    """Return who issues can be assigned to: full names of active accounts by username."""
    return full_names(connection, only_active=True)


def _line(wanted: IssueFilter, *row: Any) -> IssueLine:
    *own, printer_name, location, by_nobody = row
    issue = IssueRow(*own)
    issue = issue if wanted.sees_addresses else public_issue(issue)
    return IssueLine(issue, printer_name or issue.printer_id, location or "", bool(by_nobody))


def _from_issues(statement: "Select[*Columns]") -> "Select[*Columns]":
    # Outer: the issues of a printer stay when it is taken out of the inventory.
    return statement.select_from(ISSUES.outerjoin(PRINTERS, PRINTERS.c.printer_id == ISSUES.c.printer_id))


def _matches(wanted: IssueFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    for column, values in (
        (ISSUES.c.status, wanted.statuses),
        (ISSUES.c.priority, wanted.priorities),
        (ISSUES.c.category, wanted.categories),
    ):
        if values:
            found.append(column.in_(values))
    for column, value in ((ISSUES.c.printer_id, wanted.printer_id), (ISSUES.c.kind, wanted.kind)):
        if value:
            found.append(column == value)
    if wanted.assignee is not None:
        whose = (wanted.assignee, "") if wanted.or_nobody else (wanted.assignee,)
        found.append(ISSUES.c.assignee.in_(whose))
    if wanted.ended_since is not None:
        found.append(func.coalesce(ISSUES.c.closed_at, ISSUES.c.resolved_at) >= wanted.ended_since)
    if wanted.vendor:
        found.append(WITH_VENDOR if wanted.vendor == AT_VENDOR else _visit_overdue(wanted.today))
    if wanted.folded and not (wanted.text.strip() or wanted.printer_id):
        found.append(~HANGS_BELOW)
    if wanted.text.strip():
        found.append(_has_text(wanted.text.strip(), sees_addresses=wanted.sees_addresses))
    return found


def _visit_overdue(today: date) -> ColumnElement[bool]:
    """Return whether it is as core.domain.vendor_cases.VendorCase.is_overdue says."""
    return and_(WITH_VENDOR, ISSUES.c.vendor_visit_on < today, ISSUES.c.status.in_(LIVING))


def _has_text(text: str, *, sees_addresses: bool) -> ColumnElement[bool]:
    number = row_number(text.removeprefix("#"))
    in_issue = [ISSUES.c[name].icontains(text, autoescape=True) for name in ("title", "details")]
    if not sees_addresses:  # of an issue that the system has opened, they are the printer's words
        in_issue = [words & (ISSUES.c.kind != IssueKind.DEVICE) for words in in_issue]
    of_issue = (ISSUES.c[name] for name in ("reporter", "vendor", "vendor_case", "printer_id"))
    columns = (*of_issue, PRINTERS.c.name, PRINTERS.c.location)
    found = [*in_issue, *(column.icontains(text, autoescape=True) for column in columns)]
    if number is not None:
        found.append(ISSUES.c.id == number)
    return or_(*found)
