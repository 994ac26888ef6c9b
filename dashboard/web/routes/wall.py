"""`/wall`: the printers of a place on a big screen, for who is signed in and by the link of a screen.

The page is the same for everybody. What it shows comes as a piece of HTML that its script asks for every few
seconds, and that is sent only where it differs.
"""

from typing import Final

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from core.domain.permissions import Permission
from core.domain.places import is_inside
from core.runtime.wall_clock import utc_now
from core.storage.wall_links import LONGEST_PLACE
from dashboard.app_context import current_app
from dashboard.ui.theme import css_variables
from dashboard.web.answers import UNCACHED
from dashboard.web.html_pages import asset_version, web_page
from dashboard.web.routes.token_exchange import exchange_token
from dashboard.web.sign_in.forms import portal_is_open_to, viewer_of
from dashboard.web.sign_in.wall_screens import COOKIE, PATH, open_wall, screen_of

_FILES: Final = ("wall.css", "shapes.css", "wall.js", "times.js")
_CLOSED: Final = "Sign in, or open the link of this screen."


async def wall(request: Request) -> Response:
    """The page; dark, unless the address says otherwise."""
    theme = "light" if request.query_params.get("theme") == "light" else "dark"
    page = web_page("web/wall", theme=theme, variables=css_variables(), version=asset_version(*_FILES))
    return HTMLResponse(page, headers=UNCACHED)


async def tiles(request: Request) -> Response:
    """What the page shows; 304 where that is what it has."""
    place = await anyio.to_thread.run_sync(_place_open_to, request)
    if place is None:
        return JSONResponse({"error": _CLOSED}, 401, headers=UNCACHED)
    html, version = await anyio.to_thread.run_sync(_draw, place)
    headers = {**UNCACHED, "etag": f'"{version}"'}
    if version in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return HTMLResponse(html, headers=headers)


async def open_link(request: Request) -> Response:
    """Exchange the token of a screen's link for its cookie."""
    return await exchange_token(request, open_wall, COOKIE)


def _place_open_to(request: Request) -> str | None:
    """Return the place to show, "" for all printers; None where nothing is open to who asks."""
    asked = request.query_params.get("location", "").strip()[:LONGEST_PLACE]
    if _sees_printers(request):
        return asked
    app_context = current_app()
    screen = screen_of(app_context.engine, COOKIE.number(request), utc_now())
    if screen is None:
        return None
    return asked if is_inside(asked, screen.location) else screen.location


def _sees_printers(request: Request) -> bool:
    viewer = viewer_of(request)
    if viewer.is_anonymous:
        return portal_is_open_to(request)
    return viewer.may(Permission.SEE_PRINTERS) and not viewer.is_restricted


def _draw(place: str) -> tuple[str, str]:
    """The piece of HTML and its version."""
    # Streamlit's caches want its server to be there first.
    from dashboard.features.wall.view import KEPT_WALLS

    drawn = KEPT_WALLS.draw(current_app(), place, asset_version(*_FILES))
    return drawn.html, drawn.version


ROUTES: Final = (
    Route(PATH, wall, methods=["GET"]),
    Route(f"{PATH}/tiles", tiles, methods=["GET"]),
    Route(f"{PATH}/link", open_link, methods=["POST"]),
)
