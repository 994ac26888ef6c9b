"""All routes of ours, before Streamlit's own."""

from functools import partial
from pathlib import Path
from typing import Final

from starlette.convertors import PathConvertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from dashboard.api.app import make_api
from dashboard.app_context import current_app
from dashboard.pages import PAGES, first_path
from dashboard.web.answers import UNCACHED, one_sentence
from dashboard.web.gate.sockets import OpenSockets
from dashboard.web.html_pages import ASSETS
from dashboard.web.routes import (
    account_link,
    find,
    health,
    label,
    list_view,
    logo,
    mails,
    metrics,
    photos,
    round_sheet,
    service_sheet,
    unsubscribe,
    wall,
)
from dashboard.web.routes.first_page import first_page
from dashboard.web.sign_in.forms import viewer_of
from dashboard.web.sign_in.login import make_login_routes
from dashboard.web.sign_in.openid import Provider
from dashboard.web.sign_in.single_sign_on import make_sign_on_routes

_MEDIA: Final = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_SHORTLY: Final = {"cache-control": "public, max-age=300"}


def make_routes(sockets: OpenSockets, provider: Provider | None) -> list[BaseRoute]:
    """Return the routes in the order in which they are tried."""
    return [
        Route("/", _begin),
        *make_login_routes(sockets),
        *(make_sign_on_routes(provider) if provider else ()),
        *account_link.ROUTES,
        *find.ROUTES,
        *health.ROUTES,
        *label.ROUTES,
        *list_view.ROUTES,
        *logo.ROUTES,
        *mails.ROUTES,
        *metrics.ROUTES,
        *photos.ROUTES,
        *round_sheet.ROUTES,
        *service_sheet.ROUTES,
        *unsubscribe.ROUTES,
        *wall.ROUTES,
        make_api(),
        *(Route(f"/assets/{file.name}", partial(_asset, file)) for file in sorted(ASSETS.iterdir())),
        # Where Streamlit's page looks for its icon; ours is drawn, whatever its name says.
        Route("/favicon.png", partial(_asset, ASSETS / "favicon.svg")),
        *(Route(f"/{page.path}", _first_page) for page in PAGES),
        Route("/{path:no_page}", _no_page),
    ]


class _NoPage(PathConvertor):
    """What no route of ours has taken and is no file or service of Streamlit, which would show its page."""

    regex = r"(?!(?:_stcore|component|media|static)(?:/|$))[^.]+"


register_url_convertor("no_page", _NoPage())


async def _no_page(request: Request) -> Response:
    return one_sentence(request.scope, 404, "There is no such page.")


async def _begin(request: Request) -> Response:
    return RedirectResponse(f"/{first_path(viewer_of(request))}", 303, headers=UNCACHED)


async def _first_page(_request: Request) -> Response:
    """Return the page that Streamlit then draws everything in."""
    theme = current_app().settings.organization.dashboard_theme
    return HTMLResponse(first_page(theme), headers={"cache-control": "no-cache"})


async def _asset(file: Path, _request: Request) -> Response:
    return FileResponse(file, media_type=_MEDIA[file.suffix], headers=_SHORTLY)
