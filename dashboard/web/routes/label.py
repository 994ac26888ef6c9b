"""Labels to print and stick on printers: name, place, and a code that leads to "report a problem"."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote

import anyio.to_thread
import segno
from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from core.storage.core_tables import PRINTERS
from core.storage.database import reading
from dashboard.app_context import current_app
from dashboard.ui.text import in_html
from dashboard.viewer import Forbidden, Rank
from dashboard.web.gate.access_log import record_refused_right
from dashboard.web.html_pages import notice
from dashboard.web.sign_in.forms import viewer_of

_MOST: Final = 500
"""Labels of one sheet; more than anybody sticks on in a day."""

_STYLE: Final = """
@page{margin:10mm}
*{box-sizing:border-box}
body{margin:0;padding:1rem;background:#fff;color:#000;font:11pt/1.35 "Source Sans",system-ui,sans-serif}
.bar{margin:0 0 1rem}
.sheet{display:flex;flex-wrap:wrap;gap:4mm}
.label{width:90mm;height:45mm;padding:3mm;display:flex;gap:3mm;align-items:center;border:1px dashed #888;
border-radius:2mm;break-inside:avoid;overflow:hidden}
.label svg{flex:none;width:36mm;height:36mm}
.label h2{font-size:12pt;line-height:1.2;margin:0 0 1mm;overflow-wrap:anywhere;max-height:3.6em;
overflow:hidden}
.label p{margin:0 0 1.5mm;font-size:9pt;overflow-wrap:anywhere;max-height:2.7em;overflow:hidden}
.label .do{font-weight:600;max-height:none}
.label .id{font-size:7pt;color:#444;margin:0}
@media print{.bar{display:none}body{padding:0}}
"""


async def label(request: Request) -> Response:
    """The label of one printer."""
    wanted = PRINTERS.c.printer_id == request.path_params["printer_id"]
    return await _answer(request, wanted, "There is no such printer.")


async def labels(request: Request) -> Response:
    """The labels of all printers, or of those in ?location=."""
    location = request.query_params.get("location", "")
    wanted: Any = PRINTERS.c.enabled
    if location:
        wanted = wanted & (PRINTERS.c.location == location)
    return await _answer(request, wanted, "There are no printers there.")


async def _answer(request: Request, wanted: Any, nothing: str) -> Response:
    try:
        viewer_of(request).require(Rank.TECHNICIAN)
    except Forbidden as error:
        now = datetime.now(UTC)
        await anyio.to_thread.run_sync(
            lambda: record_refused_right(current_app().engine, viewer_of(request), request.url.path, now=now)
        )
        return HTMLResponse(notice(str(error)), 403)
    printers = await anyio.to_thread.run_sync(_read, wanted)
    if not printers:
        return HTMLResponse(notice(nothing), 404)
    base = current_app().settings.dashboard.dashboard_url
    return HTMLResponse(_page(printers, base), headers={"cache-control": "no-store"})


def _read(wanted: Any) -> Sequence[Any]:
    query = (
        select(PRINTERS.c.printer_id, PRINTERS.c.name, PRINTERS.c.location)
        .where(wanted)
        .order_by(PRINTERS.c.location, PRINTERS.c.name, PRINTERS.c.printer_id)
        .limit(_MOST)
    )
    with reading(current_app().engine) as connection:
        return connection.execute(query).all()


def report_url(base: str, printer_id: str) -> str:
    """Where the code of a label leads."""
    return f"{base.strip().rstrip('/')}/report?printer={quote(printer_id, safe='')}"


def _page(printers: Sequence[Any], base: str) -> str:
    drawn = "".join(_label(row, report_url(base, row.printer_id)) for row in printers)
    many = "One label" if len(printers) == 1 else f"{len(printers)} labels"
    most = f" (the first {_MOST})" if len(printers) == _MOST else ""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><title>Labels</title>'
        f'<style>{_STYLE}</style></head><body><main><p class="bar">{many}{most} of 90 × 45 mm. Print this '
        'page at 100 % and cut along the lines. <a href="/fleet">Back to the printers</a></p>'
        f'<div class="sheet">{drawn}</div></main></body></html>'
    )


def _label(row: Any, url: str) -> str:
    # Error correction "m": a label is scratched and greasy sooner or later.
    code = segno.make(url, error="m", micro=False).svg_inline(scale=4, border=0, omitsize=True)
    return (
        f'<section class="label"><div role="img" aria-label="QR code to report a problem">{code}</div>'
        f"<div><h2>{in_html(row.name or row.printer_id, 80)}</h2><p>{in_html(row.location, 80)}</p>"
        f'<p class="do">Something wrong? Scan this.</p><p class="id">{in_html(url, 200)}</p></div></section>'
    )


ROUTES: Final = (Route("/label/{printer_id}", label), Route("/labels", labels))
