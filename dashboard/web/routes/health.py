"""`/healthz` for monitoring; `/session`, by which open pages learn their user and the menu's counts."""

from typing import Final

import anyio
import anyio.to_thread
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.domain.permissions import Permission
from core.storage.database import reading
from dashboard.app_context import current_app
from dashboard.viewer import Viewer
from dashboard.web.answers import UNCACHED
from dashboard.web.sign_in.forms import portal_is_open_to, viewer_of

_PATIENCE_SECONDS: Final = 5.0
_THREADS: Final = anyio.CapacityLimiter(2)
"""Its own: a database that hangs takes those of the pages, and who watches must still hear of it."""


async def healthz(_request: Request) -> Response:
    """Answer 200 where the database answers, else 503; nothing more is told to strangers."""
    well = False
    with anyio.move_on_after(_PATIENCE_SECONDS):
        well = await anyio.to_thread.run_sync(_database_answers, limiter=_THREADS, abandon_on_cancel=True)
    body = {"status": "ok" if well else "failing", "database": "ok" if well else "away"}
    return JSONResponse(body, 200 if well else 503, headers=UNCACHED)


async def session(request: Request) -> Response:
    """Who this browser is, and how many flags and issues wait, which the menu tells, of their pages."""
    viewer = viewer_of(request)
    if viewer.is_anonymous and not portal_is_open_to(request):
        return JSONResponse({"error": "Sign in first."}, 401, headers=UNCACHED)
    counts = await anyio.to_thread.run_sync(_counts, viewer)
    body = {"name": viewer.name, "role": viewer.role.name, "counts": counts}
    return JSONResponse(body, headers=UNCACHED)


def _counts(viewer: Viewer) -> dict[str, int]:
    """Return what waits, by the path of its page."""
    # Streamlit's caches want its server to be there first.
    from dashboard.features.shared.manager_cached import menu_counts

    shown = {"attention": Permission.TRIAGE_ATTENTION, "issues": Permission.WORK_ISSUES}
    mine = [] if viewer.is_restricted else [path for path in shown if viewer.may(shown[path])]
    if not mine:
        return {}
    try:
        counts = menu_counts(current_app())
    except SQLAlchemyError:  # the pages say so themselves
        return {}
    return {path: int(getattr(counts, path)) for path in mine}


def _database_answers() -> bool:
    try:
        with reading(current_app().engine) as connection:
            connection.execute(text("SELECT 1"))
    except SQLAlchemyError:  # this is the answer
        return False
    return True


ROUTES = (Route("/healthz", healthz), Route("/session", session))
