"""One issue: its row, its timeline, what its printer says now, and what others did since it was read."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select

from core.domain.assets import Asset
from core.domain.conditions import flag_sentence
from core.domain.wording import ISSUE_STATUSES
from core.storage.audit import Details
from core.storage.core_tables import ATTENTION, EVENTS, PRINTERS, SNAPSHOTS
from core.storage.inventory import read_assets
from core.storage.issues import EDITABLE, MERGED, NOT_SPAM, IssueRow, duplicates_of, issue_row
from core.storage.tables import LIVING, Visibility
from dashboard.features.issues.outage_queries import (
    OutageMember,
    OutageRef,
    is_outage,
    outage_members,
    outage_of,
)
from dashboard.features.issues.queries import IssueFilter, IssueLine, issue_lines
from dashboard.features.photos.store import photos_by_event
from dashboard.public_state import public_details, public_issue, public_sentence

_EDITS: Final = (*ISSUE_STATUSES, "reopened", "assigned", "edited", MERGED, NOT_SPAM)
"""Events that change the row; what is only said changes nothing."""


@dataclass(frozen=True)
class Event:
    """A line of the timeline."""

    at: datetime
    actor: str
    change: str
    details: Details
    visibility: Visibility = Visibility.INTERNAL
    photos: tuple[int, ...] = ()
    """The numbers of its photos."""


@dataclass(frozen=True)
class PrinterNow:
    """The present state of the issue's printer."""

    printer_id: str
    name: str
    location: str
    state: str | None
    """None where it was never read."""
    flags: tuple[tuple[str, str], ...]
    """Severity and words of its open flags."""
    reports_fault: bool
    """Whether the flag the issue is about is there still."""
    asset: Asset
    """Empty for who does not see addresses."""


@dataclass(frozen=True)
class IssueView:
    """Everything that the page of an issue shows."""

    row: IssueRow
    events: tuple[Event, ...]
    printer: PrinterNow | None
    """None where it is not in the inventory any more."""
    others: tuple[IssueLine, ...]
    """Other issues of this printer that are still to be done."""
    outage: OutageRef | None = None
    """The outage that it is a part of."""
    members: tuple[OutageMember, ...] = ()
    """What is a part of it, where it is an outage."""
    merged_into: IssueRow | None = None
    """The issue that it is a duplicate of."""
    duplicates: tuple[IssueRow, ...] = ()
    """The issues that are duplicates of it."""

    @property
    def by_nobody(self) -> bool:
        """Whether somebody without an account has reported it."""
        return any(event.change == "opened" and not event.actor for event in self.events)


@dataclass(frozen=True)
class OthersIssue:
    """Changes that others have made to an issue since it was read."""

    row: IssueRow
    """As it is now."""
    changes: Mapping[str, tuple[str, str]]
    """Before and after, of what can be edited."""
    actors: tuple[str, ...]


def view(connection: Connection, issue_id: int, *, sees_addresses: bool) -> IssueView | None:
    """Return the issue of that number as this viewer may read it; None where there is none."""
    row = _row(connection, issue_id, sees_addresses=sees_addresses)
    if row is None:
        return None
    same_printer = IssueFilter(LIVING, printer_id=row.printer_id, sees_addresses=sees_addresses)
    found = issue_lines(connection, same_printer, limit=10) if row.printer_id else []
    others = (line for line in found if line.issue_id != issue_id)
    return IssueView(
        row,
        _events(connection, issue_id, sees_addresses=sees_addresses),
        _printer(connection, row, sees_addresses=sees_addresses),
        tuple(others),
        outage_of(connection, row),
        outage_members(connection, issue_id) if is_outage(row) else (),
        _row(connection, row.merged_into or 0, sees_addresses=sees_addresses),
        tuple(duplicates_of(connection, issue_id)),
    )


def _row(connection: Connection, issue_id: int, *, sees_addresses: bool) -> IssueRow | None:
    row = issue_row(connection, issue_id)
    return row if row is None or sees_addresses else public_issue(row)


def theirs(connection: Connection, seen: IssueRow, *, sees_addresses: bool) -> OthersIssue | None:
    """Return what has changed since the row was `seen`; None where nothing has."""
    row = _row(connection, seen.id, sees_addresses=sees_addresses)
    if row is None or row.version == seen.version:
        return None
    before, after = seen.editable(), row.editable()
    changes = {name: (before[name], after[name]) for name in EDITABLE if after[name] != before[name]}
    since = select(EVENTS.c.actor).where(
        EVENTS.c.issue_id == seen.id, EVENTS.c.at > seen.updated_at, EVENTS.c.change.in_(_EDITS)
    )
    actors = dict.fromkeys(connection.execute(since.order_by(EVENTS.c.id)).scalars())
    return OthersIssue(row, changes, tuple(actors))


def _events(connection: Connection, issue_id: int, *, sees_addresses: bool) -> tuple[Event, ...]:
    statement = (
        select(
            EVENTS.c.id, EVENTS.c.at, EVENTS.c.actor, EVENTS.c.change, EVENTS.c.details, EVENTS.c.visibility
        )
        .where(EVENTS.c.issue_id == issue_id)
        .order_by(EVENTS.c.at, EVENTS.c.id)
    )
    photos = photos_by_event(connection, issue_id)
    events = (
        Event(at, actor, change, details, Visibility(visibility), photos.get(event_id, ()))
        for event_id, at, actor, change, details, visibility in connection.execute(statement)
    )
    if sees_addresses:
        return tuple(events)
    return tuple(replace(event, details=public_details(event.details)) for event in events)


def _printer(connection: Connection, issue: IssueRow, *, sees_addresses: bool) -> PrinterNow | None:
    statement = (
        select(PRINTERS.c.name, PRINTERS.c.location, SNAPSHOTS.c.state)
        .select_from(PRINTERS.outerjoin(SNAPSHOTS, SNAPSHOTS.c.printer_id == PRINTERS.c.printer_id))
        .where(PRINTERS.c.printer_id == issue.printer_id)
    )
    row = connection.execute(statement).mappings().first()
    if row is None:
        return None
    alive = select(ATTENTION).where(
        ATTENTION.c.printer_id == issue.printer_id, ATTENTION.c.cleared_at.is_(None)
    )
    flags = connection.execute(alive.order_by(ATTENTION.c.since_at)).all()
    about = (issue.attention_code, issue.attention_subject)
    return PrinterNow(
        printer_id=issue.printer_id,
        name=row["name"],
        location=row["location"],
        state=row["state"],
        flags=tuple(
            (flag.severity, _sentence(flag.code, flag.parameters, flag.message, public=not sees_addresses))
            for flag in flags
        ),
        reports_fault=any((flag.code, flag.subject) == about for flag in flags),
        asset=(read_assets(connection, [issue.printer_id]) if sees_addresses else {}).get(
            issue.printer_id, Asset()
        ),
    )


def _sentence(code: str, parameters: Mapping[str, str] | None, message: str, *, public: bool) -> str:
    said = flag_sentence(code, parameters, message)
    return public_sentence(code, said) if public else said
