"""Exchange the token of a link, sent by the script of its page, for a cookie of this browser."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

import anyio.to_thread
from sqlalchemy import Engine
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from core.runtime.wall_clock import utc_now
from dashboard.app_context import current_app
from dashboard.web.answers import UNCACHED
from dashboard.web.sign_in.forms import client_of, read_form
from dashboard.web.sign_in.sessions import ClientInfo
from dashboard.web.sign_in.signed_cookie import LinkCookie, UnknownLink

_LONGEST_TOKEN: Final = 200

Find = Callable[[Engine, str, ClientInfo, datetime], int]
"""Returns the number of the link of a token, asked by a client; raises UnknownLink, TooManyAttempts."""


async def exchange_token(request: Request, find: Find, cookie: LinkCookie) -> Response:
    """Answer 204 with the cookie, or why there is none."""
    token = (await read_form(request, 2)).get("token", "")[:_LONGEST_TOKEN]
    try:
        number = await anyio.to_thread.run_sync(
            find, current_app().engine, token, client_of(request), utc_now()
        )
    except UnknownLink as error:
        return JSONResponse({"error": str(error)}, 403, headers=UNCACHED)
    response = Response(status_code=204, headers=UNCACHED)
    cookie.keep(request, response, {"link": number})
    return response
