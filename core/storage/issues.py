"""Open, edit and comment on issues: row and event in one transaction, the event queued for the issue topic.

The caller gives the connection of its own writing transaction (core.storage.database.writing).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, func, insert, literal_column, select, update

from core.domain.vendor_cases import VendorCase
from core.storage.audit import Details, differences
from core.storage.core_tables import EVENTS, ISSUES
from core.storage.database import conflict, update_seen
from core.storage.mail_outbox import resume_mails_of_issue
from core.storage.tables import ENDED, IssueKind, IssueStatus, Visibility

MERGED: Final = "merged"
"""The timeline's word for: it was closed as a duplicate of another issue."""
DUPLICATE_ADDED: Final = "duplicate_added"
"""The same in the timeline of the other one,"""
DUPLICATE_REMOVED: Final = "duplicate_removed"
"""and that it was undone."""
DONE_ON_SITE: Final = "done_on_site"
"""The timeline's word for: somebody says that they have mended it; the printer's readings tell,"""
NOT_DONE: Final = "not_done"
"""and that they have taken it back."""
NOT_SPAM: Final = "not_spam"
"""The timeline's word for: it was no spam after all."""
CASE_MOVED: Final = "moved"
"""What the timeline's details say of the vendor's case of a duplicate: it went to the other issue,"""
CASE_KEPT: Final = "kept"
"""or stayed, because that one has a case of its own."""
VENDOR_DAYS: Final = ("vendor_opened_on", "vendor_visit_on")
VENDOR_FIELDS: Final = ("vendor", "vendor_case", *VENDOR_DAYS)
"""What is noted of the vendor's case."""
EDITABLE: Final = ("status", "assignee", "priority", "category", "title", *VENDOR_FIELDS)
"""What change_issue changes."""
WITH_VENDOR: Final = ISSUES.c.vendor != literal_column("''")
"""Whether an issue has a vendor's case; as a literal, by which an index finds them."""
_MOST_VENDORS: Final = 50


@dataclass(frozen=True)
class NewIssue:
    """Values of a new issue, as given by whoever opens it."""

    printer_id: str
    title: str
    details: str = ""
    category: str = "other"
    priority: str = "normal"
    reporter: str = ""
    contact: str = ""
    kind: IssueKind = IssueKind.PERSON
    attention_code: str = ""
    attention_subject: str = ""


@dataclass(frozen=True, slots=True)
class IssueRow:
    """An issue as it was read: who changes it says by this what they have seen."""

    id: int
    printer_id: str
    kind: str
    attention_code: str
    attention_subject: str
    title: str
    details: str
    category: str
    priority: str
    status: str
    reporter: str
    contact: str
    assignee: str
    opened_at: datetime
    updated_at: datetime
    resolved_at: datetime | None
    closed_at: datetime | None
    earlier_device: bool
    parent_id: int | None
    merged_into: int | None
    vendor: str
    vendor_case: str
    vendor_opened_on: date | None
    vendor_visit_on: date | None
    version: int

    def editable(self) -> dict[str, str]:
        """Return what can be edited, by name: days as 2026-12-02, "" where there is none."""
        return {name: _as_text(getattr(self, name)) for name in EDITABLE}

    @property
    def with_vendor(self) -> VendorCase | None:
        """The vendor's case; None where there is none."""
        return vendor_case_of(self)


def vendor_case_of(row: Any) -> VendorCase | None:
    """Return the vendor's case of a row with VENDOR_FIELDS and status; None where there is none."""
    if not row.vendor:
        return None
    days = row.vendor_opened_on, row.vendor_visit_on
    return VendorCase(row.vendor, row.vendor_case, *days, is_over=row.status in ENDED)


ISSUE_COLUMNS: Final = tuple(ISSUES.c[field.name] for field in fields(IssueRow))
"""What is selected for an IssueRow: `IssueRow(*row)`."""

IssueEdit = Mapping[str, str]
"""What is wanted of an issue, by names of EDITABLE; in the form of IssueRow.editable."""


