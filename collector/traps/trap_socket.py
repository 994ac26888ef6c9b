"""The socket that printers send traps to; under a flood it closes for the rest of the second."""

import asyncio
import logging
import socket
import sys
from collections.abc import Callable
from typing import Any, Final

from core.runtime.failures import failure_text

log = logging.getLogger(__name__)

Receiver = Callable[[bytes, tuple[Any, ...]], None]

_MOST_PER_SECOND: Final = 500
"""Datagrams looked at in a second: more, and the system is left to discard them, which costs us nothing."""

_AGAIN_SECONDS: Final = 10.0
"""So long after it could not be opened it is tried again."""


class TrapSocket(asyncio.DatagramProtocol):
    """An open port, as long as it is not closed."""

    def __init__(self, host: str, port: int, receive: Receiver) -> None:
        self.pauses = 0
        """How often too much came in a second."""
        self._place = (host, port)
        self._receive = receive
        self._transport: asyncio.DatagramTransport | None = None
        self._opening: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._second = 0
        self._came = 0
        self._closed = False
        self._problem: str | None = None
        """Why the port is not open; "" while it is, None before it was tried."""

    @property
    def port(self) -> int:
        """The port that is listened at, or would be."""
        return int(self._place[1])

    @property
    def is_missing(self) -> bool:
        """Whether the port could not be opened when that was last tried."""
        return bool(self._problem)

    async def open(self) -> None:
        """Open the port. Where that fails, say so once, and try again until it is closed."""
        try:
            self._transport = await self._make_transport()
        except OSError as error:
            self._tell(failure_text(error))
            self._reopen_in(_AGAIN_SECONDS)
            return
        host, port, *_ = self._transport.get_extra_info("sockname")
        if self._problem != "":
            log.info("listening for traps at UDP port %d", port)
        self._place, self._problem = (host, port), ""

    def close(self) -> None:
        """Close for good."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        if self._opening is not None:
            self._opening.cancel()
        if self._transport is not None:
            self._transport.abort()

    def send(self, message: bytes, address: tuple[Any, ...]) -> None:
        """Answer an inform; a sender that does not get it asks again."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(message, address)

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        """Hand a datagram on, unless there have been too many in this second."""
        second = int(asyncio.get_running_loop().time())
        if second != self._second:
            self._second, self._came = second, 0
        self._came += 1
        if self._came <= _MOST_PER_SECOND:
            self._receive(data, addr)
        elif self._came == _MOST_PER_SECOND + 1:
            self.pauses += 1
            self._reopen_in(1.0)

    def error_received(self, exc: Exception) -> None:
        """Ignore an ICMP error about an answer of ours: it says nothing about the port."""
        log.debug("the network reported: %s", exc)
        if sys.platform == "win32":
            # Its proactor loop stops reading a socket that has reported an error.
            self._reopen_in(0.0)

    def _reopen_in(self, seconds: float) -> None:
        old, self._transport = self._transport, None
        if old is not None:
            old.abort()
        self._timer = asyncio.get_running_loop().call_later(seconds, self._reopen)

    def _reopen(self) -> None:
        if not self._closed:
            self._opening = asyncio.get_running_loop().create_task(self.open())

    def _tell(self, problem: str) -> None:
        if problem != self._problem:
            host, port = self._place
            log.warning(
                "no traps are heard, polling goes on: UDP port %d of %s cannot be opened (%s). Is "
                "another program listening there, and may this one use a port below 1024? TRAP_PORT can be "
                "another. It is tried again every %d s",
                *(port, host, problem, _AGAIN_SECONDS),
            )
        self._problem = problem

    async def _make_transport(self) -> asyncio.DatagramTransport:
        host, port = self._place
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(
            lambda: self, local_addr=(host, port), family=family
        )
        return transport
