"""`/metrics` for Prometheus: with an API token, or for who is signed in."""

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.domain.permissions import Permission
from core.runtime.metrics import CONTENT_TYPE, exposition
from core.runtime.wall_clock import utc_now
from core.storage.database import reading
from dashboard.app_context import current_app
from dashboard.features.fleet.metrics import fleet_metrics
from dashboard.web.answers import UNCACHED
from dashboard.web.sign_in.forms import viewer_of


async def metrics(request: Request) -> Response:
    """Answer with the metrics of fleet and services.

    Anonymous visitors are refused, whatever the portal shows.
    """
    viewer_of(request).require(Permission.READ_METRICS)
    body = await anyio.to_thread.run_sync(_read)
    return Response(body, headers={**UNCACHED, "content-type": CONTENT_TYPE})


def _read() -> bytes:
    app_context = current_app()
    per_printer = app_context.settings.metrics.metrics_per_printer
    with reading(app_context.engine) as connection:
        return exposition(fleet_metrics(connection, utc_now(), per_printer=per_printer))


ROUTES = (Route("/metrics", metrics),)
