"""Read the data of the summary in one transaction; nothing here decides what is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, false, func, null, or_, select

from core.domain.assets import ENDS_SOON, days_of
from core.domain.conditions import flag_sentence
from core.domain.outages import Extent, Group
from core.domain.parts import CatalogPart
from core.domain.purchase_list import DueSupply, InStock, OrderFilter, PurchaseFacts, PurchaseLine
from core.mails.endings import Ending, ending_together
from core.mails.windows import Window
from core.storage.core_tables import ATTENTION, ISSUES, PRINTERS, TRIAGE
from core.storage.fleet_states import FleetState, read_states
from core.storage.issues import ISSUE_COLUMNS, IssueRow
from core.storage.out_of_service import is_out_of_service, read_out_of_service
from core.storage.outages import HANGS_BELOW, outages_now
from core.storage.parts import read_catalog
from core.storage.purchase_list import due_supplies, overdue_orders, stock_of_parts
from core.storage.services import Heartbeat, read_services
from core.storage.stock import StockLine, low_shelves
from core.storage.tables import LIVING, IssueStatus


@dataclass(frozen=True)
class OpenFlag:
    """A flag that is up, and whether somebody has said that they know."""

    attention_id: int
    printer_id: str
    code: str
    subject: str
    severity: str
    message: str
    since_at: datetime
    quiet: bool
    """Acknowledged or snoozed, or of a printer out of service."""


@dataclass(frozen=True)
class NeededPart:
    """A part that supplies need soon or already, and what is there of it."""

    key: str
    """What tells it from other parts."""
    part: CatalogPart | None
    """None where nobody has stored it."""
    due: tuple[DueSupply, ...]
    """Which supplies need it, the most urgent first; at least one."""
    in_stock: InStock


@dataclass(frozen=True)
class Facts:
    """The fleet at the end of a window."""

    states: Mapping[str, FleetState]
    """Enabled printers by id."""
    flags: tuple[OpenFlag, ...]
    open_issues: tuple[IssueRow, ...]
    ended_issues: tuple[IssueRow, ...]
    """Resolved (or, where asked for, closed) in the window."""
    services: tuple[Heartbeat, ...]
    outages: Mapping[Group, Extent] = field(default_factory=dict)
    """Printers of one place or site that do not answer together."""
    parts: tuple[NeededPart, ...] = ()
    """What supplies need that are empty or run out soon, the most urgent first."""
    shelves: tuple[StockLine, ...] = ()
    """Those with less than their minimum, and those that somebody has to count."""
    overdue: tuple[PurchaseLine, ...] = ()
    """Orders that have not come by the day on which they were expected."""
    endings: tuple[Ending, ...] = ()
    """Warranties and contracts that end soon, the first first."""
    today: date = date.min
    """The day that it is where people read it."""

    @property
    def overdue_visits(self) -> list[IssueRow]:
        """Open issues to which the vendor was to come before today."""
        cases = ((issue, issue.with_vendor) for issue in self.open_issues)
        return [issue for issue, case in cases if case is not None and case.is_overdue(self.today)]


def read_facts(  # noqa: PLR0913 (what it depends on)
    connection: Connection,
    window: Window,
    now: datetime,
    zone: tzinfo,
    *,
    days: float,
    include_closed: bool = False,
) -> Facts:
    """Return all that a summary of that window says, with supplies that last at most `days`."""
    return Facts(
        parts=tuple(needed_parts(connection, days, now, zone)),
        states={state.printer_id: state for state in read_states(connection, now)},
        flags=tuple(open_flags(connection, now)),
        open_issues=tuple(
            _issues(connection, select(*ISSUE_COLUMNS).where(ISSUES.c.status.in_(LIVING), ~HANGS_BELOW))
        ),
        ended_issues=tuple(_ended(connection, window, include_closed)),
        services=tuple(read_services(connection, now)),
        outages=outages_now(connection, now),
        shelves=tuple(low_shelves(connection)),
        overdue=tuple(overdue_orders(connection, now, zone)),
        endings=tuple(endings_soon(connection, now.astimezone(zone).date())),
        today=now.astimezone(zone).date(),
    )


def is_new(connection: Connection) -> bool:
    """Return whether there is nothing to report on: neither printers nor issues."""
    return first_printer_at(connection) is None and (
        connection.execute(select(ISSUES.c.id).limit(1)).first() is None
    )


def first_printer_at(connection: Connection) -> datetime | None:
    """Return the time since which there is a printer to watch."""
    at: datetime | None = connection.execute(
        select(func.min(PRINTERS.c.created_at)).where(PRINTERS.c.enabled)
    ).scalar()
    return at


def is_quiet(now: datetime) -> ColumnElement[bool]:
    """Return the condition that nobody is to be told of a flag, on a row of attention with its triage.

    Somebody has acknowledged or snoozed it, or its printer is out of service.
    """
    return or_(
        TRIAGE.c.acknowledged_at.is_not(None),
        TRIAGE.c.snoozed_until > now,
        is_out_of_service(now, ATTENTION.c.printer_id),
    )


def open_flags(connection: Connection, now: datetime) -> list[OpenFlag]:
    """Return the flags of enabled printers that are up, the oldest first."""
    query = (
        select(
            *ATTENTION.c["id", "printer_id", "code", "subject"],
            *ATTENTION.c["severity", "message", "parameters", "since_at"],
            func.coalesce(is_quiet(now), false()).label("quiet"),
        )
        .join(PRINTERS, PRINTERS.c.printer_id == ATTENTION.c.printer_id)
        .outerjoin(TRIAGE, TRIAGE.c.attention_id == ATTENTION.c.id)
        .where(ATTENTION.c.cleared_at.is_(None), PRINTERS.c.enabled)
    )
    # Sorted here: for ORDER BY since_at, SQLite would walk the index of all flags that ever were.
    found = (
        OpenFlag(
            *row[:5], flag_sentence(row.code, row.parameters, row.message), row.since_at, bool(row.quiet)
        )
        for row in connection.execute(query)
    )
    return sorted(found, key=lambda flag: (flag.since_at, flag.attention_id))


def needed_parts(connection: Connection, days: float, now: datetime, zone: tzinfo) -> list[NeededPart]:
    """Return what supplies need that are empty or run out within so many days, the most urgent first.

    Not of printers out of service, which nobody is to walk to; the purchase list has them.
    """
    due = due_supplies(connection, OrderFilter(percent=0, days=int(days)), now)
    out = read_out_of_service(connection, now)
    wanted = tuple(one for one in due if (one.runs_out or one.is_empty) and one.printer_id not in out)
    if not wanted:
        return []
    catalog, stock = read_catalog(connection), stock_of_parts(connection)
    facts = PurchaseFacts(wanted, catalog, stock, (), now.astimezone(zone))
    found = [
        NeededPart(
            key=str(key),
            part=catalog.parts[key] if isinstance(key, int) else None,
            due=tuple(group),
            in_stock=stock.get(key, InStock()) if isinstance(key, int) else InStock(),
        )
        for key, group in facts.due_of_part.items()
    ]
    return sorted(found, key=lambda part: (part.due[0].urgency, part.key))


def endings_soon(connection: Connection, today: date) -> list[Ending]:
    """Return the warranties and contracts that end soon, also those of disabled printers."""
    days = days_of(ENDS_SOON, today)
    assert days is not None  # noqa: S101 (that code means days)
    columns = PRINTERS.c
    found: list[tuple[date, str | None, str, str]] = []
    for until, contract in (
        (columns.warranty_until, null()),
        (columns.contract_until, columns.contract),
    ):
        query = select(until, contract, columns.printer_id, columns.name).where(until.between(*days))
        found += ((row[0], row[1], row[2], row[3]) for row in connection.execute(query))
    return ending_together(found)


def _issues(connection: Connection, query: Select[*tuple[Any, ...]]) -> list[IssueRow]:
    return [IssueRow(*row) for row in connection.execute(query)]


def _ended(connection: Connection, window: Window, include_closed: bool) -> list[IssueRow]:
    resolved = and_(
        ISSUES.c.status == IssueStatus.RESOLVED,
        ISSUES.c.resolved_at > window.begins_at,
        ISSUES.c.resolved_at <= window.ends_at,
    )
    closed = and_(
        ISSUES.c.status == IssueStatus.CLOSED,
        ISSUES.c.closed_at > window.begins_at,
        ISSUES.c.closed_at <= window.ends_at,
    )
    query = select(*ISSUE_COLUMNS).where(
        or_(resolved, closed) if include_closed else resolved,
        ISSUES.c.parent_id.is_(None),  # the outage that it was a part of is named
    )
    return _issues(connection, query.order_by(ISSUES.c.updated_at.desc(), ISSUES.c.id))
