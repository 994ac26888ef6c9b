"""The JSON routes for other programs, `/api/v1`: the same rights as on the pages, by session or API token."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Body, Depends, HTTPException, Path, Query, Request
from pydantic import AwareDatetime
from sqlalchemy import Connection

from core.domain.links import Links
from core.domain.permissions import Permission
from core.domain.wording import CATEGORIES, ISSUE_STATUSES, PRIORITIES
from core.runtime.wall_clock import utc_now
from core.storage.announcements import about_place, shown_announcements
from core.storage.database import reading
from core.storage.inventory import read_assets
from core.storage.page_prices import read_prices
from core.storage.parts import part_prices, read_catalog
from core.storage.purchase_list import purchase_list
from core.storage.stock import stock_lines
from core.storage.tables import IssueStatus
from dashboard.actor import Actor
from dashboard.api import answers, models
from dashboard.app_context import AppContext, current_app
from dashboard.features.fleet.queries import ORDERS, FleetFilter
from dashboard.features.issues.issue_queries import view as read_issue
from dashboard.features.issues.queries import (
    AT_VENDOR,
    VISIT_OVERDUE,
    IssueFilter,
    count_by_status,
    issue_lines,
)
from dashboard.features.printer.queries import read_printer
from dashboard.features.report import actions as report_actions
from dashboard.features.reports.cartridge_queries import ledger
from dashboard.features.reports.cartridges import LedgerFilter
from dashboard.features.reports.charges import charges
from dashboard.features.reports.periods import NAMED, Period, days_between
from dashboard.features.reports.periods import period as period_of
from dashboard.features.reports.queries import known_printers
from dashboard.ui.wording import HEALTH, STATE_LOOKS
from dashboard.viewer import Viewer

_BIGGEST_ID: Final = 2**31 - 1

_Responses = dict[int | str, dict[str, Any]]


def _problem(status: int, when: str) -> _Responses:
    return {status: {"model": models.Problem, "description": when}}


_UNCLEAR: Final = _problem(
    400,
    "The request cannot be understood: a host name that is not one of ALLOWED_HOSTS, a header twice, "
    "a body that is no text.",
)
_REFUSED: Final = _problem(401, "Sign in first, or send an API token.")
_FORBIDDEN: Final = _problem(
    403, "The role does not reach for that, a new password is to be chosen first, or another site asks."
)
_MISSING: Final = _problem(404, "There is none of that name; or the address has a character that cannot be.")
_SLOW: Final = _problem(408, "The body did not come in time.")
_LARGE: Final = _problem(413, "The body is larger than 256 KiB.")
_WRONG: Final = _problem(422, "A value cannot be used; which, and why.")
_SLOWLY: Final = _problem(429, "Too many reports; Retry-After says when.")
_AWAY: Final = _problem(503, "The database or the time series cannot be reached just now.")

router = APIRouter(
    responses={**_UNCLEAR, **_REFUSED, **_FORBIDDEN, **_MISSING, **_SLOW, **_LARGE, **_WRONG, **_AWAY}
)
"""The gate (dashboard/web/gate/gate.py) and the body's reading give these on every route."""


def _viewer(request: Request) -> Viewer:
    viewer: Viewer = request.state.viewer
    return viewer


def _who_may(permission: Permission) -> Any:
    """Depend on a viewer who has that permission; anybody else is answered with 403."""

    def permitted(viewer: Annotated[Viewer, Depends(_viewer)]) -> Viewer:
        viewer.require(permission)
        return viewer

    return Depends(permitted)


def _connection() -> Iterator[Connection]:
    with reading(current_app().engine) as connection:
        yield connection


def _links() -> Links:
    return current_app().settings.links()


