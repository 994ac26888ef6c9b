"""`/labels`: sheets of labels to stick on printers, each with a code that leads to "report a problem"."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Final

import anyio.to_thread
from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from core.domain.permissions import Permission
from core.domain.places import is_inside
from core.domain.units import counted
from core.storage.core_tables import PRINTERS
from core.storage.database import reading
from dashboard.app_context import current_app
from dashboard.features.labels.formats import FORMATS, LabelFormat, usual_format
from dashboard.features.labels.sheets import Labelled, leads_nowhere, look_of, sheets
from dashboard.ui.templates import render
from dashboard.ui.theme import css_variables
from dashboard.web.answers import UNCACHED
from dashboard.web.html_pages import notice
from dashboard.web.sign_in.forms import viewer_of

_MOST: Final = 500
"""Labels at once; more than anybody sticks on in a day."""


async def label(request: Request) -> Response:
    """Return the label of one printer, whether it is read or not."""
    printer_id = request.path_params["printer_id"]
    return await _answer(request, [printer_id], "There is no such printer.")


async def labels(request: Request) -> Response:
    """Return the labels of all printers, of those in ?location=, or of those named by ?printer=."""
    return await _answer(request, request.query_params.getlist("printer"), "There are no printers there.")


async def _answer(request: Request, printer_ids: Sequence[str], nothing: str) -> Response:
    viewer_of(request).require(Permission.PRINT_LABELS)
    location = request.query_params.get("location", "")
    printers = await anyio.to_thread.run_sync(_read, printer_ids, location)
    if not printers:
        return HTMLResponse(notice(nothing), 404)
    chosen = _format(request)
    start = _start(request.query_params.get("start", ""), chosen)
    kept = [("printer", each) for each in printer_ids] or [("location", location)] * bool(location)
    page = await anyio.to_thread.run_sync(_page, printers, chosen, start, kept)
    return HTMLResponse(page, headers=UNCACHED)


def _read(printer_ids: Sequence[str], location: str) -> list[Labelled]:
    columns = PRINTERS.c
    query = select(columns.printer_id, columns.name, columns.location)
    wanted = columns.printer_id.in_(printer_ids) if printer_ids else columns.enabled
    query = query.where(wanted).order_by(columns.location, columns.name, columns.printer_id)
    with reading(current_app().engine) as connection:
        found: Iterable[Labelled] = (Labelled(*row) for row in connection.execute(query))
        inside = [each for each in found if printer_ids or is_inside(each.location, location)]
    return inside[:_MOST]


def _format(request: Request) -> LabelFormat:
    usual = usual_format(request.headers.get("accept-language", ""))
    return FORMATS.get(request.query_params.get("format", ""), usual)


def _start(asked: str, chosen: LabelFormat) -> int:
    """Return the position to begin at; the first one where what is asked for is none of the sheet's."""
    start = int(asked) if asked.isdecimal() and len(asked) <= 3 else 1  # noqa: PLR2004 (of forty at most)
    return start if 1 <= start <= chosen.per_sheet else 1


def _page(
    printers: Sequence[Labelled], chosen: LabelFormat, start: int, kept: Sequence[tuple[str, str]]
) -> str:
    settings = current_app().settings
    base = settings.dashboard.dashboard_url
    made = sheets(printers, base, chosen, start)
    most = f" (the first {_MOST})" if len(printers) == _MOST else ""
    place = next((value for name, value in kept if name == "location"), "")
    return render(
        "labels/sheets",
        theme=settings.organization.dashboard_theme,
        variables=css_variables(),
        many=f"{counted(len(printers), 'label')}{most} on {counted(len(made), 'sheet')}",
        place=place or ("" if kept else "All printers"),
        warned=leads_nowhere(base),
        base=base,
        kept=kept,
        papers=[(paper, list(group)) for paper, group in groupby(_BY_PAPER, lambda each: each.paper.name)],
        chosen=chosen,
        look=look_of(chosen),
        start=start,
        sheets=made,
        back=f"/printer?id={kept[0][1]}" if len(printers) == 1 and kept and not place else "/fleet",
    )


_BY_PAPER: Final = sorted(FORMATS.values(), key=lambda each: each.paper.name)

ROUTES: Final = (Route("/label/{printer_id}", label), Route("/labels", labels))
