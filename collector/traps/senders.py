"""The addresses that our printers send from: literals at once, names by the system's resolver."""

import asyncio
import socket
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Final

from core.contract.messages import PolledPrinter
from core.domain.addresses import address_of

_AT_ONCE: Final = 20
_MOST_AT_ONE_ADDRESS: Final = 16
"""Printers behind one address (a print server) that a trap of it may be about."""


def plain_address(host: str) -> str:
    """Return an address as senders are compared: no zone, IPv4 in IPv6 as IPv4; "" for a name."""
    return str(address_of(host) or "")


def literal_senders(printers: Iterable[PolledPrinter]) -> dict[str, tuple[str, ...]]:
    """Return printer ids by sender, of all that are known by their address."""
    return _gathered((plain_address(printer.host), printer.printer_id) for printer in printers)


async def all_senders(printers: Iterable[PolledPrinter]) -> dict[str, tuple[str, ...]]:
    """Return printer ids by sender, also of those known by a name, which may take the resolver a while."""
    limit = asyncio.Semaphore(_AT_ONCE)

    async def addresses(printer: PolledPrinter) -> list[tuple[str, str]]:
        literal = plain_address(printer.host)
        if literal:
            return [(literal, printer.printer_id)]
        async with limit:
            return [(address, printer.printer_id) for address in await _resolved(printer.host)]

    found = await asyncio.gather(*map(addresses, printers))
    return _gathered(pair for pairs in found for pair in pairs)


async def _resolved(host: str) -> set[str]:
    found: list[tuple[object, ...]] = []
    with suppress(OSError, UnicodeError):
        found = list(await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_DGRAM))
    return {plain_address(str(place[4][0])) for place in found}  # type: ignore[index] # (family, ..., address)


def _gathered(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    senders: Mapping[str, list[str]] = defaultdict(list)
    for sender, printer_id in pairs:
        if sender and len(senders[sender]) < _MOST_AT_ONE_ADDRESS:
            senders[sender].append(printer_id)
    return {sender: tuple(printer_ids) for sender, printer_ids in senders.items() if printer_ids}
