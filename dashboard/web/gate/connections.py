"""The connections that carry HTTP: how many from one address, and how long a request's head may take.

uvicorn has no limit of either: a client that opens connections and sends nothing, or one octet of a header
every minute, holds them for ever.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Any, ClassVar, Final

from uvicorn.protocols.http.h11_impl import H11Protocol

from core.domain.networks import Network
from dashboard.web.gate.request_origin import is_in, throttle_key

log = logging.getLogger(__name__)

HEAD_SECONDS: Final = 10.0
"""A request line and its headers fit into one packet; nobody's line is that slow."""
_PER_PAGE: Final = 4
"""Connections a browser keeps for a page beside its websocket, while the page loads."""
_REFUSAL: Final = (
    b"HTTP/1.1 429 Too Many Requests\r\ncontent-type: text/plain; charset=utf-8\r\n"
    b"connection: close\r\ncontent-length: 42\r\n\r\nToo many connections are open from here.\r\n"
)


class Connections:
    """Number of connections from each address. Used in the event loop alone."""

    def __init__(self, most_pages: int, proxies: tuple[Network, ...]) -> None:
        self._most: Final = most_pages * _PER_PAGE
        self._proxies: Final = proxies
        self._open: Final[dict[str, int]] = {}
        self._full: Final[set[str]] = set()

    def admit(self, peer: str) -> Callable[[], None] | None:
        """Count a connection; returns what ends the count, None where there are too many.

        Trusted proxies bring everybody's connections, so that they have no limit.
        """
        if is_in(peer, self._proxies):
            return lambda: None
        address = throttle_key(peer)
        count = self._open.get(address, 0)
        if count >= self._most:
            if address not in self._full:
                log.warning("too many connections from %s: more are refused (PAGES_PER_ADDRESS)", address)
                self._full.add(address)
            return None
        self._open[address] = count + 1
        return lambda: self._release(address)

    def _release(self, address: str) -> None:
        self._open[address] -= 1
        if not self._open[address]:
            del self._open[address]
            self._full.discard(address)


class BoundedHttp(H11Protocol):
    """One connection, until it ends or becomes a websocket (which the gate counts)."""

    counted: ClassVar[Connections]

    _release: Callable[[], None] | None = None
    _head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn
        super().connection_made(transport)
        self._release = self.counted.admit(self.client[0] if self.client else "")
        if self._release is None:
            transport.write(_REFUSAL)
            transport.close()
            return
        self._expect_head()

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        head = self.scope
        try:
            super().data_received(data)
        except Exception as error:  # what comes here is a client's to mend, and no reason for a traceback
            log.debug("a connection was closed: %s", type(error).__name__, exc_info=True)
            self.transport.abort()
            return
        answering = self.cycle is not None and not self.cycle.response_complete
        if self.scope is not head or answering:
            self._forget_head()
        elif self._head_timer is None:
            self._expect_head()

    def handle_websocket_upgrade(self, event: Any) -> None:
        self._end()
        super().handle_websocket_upgrade(event)

    def connection_lost(self, exc: Exception | None) -> None:
        self._end()
        super().connection_lost(exc)

    def _expect_head(self) -> None:
        self._head_timer = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def _forget_head(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _end(self) -> None:
        self._forget_head()
        if self._release is not None:
            self._release()
            self._release = None


def bounded_http(connections: Connections) -> type[BoundedHttp]:
    """Return the protocol for a server (uvicorn makes its instances, and gives them nothing of ours)."""

    class Counted(BoundedHttp):
        counted = connections

    return Counted
