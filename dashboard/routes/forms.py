"""What the login's forms have in common: where to go next, the form's own token, the session's cookie."""

import hmac
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from dashboard.security.outside import Outside
from dashboard.security.sessions import cookie_name
from dashboard.viewer import Viewer
from fleet.web_settings import DashboardSettings

_FORM_COOKIE: Final = "printers_form"
_FORM_SECONDS: Final = 3600
_DAY_SECONDS: Final = 86_400


def viewer_of(request: Request) -> Viewer:
    """Who asks, as the gate found."""
    viewer: Viewer = request.state.viewer
    return viewer


def outside_of(request: Request) -> Outside:
    """How the request looked from outside."""
    seen: Outside = request.state.outside
    return seen


def safe_next(wanted: object) -> str:
    """A path of ours to go to; "/" where it leads elsewhere."""
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
    """Whether a form carries the token it was given."""
    return bool(expected) and hmac.compare_digest(expected.encode(), str(given).encode())


def form_token(request: Request) -> str:
    """The token of a form that needs no session; "" where the browser has none."""
    return request.cookies.get(_FORM_COOKIE, "")


def keep_form_token(request: Request, response: Response, token: str) -> None:
    """Give the browser the token that its form will carry, too."""
    response.set_cookie(
        _FORM_COOKIE,
        token,
        max_age=_FORM_SECONDS,
        path="/login",
        httponly=True,
        samesite="strict",
        secure=outside_of(request).secure,
    )


def signed_in(request: Request, response: Response, token: str, settings: DashboardSettings) -> Response:
    """The answer that carries the session's cookie."""
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
    response.delete_cookie(_FORM_COOKIE, path="/login")
    response.headers["cache-control"] = "no-store"
    return response


def signed_out(request: Request, response: Response) -> Response:
    """The answer that takes the cookie back, and what the browser kept of our pages."""
    secure = outside_of(request).secure
    response.delete_cookie(cookie_name(secure=secure), path="/", httponly=True, samesite="lax", secure=secure)
    response.headers["clear-site-data"] = '"storage"'
    response.headers["cache-control"] = "no-store"
    return response