class _StatusColumns(NamedTuple):
    status: str
    resolved_at: datetime | None
    closed_at: datetime | None
    merged_into: int | None


def open_issue(connection: Connection, new: NewIssue, *, actor: str, now: datetime) -> int:
    """Open an issue; returns its number."""
    values = {
        **vars(new),
        "status": IssueStatus.OPEN,
        "opened_at": now,
        "updated_at": now,
        "version": 1,
        "assignee": "",
    }
    issue_id = connection.execute(insert(ISSUES).values(**values).returning(ISSUES.c.id)).scalar_one()
    by_person = new.kind == IssueKind.PERSON
    visibility = Visibility.REPORTER if by_person else Visibility.INTERNAL
    add_event(connection, issue_id, "opened", actor=actor, now=now, visibility=visibility)
    return int(issue_id)


def change_status(
    connection: Connection, seen: IssueRow, status: IssueStatus, *, actor: str, now: datetime
) -> None:
    """Move an issue to another status. `seen` is the row as it was read; Conflict if it changed since."""
    change_issue(connection, seen, {"status": status.value}, actor=actor, now=now)


def assign(connection: Connection, seen: IssueRow, assignee: str, *, actor: str, now: datetime) -> None:
    """Give an issue to somebody ("" to nobody). Raises Conflict if it has changed since it was read."""
    edit_issue(connection, seen, {"assignee": assignee}, now=now)
    _tell_assignee(connection, seen, assignee, actor=actor, now=now)


def change_issue(
    connection: Connection, seen: IssueRow, wanted: IssueEdit, *, actor: str, now: datetime
) -> IssueRow:
    """Make of an issue what `wanted` says about EDITABLE, in one step with an event for each kind of change.

    The day of a visit that has passed is forgotten where the issue is opened again and `wanted` does not name
    it. Mails that waited while it was spam are sent when it is not any more. Returns the row as it is then,
    to be `seen` by what follows; as it was where nothing differs. Raises Conflict if it has changed since it
    was read.
    """
    wanted = {**_visit_forgotten(seen, wanted.get("status", seen.status), now), **wanted}
    changes = differences(seen.editable(), {name: wanted[name] for name in EDITABLE if name in wanted})
    if not changes:
        return seen
    values: dict[str, Any] = {name: _as_stored(name, after) for name, (_, after) in changes.items()}
    if "status" in values:
        values |= _status_columns(seen, IssueStatus(values["status"]), now)._asdict()
    edit_issue(connection, seen, values, now=now)
    if "status" in changes:
        _tell_status(connection, seen, IssueStatus(changes.pop("status")[1]), actor=actor, now=now)
        if seen.status == IssueStatus.SPAM:
            resume_mails_of_issue(connection, seen.id, now=now)
    if "assignee" in changes:
        _tell_assignee(connection, seen, changes.pop("assignee")[1], actor=actor, now=now)
    if changes:
        add_event(connection, seen.id, "edited", actor=actor, now=now, details=changes)
    return replace(seen, **values, updated_at=now, version=seen.version + 1)


def merge_issue(connection: Connection, seen: IssueRow, into: int, *, actor: str, now: datetime) -> IssueRow:
    """Close an issue as a duplicate of another, which takes over its own duplicates, too.

    Its vendor's case goes with it where the other one has none. Returns the row as it is then. Raises
    Conflict if either has changed since it was read.
    """
    target = issue_row(connection, into)
    told: dict[str, str] = {}
    if target is not None and seen.vendor:
        told = {"case": CASE_KEPT if target.vendor else CASE_MOVED}
    values: dict[str, Any] = {**_status_columns(seen, IssueStatus.CLOSED, now)._asdict(), "merged_into": into}
    if told.get("case") == CASE_MOVED:
        values |= {name: _as_stored(name, "") for name in VENDOR_FIELDS}
    edit_issue(connection, seen, values, now=now)
    connection.execute(update(ISSUES).where(ISSUES.c.merged_into == seen.id).values(merged_into=into))
    add_event(connection, seen.id, MERGED, actor=actor, now=now, details={"into": into, **told})
    add_event(connection, into, DUPLICATE_ADDED, actor=actor, now=now, details={"issue": seen.id, **told})
    if target is not None and told.get("case") == CASE_MOVED:
        change_issue(connection, target, _case_of(seen), actor=actor, now=now)
    return replace(seen, **values, updated_at=now, version=seen.version + 1)


