"""`/list-view` keeps with an account how its owner wants the list of printers (ui/assets/list_view.js)."""

import re
from functools import partial
from typing import Final

import anyio.to_thread
from sqlalchemy import update
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.domain.permissions import Permission
from core.storage.core_tables import USERS
from core.storage.database import writing
from dashboard.app_context import current_app
from dashboard.web.sign_in.forms import viewer_of

_VIEW: Final = re.compile(rb"(?:compact|comfortable)(?: [a-z]{1,20}){0,20}")


async def keep_list_view(request: Request) -> Response:
    """Keep it: the rows, then the columns that are left out ("comfortable model when")."""
    viewer = viewer_of(request)
    body = await request.body()
    if viewer.user_id is None or not viewer.may(Permission.OWN_ACCOUNT):
        return JSONResponse({"error": "Sign in first."}, 401)
    if not _VIEW.fullmatch(body):
        said = "Say compact or comfortable, then the columns to leave out, with a space before each."
        return JSONResponse({"error": said}, 422)
    await anyio.to_thread.run_sync(partial(_keep, viewer.user_id, body.decode("ascii")))
    return Response(status_code=204)


def _keep(user_id: int, view: str) -> None:
    # Without a new version: who edits the account has seen nothing of this.
    with writing(current_app().engine) as connection:
        connection.execute(update(USERS).where(USERS.c.id == user_id).values(list_view=view))


ROUTES: Final = (Route("/list-view", keep_list_view, methods=["PUT"]),)
