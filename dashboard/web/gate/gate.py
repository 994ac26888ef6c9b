"""The gate in front of everything that is served: hosts, origins, identity, access, headers. Pure ASGI.

Behind it `request.state.viewer` (dashboard.viewer.Viewer) says who asks, in routes and in the JSON API
alike, and `request.state.outside` how the request looked from outside. Pages find the session by the
header SESSION_HEADER, and the client's address by ADDRESS_HEADER; no client can send them: the gate removes
what it did not write itself.
"""

import logging
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import anyio.to_thread
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, cookie_parser
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.domain.networks import networks_of
from core.runtime.failures import failure_text
from core.runtime.wall_clock import utc_now
from dashboard.app_context import AppContext
from dashboard.viewer import ANONYMOUS, Viewer
from dashboard.web.answers import NO_DATABASE, UNCACHED, one_sentence, wants_page
from dashboard.web.gate.access import (
    Answer,
    answer,
    is_file,
    may_upload,
    needs_nobody,
    portal_is_open,
    takes_tokens,
)
from dashboard.web.gate.body_limit import UPLOADS, LimitedBody, declares_too_much, too_large
from dashboard.web.gate.headers import secured
from dashboard.web.gate.identity import IdentifiedRequest, identify
from dashboard.web.gate.page_messages import PageRequest
from dashboard.web.gate.request_headers import RequestHeaders
from dashboard.web.gate.request_origin import Hosts, IdentityFields, RequestOrigin, is_foreign, outside
from dashboard.web.gate.sockets import SESSION_ENDED, OpenPage, OpenSockets, same_rights
from dashboard.web.gate.uploads import Uploads
from dashboard.web.sign_in.sessions import alive_sessions

log = logging.getLogger(__name__)

SESSION_HEADER: Final = "x-printers-session"
ADDRESS_HEADER: Final = "x-printers-address"
_SESSION_HEADER: Final = SESSION_HEADER.encode()
_ADDRESS_HEADER: Final = ADDRESS_HEADER.encode()
_NUL: Final = b"%00"
"""No text of ours has it, and PostgreSQL refuses to look for one."""
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_ENDS_CONNECTION: Final = frozenset({408, 413})
"""The rest of the body is not read."""
_MEDIA: Final = "/media/"
_POLICY_VIOLATION: Final = 1008


@dataclass(frozen=True)
class Refusal:
    """The reason why a request goes no further."""

    status: int
    sentence: str


_REFUSALS: Final[dict[Answer, Refusal]] = {
    "sign in": Refusal(401, "Sign in first."),
    "forbidden": Refusal(403, "This is not open to you."),
    "new password": Refusal(403, "Choose a new password first."),
    "two-factor": Refusal(403, "Set up two-factor authentication first."),
}
_UNKNOWN_HOST: Final = Refusal(400, "This host name is not one of ALLOWED_HOSTS.")
_NO_PATH: Final = Refusal(404, "There is nothing here.")
_UNKNOWN_TOKEN: Final = Refusal(401, "This API token is not known, or was revoked.")
_FOREIGN: Final = Refusal(
    403,
    "This request was made by another site. If it was not, set DASHBOARD_URL to the address people open.",
)
_TOO_MANY_PAGES: Final = Refusal(429, "Too many pages are open from your address: close some.")
_NOT_YOURS: Final = Refusal(404, "There is no such file, or it is not yours.")
_FAILED: Final = Refusal(500, "This could not be answered. The reason is in the log of the dashboard.")
_NO_DATABASE: Final = Refusal(503, NO_DATABASE)


