"""The login page: HTML for it, and what the browser may fetch ahead while somebody types."""

import secrets
from dataclasses import dataclass
from html import escape
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from dashboard.html_pages import frame
from dashboard.routes.forms import form_token, keep_form_token
from dashboard.routes.prefetch import prefetch_links
from dashboard.settings import Settings
from dashboard.wiring import wired

NO_DATABASE: Final = "The database cannot be reached just now. Try again in a moment."


@dataclass(frozen=True)
class LoginPage:
    """What one answer of /login shows."""

    next: str = "/"
    name: str = ""
    message: str = ""
    """What went wrong."""
    note: str = ""
    """What went well."""


def login_page(page: LoginPage, token: str, settings: Settings) -> str:
    """The whole page; `token` is the form's."""
    parts = [
        "<h1>Printers</h1>",
        f'<p role="status">{escape(page.note or "Sign in to see the fleet.")}</p>',
        _form(page, token),
        _sign_on(page.next, settings),
        _foot(settings),
    ]
    return frame("Sign in · Printers", "".join(parts), prefetch_links())


def login_answer(request: Request, page: LoginPage, status: int = 200) -> Response:
    """The page as an answer, with the token of its form in a cookie, too."""
    token = form_token(request) or secrets.token_urlsafe(24)
    response = HTMLResponse(login_page(page, token, wired().settings), status)
    response.headers["cache-control"] = "no-store"
    keep_form_token(request, response, token)
    return response


def _form(page: LoginPage, token: str) -> str:
    wrong = ' aria-invalid="true" aria-describedby="message"' if page.message else ""
    first = "" if page.name else " autofocus"
    second = " autofocus" if page.name else ""
    message = (
        f'<p class="message" id="message" role="alert">{escape(page.message)}</p>' if page.message else ""
    )
    return (
        '<form method="post" action="/login">'
        f'<input type="hidden" name="form" value="{escape(token)}">'
        f'<input type="hidden" name="next" value="{escape(page.next)}">{message}'
        '<label for="name">Name</label>'
        f'<input id="name" name="name" value="{escape(page.name)}" autocomplete="username" '
        f'autocapitalize="none" spellcheck="false" maxlength="128" required{first}{wrong}>'
        '<label for="password">Password</label>'
        '<input id="password" name="password" type="password" autocomplete="current-password" '
        f'maxlength="256" required{second}{wrong}>'
        "<button>Sign in</button></form>"
    )


def _sign_on(wanted: str, settings: Settings) -> str:
    if not settings.sign_on.oidc_issuer:
        return ""
    target = escape(f"/login/sso?{urlencode({'next': wanted})}")
    label = escape(settings.sign_on.oidc_label)
    return f'<p class="or">or</p><a class="button second" href="{target}">Sign in with {label}</a>'


def _foot(settings: Settings) -> str:
    if not settings.dashboard.portal_public:
        return ""
    return '<p class="foot"><a href="/fleet">Look at the printers without signing in</a></p>'
