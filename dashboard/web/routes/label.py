"""Labels to print and stick on printers: name, place, and a code that leads to "report a problem"."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final
from urllib.parse import quote

import anyio.to_thread
import segno
from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from core.domain.permissions import Permission
from core.domain.places import is_inside
from core.storage.core_tables import PRINTERS
from core.storage.database import reading
from dashboard.app_context import current_app
from dashboard.ui.templates import render
from dashboard.viewer import Forbidden
from dashboard.web.gate.access_log import record_refused_right
from dashboard.web.html_pages import notice
from dashboard.web.sign_in.forms import viewer_of

_MOST: Final = 500
"""Labels of one sheet; more than anybody sticks on in a day."""


@dataclass(frozen=True)
class _Label:
    name: str
    location: str
    url: str
    code: str
    """The QR code of the address, as SVG."""


async def label(request: Request) -> Response:
    """Return the label of one printer."""
    wanted = PRINTERS.c.printer_id == request.path_params["printer_id"]
    return await _answer(request, wanted, "There is no such printer.")


async def labels(request: Request) -> Response:
    """Return the labels of all printers, or of those in ?location= and whatever lies in it."""
    place = request.query_params.get("location", "")
    return await _answer(request, PRINTERS.c.enabled, "There are no printers there.", place)


async def _answer(request: Request, wanted: Any, nothing: str, place: str = "") -> Response:
    try:
        viewer_of(request).require(Permission.PRINT_LABELS)
    except Forbidden as error:
        now = datetime.now(UTC)
        await anyio.to_thread.run_sync(
            lambda: record_refused_right(current_app().engine, viewer_of(request), request.url.path, now=now)
        )
        return HTMLResponse(notice(str(error)), 403)
    printers = await anyio.to_thread.run_sync(_read, wanted, place)
    if not printers:
        return HTMLResponse(notice(nothing), 404)
    base = current_app().settings.dashboard.dashboard_url
    return HTMLResponse(_page(printers, base), headers={"cache-control": "no-store"})


def _read(wanted: Any, place: str) -> Sequence[Any]:
    query = (
        select(PRINTERS.c.printer_id, PRINTERS.c.name, PRINTERS.c.location)
        .where(wanted)
        .order_by(PRINTERS.c.location, PRINTERS.c.name, PRINTERS.c.printer_id)
    )
    with reading(current_app().engine) as connection:
        rows = connection.execute(query)
        return list(islice((row for row in rows if is_inside(row.location, place)), _MOST))


def report_url(base: str, printer_id: str) -> str:
    """Return where the code of a label leads."""
    return f"{base.strip().rstrip('/')}/report?printer={quote(printer_id, safe='')}"


def _page(printers: Sequence[Any], base: str) -> str:
    many = "One label" if len(printers) == 1 else f"{len(printers)} labels"
    most = f" (the first {_MOST})" if len(printers) == _MOST else ""
    return render("web/labels", many=f"{many}{most}", labels=[_label(row, base) for row in printers])


def _label(row: Any, base: str) -> _Label:
    url = report_url(base, row.printer_id)
    # Error correction "m": a label is scratched and greasy sooner or later.
    code = segno.make(url, error="m", micro=False).svg_inline(scale=4, border=0, omitsize=True)
    return _Label(row.name or row.printer_id, row.location, url, code)


ROUTES: Final = (Route("/label/{printer_id}", label), Route("/labels", labels))
