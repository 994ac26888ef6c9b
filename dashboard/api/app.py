"""The application behind `/api/v1`, with its OpenAPI document; every refusal is one sentence in `error`."""

from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from sqlalchemy.exc import DataError, DBAPIError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount

from core.contract.errors import UserError
from core.runtime.wall_clock import utc_now
from core.storage.database import is_unavailable
from core.timeseries.reader import TimeSeriesUnavailable
from dashboard.access_log import record_refused_right
from dashboard.api.routes import router
from dashboard.app_context import current_app
from dashboard.throttle import TooManyAttempts
from dashboard.viewer import Forbidden
from dashboard.web.answers import NO_DATABASE, UNCACHED

_ABOUT: Final = """State, supplies and issues of the fleet, for other programs.

Send an API token that an administrator made: `Authorization: Bearer TOKEN`. What a token may see and do is
what its role may see and do in the dashboard."""
_SENTENCES: Final = {
    "Not Found": "There is no such route.",
    "Method Not Allowed": "This route has no such method.",
}


def make_api() -> Mount:
    """Make the JSON routes as a mount for the dashboard; their document needs no network to be read."""
    api = FastAPI(
        title="Printer System",
        version=version("printer-system"),
        description=_ABOUT,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        servers=[{"url": "/api/v1"}],
        redirect_slashes=False,
    )
    api.include_router(router)
    for kind, answer in _ANSWERS.items():
        api.add_exception_handler(kind, answer)
    api.openapi = lambda: _document(api)  # type: ignore[method-assign] # as FastAPI documents it
    return Mount("/api/v1", app=api)


def _document(api: FastAPI) -> dict[str, Any]:
    if api.openapi_schema is None:
        document = get_openapi(
            title=api.title,
            version=api.version,
            description=api.description,
            routes=api.routes,
            servers=api.servers,
        )
        document["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        document["security"] = [{"token": []}, {}]
        for unused in ("HTTPValidationError", "ValidationError"):
            document["components"]["schemas"].pop(unused, None)
        api.openapi_schema = document
    return api.openapi_schema


def _problem(status: int, sentence: str, headers: Mapping[str, str] | None = None) -> Response:
    return JSONResponse({"error": sentence}, status, headers={**UNCACHED, **(headers or {})})


def _http(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 (it is registered for that)
    sentence = _SENTENCES.get(error.detail, error.detail)
    return _problem(error.status_code, sentence, error.headers)


def _invalid(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 (it is registered for that)
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        return _problem(422, "The body is not JSON.")
    where = ".".join(str(part) for part in first["loc"][1:]) or str(first["loc"][0])
    return _problem(422, f"{where[:100]}: {first['msg']}.")


def _too_many(_request: Request, error: Exception) -> Response:
    assert isinstance(error, TooManyAttempts)  # noqa: S101 (it is registered for that)
    return _problem(429, str(error), {"retry-after": str(error.seconds)})


def _forbidden(request: Request, error: Exception) -> Response:
    viewer = error.viewer if isinstance(error, Forbidden) else None
    if viewer is not None:
        record_refused_right(current_app().engine, viewer, request.url.path, now=utc_now())
    return _problem(403, str(error))


def _sentence(status: int) -> Callable[[Request, Exception], Response]:
    """Return what answers an exception with its own sentence."""
    return lambda _request, error: _problem(status, str(error))


def _database(_request: Request, error: Exception) -> Response:
    if isinstance(error, DBAPIError) and is_unavailable(error):
        return _problem(503, NO_DATABASE)
    if isinstance(error, DataError):  # PostgreSQL takes no NUL in a text
        return _problem(422, "A value has a character that cannot be stored.")
    raise error


_ANSWERS: Final = {
    HTTPException: _http,
    RequestValidationError: _invalid,
    TooManyAttempts: _too_many,
    Forbidden: _forbidden,
    TimeSeriesUnavailable: _sentence(503),
    UserError: _sentence(422),
    DBAPIError: _database,
}