def unmerge_issue(  # noqa: PLR0913 (what it was and is, who and when)
    connection: Connection,
    before: IssueRow,
    after: IssueRow,
    followed: Sequence[int],
    *,
    actor: str,
    now: datetime,
) -> None:
    """Undo merge_issue(). `followed`: the duplicates that went with it.

    Raises Conflict if it has changed since, or somebody has changed the vendor's case that went with it.
    """
    if before.vendor and not after.vendor and after.merged_into is not None:
        holder = issue_row(connection, after.merged_into)
        if holder is None or _case_of(holder) != _case_of(before):
            raise conflict(f"issue {after.merged_into}")
        change_issue(connection, holder, dict.fromkeys(VENDOR_FIELDS, ""), actor=actor, now=now)
    change_issue(connection, after, before.editable(), actor=actor, now=now)
    these = ISSUES.c.id.in_(followed), ISSUES.c.merged_into == after.merged_into
    connection.execute(update(ISSUES).where(*these).values(merged_into=before.id))
    if after.merged_into is not None:
        told = {"issue": before.id}
        add_event(connection, after.merged_into, DUPLICATE_REMOVED, actor=actor, now=now, details=told)


def surviving(connection: Connection, issue_id: int) -> IssueRow | None:
    """Return the issue that is worked on where somebody follows this one; None where there is none."""
    row = issue_row(connection, issue_id)
    return row if row is None or row.merged_into is None else issue_row(connection, row.merged_into)


def duplicates_of(connection: Connection, issue_id: int) -> list[IssueRow]:
    """Return the issues that were merged into this one, by number."""
    query = select(*ISSUE_COLUMNS).where(ISSUES.c.merged_into == issue_id).order_by(ISSUES.c.id)
    return [IssueRow(*row) for row in connection.execute(query)]


def vendors_used(connection: Connection) -> list[str]:
    """Return the companies that were called before, the most usual first."""
    query = select(ISSUES.c.vendor).where(WITH_VENDOR).group_by(ISSUES.c.vendor)
    query = query.order_by(func.count().desc(), ISSUES.c.vendor).limit(_MOST_VENDORS)
    return list(connection.execute(query).scalars())


def issues_of_case(connection: Connection, number: str, most: int) -> list[IssueRow]:
    """Return the issues of a vendor's case number (in any letters, large or small), the newest first."""
    is_it = WITH_VENDOR, func.lower(ISSUES.c.vendor_case) == number.lower()
    query = select(*ISSUE_COLUMNS).where(*is_it).order_by(ISSUES.c.id.desc()).limit(most)
    return [IssueRow(*row) for row in connection.execute(query)]


def comment(  # noqa: PLR0913 (the columns of a row)
    connection: Connection,
    issue_id: int,
    text: str,
    *,
    actor: str,
    now: datetime,
    visibility: Visibility = Visibility.INTERNAL,
) -> int:
    """Add words to the timeline; return the event. Does not conflict with anybody's edit."""
    details = {"text": text}
    return add_event(
        connection, issue_id, "commented", actor=actor, now=now, details=details, visibility=visibility
    )


def edit_issue(
    connection: Connection, seen: IssueRow, values: Mapping[str, object], *, now: datetime
) -> None:
    """Write these columns of an issue. Raises Conflict where it has changed since it was read."""
    written = {**values, "updated_at": now}
    update_seen(connection, ISSUES, (seen.id, seen.version), written, f"issue {seen.id}")


