"""All routes of ours, before Streamlit's own."""

from functools import partial
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from dashboard.api.app import make_api
from dashboard.home import first_path
from dashboard.web.gate.sockets import OpenSockets
from dashboard.web.routes import health, label, metrics, photos, unsubscribe
from dashboard.web.sign_in.forms import viewer_of
from dashboard.web.sign_in.login import make_login_routes
from dashboard.web.sign_in.openid import Provider
from dashboard.web.sign_in.single_sign_on import make_sign_on_routes

_ASSETS: Final = Path(__file__).parents[2] / "ui" / "assets"
_SCRIPTS: Final = ("photos.js", "session.js", "steady.js")
_SHORTLY: Final = {"cache-control": "public, max-age=300"}


def make_routes(sockets: OpenSockets, provider: Provider | None) -> list[BaseRoute]:
    """In the order in which they are tried."""
    return [
        Route("/", _begin),
        *make_login_routes(sockets),
        *(make_sign_on_routes(provider) if provider else ()),
        *health.ROUTES,
        *label.ROUTES,
        *metrics.ROUTES,
        *photos.ROUTES,
        *unsubscribe.ROUTES,
        make_api(),
        *(Route(f"/assets/{name}", partial(_script, name)) for name in _SCRIPTS),
        Route("/favicon.png", _icon),
    ]


async def _begin(request: Request) -> Response:
    return RedirectResponse(f"/{first_path(viewer_of(request))}", 303, headers={"cache-control": "no-store"})


async def _script(name: str, _request: Request) -> Response:
    return FileResponse(_ASSETS / name, media_type="text/javascript", headers=_SHORTLY)


async def _icon(_request: Request) -> Response:
    """Where Streamlit's page looks for its icon; ours is drawn, whatever its name says."""
    return FileResponse(_ASSETS / "favicon.svg", media_type="image/svg+xml", headers=_SHORTLY)
