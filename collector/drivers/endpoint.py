"""UDP sockets of the wire driver, one per address family, with room for many answers at once."""

import asyncio
import logging
import socket
import sys
from collections.abc import Callable
from typing import Any, Final

_WANTED_BUFFER: Final = 8 << 20
_SMALLEST_BUFFER: Final = 1 << 16
# What the kernel accounts for one queued answer of 1.5 KB (buffer and its book-keeping), twice over.
_OCTETS_PER_ANSWER: Final = 4608
_MOST_ANSWERS: Final = 1000
_FEWEST_ANSWERS: Final = 8

log = logging.getLogger(__name__)

Receiver = Callable[[bytes, tuple[Any, ...]], None]
"""Called with a datagram and the address that it came from."""


class Endpoint(asyncio.DatagramProtocol):
    """An open socket that outlives every error the network reports to it."""

    def __init__(self, family: socket.AddressFamily, receive: Receiver) -> None:
        self._family = family
        self._receive = receive
        self._transport: asyncio.DatagramTransport | None = None
        self._reopening: asyncio.Task[None] | None = None
        self._closed = False
        self.answers_at_once = _FEWEST_ANSWERS
        """How many answers the receive buffer holds by what the system really gave."""

    async def open(self) -> None:
        """Open the socket on any port."""
        sock = socket.socket(self._family, socket.SOCK_DGRAM)
        try:
            sock.setblocking(False)
            sock.bind(("::" if self._family == socket.AF_INET6 else "0.0.0.0", 0))  # noqa: S104 (a client's port)
            self.answers_at_once = _enlarge(sock)
            loop = asyncio.get_running_loop()
            self._transport, _ = await loop.create_datagram_endpoint(lambda: self, sock=sock)
        except BaseException:
            sock.close()
            raise

    def send(self, packet: bytes, address: tuple[Any, ...]) -> None:
        """Send, or let the network have lost it: whoever waits hears of it by the deadline."""
        if self._transport is None or self._transport.is_closing():
            return
        try:
            self._transport.sendto(packet, address)
        except (OSError, ValueError) as error:
            log.debug("a request to %s could not be sent: %s", address[0], error)

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        """Hand an answer on."""
        self._receive(data, addr)

    def error_received(self, exc: Exception) -> None:
        """Ignore an ICMP error of some printer: it says nothing about the others."""
        log.debug("the network reported: %s", exc)
        if sys.platform == "win32":
            # Its proactor loop stops reading a socket that has reported an error.
            self.reopen()

    def connection_lost(self, exc: Exception | None) -> None:
        """Open again what was not closed by us."""
        if not self._closed and exc is not None:
            self.reopen()

    def reopen(self) -> None:
        """Replace the socket; answers on their way to the old one are asked for again by the retries."""
        if self._closed or (self._reopening is not None and not self._reopening.done()):
            return
        old, self._transport = self._transport, None
        if old is not None:
            old.abort()
        self._reopening = asyncio.get_running_loop().create_task(self._open_again())

    async def _open_again(self) -> None:
        while not self._closed:
            try:
                await self.open()
            except OSError as error:
                log.warning("no socket to ask printers with, trying again: %s", error)
                await asyncio.sleep(1)
            else:
                return

    def close(self) -> None:
        """Close for good."""
        self._closed = True
        if self._reopening is not None:
            self._reopening.cancel()
        if self._transport is not None:
            self._transport.abort()


def _enlarge(sock: socket.socket) -> int:
    """Ask for a large receive buffer and say how many answers the one we got holds."""
    size = _WANTED_BUFFER
    while size >= _SMALLEST_BUFFER:
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)
        except OSError:  # macOS refuses what is too much instead of giving what it has
            size //= 2
        else:
            break
    granted = sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
    return min(_MOST_ANSWERS, max(_FEWEST_ANSWERS, granted // _OCTETS_PER_ANSWER))
