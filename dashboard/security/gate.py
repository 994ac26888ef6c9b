"""The gate in front of everything that is served: hosts, origins, identity, access, headers. Pure ASGI.

Behind it `request.state.viewer` (dashboard.viewer.Viewer) says who asks, in routes and in the JSON API
alike, and `request.state.outside` how the request looked from outside. Pages find the session by the
header SESSION_HEADER, and whom to throttle by ADDRESS_HEADER; no client can send them: the gate removes
what it did not write itself.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode

import anyio.to_thread
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import cookie_parser
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.html_pages import notice
from dashboard.security.access import Answer, answer, is_file, needs_nobody, takes_tokens
from dashboard.security.bodies import bounded
from dashboard.security.headers import secured
from dashboard.security.identity import Asked, identify
from dashboard.security.outside import Hosts, Outside, is_foreign, outside, parse_proxies
from dashboard.security.sockets import OpenSockets
from dashboard.viewer import ANONYMOUS, Rank, Viewer
from dashboard.wiring import Wiring

log = logging.getLogger(__name__)

SESSION_HEADER: Final = "x-printers-session"
ADDRESS_HEADER: Final = "x-printers-address"
_SESSION_HEADER: Final = SESSION_HEADER.encode()
_ADDRESS_HEADER: Final = ADDRESS_HEADER.encode()
_NUL: Final = b"%00"
"""No text of ours has it, and PostgreSQL refuses to look for one."""
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True)
class Refusal:
    """Why a request goes no further."""

    status: int
    sentence: str


_REFUSALS: Final[dict[Answer, Refusal]] = {
    "sign in": Refusal(401, "Sign in first."),
    "forbidden": Refusal(403, "This is not open to you."),
    "new password": Refusal(403, "Choose a new password first."),
    "second factor": Refusal(403, "Set up a second factor first."),
}
_UNKNOWN_HOST: Final = Refusal(400, "This host name is not one of ALLOWED_HOSTS.")
_NO_PATH: Final = Refusal(404, "There is nothing here.")
_UNKNOWN_TOKEN: Final = Refusal(401, "This API token is not known, or was revoked.")
_FOREIGN: Final = Refusal(403, "This request was made by another site.")
_NO_DATABASE: Final = Refusal(503, "The database cannot be reached just now. Try again in a moment.")


class Gate:
    """Wraps the application."""

    def __init__(self, app: ASGIApp, wiring: Wiring, sockets: OpenSockets) -> None:
        settings = wiring.settings
        self._app = app
        self._wiring = wiring
        self._sockets = sockets
        self._dashboard = settings.dashboard
        self._proxies = parse_proxies(settings.dashboard.trusted_proxies)
        self._hosts = Hosts.parse(settings.web.allowed_hosts, settings.dashboard.dashboard_url)
        self._database_is_away = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        seen = outside(scope, self._proxies)
        if scope["type"] == "http":
            send = _with_headers(send, seen)
        viewer, refusal = await self._judge(scope, seen)
        if refusal is not None:
            await _refuse(refusal, scope, receive, send)
            return
        inside = self._inside(scope, seen, viewer)
        if scope["type"] == "websocket":
            await self._sockets.run(self._app, viewer, inside, receive, send)
        else:
            await self._app(inside, bounded(scope, receive), send)

    async def _judge(self, scope: Scope, seen: Outside) -> tuple[Viewer, Refusal | None]:
        if not self._hosts.allow(seen.host):
            return ANONYMOUS, _UNKNOWN_HOST
        if not scope["path"].isprintable() or _NUL in scope["query_string"]:
            return ANONYMOUS, _NO_PATH
        asked = _asked(scope, seen)
        if _may_change(scope) and is_foreign(asked.header("origin"), seen, self._dashboard.dashboard_url):
            return ANONYMOUS, _FOREIGN
        if is_file(scope["path"]):
            return ANONYMOUS, None
        return await self._identified(scope["path"], asked)

    async def _identified(self, path: str, asked: Asked) -> tuple[Viewer, Refusal | None]:
        """Who asks, and whether the path is open to them."""
        try:
            viewer = await anyio.to_thread.run_sync(identify, self._wiring, asked, datetime.now(UTC))
        except SQLAlchemyError as error:
            self._say_once(error)
            return ANONYMOUS, None if needs_nobody(path) else _NO_DATABASE
        self._database_is_away = False
        if asked.offers_token and viewer.rank == Rank.ANONYMOUS:
            return ANONYMOUS, _UNKNOWN_TOKEN
        answered = answer(path, viewer, portal_public=self._dashboard.portal_public)
        return viewer, _REFUSALS.get(answered)

    def _say_once(self, error: SQLAlchemyError) -> None:
        """Not for every request of an outage: the log is for other things, too."""
        if not self._database_is_away:
            log.warning("nobody can be known without the database: %s", type(error).__name__)
        self._database_is_away = True

    def _inside(self, scope: Scope, seen: Outside, viewer: Viewer) -> Scope:
        """The scope for the application: with the viewer, without what only we may say."""
        dropped = {_SESSION_HEADER, _ADDRESS_HEADER, b"host"}
        headers = [(name, value) for name, value in scope["headers"] if name not in dropped]
        # As the browser named it, where a proxy names us otherwise: Streamlit holds it against the origin.
        headers.append((b"host", seen.host.encode("latin-1")))
        headers.append((_ADDRESS_HEADER, seen.throttle_address.encode("latin-1", "replace")))
        if viewer.session:
            headers.append((_SESSION_HEADER, viewer.session.encode()))
        state = {**scope.get("state", {}), "viewer": viewer, "outside": seen}
        return {**scope, "headers": headers, "state": state}


def _asked(scope: Scope, seen: Outside) -> Asked:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    cookies = b"; ".join(value for name, value in scope["headers"] if name == b"cookie").decode("latin-1")
    return Asked(
        path=scope["path"],
        headers=headers,
        cookies=cookie_parser(cookies),
        outside=seen,
        takes_tokens=takes_tokens(scope["path"]),
    )


def _may_change(scope: Scope) -> bool:
    return scope["type"] == "websocket" or scope["method"] not in _SAFE


def _with_headers(send: Send, seen: Outside) -> Callable[[Message], Any]:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": secured(message.get("headers", ()), seen)}
        await send(message)

    return sending


async def _refuse(refusal: Refusal, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008, "reason": refusal.sentence})
        return
    await _response(refusal, scope)(scope, receive, send)


def _response(refusal: Refusal, scope: Scope) -> Response:
    headers = {"cache-control": "no-store"}
    wants_page = scope["method"] in _SAFE and any(
        name == b"accept" and b"text/html" in value for name, value in scope["headers"]
    )
    if not wants_page:
        if refusal.status == 401:  # noqa: PLR2004 (Unauthorized)
            headers["www-authenticate"] = "Bearer"
        return JSONResponse({"error": refusal.sentence}, refusal.status, headers=headers)
    if refusal.status == 401:  # noqa: PLR2004 (Unauthorized)
        query = scope["query_string"].decode("latin-1")
        wanted = scope["path"] + (f"?{query}" if query else "")
        return RedirectResponse(f"/login?{urlencode({'next': wanted})}", 303, headers=headers)
    return HTMLResponse(notice(refusal.sentence), refusal.status, headers=headers)
