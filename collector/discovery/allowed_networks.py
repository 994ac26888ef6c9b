"""Check the addresses of a sweep requested over MQTT, which whoever may publish the request chooses."""

import ipaddress
import socket
from collections.abc import Iterable, Iterator
from typing import Final

import psutil

from core.contract.errors import UserError
from core.contract.messages import PolledPrinter
from core.domain.networks import Network, Sweep, networks_of

_PRIVATE: Final = (
    *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"),  # RFC 1918
    *("169.254.0.0/16", "fe80::/10"),  # link-local
    "fc00::/7",  # RFC 4193
)
_AROUND_A_PRINTER: Final = {4: 24, 6: 64}
"""Bits of the network that counts as the surroundings of an inventory's printer."""


def require_allowed(sweep: Sweep, setting: str, site: str, printers: Iterable[PolledPrinter]) -> None:
    """Raise UserError where a sweep goes beyond DISCOVER_NETWORKS.

    Unset, these are the private and link-local ranges, the networks of this machine's interfaces, and the
    surroundings of the printers of the inventory.
    """
    allowed = networks_of(setting) if setting else tuple(_usual(printers))
    for network in sweep.networks:
        if not any(_is_within(network, each) for each in allowed):
            raise UserError(
                f"{network} is outside the networks that the collector of the site {site} sweeps when it is "
                "asked over MQTT: add it to DISCOVER_NETWORKS there, or run `printers discover` there."
            )


def _usual(printers: Iterable[PolledPrinter]) -> Iterator[Network]:
    yield from (ipaddress.ip_network(text) for text in _PRIVATE)
    for addresses in psutil.net_if_addrs().values():
        for each in addresses:
            if each.family in (socket.AF_INET, socket.AF_INET6) and each.netmask:
                yield _network_of(each.address, each.netmask)
    for printer in printers:
        try:
            address = ipaddress.ip_address(printer.host)
        except ValueError:  # a name: what it stands for is another's to choose
            continue
        yield ipaddress.ip_network((address, _AROUND_A_PRINTER[address.version]), strict=False)


def _network_of(address: str, netmask: str) -> Network:
    """Return an interface's network; the mask of IPv6 is written like an address."""
    plain = ipaddress.ip_address(address.partition("%")[0])
    bits = int(ipaddress.ip_address(netmask)).bit_count()
    return ipaddress.ip_network((plain, bits), strict=False)


def _is_within(network: Network, allowed: Network) -> bool:
    return network.version == allowed.version and network.subnet_of(allowed)  # type: ignore[arg-type]
