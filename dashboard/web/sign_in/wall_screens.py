"""Screens on a wall: the token of their link is exchanged for a cookie, which shows the wall view alone.

The token stands in the fragment of the link, which browsers send to nobody: it is in no log of a proxy.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Engine
from starlette.requests import Request
from starlette.responses import Response

from core.contract.errors import UserError
from core.storage.database import reading, writing
from core.storage.wall_links import WallScreenLink, find_by_token, find_wall_link, note_use
from dashboard.web.gate.access_log import log_refusal, record_refusal, record_screen
from dashboard.web.gate.throttle import SCREEN_ADDRESS, TooManyAttempts, count_attempt, forget_attempt
from dashboard.web.sign_in.forms import outside_of
from dashboard.web.sign_in.sessions import ClientInfo
from dashboard.web.sign_in.signed import sign, verified

PATH: Final = "/wall"
_COOKIE: Final = "printers_wall"
_PURPOSE: Final = "wall screen"
_LASTS: Final = timedelta(days=400)
"""As long as browsers keep a cookie; the link itself gives the next one."""
_UNKNOWN: Final = "This link is not known, or was revoked: ask an administrator for another one."
_REASON: Final = "the link of a wall screen is unknown or revoked"


class UnknownLink(UserError):
    """No screen has such a link."""


def open_wall(
    engine: Engine, token: str, client: ClientInfo, throttle_address: str, now: datetime
) -> WallScreenLink:
    """Return the link of a token. Raises UnknownLink, TooManyAttempts."""
    counted = (SCREEN_ADDRESS, throttle_address)
    try:
        with writing(engine) as connection:
            count_attempt(connection, [counted], now)
    except TooManyAttempts:
        log_refusal("", client, "too many unknown links of wall screens")
        raise
    with writing(engine) as connection:
        link = find_by_token(connection, token)
        if link is None:
            record_refusal(connection, "", client, _REASON, now=now)
        else:
            forget_attempt(connection, *counted, now)
            record_screen(connection, link.name, client, now=now)
    if link is None:
        raise UnknownLink(_UNKNOWN)
    return link


def screen_of(engine: Engine, key: bytes, cookie: str, now: datetime) -> WallScreenLink | None:
    """Return the link that a cookie was given for; None where it is none of ours, or the link was revoked."""
    claims = verified(key, _PURPOSE, cookie, now) if cookie else None
    if claims is None:
        return None
    with reading(engine) as connection:
        link = find_wall_link(connection, int(claims["link"]))
    if link is not None:
        note_use(engine, link, now)
    return link


def screen_cookie(request: Request) -> str:
    """Return the cookie of this browser; "" where it has none."""
    return request.cookies.get(_cookie_name(request), "")


def keep_screen(
    request: Request, response: Response, link: WallScreenLink, key: bytes, now: datetime
) -> None:
    """Give the browser the cookie of its screen: for this path alone, and for no script."""
    response.set_cookie(
        _cookie_name(request),
        sign(key, _PURPOSE, {"link": link.link_id}, now, _LASTS),
        max_age=int(_LASTS.total_seconds()),
        path=PATH,
        httponly=True,
        samesite="strict",
        secure=outside_of(request).secure,
    )


def _cookie_name(request: Request) -> str:
    """Its name; behind HTTPS one that browsers take over HTTPS alone."""
    return f"__Secure-{_COOKIE}" if outside_of(request).secure else _COOKIE