class Gate:
    """Wraps the application."""

    def __init__(self, app: ASGIApp, app_context: AppContext, sockets: OpenSockets) -> None:
        settings = app_context.settings
        self._app = app
        self._app_context = app_context
        self._sockets = sockets
        self._uploads = Uploads(SESSION_HEADER)
        self._dashboard = settings.dashboard
        self._proxies = networks_of(settings.dashboard.trusted_proxies)
        self._identity = IdentityFields(
            settings.dashboard.trusted_user_header, settings.dashboard.trusted_groups_header
        )
        self._hosts = Hosts.parse(settings.web.allowed_hosts, settings.dashboard.dashboard_url)
        self._database_is_away = False
        self._repeated_is_told = False
        self._crowded: set[str] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        match scope["type"]:
            case "http":
                await self._answer(scope, receive, send)
            case "websocket":
                await self._serve_page(scope, receive, send)
            case _:
                await self._app(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; an unexpected failure is one line in the log."""
        seen = outside(scope, self._proxies, self._identity)
        sending = _with_headers(send, seen, scope["path"])
        body = LimitedBody(scope, receive, sending)
        refusal = None
        try:
            refusal = await self._pass_on(scope, seen, body)
        except HTTPException as error:
            refusal = Refusal(error.status_code, error.detail)
        except ClientDisconnect:
            log.debug("a client went before it was answered")
        except Exception as error:
            if body.refusal is None:
                _log_failure(scope, error)
            refusal = _FAILED
        if body.refusal is not None:
            refusal = Refusal(*body.refusal)
        if refusal is not None and not body.answered:
            await _response(refusal, scope)(scope, receive, sending)

    async def _pass_on(self, scope: Scope, seen: RequestOrigin, body: LimitedBody) -> Refusal | None:
        """Have the application answer a request that may be answered; else return why not."""
        viewer, refusal = await self._judge(scope, seen)
        if refusal is not None:
            return refusal
        path, inside = scope["path"], self._inside(scope, seen, viewer)
        if path.startswith(_MEDIA) and not self._sockets.was_told_of(viewer.session, _media_id(path)):
            return _NOT_YOURS
        if not path.startswith(UPLOADS):
            await self._app(inside, body.receive, body.send)
            return None
        with self._uploads.admitted(path, scope["method"], viewer.session):
            await self._app(inside, body.receive, body.send)
        return None

    async def _serve_page(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one open page, as long as it is open."""
        seen = outside(scope, self._proxies, self._identity)
        try:
            viewer, refusal = await self._judge(scope, seen)
            refusal = refusal or self._crowd(seen)
            if refusal is None:
                page = OpenPage(viewer, seen.throttle_address, partial(self._permitted, viewer))
                inside = self._inside(scope, seen, viewer)
                await self._sockets.run(self._app, page, inside, receive, send)
                return
        except Exception as error:
            _log_failure(scope, error)
            refusal = _FAILED
        await receive()
        await _response(refusal, scope)(scope, receive, _with_headers(send, seen, scope["path"]))

    def _crowd(self, seen: RequestOrigin) -> Refusal | None:
        """Return why no other page may be opened from that address."""
        address = seen.throttle_address
        if self._sockets.from_address(address) < self._dashboard.pages_per_address:
            self._crowded.discard(address)
            return None
        if address not in self._crowded:
            log.warning("too many pages are open from %s: more are refused (PAGES_PER_ADDRESS)", address)
            self._crowded.add(address)
        return _TOO_MANY_PAGES

    async def _permitted(self, viewer: Viewer, asked: PageRequest) -> int:
        """Return whether a page may do that now: its session is looked up for each of its requests.

        What its buttons call was made when the page was drawn, for whoever looked at it then.
        """
        if asked.uploads and not may_upload(viewer):
            return _POLICY_VIOLATION
        if asked.deferred_file and not self._sockets.was_told_of(viewer.session, asked.deferred_file):
            return _POLICY_VIOLATION
        if not (viewer.session and asked.runs):
            return 0
        look = partial(alive_sessions, self._app_context.engine, {viewer.session}, self._dashboard)
        try:
            alive = await anyio.to_thread.run_sync(look, utc_now())
        except SQLAlchemyError:  # the page says so itself, and can do nothing without the database
            return 0
        return 0 if same_rights(viewer, alive.get(viewer.session)) else SESSION_ENDED

    async def _judge(self, scope: Scope, seen: RequestOrigin) -> tuple[Viewer, Refusal | None]:
        """Return the viewer, and why the request goes no further; None where it may."""
        headers = RequestHeaders.of(scope)
        refusal = self._unacceptable(scope, headers, seen)
        if refusal is not None or is_file(scope["path"]):
            return ANONYMOUS, refusal
        return await self._identified(scope["path"], _asked(scope, headers, seen))

    def _unacceptable(self, scope: Scope, headers: RequestHeaders, seen: RequestOrigin) -> Refusal | None:
        """Return why a request is refused whoever makes it."""
        refusal = None
        if repeated := headers.repeated(self._identity.single):
            refusal = self._ambiguous(repeated, seen)
        elif not self._hosts.allow(seen.host):
            refusal = _UNKNOWN_HOST
        elif not scope["path"].isprintable() or _NUL in scope["query_string"]:
            refusal = _NO_PATH
        elif _may_change(scope) and is_foreign(headers.one("origin"), seen, self._dashboard.dashboard_url):
            refusal = _FOREIGN
        elif scope["type"] == "http" and declares_too_much(scope):
            refusal = Refusal(413, too_large(scope["path"]))
        return refusal

    def _ambiguous(self, repeated: str, seen: RequestOrigin) -> Refusal:
        """Refuse a request that says twice who asks; a proxy that makes such requests is told of once."""
        by_proxy = repeated in self._identity.by_proxy and seen.trusted
        if by_proxy and not self._repeated_is_told:
            log.warning(
                "a trusted proxy sends the header %s more than once: have it set the header, not append to "
                "what the client sent; such requests are refused",
                repeated,
            )
            self._repeated_is_told = True
        return Refusal(400, f"The header {repeated} was given more than once.")

    async def _identified(self, path: str, asked: IdentifiedRequest) -> tuple[Viewer, Refusal | None]:
        """Return the viewer, and whether the path is open to them."""
        try:
            viewer = await anyio.to_thread.run_sync(identify, self._app_context, asked, utc_now())
        except SQLAlchemyError as error:
            self._say_once(error)
            return ANONYMOUS, None if needs_nobody(path) else _NO_DATABASE
        self._database_is_away = False
        if asked.offers_token and viewer.is_anonymous:
            return ANONYMOUS, _UNKNOWN_TOKEN
        portal = portal_is_open(self._dashboard, asked.outside.address)
        answered = answer(path, viewer, portal_public=portal)
        return viewer, _REFUSALS.get(answered)

    def _say_once(self, error: SQLAlchemyError) -> None:
        """Log an error once, not for every request of an outage: the log is for other things, too."""
        if not self._database_is_away:
            log.warning("nobody can be known without the database: %s", failure_text(error))
        self._database_is_away = True

    def _inside(self, scope: Scope, seen: RequestOrigin, viewer: Viewer) -> Scope:
        """Return the scope for the application: with the viewer, without what only we may say."""
        dropped = {_SESSION_HEADER, _ADDRESS_HEADER, b"host"}
        headers = [(name, value) for name, value in scope["headers"] if name not in dropped]
        headers.append((b"host", _inner_host(scope, seen).encode("latin-1")))
        headers.append((_ADDRESS_HEADER, seen.address.encode("latin-1", "replace")))
        if viewer.session:
            headers.append((_SESSION_HEADER, viewer.session.encode()))
        state = {**scope.get("state", {}), "viewer": viewer, "outside": seen}
        return {**scope, "headers": headers, "state": state}


def _asked(scope: Scope, headers: RequestHeaders, seen: RequestOrigin) -> IdentifiedRequest:
    return IdentifiedRequest(
        path=scope["path"],
        headers=headers,
        cookies=cookie_parser(headers.listed("cookie", "; ")),
        outside=seen,
        takes_tokens=takes_tokens(scope["path"]),
    )


def _inner_host(scope: Scope, seen: RequestOrigin) -> str:
    """Return the host for Streamlit, as the browser names it: Streamlit holds it against a page's origin.

    An origin that came this far is ours, also where a proxy asks for us by another name: for one that
    differs, Streamlit would ask servers on the internet for this machine's address.
    """
    origin = RequestHeaders.of(scope).one("origin") if scope["type"] == "websocket" else ""
    return urlsplit(origin).netloc or seen.host


def _media_id(path: str) -> str:
    return path.removeprefix(_MEDIA).partition(".")[0]


def _log_failure(scope: Scope, error: Exception) -> None:
    """Say in one line what failed and where: strangers must not fill the log. The whole of it with DEBUG."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "unknown"
    what = f"{type(error).__name__}: {error}".replace("\n", " ")[:300]
    method = scope.get("method", "websocket")
    log.error("%s %r could not be answered: %s (%s)", method, scope["path"][:200], what, where)
    log.debug("details of the failure", exc_info=error)


def _may_change(scope: Scope) -> bool:
    return scope["type"] == "websocket" or scope["method"] not in _SAFE


def _with_headers(send: Send, seen: RequestOrigin, path: str) -> Callable[[Message], Any]:
    async def sending(message: Message) -> None:
        if message["type"].endswith("http.response.start"):  # also of a websocket that is refused
            message = {**message, "headers": secured(message.get("headers", ()), seen, path)}
        await send(message)

    return sending


def _response(refusal: Refusal, scope: Scope) -> Response:
    if not _may_change(scope) and wants_page(scope) and (there := _leads_to(refusal, scope)):
        return RedirectResponse(there, 303, headers=UNCACHED)
    headers = {}
    if refusal.status in _ENDS_CONNECTION:
        headers["connection"] = "close"
    if refusal.status == 401:  # noqa: PLR2004 (Unauthorized)
        headers["www-authenticate"] = "Bearer"
    return one_sentence(scope, refusal.status, refusal.sentence, headers)


def _leads_to(refusal: Refusal, scope: Scope) -> str:
    """Return the page where a person does what the refusal asks for; "" where they can do nothing."""
    if refusal.status == 401:  # noqa: PLR2004 (Unauthorized)
        query = scope["query_string"].decode("latin-1")
        wanted = scope["path"] + (f"?{query}" if query else "")
        return f"/login?{urlencode({'next': wanted})}"
    return "/account" if refusal in (_REFUSALS["new password"], _REFUSALS["two-factor"]) else ""
