"""`/login`, `/login/code` and `/logout`: plain forms, which work before and without any script."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, TypeVar

import anyio.to_thread
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from core.contract.errors import UserError
from core.runtime.wall_clock import utc_now
from core.storage.database import reading, writing
from core.storage.users import count_admins
from dashboard.app_context import current_app
from dashboard.settings import DashboardAppSettings
from dashboard.throttle import TooManyAttempts
from dashboard.web.answers import NO_DATABASE, UNCACHED
from dashboard.web.gate.sockets import OpenSockets
from dashboard.web.html_pages import notice
from dashboard.web.sign_in.forms import (
    client_of,
    is_own_form,
    read_form,
    safe_next,
    same_token,
    signed_in,
    signed_out,
    viewer_of,
)
from dashboard.web.sign_in.login_page import LoginPage, code_answer, login_answer
from dashboard.web.sign_in.sessions import end_session
from dashboard.web.sign_in.sign_in import (
    CodeCredentials,
    CodeWanted,
    Credentials,
    StartAgain,
    WrongPassword,
    sign_in,
    sign_in_with_code,
)
from dashboard.web.sign_in.signed_cookie import SignedCookie
from dashboard.web.sign_in.single_sign_on import by_proxy

GivenT = TypeVar("GivenT")
FoundT = TypeVar("FoundT")
EXPIRED: Final = "This form was open for too long. Try again."
_NOBODY_YET: Final = (
    "Nobody can administer this system yet. Open the link that printers up shows in its terminal, or make "
    "one there: printers users invite NAME --role admin"
)
LONGEST_PASSWORD: Final = 1024
_LONGEST_CODE: Final = 64
_CODE: Final = SignedCookie("printers_code", "code wanted", "/login", timedelta(minutes=5))


def make_login_routes(sockets: OpenSockets) -> list[Route]:
    """Return the routes; a session that ends here closes its open pages at once."""

    async def logout(request: Request) -> Response:
        viewer = viewer_of(request)
        if not viewer.session:
            return RedirectResponse("/login?out=1", 303)
        form = await read_form(request, 4)
        if not same_token(viewer.csrf, form.get("csrf")):
            return HTMLResponse(notice("This was not asked for by a page of ours."), 403)
        await anyio.to_thread.run_sync(_end, viewer.session)
        sockets.end(viewer.session)
        return signed_out(request, RedirectResponse("/login?out=1", 303))

    return [
        Route("/login", _show, methods=["GET"]),
        Route("/login", _take, methods=["POST"]),
        Route("/login/code", _show_code, methods=["GET"]),
        Route("/login/code", _take_code, methods=["POST"]),
        Route("/logout", logout, methods=["POST"]),
    ]


async def _show(request: Request) -> Response:
    wanted = safe_next(request.query_params.get("next"))
    if viewer_of(request).session:
        return RedirectResponse(wanted, 303)
    if "out" in request.query_params:  # and not in again at once, by who vouches for them
        return login_answer(request, LoginPage(wanted, note="You are signed out."))
    try:
        vouched = await by_proxy(request, wanted)
    except UserError as error:
        return login_answer(request, LoginPage(wanted, message=str(error)), 403)
    except SQLAlchemyError:  # the form is shown also then, and keeps where they wanted to go
        return login_answer(request, LoginPage(wanted, message=NO_DATABASE), 503)
    return vouched or login_answer(request, LoginPage(wanted, note=await _first_start()))


async def _first_start() -> str:
    """Return how the first account is made, while nobody can sign in; else ""."""
    if current_app().settings.sign_on.oidc_issuer:
        return ""
    try:
        return "" if await anyio.to_thread.run_sync(_anybody) else _NOBODY_YET
    except SQLAlchemyError:  # the form says so once it is sent
        return ""


async def _take(request: Request) -> Response:
    form = await read_form(request, 8)
    name, wanted = str(form.get("name", "")), safe_next(form.get("next"))
    if not is_own_form(request, form.get("form")):
        return login_answer(request, LoginPage(wanted, name, EXPIRED), 403)
    given = Credentials(
        name,
        str(form.get("password", ""))[:LONGEST_PASSWORD],
        client_of(request),
        viewer_of(request).session,
    )
    try:
        found = await beside_the_loop(sign_in, given)
    except TooManyAttempts as error:
        return answer_later(login_answer(request, LoginPage(wanted, name, str(error)), 429), error)
    except WrongPassword as error:
        return login_answer(request, LoginPage(wanted, name, str(error)), 401)
    except SQLAlchemyError:  # the form stays, with the name that was typed
        return login_answer(request, LoginPage(wanted, name, NO_DATABASE), 503)
    if isinstance(found, CodeWanted):
        return ask_for_code(request, found, wanted)
    return signed_in(request, RedirectResponse(wanted, 303), found, current_app().settings.dashboard)


async def _show_code(request: Request) -> Response:
    if _kept_step(request) is None:
        return RedirectResponse("/login", 303)
    return code_answer(request)


async def _take_code(request: Request) -> Response:
    form = await read_form(request, 4)
    kept = _kept_step(request)
    if kept is None:
        return login_answer(request, LoginPage(message=EXPIRED), 403)
    step, wanted = kept
    if not is_own_form(request, form.get("form")):
        return code_answer(request, EXPIRED, 403)
    given = CodeCredentials(
        step.user_id,
        step.version,
        str(form.get("code", ""))[:_LONGEST_CODE],
        client_of(request),
        viewer_of(request).session,
    )
    try:
        token = await beside_the_loop(sign_in_with_code, given)
    except (UserError, SQLAlchemyError) as error:
        return _code_refused(request, error, wanted)
    response = signed_in(request, RedirectResponse(wanted, 303), token, current_app().settings.dashboard)
    return _without_step(request, response)


def _code_refused(request: Request, error: Exception, wanted: str) -> Response:
    match error:
        case TooManyAttempts():
            return answer_later(code_answer(request, str(error), 429), error)
        case StartAgain():
            return _without_step(request, login_answer(request, LoginPage(wanted, message=str(error)), 403))
        case UserError():  # the code is wrong, or its secret cannot be read
            return code_answer(request, str(error), 401)
        case _:  # no database: the code can be sent again
            return code_answer(request, NO_DATABASE, 503)


def ask_for_code(request: Request, found: CodeWanted, wanted: str) -> Response:
    """Ask for the second step, which leads to the path `wanted`.

    The browser keeps that the first one was passed, signed and for five minutes.
    """
    claims = {"user": found.user_id, "version": found.version, "next": wanted}
    response = RedirectResponse("/login/code", 303, headers=UNCACHED)
    _CODE.keep(request, response, claims)
    return response


def _kept_step(request: Request) -> tuple[CodeWanted, str] | None:
    """Return the account whose password was right in this browser, and its next path.

    None where that is too long ago.
    """
    claims = _CODE.claims(request)
    if claims is None:
        return None
    return CodeWanted(int(claims["user"]), int(claims["version"])), safe_next(claims["next"])


def _without_step(request: Request, response: Response) -> Response:
    _CODE.forget(request, response)
    return response


def answer_later(response: Response, error: TooManyAttempts) -> Response:
    """Return the answer with when to try again."""
    response.headers["retry-after"] = str(error.seconds)
    return response


def _anybody() -> bool:
    with reading(current_app().engine) as connection:
        return count_admins(connection) > 0


async def beside_the_loop(
    act: Callable[[Engine, GivenT, DashboardAppSettings, datetime], FoundT], given: GivenT
) -> FoundT:
    """Do a step of signing in, with what was typed, in a thread: it hashes, and asks the database."""
    app_context = current_app()
    return await anyio.to_thread.run_sync(act, app_context.engine, given, app_context.settings, utc_now())


def _end(session: str) -> None:
    with writing(current_app().engine) as connection:
        end_session(connection, session, utc_now())
