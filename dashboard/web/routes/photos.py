"""`/photos`: photos sent from a page's form, and shown to who may see their issue.

The browser sends each photo as a body of its own, with the draft's token in a header: a form of another site
can set no such header, and the gate refuses another site's origin.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Final

import anyio
import anyio.to_thread
from sqlalchemy import Engine
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.domain.links import follower_of_token
from core.domain.permissions import Permission
from core.domain.text import row_number
from core.runtime.wall_clock import utc_now
from core.storage.database import reading, writing
from dashboard.app_context import current_app
from dashboard.features.photos import store
from dashboard.features.photos.drafts import draft_hash
from dashboard.features.photos.images import Photo, UnusablePhoto, make_photo
from dashboard.viewer import Viewer
from dashboard.web.answers import UNCACHED
from dashboard.web.gate.body_limit import PHOTOS
from dashboard.web.sign_in.forms import outside_of, viewer_of

DRAFT_HEADER: Final = "x-photo-draft"
_SHORTLY: Final = {"cache-control": "private, max-age=600"}
"""For the browser alone: a timeline that is drawn anew must not blink."""
_BODY_SECONDS: Final = 120.0
"""For all of a photo; the gate limits how long its next part may take."""
_MOST_AT_ONCE: Final = 12
_MOST_AT_ONCE_EACH: Final = 4
"""Bodies that are held in memory, of all and of one address."""
_DECODING: Final = anyio.CapacityLimiter(1)
"""A photo of 40 megapixels takes 160 MB while it is decoded: one after the other."""
_KINDS: Final = ("image/", "application/octet-stream")
_TOO_OLD: Final = "This page is too old to send photos: reload it."


class _UnderWay:
    """Counts the photos that are coming. Used in the event loop alone."""

    def __init__(self) -> None:
        self._by_address: Final[dict[str, int]] = {}

    @contextmanager
    def one(self, address: str) -> Iterator[None]:
        """Count one more photo from that address. Raises HTTPException."""
        coming = self._by_address.get(address, 0)
        if coming >= _MOST_AT_ONCE_EACH or sum(self._by_address.values()) >= _MOST_AT_ONCE:
            raise HTTPException(503, "Many photos are being sent just now: try again in a moment.")
        self._by_address[address] = coming + 1
        try:
            yield
        finally:
            self._by_address[address] -= 1
            if not self._by_address[address]:
                del self._by_address[address]


_UNDER_WAY: Final = _UnderWay()


async def send_photo(request: Request) -> Response:
    """Take one photo for a draft: 201 with its number, or a sentence in `error`."""
    try:
        return await _take(request)
    except store.RefusedPhoto as error:
        return _refusal(409, str(error))
    except UnusablePhoto as error:
        return _refusal(422, str(error))


async def _take(request: Request) -> Response:
    viewer, address, now = viewer_of(request), outside_of(request).throttle_address, utc_now()
    viewer.require(Permission.REPORT_PROBLEMS)
    draft = _draft(request)
    if draft is None:
        return _refusal(403, _TOO_OLD)
    if not request.headers.get("content-type", "").lower().startswith(_KINDS):
        return _refusal(415, "This file is no photo: send a JPEG, PNG or GIF.")
    engine = current_app().engine
    with _UNDER_WAY.one(address):
        # Counted before the body is read: what is refused costs nothing.
        await anyio.to_thread.run_sync(_count, engine, viewer, address, draft, now)
        with anyio.move_on_after(_BODY_SECONDS) as waiting:
            sent = await request.body()
        if waiting.cancelled_caught:
            return _refusal(408, "The photo did not come in time.")
        photo = await anyio.to_thread.run_sync(make_photo, sent, limiter=_DECODING)
        number = await anyio.to_thread.run_sync(_keep, engine, draft, photo, now)
    return JSONResponse({"photo": number}, 201, headers=UNCACHED)


def _count(engine: Engine, viewer: Viewer, address: str, draft: str, now: datetime) -> None:
    with writing(engine) as connection:
        store.check_room(connection, draft)
        store.count_photo(connection, viewer, address, now)


def _keep(engine: Engine, draft: str, photo: Photo, now: datetime) -> int:
    with writing(engine) as connection:
        return store.add_photo(connection, draft, photo, now)


async def list_draft(request: Request) -> Response:
    """Answer with the numbers of the photos that wait in a draft, for a page that is drawn anew."""
    draft = _draft(request)
    if draft is None:
        return _refusal(403, _TOO_OLD)
    found = await anyio.to_thread.run_sync(_in_draft, draft)
    return JSONResponse({"photos": list(found)}, headers=UNCACHED)


async def remove_photo(request: Request) -> Response:
    """Take a photo out of a draft."""
    draft, number = _draft(request), _number(request)
    if draft is None or number is None:
        return _missing()
    gone = await anyio.to_thread.run_sync(_remove, draft, number)
    return Response(status_code=204, headers=UNCACHED) if gone else _missing()


async def show_photo(request: Request) -> Response:
    """Answer with a photo, whole or as a thumbnail.

    By role, by a link to follow its issue, or by its draft.
    """
    number = _number(request)
    if number is None:
        return _missing()
    image = await anyio.to_thread.run_sync(_find, request, number)
    return _missing() if image is None else Response(image, media_type="image/jpeg", headers=_SHORTLY)


def _in_draft(draft: str) -> Sequence[int]:
    with reading(current_app().engine) as connection:
        return store.draft_photos(connection, draft)


def _remove(draft: str, number: int) -> bool:
    with writing(current_app().engine) as connection:
        return store.remove_draft_photo(connection, draft, number)


def _find(request: Request, number: int) -> bytes | None:
    """Return the photo's file; None for who may not see it, as for a number that nothing has."""
    thumbnail = request.url.path.endswith("/thumbnail")
    token = request.query_params.get("token", "")
    follower = follower_of_token(current_app().settings.web.link_keys(), token) if token else None
    draft = _draft(request)
    with reading(current_app().engine) as connection:
        if viewer_of(request).may(Permission.WORK_ISSUES):
            found = store.filed_photo(connection, number, thumbnail=thumbnail)
        elif follower is not None:
            found = store.followed_photo(connection, number, follower, thumbnail=thumbnail)
        else:
            found = None
        if found is None and draft is not None and thumbnail:
            found = store.draft_thumbnail(connection, number, draft)
    return found


def _draft(request: Request) -> str | None:
    """Return the draft that the request is about; None where its token is not ours, or too old."""
    key = current_app().settings.web.signing_key()
    return draft_hash(key, request.headers.get(DRAFT_HEADER, ""), utc_now())


def _number(request: Request) -> int | None:
    return row_number(request.path_params["number"])


def _missing() -> Response:
    return _refusal(404, "There is no such photo, or it is not shown to you.")


def _refusal(status: int, sentence: str) -> Response:
    return JSONResponse({"error": sentence}, status, headers=UNCACHED)


ROUTES: Final = (
    Route(PHOTOS, send_photo, methods=["POST"]),
    Route(f"{PHOTOS}/draft", list_draft, methods=["GET"]),
    Route(f"{PHOTOS}/{{number}}", remove_photo, methods=["DELETE"]),
    Route(f"{PHOTOS}/{{number}}", show_photo, methods=["GET"]),
    Route(f"{PHOTOS}/{{number}}/thumbnail", show_photo, methods=["GET"]),
)
