"""The organization's logo, which the login page shows, too: for everybody."""

from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from dashboard.app_context import current_app

_KEPT: Final = {"cache-control": "public, max-age=86400"}
"""Another logo has another address (?v=)."""


async def logo(request: Request) -> Response:
    """Answer with the picture of ORGANIZATION_LOGO."""
    found = current_app().settings.organization.logo
    if found is None:
        return PlainTextResponse("There is no logo.\n", 404)
    known = request.query_params.get("v") == found.version
    headers = _KEPT if known else {"cache-control": "no-cache"}
    return Response(found.octets, media_type=found.media_type, headers=headers)


ROUTES: Final = (Route("/logo", logo),)
