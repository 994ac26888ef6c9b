"""`/service-sheet/ID`: what a vendor is told of a printer, on paper; with `/text` for the vendor's form."""

from typing import Final
from urllib.parse import urlencode

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from core.domain.permissions import Permission
from core.runtime.wall_clock import utc_now
from core.storage.database import reading
from dashboard.app_context import current_app
from dashboard.features.printer.queries import read_printer
from dashboard.features.reports.periods import period
from dashboard.ui.templates import render
from dashboard.ui.theme import css_variables
from dashboard.viewer import Viewer
from dashboard.web.answers import UNCACHED
from dashboard.web.html_pages import notice
from dashboard.web.sign_in.forms import viewer_of

_NOWHERE: Final = "There is no such printer."


async def service_sheet(request: Request) -> Response:
    """Return the sheet as a page; with ?notes=no without the internal notes of issues."""
    return await _answer(request, as_text=False)


async def service_text(request: Request) -> Response:
    """Return the same as plain text."""
    return await _answer(request, as_text=True)


async def _answer(request: Request, *, as_text: bool) -> Response:
    viewer = viewer_of(request)
    viewer.require(Permission.WORK_ISSUES)
    viewer.require(Permission.SEE_ADDRESSES)
    printer_id, with_notes = request.path_params["printer_id"], request.query_params.get("notes") != "no"
    drawn = await anyio.to_thread.run_sync(_drawn, viewer, printer_id, with_notes, as_text)
    if drawn is None:
        return HTMLResponse(notice(_NOWHERE), 404)
    answer = PlainTextResponse if as_text else HTMLResponse
    return answer(drawn, headers=UNCACHED)


def _drawn(viewer: Viewer, printer_id: str, with_notes: bool, as_text: bool) -> str | None:
    """Return the sheet of a printer; None where there is none."""
    # Streamlit's caches want its server to be there first.
    from dashboard.features.service_sheet.queries import age_of, pages_in, serviced_issues
    from dashboard.features.service_sheet.sheet import DAYS, LATELY_DAYS, SheetInput, make_sheet
    from dashboard.features.service_sheet.text import sheet_text
    from dashboard.features.stoppages.hint import sheet_path
    from dashboard.features.stoppages.kept import scorecard_now
    from dashboard.features.stoppages.queries import printer_stoppages
    from dashboard.features.stoppages.rates import PER_PAGES, StopCount

    app_context, now = current_app(), utc_now()
    zone = app_context.settings.zone
    today = now.astimezone(zone).date()
    since, _ = period(f"{DAYS}d", today).moments(zone)
    with reading(app_context.engine) as connection:
        view = read_printer(connection, printer_id, viewer, now)
        if view is None:
            return None
        age = age_of(connection, app_context.series, printer_id, today)
        stoppages = printer_stoppages(connection, printer_id, since, now)
        issues = serviced_issues(connection, printer_id, since, with_notes=with_notes)
    last_weeks = period(f"{LATELY_DAYS}d", today)
    weeks_since, _ = last_weeks.moments(zone)
    lately = StopCount(
        sum(each.began_at >= weeks_since for each in stoppages),
        pages_in(app_context.series, printer_id, last_weeks),
    )
    card = scorecard_now(app_context, DAYS)
    given = SheetInput(view, age, card, lately, stoppages, issues)
    sheet = make_sheet(given, now, zone)
    if as_text:
        return sheet_text(sheet)
    organization = app_context.settings.organization
    return render(
        "service_sheet/sheet",
        theme=organization.dashboard_theme,
        variables=css_variables(),
        organization=organization.organization_name,
        text_path=f"{sheet_path(printer_id)}/text" + ("" if with_notes else "?notes=no"),
        with_notes=with_notes,
        back=f"/printer?{urlencode({'id': printer_id})}",
        sheet=sheet,
        days=DAYS,
        per_pages=PER_PAGES,
    )


ROUTES: Final = (
    Route("/service-sheet/{printer_id}/text", service_text, methods=["GET"]),
    Route("/service-sheet/{printer_id}", service_sheet, methods=["GET"]),
)