def add_event(  # noqa: PLR0913 (the columns of a row)
    connection: Connection,
    issue_id: int,
    change: str,
    *,
    actor: str,
    now: datetime,
    details: Details | None = None,
    visibility: Visibility = Visibility.INTERNAL,
) -> int:
    """Add a line to the timeline, owed to the issue topic; return its id."""
    values = {
        "issue_id": issue_id,
        "at": now,
        "actor": actor,
        "change": change,
        "details": dict(details or {}),
        "visibility": visibility.value,
        "owed": True,
    }
    return int(connection.execute(insert(EVENTS).values(**values).returning(EVENTS.c.id)).scalar_one())


def issue_row(connection: Connection, issue_id: int) -> IssueRow | None:
    """Return an issue as `seen` for the commands above; None where there is none of that number."""
    row = connection.execute(select(*ISSUE_COLUMNS).where(ISSUES.c.id == issue_id)).one_or_none()
    return None if row is None else IssueRow(*row)


def hold_issues(connection: Connection, *issue_ids: int) -> dict[int, IssueRow]:
    """Return issues by number as they are, and have others wait to change them until the transaction ends.

    By number, so that of two who hold the same ones neither waits for the other in a circle.
    """
    query = select(*ISSUE_COLUMNS).where(ISSUES.c.id.in_(issue_ids)).order_by(ISSUES.c.id).with_for_update()
    return {row.id: row for row in (IssueRow(*found) for found in connection.execute(query))}


def issue_of_version(connection: Connection, issue_id: int, version: int | None) -> IssueRow:
    """Return an issue that still has that version; raise Conflict where it has not."""
    row = issue_row(connection, issue_id)
    if row is None or row.version != version:
        raise conflict(f"issue {issue_id}")
    return row


def _status_columns(seen: IssueRow, status: IssueStatus, now: datetime) -> _StatusColumns:
    if status == IssueStatus.SPAM:  # when it had ended otherwise stays known, for the undo
        return _StatusColumns(status.value, seen.resolved_at, seen.closed_at, seen.merged_into)
    kept = seen.resolved_at if status in ENDED else None
    resolved_at, closed_at = (
        (seen.resolved_at or now, seen.closed_at or now) if seen.status == IssueStatus.SPAM else (now, now)
    )
    return _StatusColumns(
        status=status.value,
        resolved_at=resolved_at if status == IssueStatus.RESOLVED else kept,
        closed_at=closed_at if status == IssueStatus.CLOSED else None,
        merged_into=seen.merged_into if status in ENDED else None,
    )


def _tell_status(
    connection: Connection, seen: IssueRow, status: IssueStatus, *, actor: str, now: datetime
) -> None:
    change = "reopened" if seen.status in ENDED and status not in ENDED else status.value
    if seen.status == IssueStatus.SPAM:
        change = NOT_SPAM
    details = {"from": seen.status, "to": status.value}
    add_event(connection, seen.id, change, actor=actor, now=now, details=details)


def _tell_assignee(
    connection: Connection, seen: IssueRow, assignee: str, *, actor: str, now: datetime
) -> None:
    details = {"from": seen.assignee, "to": assignee}
    add_event(connection, seen.id, "assigned", actor=actor, now=now, details=details)


def _case_of(row: IssueRow) -> IssueEdit:
    """Return what is noted of the vendor's case of an issue, as it is edited."""
    now = row.editable()
    return {name: now[name] for name in VENDOR_FIELDS}


def _visit_forgotten(seen: IssueRow, status: str, now: datetime) -> IssueEdit:
    """Return the edit that forgets a visit of the vendor that is over, where an ended issue is opened again.

    Its day has passed in UTC: one of today may still come.
    """
    is_over = seen.vendor_visit_on is not None and seen.vendor_visit_on < now.date()
    return {"vendor_visit_on": ""} if seen.status in ENDED and status not in ENDED and is_over else {}


def _as_text(value: str | date | None) -> str:
    return value.isoformat() if isinstance(value, date) else value or ""


def _as_stored(name: str, text: str) -> str | date | None:
    """Return a value of IssueRow.editable as its column takes it."""
    if name not in VENDOR_DAYS:
        return text
    return date.fromisoformat(text) if text else None