_SeesPrinters = Annotated[Viewer, _who_may(Permission.SEE_PRINTERS)]
_WorksIssues = Annotated[Viewer, _who_may(Permission.WORK_ISSUES)]
_UsesStock = Annotated[Viewer, _who_may(Permission.USE_STOCK)]
_Reports = Annotated[Viewer, _who_may(Permission.REPORT_PROBLEMS)]
_SeesReports = Annotated[Viewer, _who_may(Permission.SEE_REPORTS)]
_Reading = Annotated[Connection, Depends(_connection)]
_Linking = Annotated[Links, Depends(_links)]
_Wired = Annotated[AppContext, Depends(current_app)]
_Text = Annotated[str, Query(max_length=200)]
_Limit = Annotated[int, Query(ge=1, le=models.MOST_LINES)]
_Offset = Annotated[int, Query(ge=0, le=models.MOST_OFFSET)]


def _one_of(known: tuple[str, ...]) -> object:
    """A query parameter that may be given several times, each time with one of the known words."""
    return Query(json_schema_extra={"items": {"type": "string", "enum": list(known)}})


def _check(name: str, given: tuple[str, ...], known: tuple[str, ...]) -> tuple[str, ...]:
    for value in given:
        if value not in known:
            raise HTTPException(422, f"{name}: {value[:40]!r} is not known; one of {', '.join(known)}.")
    return given


_HEALTHS: Final = tuple(HEALTH)
_STATES: Final = tuple(STATE_LOOKS)
_STATUSES: Final = tuple(ISSUE_STATUSES)
_UNASKED_STATUSES: Final = tuple(status for status in _STATUSES if status != IssueStatus.SPAM)
"""Spam is listed for who asks for it alone."""
_PRIORITIES: Final = tuple(PRIORITIES)
_CATEGORIES: Final = tuple(CATEGORIES)
_VENDORS: Final = ("", AT_VENDOR, VISIT_OVERDUE)


class FleetQuery:
    """Filter and order of the printers."""

    def __init__(  # noqa: PLR0913, PLR0917 (the parameters of the route)
        self,
        text: _Text = "",
        location: _Text = "",
        model: _Text = "",
        firmware: _Text = "",
        health: Annotated[tuple[str, ...], _one_of(_HEALTHS)] = (),
        state: Annotated[tuple[str, ...], _one_of(_STATES)] = (),
        order: Annotated[str, Query(json_schema_extra={"enum": list(ORDERS)})] = "worst",
    ) -> None:
        self.wanted = FleetFilter(
            words=text,
            health=_check("health", health, _HEALTHS),
            states=_check("state", state, _STATES),
            location=location,
            model=model,
            firmware=firmware,
            order=_check("order", (order,), tuple(ORDERS))[0],
        )


class IssueQuery:
    """Filter of the issues."""

    def __init__(  # noqa: PLR0913, PLR0917 (the parameters of the route)
        self,
        status: Annotated[tuple[str, ...], _one_of(_STATUSES)] = (),
        priority: Annotated[tuple[str, ...], _one_of(_PRIORITIES)] = (),
        category: Annotated[tuple[str, ...], _one_of(_CATEGORIES)] = (),
        assignee: Annotated[str | None, Query(max_length=64)] = None,
        printer_id: Annotated[str, Query(max_length=64)] = "",
        vendor: Annotated[str, Query(json_schema_extra={"enum": list(_VENDORS)})] = "",
        text: _Text = "",
    ) -> None:
        self.wanted = IssueFilter(
            statuses=_check("status", status, _STATUSES) or _UNASKED_STATUSES,
            priorities=_check("priority", priority, _PRIORITIES),
            categories=_check("category", category, _CATEGORIES),
            assignee=assignee,
            printer_id=printer_id,
            vendor=_check("vendor", (vendor,), _VENDORS)[0],
            text=text,
        )


@router.get("/printers", summary="The fleet, filtered")
def printers(  # noqa: PLR0913, PLR0917 (what it depends on)
    query: Annotated[FleetQuery, Depends()],
    viewer: _SeesPrinters,
    connection: _Reading,
    app_context: _Wired,
    links: _Linking,
    limit: _Limit = 100,
    offset: _Offset = 0,
) -> models.PrinterLines:
    """List enabled printers, worst first unless asked otherwise; a few seconds old at most."""
    # Streamlit's caches want its server to be there first.
    from dashboard.features.shared.cached import the_fleet

    rows = the_fleet(app_context).find(query.wanted, viewer.sees_addresses).rows
    listed, sees = rows[offset : offset + limit], viewer.sees_addresses
    assets = read_assets(connection, [row.printer_id for row in listed]) if sees else {}
    lines = [
        answers.printer_line(row, assets.get(row.printer_id), links, sees_addresses=sees) for row in listed
    ]
    return models.PrinterLines(total=len(rows), printers=lines)


