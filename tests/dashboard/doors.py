"""The gate and the routes on a stored college, with an application behind that says who it was shown."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from dashboard.app_context import AppContext, install
from dashboard.web.gate.gate import Gate
from dashboard.web.gate.sockets import OpenSockets
from dashboard.web.routes import health
from dashboard.web.routes.failures import FAILURES
from dashboard.web.sign_in.login import make_login_routes
from dashboard.web.sign_in.openid import open_provider
from dashboard.web.sign_in.single_sign_on import make_sign_on_routes
from tests.dashboard.asgi import Answer, Visitor
from tests.dashboard.harness import PASSWORD, open_college

ECHO: Final = b"came: "


def college(
    monkeypatch: pytest.MonkeyPatch, folder: Path, settings: Mapping[str, str] | None = None
) -> AppContext:
    """A app context with these settings, installed."""
    for name, value in {
        "SECRET_KEY": "a key of the tests, long enough for anybody",
        **(settings or {}),
    }.items():
        monkeypatch.setenv(name, value)
    app_context = open_college(folder)
    install(app_context)
    return app_context


def visitor(app_context: AppContext, **how: Any) -> Visitor:
    """Somebody before the gate."""
    sockets = OpenSockets()
    settings = app_context.settings
    provider = open_provider(settings.sign_on, settings.dashboard.dashboard_url)
    routes = [
        *make_login_routes(sockets),
        *(make_sign_on_routes(provider) if provider else ()),
        *health.ROUTES,
        WebSocketRoute("/_stcore/stream", _stream),
        Route("/{path:path}", _show, methods=["GET", "POST", "PUT"]),
    ]
    return Visitor(Gate(Starlette(routes=routes), app_context, sockets), **how)


def behind_gate(app_context: AppContext, routes: Iterable[BaseRoute]) -> Gate:
    """The gate before the routes of signing in and these, which fail as those of the dashboard do."""
    sockets = OpenSockets()
    app = Starlette(routes=[*make_login_routes(sockets), *routes], exception_handlers=FAILURES)
    return Gate(app, app_context, sockets)


def sign_in(who: Visitor, name: str, password: str = PASSWORD, wanted: str = "/fleet") -> Answer:
    """Fill the form in and send it."""
    token = form_token(who.page("/login"))
    form = {"name": name, "password": password, "next": wanted, "form": token}
    return who.post("/login", form)


def enter_code(who: Visitor, code: str) -> Answer:
    """Send the form of the second step."""
    return who.post("/login/code", {"code": code, "form": form_token(who.page("/login/code"))})


def form_token(answer: Answer) -> str:
    """The token of the form on a page; "" where it has none."""
    found = re.search(r'name="form" value="([^"]*)"', answer.body)
    return found[1] if found else ""


async def _show(request: Request) -> Response:
    viewer = request.state.viewer
    role = viewer.role.name
    return JSONResponse({"name": viewer.name, "role": role, "headers": dict(request.headers)})


async def _stream(websocket: WebSocket) -> None:
    """Say of every message that one has come."""
    await websocket.accept()
    async for message in websocket.iter_bytes():
        await websocket.send_bytes(ECHO + message)
