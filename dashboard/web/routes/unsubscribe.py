"""`/unsubscribe`: the daily summary ended by the link in the mail, without signing in.

Opening the link only asks, since programs that scan mails open every link. The form's button ends it, and
so does a mail program's own, by a POST to the same address (RFC 8058).
"""

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from core.contract.errors import Conflict
from core.domain.links import user_of_token
from core.domain.mail_choices import NEVER
from core.runtime.wall_clock import utc_now
from core.storage.database import reading, writing
from core.storage.users import edit_user, find_user
from dashboard.app_context import current_app
from dashboard.web.answers import UNCACHED
from dashboard.web.html_pages import notice, web_page

_ENDED = "You no longer receive the daily issue summary."
_UNKNOWN = "This link is not one of ours, or no longer: sign in to choose what you receive."


async def _ask(request: Request) -> Response:
    token = request.query_params.get("token", "")
    receives = await anyio.to_thread.run_sync(_receives, token)
    if receives is None:
        return HTMLResponse(notice(_UNKNOWN), 404, headers=UNCACHED)
    if not receives:
        return HTMLResponse(notice(_ENDED), headers=UNCACHED)
    return HTMLResponse(web_page("web/unsubscribe", token=token), headers=UNCACHED)


async def _end(request: Request) -> Response:
    try:
        known = await anyio.to_thread.run_sync(_unsubscribe, request.query_params.get("token", ""))
    except Conflict as error:  # somebody edits the account just now
        return HTMLResponse(notice(str(error)), 409, headers=UNCACHED)
    return HTMLResponse(notice(_ENDED if known else _UNKNOWN), 200 if known else 404, headers=UNCACHED)


def _receives(token: str) -> bool | None:
    """Return whether the token's user gets the summary; None where it is nobody's."""
    app_context = current_app()
    name = user_of_token(app_context.settings.web.link_keys(), token)
    with reading(app_context.engine) as connection:
        user = find_user(connection, name) if name else None
    return None if user is None else user.summary != NEVER


def _unsubscribe(token: str) -> bool:
    """End it; again, it changes nothing. False where the token is nobody's."""
    app_context = current_app()
    name = user_of_token(app_context.settings.web.link_keys(), token)
    with writing(app_context.engine) as connection:
        user = find_user(connection, name) if name else None
        if user is not None and user.summary != NEVER:
            edit_user(connection, user, {"summary": NEVER}, actor=user.name, now=utc_now())
    return user is not None


ROUTES = [
    Route("/unsubscribe", _ask, methods=["GET"]),
    Route("/unsubscribe", _end, methods=["POST"]),
]