@router.get("/printers/{printer_id}", summary="One printer")
def printer(
    printer_id: Annotated[str, Path(max_length=64)],
    viewer: _SeesPrinters,
    connection: _Reading,
    links: _Linking,
) -> models.PrinterAnswer:
    """Its state as judged from the newest reading, its supplies with forecasts, its open issues."""
    found = read_printer(connection, printer_id, viewer, utc_now())
    if found is None:
        raise HTTPException(404, "There is no printer of that id.")
    return answers.printer_answer(found, links, sees_addresses=viewer.sees_addresses)


@router.get("/issues", summary="Issues, filtered")
def issues(  # noqa: PLR0913, PLR0917 (what it depends on)
    query: Annotated[IssueQuery, Depends()],
    viewer: _WorksIssues,
    connection: _Reading,
    app_context: _Wired,
    links: _Linking,
    limit: _Limit = 100,
    offset: _Offset = 0,
) -> models.IssueLines:
    """List issues by status, the most urgent first; those whose visit is overdue lead. For technicians.

    Without a `status` all but spam.
    """
    today = utc_now().astimezone(app_context.settings.zone).date()
    wanted = replace(query.wanted, today=today, sees_addresses=viewer.sees_addresses)
    lines = issue_lines(connection, wanted, limit=limit, offset=offset)
    counts = count_by_status(connection, wanted)
    total = sum(counts[status] for status in wanted.statuses)
    return models.IssueLines(total=total, issues=[answers.issue_answer(line.seen, links) for line in lines])


@router.get("/issues/{number}", summary="One issue with its timeline")
def issue(
    number: Annotated[int, Path(ge=1, le=_BIGGEST_ID)],
    viewer: _WorksIssues,
    connection: _Reading,
    links: _Linking,
) -> models.IssueWithEvents:
    """Who did what, oldest first. For technicians."""
    found = read_issue(connection, number, sees_addresses=viewer.sees_addresses)
    if found is None:
        raise HTTPException(404, "There is no issue of that number.")
    return answers.issue_with_events(found, links)


@router.get("/announcements", summary="What is announced now")
def announcements(
    _viewer: _SeesPrinters, connection: _Reading, location: _Text = ""
) -> models.AnnouncementAnswers:
    """What everybody is told now: about a location, or about any."""
    found = shown_announcements(connection, utc_now())
    wanted = about_place(found, location) if location else found
    return models.AnnouncementAnswers(announcements=[answers.announcement_answer(one) for one in wanted])


@router.get("/purchase-list", summary="What is to be ordered, and what is")
def purchases(viewer: _UsesStock, connection: _Reading, app_context: _Wired) -> models.PurchaseAnswers:
    """What printers need that is neither in stock nor ordered, and what people have ordered."""
    settings = app_context.settings
    lines = purchase_list(connection, settings.order_filter, utc_now(), settings.zone)
    found = [answers.purchase_answer(line) for line in lines]
    return models.PurchaseAnswers(currency=settings.orders.currency, lines=found)


@router.get("/stock", summary="What lies in the store rooms")
def stock(viewer: _UsesStock, connection: _Reading) -> models.StockAnswer:
    """Every shelf with its minimum, and when it was counted by whom."""
    catalog = read_catalog(connection)
    found = [answers.shelf_answer(line, catalog) for line in stock_lines(connection)]
    return models.StockAnswer(shelves=found)


@router.get("/supply-events", summary="Replacements of supplies, filtered")
def supply_events(  # noqa: PLR0913, PLR0917 (the parameters of the route)
    _viewer: _SeesReports,
    connection: _Reading,
    place: _Text = "",
    model: _Text = "",
    part: _Text = "",
    printer_id: Annotated[str, Query(max_length=64)] = "",
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
    limit: _Limit = 100,
    offset: _Offset = 0,
) -> models.SupplyEventLines:
    """The cartridge ledger of two years, the newest first. For managers."""
    wanted = LedgerFilter(place, model, part, printer_id, since, until)
    found = ledger(connection, utc_now(), part_prices(connection))
    lines = [line for line in found if wanted.takes(line)]
    shown = [answers.supply_event_answer(line) for line in lines[offset : offset + limit]]
    return models.SupplyEventLines(total=len(lines), events=shown)


