"""What a route answers when it fails in a way that many do: each such exception has its answer here.

A route catches one of them only where it has something else to say: the forms of signing in stay, with the
sentence above what was typed. The JSON API has a table of its own (dashboard/api/app.py), for programs.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Final

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import Response

from core.runtime.failures import failure_text
from core.runtime.wall_clock import utc_now
from core.storage.database import is_unavailable
from dashboard.access_log import record_refused_right
from dashboard.app_context import current_app
from dashboard.throttle import TooManyAttempts
from dashboard.viewer import Forbidden
from dashboard.web.answers import NO_DATABASE, one_sentence

log = logging.getLogger(__name__)


def _no_database(request: Request, error: Exception) -> Response:
    # Busy or away says little more; what the database refuses is a fault of ours.
    away = is_unavailable(error)
    log.log(
        logging.WARNING if away else logging.ERROR,
        "%s could not be answered: %s",
        request.url.path,
        failure_text(error),
        exc_info=None if away else error,
    )
    return one_sentence(request.scope, 503, NO_DATABASE)


def _too_many(request: Request, error: Exception) -> Response:
    assert isinstance(error, TooManyAttempts)  # noqa: S101 (it is registered for that)
    return one_sentence(request.scope, 429, str(error), {"retry-after": str(error.seconds)})


def _forbidden(request: Request, error: Exception) -> Response:
    assert isinstance(error, Forbidden)  # noqa: S101 (it is registered for that)
    if error.viewer is not None:
        what = f"/{request.url.path.split('/')[1]}"  # not each number of a page by itself
        record_refused_right(current_app().engine, error.viewer, what, now=utc_now())
    return one_sentence(request.scope, 403, str(error))


FAILURES: Final[Mapping[type[Exception], Callable[[Request, Exception], Response]]] = {
    SQLAlchemyError: _no_database,
    TooManyAttempts: _too_many,
    Forbidden: _forbidden,
}
