"""A request as it looked from outside: who asks, by which name, encrypted or not.

Forwarded headers count only where the connection comes from one of TRUSTED_PROXIES.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from core.domain.addresses import address_of
from core.domain.networks import Network
from dashboard.web.gate.request_headers import RequestHeaders

_IPV6_SITE_BITS: Final = 64
"""Whoever has one IPv6 address usually has so large a network of them."""


@dataclass(frozen=True)
class IdentityFields:
    """The header fields in which a trusted proxy names who is signed in; "" where none is believed."""

    user: str = ""
    """TRUSTED_USER_HEADER"""
    groups: str = ""
    """TRUSTED_GROUPS_HEADER"""

    @property
    def by_proxy(self) -> tuple[str, ...]:
        """Those that are believed, in lower case."""
        return tuple(name.lower() for name in (self.user, self.groups) if name)

    @property
    def single(self) -> tuple[str, ...]:
        """The header fields that name the client or the host: a request may have each of them once."""
        return ("host", "origin", "authorization", *self.by_proxy)


NO_IDENTITY: Final = IdentityFields()


@dataclass(frozen=True)
class RequestOrigin:
    """Origin of a request: scheme, host and client as the browser meant them."""

    scheme: str
    """http or https."""
    host: str
    """With its port, as in the address bar; "" where none was named."""
    address: str
    """Of the client; "" where it is not known."""
    trusted: bool
    """Whether it came by a trusted proxy, whose identity headers count."""
    user: str = ""
    """Whom that proxy names as signed in, in lower case; "" where it names nobody."""
    groups: tuple[str, ...] = ()
    """Their groups, as that proxy lists them."""

    @property
    def secure(self) -> bool:
        """Whether it is encrypted on its way to us or to our proxy."""
        return self.scheme == "https"

    @property
    def throttle_address(self) -> str:
        """What is counted for throttling: the address, of IPv6 its /64."""
        return throttle_key(self.address)


def throttle_key(address: str) -> str:
    """Return what is counted for an address: of IPv6 its /64; IPv4 written as IPv6 is IPv4."""
    parsed = address_of(address)
    if parsed is None:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    return str(ipaddress.ip_network((parsed, _IPV6_SITE_BITS), strict=False))


def outside(scope: Any, proxies: Sequence[Network], identity: IdentityFields = NO_IDENTITY) -> RequestOrigin:
    """Return how an ASGI scope looked from outside."""
    headers = RequestHeaders.of(scope)
    peer = (scope.get("client") or ("", 0))[0]
    scheme = _http_scheme(scope.get("scheme", "http"))
    host = headers.one("host")
    if not is_in(peer, proxies):
        return RequestOrigin(scheme, host, peer, trusted=False)
    told = _nearest(headers.listed("x-forwarded-proto")).lower()
    groups = headers.one(identity.groups) if identity.groups else ""
    return RequestOrigin(
        scheme=_http_scheme(told) if told else scheme,
        host=_nearest(headers.listed("x-forwarded-host")) or host,
        address=_client(peer, headers.listed("x-forwarded-for"), proxies),
        trusted=True,
        user=headers.one(identity.user).strip().lower() if identity.user else "",
        groups=tuple(group.strip() for group in groups.split(",") if group.strip()),
    )


def _http_scheme(scheme: str) -> str:
    return {"ws": "http", "wss": "https"}.get(scheme, scheme)


def _nearest(listed: str) -> str:
    """Return the last element, which the proxy next to us has added."""
    return listed.rpartition(",")[2].strip()


def _client(peer: str, forwarded: str, proxies: Sequence[Network]) -> str:
    """Return the nearest address that is not a proxy of ours.

    What stands farther left anybody can have written.
    """
    for part in reversed([part.strip() for part in forwarded.split(",") if part.strip()]):
        if not is_in(part, proxies):
            return part if address_of(part) else peer
    return peer


def is_in(address: str, networks: Sequence[Network]) -> bool:
    """Return whether an address lies in one of the networks; False for what is no address."""
    parsed = address_of(address) if networks else None
    return parsed is not None and any(parsed in network for network in networks)


def host_name(host: str) -> str:
    """Return the name in a Host header, lower case, without its port; "" where it is no host."""
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
        """Return the hosts of ALLOWED_HOSTS and the host of DASHBOARD_URL, which is always one of them."""
        names = [name.strip().lower().strip("[]").rstrip(".") for name in allowed.split(",") if name.strip()]
        return cls((*names, host_name(urlsplit(url).netloc)))

    def allow(self, host: str) -> bool:
        """Return whether this Host header names us; `*.example.org` stands for all names below it."""
        name = host_name(host)
        return bool(name) and any(_matches(name, pattern) for pattern in self.names)


def _matches(name: str, pattern: str) -> bool:
    return pattern in {"*", name} or (pattern.startswith("*.") and name.endswith(pattern[1:]))


def is_foreign(origin: str, seen: RequestOrigin, own_url: str) -> bool:
    """Return whether an Origin header names another site than ours; the absence of one says nothing.

    Scheme, host and port must all be those of the request or of DASHBOARD_URL (RFC 6454 5).
    """
    if not origin:
        return False
    named = _origin(origin)
    return named is None or named not in (_origin(f"{seen.scheme}://{seen.host}"), _origin(own_url))


_PORTS: Final = {"http": 80, "https": 443}


def _origin(url: str) -> tuple[str, str, int] | None:
    """Return scheme, host and port of a web address; None where it is none."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not parts.hostname or parts.username or parts.password:
        return None
    return parts.scheme, parts.hostname.rstrip("."), port or _PORTS[parts.scheme]