_AskedReport = Annotated[models.ReportQuery, Query()]
_AskedUsage = Annotated[models.UsageQuery, Query()]


def _period(asked: models.ReportQuery, zone: ZoneInfo) -> Period:
    """Return the days that are asked for. Raises UserError."""
    today = utc_now().astimezone(zone).date()
    named = period_of(_check("period", (asked.period,), NAMED)[0], today)
    if asked.since is None and asked.until is None:
        return named
    return days_between(asked.since, asked.until, today)


@router.get("/stops", summary="How often printers stopped, the worst first")
def stops(
    _viewer: _SeesReports, app_context: _Wired, links: _Linking, asked: _AskedReport
) -> models.StopsLines:
    """List printers that stopped until somebody came, as Reports > Problems does. For managers.

    In a named period, or in the days from `since` to the day before `until` (or to today); some minutes old,
    as the page.
    """
    # Streamlit's caches want its server to be there first.
    from dashboard.features.stoppages.kept import period_scorecard

    chosen = _period(asked, app_context.settings.zone)
    card = period_scorecard(app_context, chosen)
    with reading(app_context.engine) as connection:
        known = known_printers(connection)
    found = [answers.stops_answer(score, card, known, links) for score in card.worst_first()]
    lines = [line for line in found if asked.takes(line)]
    return models.StopsLines(
        since=chosen.since,
        until=chosen.until,
        days=chosen.days,
        stops=card.fleet.stops,
        pages=card.fleet.pages,
        per_10000_pages=card.fleet.rate,
        median_per_10000_pages=card.median,
        total=len(lines),
        printers=lines[asked.offset : asked.offset + asked.limit],
    )


@router.get("/usage", summary="Pages, their charges, and availability of printers, most pages first")
def usage(
    _viewer: _SeesReports, app_context: _Wired, links: _Linking, asked: _AskedUsage
) -> models.UsageLines:
    """List what printers printed, what it costs and how often they answered, as Reports does. For managers.

    In a named period, or in the days from `since` to the day before `until` (or to today), which are days of
    UTC; some minutes old, as the page.
    """
    # Streamlit's caches want its server to be there first.
    from dashboard.features.reports.kept import period_usage

    chosen = _period(asked, app_context.settings.zone)
    whole = period_usage(app_context, chosen)
    with reading(app_context.engine) as connection:
        owed = charges(whole, read_prices(connection))
    found = (line for line in answers.usage_answers(whole, owed, links) if asked.takes(line))
    lines = [line for line in found if asked.cost_center in ("", line.cost_center)]
    return models.UsageLines(
        since=chosen.since,
        until=chosen.until,
        days=chosen.days,
        pages=whole.pages,
        availability=whole.availability,
        observed=whole.observed,
        currency=app_context.settings.orders.currency,
        charge=owed.whole.amount,
        unpriced_pages=owed.whole.unpriced,
        cost_centers=[answers.cost_center_answer(row) for row in owed.centers],
        total=len(lines),
        printers=lines[asked.offset : asked.offset + asked.limit],
    )


@router.post(
    "/issues",
    summary="Report a problem",
    status_code=201,
    responses=_SLOWLY,
)
def file_issue(
    report: Annotated[models.NewReport, Body()],
    request: Request,
    viewer: _Reports,
    app_context: _Wired,
    links: _Linking,
) -> models.Filed:
    """Open an issue, as the page `Report a problem` does."""
    filed = report_actions.file_report(
        Actor(app_context.engine, viewer, utc_now()),
        app_context.settings,
        report_actions.ProblemReport(**report.model_dump()),
        address=request.state.outside.throttle_address,
    )
    return models.Filed(number=filed.number, link=links.follow(filed.number))
