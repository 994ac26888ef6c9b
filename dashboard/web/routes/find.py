"""`/find` answers the palette (ui/assets/palette.js): what a viewer's words may mean, as JSON."""

import math
import time
from typing import Final

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dashboard.app_context import current_app
from dashboard.viewer import Viewer
from dashboard.web.answers import UNCACHED
from dashboard.web.gate.access import FIND
from dashboard.web.gate.pace import Pace
from dashboard.web.sign_in.forms import outside_of, viewer_of

_TOO_OFTEN: Final = "Too many searches. Wait a moment."
_PACE: Final = Pace(60, 10.0)
"""Nobody types faster."""


async def find_anything(request: Request) -> Response:
    """Answer with `results`, the best first, each with kind, title, detail, path and how it is."""
    viewer = viewer_of(request)
    whose = viewer.session or outside_of(request).throttle_address
    seconds = _PACE.wait_seconds(whose, time.monotonic())
    if seconds:
        waiting = {**UNCACHED, "retry-after": str(math.ceil(seconds))}
        return JSONResponse({"error": _TOO_OFTEN}, 429, headers=waiting)
    results = await anyio.to_thread.run_sync(_find, viewer, request.query_params.get("q", ""))
    return JSONResponse({"results": results}, headers=UNCACHED)


def _find(viewer: Viewer, text: str) -> list[dict[str, str]]:
    # Streamlit's caches want its server to be there first.
    from dashboard.features.palette.search import find

    results = []
    for found in find(current_app(), viewer, text):
        told = {"kind": found.kind.value, "title": found.title, "detail": found.detail, "path": found.path}
        if found.look is not None:
            told |= {"health": found.look.label, "tone": found.look.tone, "shape": found.look.shape}
        results.append(told | ({"button": found.button} if found.button else {}))
    return results


ROUTES: Final = (Route(FIND, find_anything, methods=["GET"]),)
