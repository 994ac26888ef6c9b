"""`/mails/...`: daily summaries as HTML, for the frame on the page that shows them."""

from collections.abc import Callable
from typing import Final

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from core.domain.permissions import Permission
from core.domain.text import row_number
from core.storage.database import reading
from dashboard.app_context import current_app
from dashboard.features.summary.queries import sent_bodies
from dashboard.features.summary.shown import NEXT_PATH, SENT_PATH, in_frame, preview
from dashboard.web.html_pages import notice
from dashboard.web.sign_in.forms import viewer_of


async def _sent(request: Request) -> Response:
    """Answer with a summary as it was sent to somebody."""
    number = row_number(request.path_params["number"])
    if number is None:
        return HTMLResponse(notice("There is no such mail."), 404)
    return await _answer(request, lambda: _body(number))


async def _next(request: Request) -> Response:
    """Answer with the next summary, as it would be now for the viewer."""
    viewer = viewer_of(request)
    return await _answer(request, lambda: preview(current_app(), viewer).words.html)


async def _answer(request: Request, read: Callable[[], str | None]) -> Response:
    viewer_of(request).require(Permission.WATCH_SYSTEM)
    html = await anyio.to_thread.run_sync(read)
    if html is None:
        return HTMLResponse(notice("There is no such mail."), 404)
    return HTMLResponse(in_frame(html))


def _body(number: int) -> str | None:
    with reading(current_app().engine) as connection:
        found = sent_bodies(connection, number)
    return None if found is None else found.html


ROUTES: Final = (
    Route(f"{SENT_PATH}/{{number}}", _sent, methods=["GET"]),
    Route(NEXT_PATH, _next, methods=["GET"]),
)
