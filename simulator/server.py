"""The agents of a fleet on UDP ports of 127.0.0.1, all in one process."""

import asyncio
import contextlib
import errno
import sys
from collections.abc import Callable, Sequence
from typing import Any, Final

from core.contract.errors import UserError

HOST: Final = "127.0.0.1"
_OWN_FILES: Final = 256
_LAST_PORT: Final = 65535
_WSAEADDRINUSE: Final = 10048

Responder = Callable[[bytes, float], bytes | None]
"""Request and seconds since the fleet began to answer; None: silence."""


class _Endpoint(asyncio.DatagramProtocol):
    def __init__(self, respond: Responder, clock: Callable[[], float]) -> None:
        self._respond = respond
        self._clock = clock
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment] # a datagram endpoint's transport is one

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        answer = self._respond(data, self._clock())
        if answer is not None and self._transport is not None:
            self._transport.sendto(answer, addr)


class FleetServer:
    """Opens one port per responder, from `first_port` on, and closes them at the end."""

    def __init__(self, responders: Sequence[Responder], first_port: int) -> None:
        self._responders = responders
        self._first_port = first_port
        self._transports: list[asyncio.BaseTransport] = []

    async def __aenter__(self) -> "FleetServer":
        if self._first_port + len(self._responders) - 1 > _LAST_PORT:
            raise UserError(
                f"{len(self._responders)} ports from {self._first_port} on go beyond {_LAST_PORT}: "
                "choose a smaller --port or fewer printers."
            )
        _allow_files(len(self._responders))
        try:
            await self._open()
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_error: object) -> None:
        for transport in self._transports:
            transport.close()
        self._transports.clear()
        await asyncio.sleep(0)  # transports close in the loop's next turn

    async def _open(self) -> None:
        loop = asyncio.get_running_loop()
        for port, respond in enumerate(self._responders, start=self._first_port):
            try:
                transport, _ = await loop.create_datagram_endpoint(
                    lambda respond=respond: _Endpoint(respond, loop.time),  # type: ignore[misc]
                    local_addr=(HOST, port),
                )
            except OSError as error:
                raise UserError(_why(error, port)) from error
            self._transports.append(transport)


def _why(error: OSError, port: int) -> str:
    if error.errno == errno.EADDRINUSE or getattr(error, "winerror", None) == _WSAEADDRINUSE:
        return f"UDP port {port} on {HOST} is taken: choose another --port (a range that is free)."
    if error.errno == errno.EMFILE:
        return "the system allows this process too few open sockets: simulate fewer printers (or ulimit -n)."
    return f"UDP port {port} on {HOST} cannot be opened: {error.strerror}; choose another --port."


def _allow_files(sockets: int) -> None:
    """Ask the system for as many sockets as the fleet needs, where it can be asked."""
    if sys.platform != "win32":
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = sockets + _OWN_FILES
        if soft != resource.RLIM_INFINITY and soft < wanted:
            most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
            with contextlib.suppress(ValueError, OSError):
                resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
