"""Shared parts of the login's forms: where to go next, the form's own token, the session's cookie.

A form carries a token that is signed and bound to a random value in a cookie of the browser it was made for
(signed double submit): another site can neither make one nor use one that it was given.
"""

import hmac
import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from core.runtime.wall_clock import utc_now
from core.runtime.web_settings import DashboardSettings
from dashboard.app_context import current_app
from dashboard.viewer import Viewer
from dashboard.web.answers import UNCACHED
from dashboard.web.gate.access import portal_is_open
from dashboard.web.gate.request_origin import RequestOrigin
from dashboard.web.sign_in.sessions import ClientInfo, cookie_name
from dashboard.web.sign_in.signed import sign, verified

_FORM_COOKIE: Final = "printers_form"
_FORM_LASTS: Final = timedelta(hours=1)
_FORM: Final = "login form"
_DAY_SECONDS: Final = 86_400


def viewer_of(request: Request) -> Viewer:
    """Return the viewer, as the gate found them."""
    viewer: Viewer = request.state.viewer
    return viewer


def outside_of(request: Request) -> RequestOrigin:
    """Return how the request looked from outside."""
    seen: RequestOrigin = request.state.outside
    return seen


def portal_is_open_to(request: Request) -> bool:
    """Return whether the portal is open to who asks without signing in."""
    return portal_is_open(current_app().settings.dashboard, outside_of(request).address)


def client_of(request: Request) -> ClientInfo:
    """Return the browser that sent the request."""
    return ClientInfo(outside_of(request).address, request.headers.get("user-agent", ""))


def safe_next(wanted: object) -> str:
    """Return a path of ours to go to; "/" where it leads elsewhere."""
    text = wanted if isinstance(wanted, str) else ""
    if not text.startswith("/") or not text.isprintable() or "\\" in text:
        return "/"
    if text.startswith(("//", "/login")):
        return "/"
    return text


async def read_form(request: Request, most: int) -> dict[str, str]:
    """Return the fields of a form of ours, at most so many; none where it is no such form.

    Ours are sent as application/x-www-form-urlencoded: in multipart/form-data the client would choose how
    its text is decoded.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        return {}
    form = await request.form(max_fields=most, max_files=0)
    return {name: value for name, value in form.items() if isinstance(value, str)}


def same_token(expected: str, given: object) -> bool:
    """Return whether a form carries the token it was given."""
    return bool(expected) and hmac.compare_digest(expected.encode(), str(given).encode())


def form_page(request: Request, draw: Callable[..., str], status: int = 200) -> Response:
    """Return a page with a form of ours; `draw` makes it with the form's `token`.

    The token is bound to a random value in a cookie of this browser, which is given one where it has none.
    """
    value = request.cookies.get(_form_cookie(request)) or secrets.token_urlsafe(24)
    key = current_app().settings.web.signing_key()
    page = draw(token=sign(key, _FORM, {"value": value}, utc_now(), _FORM_LASTS))
    response = HTMLResponse(page, status, headers=UNCACHED)
    secure = outside_of(request).secure
    response.set_cookie(
        _form_cookie(request),
        value,
        max_age=int(_FORM_LASTS.total_seconds()),
        path="/" if secure else "/login",
        httponly=True,
        samesite="strict",
        secure=secure,
    )
    return response


def is_own_form(request: Request, token: object) -> bool:
    """Return whether a form was made by us, for this browser, not long ago."""
    kept = request.cookies.get(_form_cookie(request), "")
    claims = verified(current_app().settings.web.signing_key(), _FORM, str(token), utc_now())
    return claims is not None and same_token(kept, claims.get("value", ""))


def _form_cookie(request: Request) -> str:
    """Return its name; behind HTTPS one that browsers take from this host alone."""
    return f"__Host-{_FORM_COOKIE}" if outside_of(request).secure else _FORM_COOKIE


def signed_in(request: Request, response: Response, token: str, settings: DashboardSettings) -> Response:
    """Return the answer that carries the session's cookie."""
    secure = outside_of(request).secure
    response.set_cookie(
        cookie_name(secure=secure),
        token,
        max_age=int(settings.session_days * _DAY_SECONDS),
        path="/",
        httponly=True,
        samesite="lax",
        secure=secure,
    )
    response.delete_cookie(
        _form_cookie(request),
        path="/" if secure else "/login",
        httponly=True,
        samesite="strict",
        secure=secure,
    )
    response.headers.update(UNCACHED)
    return response


def signed_out(request: Request, response: Response) -> Response:
    """Return the answer that takes the cookie back, and what the browser kept of our pages."""
    secure = outside_of(request).secure
    response.delete_cookie(cookie_name(secure=secure), path="/", httponly=True, samesite="lax", secure=secure)
    response.headers["clear-site-data"] = '"storage"'
    response.headers.update(UNCACHED)
    return response
