"""The login page: HTML for it, and what the browser may fetch ahead while somebody types."""

import re
import secrets
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from streamlit import file_util

from dashboard.html_pages import frame
from dashboard.routes.forms import form_token, keep_form_token
from dashboard.settings import Settings
from dashboard.wiring import wired

_ASSET: Final = re.compile(r'(?:src|href)="\./(static/[\w./-]+\.(?:js|css|woff2))"')
_CHUNK: Final = re.compile(
    r"(?:ChatInput|DataFrame|BaseButton|Button|Text|Markdown|ElementContainer|Html|Heading|Metric|Progress|"
    r"Selectbox|TextInput|ButtonGroup|NavSection|Sidebar|withFullScreenWrapper)[\w-]*\.[\w-]+\.js"
)
"""Pieces that almost every page of ours draws, which the bundle would ask for one after the other."""


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
    return frame("Sign in · Printers", "".join(parts), prefetched())


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


@cache
def prefetched() -> str:
    """Links to what the first page needs, at the lowest priority: it is there when somebody has signed in."""
    folder = Path(file_util.get_static_dir())
    page = (folder / "index.html").read_text(encoding="utf-8")
    chunks = [
        f"static/js/{file.name}"
        for file in (folder / "static" / "js").glob("*.js")
        if _CHUNK.fullmatch(file.name)
    ]
    fonts = [f"static/media/{file.name}" for file in (folder / "static" / "media").glob("Material*.woff2")]
    assets = dict.fromkeys([*_ASSET.findall(page), *sorted(chunks), *fonts])
    return "".join(_link(f"/{asset}") for asset in assets)


def _link(path: str) -> str:
    if path.endswith(".js"):
        return f'<link rel="modulepreload" fetchpriority="low" href="{path}">'
    return f'<link rel="prefetch" href="{path}">'
