"""`/login` and `/logout`: plain forms, which work before and without any script."""

from datetime import UTC, datetime

import anyio.to_thread
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from dashboard.html_pages import notice
from dashboard.routes.forms import (
    form_token,
    outside_of,
    read_form,
    safe_next,
    same_token,
    signed_in,
    signed_out,
    viewer_of,
)
from dashboard.routes.login_page import NO_DATABASE, LoginPage, login_answer
from dashboard.routes.sign_on import by_proxy
from dashboard.security.sessions import Client, end_session
from dashboard.security.sign_in import Credentials, WrongPassword, sign_in
from dashboard.security.sockets import OpenSockets
from dashboard.security.throttle import TooManyAttempts
from dashboard.wiring import wired
from fleet.database import writing
from fleet.errors import FleetError

_EXPIRED = "This form was open for too long. Try again."
_LONGEST_PASSWORD = 1024


def make_login_routes(sockets: OpenSockets) -> list[Route]:
    """The routes; signing out closes the session's open pages at once."""

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
    except FleetError as error:
        return login_answer(request, LoginPage(wanted, message=str(error)), 403)
    except SQLAlchemyError:
        return login_answer(request, LoginPage(wanted, message=NO_DATABASE), 503)
    return vouched or login_answer(request, LoginPage(wanted))


async def _take(request: Request) -> Response:
    form = await read_form(request, 8)
    name, wanted = str(form.get("name", "")), safe_next(form.get("next"))
    if not same_token(form_token(request), form.get("form")):
        return login_answer(request, LoginPage(wanted, name, _EXPIRED), 403)
    seen = outside_of(request)
    client = Client(seen.address, request.headers.get("user-agent", ""))
    password = str(form.get("password", ""))[:_LONGEST_PASSWORD]
    given = Credentials(name, password, client, seen.throttle_address)
    try:
        token = await anyio.to_thread.run_sync(_sign_in, given)
    except TooManyAttempts as error:
        response = login_answer(request, LoginPage(wanted, name, str(error)), 429)
        response.headers["retry-after"] = str(error.seconds)
        return response
    except WrongPassword as error:
        return login_answer(request, LoginPage(wanted, name, str(error)), 401)
    except SQLAlchemyError:
        return login_answer(request, LoginPage(wanted, name, NO_DATABASE), 503)
    return signed_in(request, RedirectResponse(wanted, 303), token, wired().settings.dashboard)


def _sign_in(given: Credentials) -> str:
    wiring = wired()
    return sign_in(wiring.engine, given, wiring.settings.dashboard, datetime.now(UTC))


def _end(session: str) -> None:
    with writing(wired().engine) as connection:
        end_session(connection, session, datetime.now(UTC))
