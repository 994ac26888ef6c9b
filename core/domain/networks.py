"""Parse the networks that people name for a sweep into addresses to ask; nonsense is refused. Pure."""

import ipaddress
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from core.contract.errors import UserError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

MOST_UNCONFIRMED: Final = 1 << 16
"""Addresses that are swept without further ado: those of a /16."""
MOST: Final = 1 << 20
MOST_PORTS: Final = 64
_LAST_PORT: Final = 65535
_LARGE_IPV4: Final = 30  # a network this small has addresses of its own for network and broadcast
_RESERVED: Final = ipaddress.IPv4Network("240.0.0.0/4")


@dataclass(frozen=True)
class Sweep:
    """The addresses to ask: every port of every address, none twice."""

    networks: tuple[Network, ...]
    ports: tuple[int, ...]

    def __len__(self) -> int:
        return sum(_size(network) for network in self.networks) * len(self.ports)

    def __iter__(self) -> Iterator[tuple[str, int]]:
        for network in self.networks:
            for address in network.hosts():
                for port in self.ports:
                    yield str(address), port


def sweep_of(networks: Iterable[str], ports: Iterable[int], *, confirmed: bool = False) -> Sweep:
    """Return the sweep of these networks and addresses. Raises UserError where it is not allowed."""
    parsed = [_parsed(text) for text in networks]
    if not parsed:
        raise UserError("no network is named: write one as 10.0.0.0/24, or a single address.")
    chosen = tuple(dict.fromkeys(ports))
    if not 0 < len(chosen) <= MOST_PORTS or not all(0 < port <= _LAST_PORT for port in chosen):
        raise UserError(f"a sweep asks 1 to {MOST_PORTS} UDP ports, each between 1 and {_LAST_PORT}.")
    sweep = Sweep((*_united(parsed, 4), *_united(parsed, 6)), chosen)
    count = len(sweep)
    if count > MOST:
        raise UserError(f"{count:,} addresses are too many for a sweep: name networks of {MOST:,} at most.")
    if count > MOST_UNCONFIRMED and not confirmed:
        raise UserError(
            f"{count:,} addresses are more than a /16 has: name smaller networks, or confirm it (--yes)."
        )
    return sweep


def networks_of(setting: str) -> tuple[Network, ...]:
    """Return the networks of a setting, separated by commas; raises ValueError for what is none."""
    texts = [text.strip() for text in setting.split(",") if text.strip()]
    try:
        return tuple(ipaddress.ip_network(text, strict=False) for text in texts)
    except ValueError:
        raise ValueError("networks such as 10.0.0.0/8, fd00::/8 are wanted, separated by commas") from None


def _parsed(text: str) -> Network:
    try:
        network = ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        raise UserError(f"`{text[:60]}` is not a network: write it as 10.0.0.0/24, or one address.") from None
    if isinstance(network, ipaddress.IPv6Network) and _size(network) > MOST:
        raise UserError(f"{network} has too many addresses to be swept: name an IPv6 network up to /112.")
    is_reserved = isinstance(network, ipaddress.IPv4Network) and network.subnet_of(_RESERVED)
    if network.is_multicast or network.is_unspecified or is_reserved:
        raise UserError(f"{network} is not a network of devices: addresses in it belong to nobody.")
    return network


def _united(networks: Iterable[Network], version: int) -> Iterator[Network]:
    """Return those of one IP version without overlaps; neighbors stay apart: each has its broadcast."""
    kept: list[Network] = []
    for network in sorted({each for each in networks if each.version == version}, key=_place):
        if not kept or network.network_address > kept[-1].broadcast_address:  # type: ignore[operator] # one version
            kept.append(network)
    return iter(kept)


def _place(network: Network) -> tuple[int, int]:
    return int(network.network_address), network.prefixlen


def _size(network: Network) -> int:
    if isinstance(network, ipaddress.IPv4Network):
        return network.num_addresses - (2 if network.prefixlen <= _LARGE_IPV4 else 0)
    # hosts() leaves out the address of all routers (RFC 4291, section 2.6.1)
    return network.num_addresses - (1 if network.prefixlen < network.max_prefixlen - 1 else 0)
