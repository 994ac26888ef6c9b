"""The login page: HTML for it, and what the browser may fetch ahead while somebody types."""

from dataclasses import dataclass
from html import escape
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from dashboard.app_context import current_app
from dashboard.settings import DashboardAppSettings
from dashboard.web.html_pages import frame
from dashboard.web.routes.prefetch import prefetch_links
from dashboard.web.sign_in.forms import form_token, form_value, keep_form_value

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


def login_page(page: LoginPage, token: str, settings: DashboardAppSettings) -> str:
    """The whole page; `token` is the form's."""
    parts = [
        "<h1>Printers</h1>",
        f'<p role="status">{escape(page.note or "Sign in to see the fleet.")}</p>',
        _form(page, token),
        _sign_on(page.next, settings),
        _foot(settings),
    ]
    return frame("Sign in · Printers", "".join(parts), prefetch_links())


def code_page(message: str, token: str) -> str:
    """The page of the second step, which asks for a code."""
    form = (
        '<form method="post" action="/login/code">'
        f'<input type="hidden" name="form" value="{escape(token)}">{_message(message)}'
        '<label for="code">Code</label>'
        '<input id="code" name="code" autocomplete="one-time-code" inputmode="text" autocapitalize="none" '
        f'spellcheck="false" maxlength="40" required autofocus{_wrong(message)}>'
        "<button>Sign in</button></form>"
    )
    parts = [
        "<h1>Printers</h1>",
        '<p role="status">Enter the six digits that your authenticator app shows for Printers.</p>',
        form,
        '<p class="foot">Without the app, enter one of your recovery codes. If you have none left, an '
        'administrator can reset your second factor.</p><p class="foot"><a href="/login">Start again</a></p>',
    ]
    return frame("Sign in · Printers", "".join(parts), prefetch_links())


def login_answer(request: Request, page: LoginPage, status: int = 200) -> Response:
    """The login page as an answer; its form is bound to a value in a cookie."""
    value = form_value(request)
    return _bound(request, login_page(page, form_token(value), current_app().settings), value, status)


def code_answer(request: Request, message: str = "", status: int = 200) -> Response:
    """The page of the second step as an answer."""
    value = form_value(request)
    return _bound(request, code_page(message, form_token(value)), value, status)


def _bound(request: Request, page: str, value: str, status: int) -> Response:
    response = HTMLResponse(page, status)
    response.headers["cache-control"] = "no-store"
    keep_form_value(request, response, value)
    return response


def _wrong(message: str) -> str:
    return ' aria-invalid="true" aria-describedby="message"' if message else ""


def _message(message: str) -> str:
    return f'<p class="message" id="message" role="alert">{escape(message)}</p>' if message else ""


def _form(page: LoginPage, token: str) -> str:
    wrong = _wrong(page.message)
    first = "" if page.name else " autofocus"
    second = " autofocus" if page.name else ""
    return (
        '<form method="post" action="/login">'
        f'<input type="hidden" name="form" value="{escape(token)}">'
        f'<input type="hidden" name="next" value="{escape(page.next)}">{_message(page.message)}'
        '<label for="name">Name</label>'
        f'<input id="name" name="name" value="{escape(page.name)}" autocomplete="username" '
        f'autocapitalize="none" spellcheck="false" maxlength="128" required{first}{wrong}>'
        '<label for="password">Password</label>'
        '<input id="password" name="password" type="password" autocomplete="current-password" '
        f'maxlength="256" required{second}{wrong}>'
        "<button>Sign in</button></form>"
    )


def _sign_on(wanted: str, settings: DashboardAppSettings) -> str:
    if not settings.sign_on.oidc_issuer:
        return ""
    target = escape(f"/login/sso?{urlencode({'next': wanted})}")
    label = escape(settings.sign_on.oidc_label)
    return f'<p class="or">or</p><a class="button second" href="{target}">Sign in with {label}</a>'


def _foot(settings: DashboardAppSettings) -> str:
    if not settings.dashboard.portal_public:
        return ""
    return '<p class="foot"><a href="/fleet">Look at the printers without signing in</a></p>'
