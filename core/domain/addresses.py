"""Hosts, ports and MAC addresses, read and written in one way; networks are in networks.py. Pure."""

import ipaddress
import re
from typing import Final

from core.domain.inventory.fields import BadValue, is_nothing, quoted

_LABEL: Final = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_SCHEME: Final = re.compile(r"([a-z][a-z0-9+.-]*)://(?:[^/@]*@)?", re.IGNORECASE)
_WINDOWS_PORT: Final = re.compile(r"ip_(\d+\.\d+\.\d+\.\d+)(?:_\d+)?", re.IGNORECASE)
_PADDED: Final = re.compile(r"\d{3}(?:\.\d{3}){3}")
_LONGEST_HOST: Final = 253
_WORDS: Final = re.compile(r"[\w-]+(\.[\w-]+)*")
_LAST_PORT: Final = 65535
DEFAULT_PORT: Final = 161
_LONGEST_WORD: Final = 100
"""Of a host name with letters beyond ASCII."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def clean_host(text: str) -> tuple[str, int | None]:
    """Return the host and the SNMP port written with it: `10.0.0.5`, `prn-1:1161`, `ipp://prn-1/print`."""
    if is_nothing(text):
        raise BadValue("no host: an IP address or a host name is needed")
    scheme = _SCHEME.match(text)
    rest = (text[scheme.end() :] if scheme else text).partition("/")[0]
    windows = _WINDOWS_PORT.fullmatch(rest)
    host, port = _split_port(windows[1] if windows else rest)
    if scheme and scheme[1].casefold() not in ("snmp", "udp"):
        port = ""  # where the printer takes jobs, not where it answers SNMP
    return _host(host), clean_port(port) if port else None


def clean_port(text: str) -> int:
    """Return a UDP port; `161.0` is what spreadsheets make of 161."""
    match = re.fullmatch(r"0*(\d{1,5})(?:[.,]0+)?", text, re.ASCII)
    if match is None or not 1 <= int(match[1]) <= _LAST_PORT:
        raise BadValue(f"port {quoted(text)} is not a number between 1 and 65535")
    return int(match[1])


def clean_mac(text: str) -> str:
    """Return a MAC address as 00:11:22:aa:bb:cc, however it is written; nothing where it is none."""
    digits = re.sub(r"[\s:.-]", "", text).lower()
    if not re.fullmatch(r"[0-9a-f]{12}", digits) or not int(digits, 16):
        return ""
    return ":".join(digits[at : at + 2] for at in range(0, len(digits), 2))


def _split_port(text: str) -> tuple[str, str]:
    bracketed = re.fullmatch(r"\[([^\]]*:[^\]]*)\](?::(.*))?", text)
    if bracketed:
        return bracketed[1], bracketed[2] or ""
    if text.count(":") == 1:
        host, _, port = text.partition(":")
        return host.strip(), port.strip()
    return text, ""


def _host(text: str) -> str:
    if _PADDED.fullmatch(text):
        text = ".".join(str(int(part)) for part in text.split("."))
    if not text[-1:].isdigit() and ":" not in text:  # no address: they take long to refuse it
        return _host_name(text)
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return _host_name(text)
    if address.is_unspecified or address.is_multicast or text == "255.255.255.255":
        raise BadValue(f"host {quoted(text)} is not the address of one device")
    return str(address)


def _host_name(text: str) -> str:
    name = text.rstrip(".").lower()
    if not name.isascii():
        try:
            # The codec takes long: it is asked about words alone, and never about long ones.
            is_word = len(name) <= _LONGEST_WORD and _WORDS.fullmatch(name)
            name = name.encode("idna").decode().lower() if is_word else ""
        except UnicodeError:
            name = ""
    labels = name.split(".")
    if (
        labels[-1].isdigit()
        or not all(_LABEL.fullmatch(label) for label in labels)
        or len(name) > _LONGEST_HOST
    ):
        raise BadValue(f"host {quoted(text)} is neither an IP address nor a host name")
    return name


def with_port(host: str, port: int | None) -> str:
    """Return HOST[:PORT] as clean_host() reads it and people write it; an IPv6 address in brackets."""
    bracketed = f"[{host}]" if ":" in host else host
    return bracketed if port is None else f"{bracketed}:{port}"


def host_and_port(listen: str) -> tuple[str, int]:
    """Return host and port of a ListenAddress such as 127.0.0.1:8501 or [::]:8501."""
    host, _, port = listen.rpartition(":")
    return host.strip("[]"), int(port)


def address_of(text: str) -> Address | None:
    """Return an address without its zone, an IPv4 one inside IPv6 as IPv4; None for a name."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine by its loopback address, or localhost."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.casefold() == "localhost"
