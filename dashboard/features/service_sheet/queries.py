"""Read what the service sheet of a printer says beside its page: issues with what was tried, and its past."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, or_, select

from core.domain.vendor_cases import VendorCase
from core.storage.core_tables import EVENTS, ISSUES, PRINTERS
from core.storage.issues import VENDOR_FIELDS, vendor_case_of
from core.storage.tables import LIVING, IssueKind, IssueStatus, Visibility
from core.timeseries.pages import added
from core.timeseries.reader import SeriesReader, TimeSeriesUnavailable
from dashboard.features.reports.periods import Period

_MOST_ISSUES: Final = 6
_YEAR: Final = timedelta(days=365)


@dataclass(frozen=True)
class Tried:
    """What somebody who works on an issue wrote about it."""

    at: datetime
    text: str


@dataclass(frozen=True)
class ServicedIssue:
    """An issue with what was done about it."""

    issue_id: int
    title: str
    status: str
    opened_at: datetime
    ended_at: datetime | None
    tried: tuple[Tried, ...]
    vendor: VendorCase | None = None


def serviced_issues(
    connection: Connection, printer_id: str, since: datetime, *, with_notes: bool
) -> list[ServicedIssue]:
    """Return the newest issues that are not ended or are newer than `since`; those with a vendor all.

    Of the system's own those that somebody wrote about or gave to a vendor; not those of an earlier device,
    nor duplicates or spam. Without internal notes unless they are asked for.
    """
    columns = ISSUES.c
    query = (
        select(
            *(columns[name] for name in ("id", "kind", "title", "status", "opened_at")),
            *(columns.resolved_at, columns.closed_at),
            *(columns[name] for name in VENDOR_FIELDS),
        )
        .where(
            columns.printer_id == printer_id,
            ~columns.earlier_device,
            columns.merged_into.is_(None),
            columns.status != IssueStatus.SPAM,
            or_(columns.status.in_(LIVING), columns.opened_at >= since),
        )
        .order_by(columns.opened_at.desc(), columns.id.desc())
    )
    rows = connection.execute(query).all()
    tried = _tried(connection, [row.id for row in rows], with_notes=with_notes)
    found = [
        ServicedIssue(
            row.id,
            row.title,
            row.status,
            row.opened_at,
            row.resolved_at or row.closed_at,
            tuple(tried.get(row.id, ())),
            vendor_case_of(row),
        )
        for row in rows
        if row.kind == IssueKind.PERSON or row.id in tried or row.vendor
    ]
    listed = {each.issue_id for each in found[:_MOST_ISSUES]}
    return [each for each in found if each.issue_id in listed or each.vendor]


def _tried(
    connection: Connection, issue_ids: Sequence[int], *, with_notes: bool
) -> Mapping[int, list[Tried]]:
    """Return what was written about issues by those who work on them, oldest first."""
    readers = [Visibility.PUBLIC, *([Visibility.INTERNAL] if with_notes else [])]
    query = (
        select(EVENTS.c.issue_id, EVENTS.c.at, EVENTS.c.details)
        .where(
            EVENTS.c.issue_id.in_(issue_ids),
            EVENTS.c.change == "commented",
            EVENTS.c.visibility.in_(readers),
        )
        .order_by(EVENTS.c.at, EVENTS.c.id)
    )
    found: dict[int, list[Tried]] = defaultdict(list)
    for issue_id, at, details in connection.execute(query):
        if text := str(details.get("text") or "").strip():
            found[issue_id].append(Tried(at, text))
    return found


def pages_in(series: SeriesReader, printer_id: str, chosen: Period) -> int | None:
    """Return the pages of one printer in a period; None where nobody knows."""
    pages: int | None = None
    try:
        for each in series.days(chosen.since, chosen.until, [printer_id]):
            pages = added(pages, each.pages)
    except TimeSeriesUnavailable:
        return None
    return pages


@dataclass(frozen=True)
class Age:
    """Since when a printer is known."""

    since: date
    """The day it was added, or of its first reading in a year."""
    device_since: date | None = None
    """The first day of the device that answers now, where another one did before."""


def age_of(connection: Connection, series: SeriesReader, printer_id: str, today: date) -> Age:
    """Return since when a printer and its device are known; a time series that is away tells nothing."""
    query = select(PRINTERS.c.created_at).where(PRINTERS.c.printer_id == printer_id)
    since: date = connection.execute(query).scalar_one().date()
    try:
        days = list(series.days(today - _YEAR, today + timedelta(days=1), [printer_id]))
    except TimeSeriesUnavailable:
        return Age(since)
    if not days:
        return Age(since)
    newest = max(day.device for day in days)
    first = min(day.day for day in days if day.device == newest)
    return Age(min(since, days[0].day), first if any(day.device != newest for day in days) else None)
