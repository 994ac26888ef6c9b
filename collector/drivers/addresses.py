"""Hosts to socket addresses: literals at once, names by the system's resolver, remembered for minutes."""

import asyncio
import socket
from typing import Any, Final

from collector.drivers.protocol import Agent, NameNotResolved

SocketAddress = tuple[socket.AddressFamily, tuple[Any, ...]]

_KEEP_SECONDS: Final = 300.0
"""The usual interval of polls: the status checks between them, one a minute, need no look-up of their own."""
_MOST_KEPT: Final = 50_000


class Addresses:
    """Addresses of agents, looked up when they are needed."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int], tuple[float, SocketAddress]] = {}

    async def of(self, agent: Agent) -> SocketAddress:
        """Return the address of an agent; raises NameNotResolved."""
        now = asyncio.get_running_loop().time()
        known = self._known.get((agent.host, agent.port))
        if known is not None and known[0] > now:
            return known[1]
        literal = _literal(agent.host, agent.port)
        found = literal or await _resolve(agent)
        if len(self._known) >= _MOST_KEPT:
            self._known.clear()
        self._known[agent.host, agent.port] = (float("inf") if literal else now + _KEEP_SECONDS, found)
        return found

    def forget(self, agent: Agent) -> None:
        """Look its name up again: nobody answers at the address it had."""
        self._known.pop((agent.host, agent.port), None)


def _literal(host: str, port: int) -> SocketAddress | None:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError, ValueError):
        return None
    return found[0][0], found[0][4]


async def _resolve(agent: Agent) -> SocketAddress:
    lookup = asyncio.get_running_loop().getaddrinfo(agent.host, agent.port, type=socket.SOCK_DGRAM)
    try:
        found = await asyncio.wait_for(lookup, agent.timeout_seconds * (agent.retries + 1))
    except TimeoutError:
        raise NameNotResolved(
            f"The name {agent.host} was not looked up in time: check the name service."
        ) from None
    except (OSError, UnicodeError, ValueError):
        found = []
    if not found:
        raise NameNotResolved(
            f"The name {agent.host} has no address: check its spelling and the name service."
        ) from None
    return found[0][0], found[0][4]
