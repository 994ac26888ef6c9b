"""A request as it looked from outside: who asks, by which name, encrypted or not.

Forwarded headers count only where the connection comes from one of TRUSTED_PROXIES.
"""

import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from fleet.errors import SettingsError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Headers = Iterable[tuple[bytes, bytes]]

_IPV6_SITE_BITS: Final = 64
"""Whoever has one IPv6 address usually has so large a network of them."""


@dataclass(frozen=True)
class Outside:
    """What the browser meant."""

    scheme: str
    """http or https."""
    host: str
    """With its port, as in the address bar; "" where none was named."""
    address: str
    """Of the client; "" where it is not known."""
    trusted: bool
    """Whether it came by a trusted proxy, whose identity headers count."""

    @property
    def secure(self) -> bool:
        """Whether it is encrypted on its way to us or to our proxy."""
        return self.scheme == "https"

    @property
    def throttle_address(self) -> str:
        """What is counted for throttling: the address, of IPv6 its /64."""
        try:
            address = ipaddress.ip_address(self.address)
        except ValueError:
            return self.address
        if address.version == 4:  # noqa: PLR2004 (IPv4)
            return str(address)
        return str(ipaddress.ip_network((address, _IPV6_SITE_BITS), strict=False))


def parse_proxies(text: str) -> tuple[Network, ...]:
    """TRUSTED_PROXIES as networks; raises SettingsError."""
    try:
        return tuple(
            ipaddress.ip_network(part.strip(), strict=False) for part in text.split(",") if part.strip()
        )
    except ValueError as error:
        raise SettingsError(f"TRUSTED_PROXIES: {error}. Give addresses or networks, by commas.") from None


def outside(scope: Any, proxies: Sequence[Network]) -> Outside:
    """How an ASGI scope looked from outside."""
    headers: Headers = scope["headers"]
    peer = (scope.get("client") or ("", 0))[0]
    scheme = {"ws": "http", "wss": "https"}.get(scope.get("scheme", "http"), scope.get("scheme", "http"))
    host = _last(headers, b"host")
    if not _is_in(peer, proxies):
        return Outside(scheme, host, peer, trusted=False)
    told = _last(headers, b"x-forwarded-proto").split(",")[-1].strip().lower()
    return Outside(
        scheme={"ws": "http", "wss": "https"}.get(told, told) if told else scheme,
        host=_last(headers, b"x-forwarded-host").split(",")[-1].strip() or host,
        address=_client(peer, _last(headers, b"x-forwarded-for"), proxies),
        trusted=True,
    )


def _client(peer: str, forwarded: str, proxies: Sequence[Network]) -> str:
    """The nearest address that is not a proxy of ours: what stands farther left anybody can have written."""
    for part in reversed([part.strip() for part in forwarded.split(",") if part.strip()]):
        if not _is_in(part, proxies):
            return part if _is_address(part) else peer
    return peer


def _is_in(address: str, networks: Sequence[Network]) -> bool:
    if not networks or not _is_address(address):
        return False
    parsed = ipaddress.ip_address(address)
    return any(parsed in network for network in networks)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _last(headers: Headers, name: bytes) -> str:
    found = [value.decode("latin-1") for key, value in headers if key == name]
    return found[-1] if found else ""


def host_name(host: str) -> str:
    """The name in a Host header, lower case, without its port; "" where it is no host."""
    try:
        parts = urlsplit(f"//{host}")
        _ = parts.port  # raises where it is none
    except ValueError:
        return ""
    if parts.username or parts.password or parts.path or parts.query or parts.fragment:
        return ""
    return (parts.hostname or "").rstrip(".")


@dataclass(frozen=True)
class Hosts:
    """The names the dashboard answers to (ALLOWED_HOSTS), against DNS rebinding."""

    names: tuple[str, ...]

    @classmethod
    def parse(cls, allowed: str, url: str) -> "Hosts":
        """From ALLOWED_HOSTS and the host of DASHBOARD_URL, which is always one of them."""
        names = [name.strip().lower().strip("[]").rstrip(".") for name in allowed.split(",") if name.strip()]
        return cls((*names, host_name(urlsplit(url).netloc)))

    def allow(self, host: str) -> bool:
        """Whether this Host header names us; `*.example.org` stands for all names below it."""
        name = host_name(host)
        return bool(name) and any(_matches(name, pattern) for pattern in self.names)


def _matches(name: str, pattern: str) -> bool:
    return pattern in {"*", name} or (pattern.startswith("*.") and name.endswith(pattern[1:]))


def is_foreign(origin: str, seen: Outside, own_url: str) -> bool:
    """Whether an Origin header names another site than ours; the absence of one says nothing."""
    if not origin:
        return False
    netloc = urlsplit(origin).netloc if "//" in origin else ""
    return netloc.lower() not in {seen.host.lower(), urlsplit(own_url).netloc.lower()} or not netloc
