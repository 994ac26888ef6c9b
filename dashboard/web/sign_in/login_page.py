"""The login page: HTML for it, and what the browser may fetch ahead while somebody types."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from dashboard.app_context import current_app
from dashboard.settings import DashboardAppSettings
from dashboard.web.answers import UNCACHED
from dashboard.web.html_pages import web_page
from dashboard.web.sign_in.forms import form_token, form_value, keep_form_value, portal_is_open_to
from dashboard.web.streamlit_assets import prefetched


@dataclass(frozen=True)
class LoginPage:
    """Content of one answer of /login."""

    next: str = "/"
    name: str = ""
    message: str = ""
    """What went wrong."""
    note: str = ""
    """What went well."""


def login_page(page: LoginPage, token: str, settings: DashboardAppSettings, *, portal_is_open: bool) -> str:
    """Return the whole page; `token` is the form's. `portal_is_open`: to who reads it."""
    single = settings.sign_on.oidc_issuer
    return web_page(
        "web/login",
        page=page,
        token=token,
        sign_on_label=settings.sign_on.oidc_label if single else None,
        portal_is_open=portal_is_open,
        portal_is_elsewhere=settings.dashboard.portal_public and not portal_is_open,
        prefetched=prefetched(),
    )


def code_page(message: str, token: str) -> str:
    """Return the page of the second step, which asks for a code."""
    return web_page("web/code", sentence=message, token=token, prefetched=prefetched())


def login_answer(request: Request, page: LoginPage, status: int = 200) -> Response:
    """Return the login page as an answer; its form is bound to a value in a cookie."""
    value = form_value(request)
    shown = login_page(
        page, form_token(value), current_app().settings, portal_is_open=portal_is_open_to(request)
    )
    return _bound(request, shown, value, status)


def code_answer(request: Request, message: str = "", status: int = 200) -> Response:
    """Return the page of the second step as an answer."""
    value = form_value(request)
    return _bound(request, code_page(message, form_token(value)), value, status)


def _bound(request: Request, page: str, value: str, status: int) -> Response:
    response = HTMLResponse(page, status, headers=UNCACHED)
    keep_form_value(request, response, value)
    return response
