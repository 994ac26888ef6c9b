"""The login page: HTML for it, and what the browser may fetch ahead while somebody types."""

from dataclasses import dataclass
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from dashboard.app_context import current_app
from dashboard.web.html_pages import web_page
from dashboard.web.sign_in.forms import form_page, portal_is_open_to
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


def login_answer(request: Request, page: LoginPage, status: int = 200) -> Response:
    """Return the login page as an answer."""
    settings, is_open = current_app().settings, portal_is_open_to(request)
    sign_on = settings.sign_on
    draw = partial(
        web_page,
        "web/login",
        page=page,
        sign_on_label=sign_on.oidc_label if sign_on.oidc_issuer else None,
        portal_is_open=is_open,
        portal_is_elsewhere=settings.dashboard.portal_public and not is_open,
        prefetched=prefetched(),
    )
    return form_page(request, draw, status)


def code_answer(request: Request, message: str = "", status: int = 200) -> Response:
    """Return the page of the second step, which asks for a code, as an answer."""
    return form_page(
        request, partial(web_page, "web/code", sentence=message, prefetched=prefetched()), status
    )
