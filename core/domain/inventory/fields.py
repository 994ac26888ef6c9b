"""What a cell of an inventory may hold and how it is cleaned; one function per kind of value, all pure."""

import ipaddress
import re
import unicodedata
from typing import Final

from core.domain.text import one_line

LONGEST_TEXT: Final = 200
LONGEST_NOTES: Final = 4000
DEFAULT_PORT: Final = 161

_RAW: Final = 4
"""How many times longer a text may be before it is cleaned."""

_NOTHING: Final = frozenset({"-", "--", "?", "n/a", "na", "none", "null", "nil", "unknown", "tbd", "dhcp"})
_YES: Final = frozenset({"yes", "y", "true", "t", "1", "on", "x", "ja", "active", "enabled"})
_NO: Final = frozenset({"no", "n", "false", "f", "0", "off", "nein", "inactive", "disabled", "retired"})
_SLUG: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_LABEL: Final = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_SCHEME: Final = re.compile(r"([a-z][a-z0-9+.-]*)://(?:[^/@]*@)?", re.IGNORECASE)
_WINDOWS_PORT: Final = re.compile(r"ip_(\d+\.\d+\.\d+\.\d+)(?:_\d+)?", re.IGNORECASE)
_PADDED: Final = re.compile(r"\d{3}(?:\.\d{3}){3}")
_LONGEST_HOST: Final = 253
_WORDS: Final = re.compile(r"[\w-]+(\.[\w-]+)*")
_LONGEST_WORD: Final = 100
"""Of a host name with letters beyond ASCII."""
_LAST_PORT: Final = 65535


class BadValue(ValueError):
    """A cell that cannot be used; the text says why, to the person who wrote it."""


def clean_text(text: str, longest: int = LONGEST_TEXT) -> str:
    """One line: control characters removed, every run of white space one blank."""
    if _is_plain(text, longest):
        return text.strip()
    blank = " ".join(text.split())
    _bounded(blank, _RAW * longest)  # before what takes long
    return _bounded(" ".join(_printable(blank).split()), longest)


def clean_notes(text: str) -> str:
    """Several lines, each cleaned."""
    if _is_plain(text, LONGEST_NOTES):
        return text.strip()
    _bounded(text, _RAW * LONGEST_NOTES)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return _bounded("\n".join(" ".join(_printable(line).split()) for line in lines).strip(), LONGEST_NOTES)


def is_nothing(text: str) -> bool:
    """Whether a cell is empty or holds what people write where they know nothing: n/a, -, unknown."""
    return not text or text.casefold() in _NOTHING


def clean_host(text: str) -> tuple[str, int | None]:
    """The host and the SNMP port written with it: `10.0.0.5`, `prn-1:1161`, `[::1]:161`, `ipp://prn-1/print`."""
    if is_nothing(text):
        raise BadValue("no host")
    scheme = _SCHEME.match(text)
    rest = (text[scheme.end() :] if scheme else text).partition("/")[0]
    windows = _WINDOWS_PORT.fullmatch(rest)
    host, port = _split_port(windows[1] if windows else rest)
    if scheme and scheme[1].casefold() not in ("snmp", "udp"):
        port = ""  # where the printer takes jobs, not where it answers SNMP
    return _host(host), clean_port(port) if port else None


def clean_port(text: str) -> int:
    """A UDP port; `161.0` is what spreadsheets make of 161."""
    match = re.fullmatch(r"0*(\d{1,5})(?:[.,]0+)?", text, re.ASCII)
    if match is None or not 1 <= int(match[1]) <= _LAST_PORT:
        raise BadValue(f"port {_quoted(text)} is not a number between 1 and 65535")
    return int(match[1])


def clean_mac(text: str) -> str:
    """A MAC address as 00:11:22:aa:bb:cc, however it is written; nothing where it is none."""
    digits = re.sub(r"[\s:.-]", "", text).lower()
    if not re.fullmatch(r"[0-9a-f]{12}", digits) or not int(digits, 16):
        return ""
    return ":".join(digits[at : at + 2] for at in range(0, len(digits), 2))


def clean_enabled(text: str) -> bool:
    """yes or no, in the ways people write it."""
    if text.casefold() in _YES:
        return True
    if text.casefold() in _NO:
        return False
    raise BadValue(f"enabled {_quoted(text)} is neither yes nor no")


def clean_site(text: str) -> str:
    """A site's name as a topic level."""
    return _named("site", text)


def clean_printer_id(text: str) -> str:
    """An id as a topic level, a file name and a part of a URL."""
    return _named("printer_id", text)


def slug(text: str) -> str:
    """The letters and digits of a text as an id; empty where it has none (of our alphabet)."""
    folded = unicodedata.normalize("NFKD", text.replace("ß", "ss").replace("ẞ", "ss"))
    ascii_only = folded.encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9._]+", "-", ascii_only).strip("-._")[:64].rstrip("-._")


def _named(what: str, text: str) -> str:
    name = text.casefold() if _SLUG.fullmatch(text.casefold()) else slug(text)
    if not name:
        raise BadValue(f"{what} {_quoted(text)} has no letter or digit (a-z, 0-9)")
    return name


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
        raise BadValue(f"host {_quoted(text)} is not the address of one device")
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
        raise BadValue(f"host {_quoted(text)} is neither an IP address nor a host name")
    return name


def _is_plain(text: str, longest: int) -> bool:
    """Whether there is nothing to clean but the ends, as in almost all cells."""
    return len(text) <= longest and text.isascii() and text.isprintable() and "  " not in text


def _printable(text: str) -> str:
    return one_line(unicodedata.normalize("NFC", text))


def _bounded(text: str, longest: int) -> str:
    if len(text) > longest:
        raise BadValue(f"{_quoted(text)} is longer than {longest} characters")
    return text


def _quoted(text: str) -> str:
    return f"`{text[:40]}{'…' if len(text) > 40 else ''}`"  # noqa: PLR2004 (enough to find the cell)
