"""The websockets that are open: what they may ask, and their end once their session has ended or changed."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

import anyio.to_thread
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.runtime.wall_clock import utc_now
from core.runtime.web_settings import DashboardSettings
from dashboard.viewer import Viewer
from dashboard.web.gate.page_messages import PageRequest, UnreadableMessage, named_files, read_message
from dashboard.web.sign_in.sessions import alive_sessions

log = logging.getLogger(__name__)

SESSION_ENDED: Final = 4401
EVERY_SECONDS: Final = 1.0
_NOT_UNDERSTOOD: Final = 1002
_TEXT: Final = 1003
_FILES_KEPT: Final = 500
"""Files of one session that may be fetched: more than its pages show at once."""
_SESSIONS_KEPT: Final = 5_000

Permitted = Callable[[PageRequest], Awaitable[int]]
"""0 where a page may go on with a request, else the code to close its websocket with."""


@dataclass(frozen=True, eq=False)
class OpenPage:
    """A page that somebody looks at."""

    viewer: Viewer
    address: str
    """As it is counted for throttling."""
    permitted: Permitted
    ended: asyncio.Event = field(default_factory=asyncio.Event)


class OpenSockets:
    """Pages that are open now. Used in the event loop alone."""

    def __init__(self) -> None:
        self._open: set[OpenPage] = set()
        self._files = _SessionFiles()

    def __len__(self) -> int:
        return len(self._open)

    def from_address(self, address: str) -> int:
        """Return how many are open from an address."""
        return sum(page.address == address for page in self._open)

    def was_told_of(self, token_hash: str, file_id: str) -> bool:
        """Return whether a page of that session ("": of those without one) was told of that file."""
        return self._files.has(token_hash, file_id)

    async def run(self, app: ASGIApp, page: OpenPage, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a page's websocket until it ends or is ended."""
        self._open.add(page)
        traffic = _Traffic(receive, send, page, self._files)
        try:
            await app(scope, traffic.receive, traffic.send)
        finally:
            self._open.discard(page)
            traffic.close()

    def end(self, token_hash: str) -> None:
        """End those of one session."""
        self._files.forget(token_hash)
        for page in self._open:
            if page.viewer.session == token_hash:
                page.ended.set()

    async def end_outdated(self, engine: Engine, settings: DashboardSettings) -> None:
        """End the pages whose sessions have ended or changed; one query for all. Done every second.

        What a page asks for is held against its session anew by the gate; this ends a page that asks nothing.
        """
        hashes = {page.viewer.session for page in self._open if page.viewer.session}
        if not hashes:
            return
        try:
            alive = await anyio.to_thread.run_sync(alive_sessions, engine, hashes, settings, utc_now())
        except SQLAlchemyError:  # away: nobody is thrown out for that, no page shows anything either
            log.debug("sessions could not be looked at", exc_info=True)
            return
        for page in list(self._open):
            if page.viewer.session and not same_rights(page.viewer, alive.get(page.viewer.session)):
                self._files.forget(page.viewer.session)
                page.ended.set()


def same_rights(viewer: Viewer, now: Viewer | None) -> bool:
    """Return whether a session that was opened as `viewer` still stands for no less and no more."""
    if now is None or (now.name, now.role) != (viewer.name, viewer.role):
        return False
    return viewer.must_change_password or not now.must_change_password


class _SessionFiles:
    """The newest files that the pages of each session were told of."""

    def __init__(self) -> None:
        self._told: OrderedDict[str, OrderedDict[str, None]] = OrderedDict()

    def note(self, token_hash: str, data: bytes) -> None:
        for file_id in named_files(data):
            told = self._told.setdefault(token_hash, OrderedDict())
            told[file_id] = None
            told.move_to_end(file_id)
            self._told.move_to_end(token_hash)
            if len(told) > _FILES_KEPT:
                told.popitem(last=False)
            if len(self._told) > _SESSIONS_KEPT:
                self._told.popitem(last=False)

    def has(self, token_hash: str, file_id: str) -> bool:
        return file_id in self._told.get(token_hash, ())

    def forget(self, token_hash: str) -> None:
        self._told.pop(token_hash, None)


class _Traffic:
    """Messages between the browser and the application, until the session ends."""

    def __init__(self, receive: Receive, send: Send, page: OpenPage, files: _SessionFiles) -> None:
        self._receive = receive
        self._send = send
        self._page = page
        self._files = files
        self._ended = asyncio.ensure_future(page.ended.wait())
        self._pending: asyncio.Future[Any] | None = None
        self._closed = False

    async def receive(self) -> Message:
        """Return the next message that the page may send; what no page of ours sends is left out."""
        while True:
            message = await self._next()
            if message is None:
                return await self._close(SESSION_ENDED)
            if message["type"] != "websocket.receive":
                return message
            data = message.get("bytes")
            if data is None:
                return await self._close(_TEXT)
            try:
                asked = read_message(data)
            except UnreadableMessage:
                return await self._close(_NOT_UNDERSTOOD)
            if not asked.needed:
                log.debug("a page's message was refused: %s", asked.kind)
                continue
            if code := await self._page.permitted(asked):
                return await self._close(code)
            return message

    async def send(self, message: Message) -> None:
        """Pass a message to the page on; nothing more once it was closed."""
        if self._closed:
            return
        if message["type"] == "websocket.send":
            self._files.note(self._page.viewer.session, message.get("bytes") or b"")
        await self._send(message)

    async def _next(self) -> Message | None:
        """Return the browser's next message; None once the session has ended."""
        if self._pending is None:
            self._pending = asyncio.ensure_future(self._receive())
        await asyncio.wait({self._pending, self._ended}, return_when=asyncio.FIRST_COMPLETED)
        if self._ended.done():
            return None
        message: Message = self._pending.result()
        self._pending = None
        return message

    async def _close(self, code: int) -> Message:
        if not self._closed:
            self._closed = True
            await self._send({"type": "websocket.close", "code": code})
        return {"type": "websocket.disconnect", "code": code}

    def close(self) -> None:
        self._ended.cancel()
        if self._pending is not None:
            self._pending.cancel()
