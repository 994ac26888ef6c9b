"""`/login/link`: an account made, or a password set, by a link that works once; signed in afterwards.

The page's script exchanges the token in the fragment of the link for a cookie; then the form is plain.
"""

from dataclasses import dataclass
from functools import partial
from typing import Final

import anyio.to_thread
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from core.contract.errors import UserError
from core.domain.links import ACCOUNT_LINK_PATH
from core.domain.passwords import SHORTEST
from core.domain.permissions import role_of
from core.runtime.wall_clock import utc_now
from core.storage.account_links import AccountLink, Purpose, find_account_link
from core.storage.database import reading
from core.storage.full_names import actor_name
from dashboard.app_context import current_app
from dashboard.throttle import TooManyAttempts
from dashboard.web.answers import NO_DATABASE
from dashboard.web.html_pages import asset_version, web_page
from dashboard.web.routes.token_exchange import exchange_token
from dashboard.web.sign_in.account_links import COOKIE, NewPassword, accept, exchange
from dashboard.web.sign_in.forms import client_of, form_page, is_own_form, read_form, signed_in, viewer_of
from dashboard.web.sign_in.login import EXPIRED, LONGEST_PASSWORD, answer_later, ask_for_code, beside_the_loop
from dashboard.web.sign_in.sign_in import CodeWanted
from dashboard.web.sign_in.signed_cookie import UnknownLink

_LONGEST_NAME: Final = 128
_TITLES: Final = {
    Purpose.FIRST_ADMIN: "Make the first account",
    Purpose.INVITATION: "Make your account",
    Purpose.PASSWORD: "Set a new password",
}


@dataclass(frozen=True)
class LinkPage:
    """Content of one answer."""

    link: AccountLink | None
    name: str = ""
    full_name: str = ""
    message: str = ""
    """What went wrong."""
    invited_by: str = ""
    """Who has given out the link."""

    @property
    def title(self) -> str:
        """The heading."""
        return "Printers" if self.link is None else _TITLES[self.link.purpose]

    @property
    def lead(self) -> str:
        """What this page is for."""
        if self.link is None:
            return ""
        if self.link.purpose is Purpose.FIRST_ADMIN:
            return "You will be able to do everything, and to invite everybody else."
        if self.link.purpose is Purpose.PASSWORD:
            return f"For the account {self.link.name}. You are signed out everywhere else then."
        return f"{self.invited_by} has invited you as {role_of(self.link.role).title}."

    @property
    def makes_account(self) -> bool:
        """Whether it asks who they are."""
        return self.link is not None and self.link.purpose is not Purpose.PASSWORD


async def _show(request: Request) -> Response:
    link, by = await anyio.to_thread.run_sync(_link, COOKIE.number(request))
    return _page(request, LinkPage(link, name=link.name if link else "", invited_by=by))


async def _exchange(request: Request) -> Response:
    """Exchange the token of a link for the cookie of its form."""
    answer = await exchange_token(request, exchange, COOKIE)
    if answer.status_code == 403:  # noqa: PLR2004 (a link that opens nothing)
        COOKIE.forget(request, answer)
    return answer


async def _take(request: Request) -> Response:
    form = await read_form(request, 8)
    typed = LinkPage(None, form.get("name", "")[:_LONGEST_NAME], form.get("full_name", "")[:_LONGEST_NAME])
    number = COOKIE.number(request)
    if number is None or not is_own_form(request, form.get("form")):
        return await _again(request, typed, EXPIRED, 403)
    given = NewPassword(
        number,
        typed.name,
        typed.full_name,
        form.get("password", "")[:LONGEST_PASSWORD],
        form.get("again", "")[:LONGEST_PASSWORD],
        client_of(request),
        viewer_of(request).session,
    )
    try:
        found = await beside_the_loop(accept, given)
    except TooManyAttempts as error:
        return answer_later(await _again(request, typed, str(error), 429), error)
    except UnknownLink as error:
        refused = await _again(request, typed, str(error), 403)
        COOKIE.forget(request, refused)
        return refused
    except UserError as error:
        return await _again(request, typed, _sentence(error), 400)
    except SQLAlchemyError:  # what was typed stays, if the database is back meanwhile
        return await _again(request, typed, NO_DATABASE, 503)
    if isinstance(found, CodeWanted):
        response = ask_for_code(request, found, "/")
    else:
        response = signed_in(request, RedirectResponse("/", 303), found, current_app().settings.dashboard)
    COOKIE.forget(request, response)
    return response


async def _again(request: Request, typed: LinkPage, message: str, status: int) -> Response:
    """Show the form with what was typed, but no password, and what was wrong."""
    link, by = await anyio.to_thread.run_sync(_link, COOKIE.number(request))
    name = link.name if link and link.name else typed.name
    return _page(request, LinkPage(link, name, typed.full_name, message, by), status)


def _page(request: Request, page: LinkPage, status: int = 200) -> Response:
    version = asset_version("link.js")
    draw = partial(web_page, "web/account_link", page=page, shortest=SHORTEST, version=version)
    return form_page(request, draw, status)


def _link(number: int | None) -> tuple[AccountLink | None, str]:
    """Return the link of that number, and who has given it out; None where it opens nothing any more."""
    if number is None:
        return None, ""
    with reading(current_app().engine) as connection:
        link = find_account_link(connection, number, utc_now())
        return link, actor_name(connection, link.created_by) if link else ""


def _sentence(error: UserError) -> str:
    text = str(error)
    return text[:1].upper() + text[1:]


ROUTES: Final = (
    Route(ACCOUNT_LINK_PATH, _show, methods=["GET"]),
    Route(ACCOUNT_LINK_PATH, _take, methods=["POST"]),
    Route(f"{ACCOUNT_LINK_PATH}/token", _exchange, methods=["POST"]),
)
