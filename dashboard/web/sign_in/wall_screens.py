"""Screens on a wall: the token of their link is exchanged for a cookie, which shows the wall view alone.

The token stands in the fragment of the link, which browsers send to nobody: it is in no log of a proxy.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Engine

from core.storage.database import reading, writing
from core.storage.wall_links import WallScreenLink, find_by_token, find_wall_link, note_use
from dashboard.access_log import count_or_refuse, record_refusal, record_screen
from dashboard.throttle import SCREEN_ADDRESS, forget_attempt
from dashboard.web.sign_in.sessions import ClientInfo
from dashboard.web.sign_in.signed_cookie import LinkCookie, UnknownLink

PATH: Final = "/wall"
COOKIE: Final = LinkCookie("printers_wall", "wall screen", PATH, timedelta(days=400))
"""It lasts as long as browsers keep one; the link itself gives the next one."""
_UNKNOWN: Final = "This link is not known, or was revoked: ask an administrator for another one."
_REASON: Final = "the link of a wall screen is unknown or revoked"


def open_wall(engine: Engine, token: str, client: ClientInfo, now: datetime) -> int:
    """Return the number of the link of a token. Raises UnknownLink, TooManyAttempts."""
    counted = (SCREEN_ADDRESS, client.throttle_address)
    count_or_refuse(engine, [counted], "", client, "too many unknown links of wall screens", now=now)
    with writing(engine) as connection:
        link = find_by_token(connection, token)
        if link is None:
            record_refusal(connection, "", client, _REASON, now=now)
        else:
            forget_attempt(connection, *counted, now)
            record_screen(connection, link.name, client, now=now)
    if link is None:
        raise UnknownLink(_UNKNOWN)
    return link.link_id


def screen_of(engine: Engine, number: int | None, now: datetime) -> WallScreenLink | None:
    """Return the link of a screen by its number, and note its use; None where it was revoked."""
    if number is None:
        return None
    with reading(engine) as connection:
        link = find_wall_link(connection, number)
    if link is not None:
        note_use(engine, link, now)
    return link
