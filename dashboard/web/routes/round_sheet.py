"""`/round-sheet`: the round on paper, what is left of it to do, with boxes to tick by pen."""

from typing import Final
from urllib.parse import quote

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from core.domain.permissions import Permission
from core.domain.places import named, parts_of
from core.runtime.wall_clock import utc_now
from dashboard.app_context import current_app
from dashboard.viewer import Viewer
from dashboard.web.answers import UNCACHED
from dashboard.web.sign_in.forms import viewer_of


async def round_sheet(request: Request) -> Response:
    """Return the sheet of the round through ?location=, or through all places."""
    viewer = viewer_of(request)
    viewer.require(Permission.WORK_ISSUES)
    place = named(parts_of(request.query_params.get("location", "")))
    page = await anyio.to_thread.run_sync(_page, viewer, place)
    return HTMLResponse(page, headers=UNCACHED)


def _page(viewer: Viewer, place: str) -> str:
    # Streamlit's caches want its server to be there first.
    from dashboard.features.round.kept import kept_round
    from dashboard.features.round.sheet import sheet_html

    app_context, now = current_app(), utc_now()
    walked = kept_round(app_context, viewer, place, now)
    back = f"/round?location={quote(place, safe='')}" if place else "/round"
    return sheet_html(walked, app_context.settings, viewer, place=place, back=back, now=now)


ROUTES: Final = (Route("/round-sheet", round_sheet, methods=["GET"]),)
