"""The websockets that are open, so that they close once their session has ended or its rights changed."""

import asyncio
import logging
from datetime import UTC, datetime
from typing import Any, Final

import anyio.to_thread
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.security.sessions import alive_sessions
from dashboard.viewer import Viewer
from fleet.web_settings import DashboardSettings

log = logging.getLogger(__name__)

SESSION_ENDED: Final = 4401
EVERY_SECONDS: Final = 1.0


class OpenSockets:
    """Who looks at a page now. Used in the event loop alone."""

    def __init__(self) -> None:
        self._open: dict[asyncio.Event, Viewer] = {}

    def __len__(self) -> int:
        return len(self._open)

    async def run(self, app: ASGIApp, viewer: Viewer, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a websocket until it ends or is ended."""
        ended = asyncio.Event()
        self._open[ended] = viewer
        reader = _Reader(receive, send, ended)
        try:
            await app(scope, reader.receive, send)
        finally:
            del self._open[ended]
            reader.close()

    def end(self, token_hash: str) -> None:
        """End those of one session."""
        for ended, viewer in self._open.items():
            if viewer.session == token_hash:
                ended.set()

    async def watch(self, engine: Engine, settings: DashboardSettings) -> None:
        """Look every second, with one query for all, which sessions have ended or changed; for ever.

        A page keeps its viewer while it is open, also for what its buttons do: this ends it in time.
        """
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            hashes = {viewer.session for viewer in self._open.values() if viewer.session}
            if not hashes:
                continue
            try:
                alive = await anyio.to_thread.run_sync(
                    alive_sessions, engine, hashes, settings, datetime.now(UTC)
                )
            except SQLAlchemyError:  # away: nobody is thrown out for that, no page shows anything either
                log.debug("sessions could not be looked at", exc_info=True)
                continue
            for ended, viewer in self._open.items():
                if viewer.session and not _same_rights(viewer, alive.get(viewer.session)):
                    ended.set()


def _same_rights(viewer: Viewer, now: Viewer | None) -> bool:
    return now is not None and (now.name, now.rank) == (viewer.name, viewer.rank)


class _Reader:
    """What the application receives: the browser's messages, or the end of the session."""

    def __init__(self, receive: Receive, send: Send, ended: asyncio.Event) -> None:
        self._receive = receive
        self._send = send
        self._ended = asyncio.ensure_future(ended.wait())
        self._pending: asyncio.Future[Any] | None = None

    async def receive(self) -> Message:
        if self._pending is None:
            self._pending = asyncio.ensure_future(self._receive())
        await asyncio.wait({self._pending, self._ended}, return_when=asyncio.FIRST_COMPLETED)
        if self._ended.done():
            await self._send({"type": "websocket.close", "code": SESSION_ENDED})
            return {"type": "websocket.disconnect", "code": SESSION_ENDED}
        message: Message = self._pending.result()
        self._pending = None
        return message

    def close(self) -> None:
        self._ended.cancel()
        if self._pending is not None:
            self._pending.cancel()
