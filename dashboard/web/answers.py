"""What many routes answer with: one sentence, as a page or as JSON, and the header against caches."""

from collections.abc import Mapping
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Scope

from dashboard.web.html_pages import notice

NO_DATABASE: Final = "The database cannot be reached just now. Try again in a moment."
UNCACHED: Final = {"cache-control": "no-store"}


def one_sentence(
    scope: Scope, status: int, sentence: str, headers: Mapping[str, str] | None = None
) -> Response:
    """Return the sentence as a page, where a browser asks for one, else as JSON in `error`."""
    sent = {**UNCACHED, **(headers or {})}
    if wants_page(scope):
        return HTMLResponse(notice(sentence), status, headers=sent)
    return JSONResponse({"error": sentence}, status, headers=sent)


def wants_page(scope: Scope) -> bool:
    """Return whether a browser shows the answer to a person: it was led there, or a form was sent."""
    return any("text/html" in accepted for accepted in Headers(scope=scope).getlist("accept"))
