"""Recordings of agents: snmpsim's text lines `OID|TAG|VALUE` to encoded values and back."""

import ipaddress
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from core.contract import ber
from core.contract.errors import UserError

Arcs = tuple[int, ...]
Values = Mapping[Arcs, bytes]
"""Every instance of an agent with the whole TLV of its value."""

_NUMBERS: Final = {2, ber.COUNTER32, ber.GAUGE32, ber.TIME_TICKS, ber.COUNTER64, ber.UNSIGNED32}
_OCTETS: Final = (ber.OCTET_STRING, ber.OPAQUE)
_FIELDS: Final = 3


def arcs_of(dotted: str) -> Arcs:
    """Return the arcs of "1.3.6.1"; a leading dot is allowed."""
    return tuple(int(arc) for arc in dotted.strip(".").split("."))


def text(value: str, encoding: str = "utf-8") -> bytes:
    """Return an OCTET STRING; what the character set lacks becomes a question mark."""
    return ber.encode_tlv(ber.OCTET_STRING, value.encode(encoding, "replace"))


def content_of(value: bytes) -> bytes:
    """Return the content octets of a value's TLV."""
    _, begin, end = ber.read_tlv(value, 0, len(value))
    return value[begin:end]


def read_recording(path: Path) -> dict[Arcs, bytes]:
    """Return a recording file; raises UserError where it cannot be read or holds nothing."""
    try:
        content = path.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError as error:
        raise UserError(f"the recording {path} cannot be read: {error.strerror}.") from error
    values = dict(parse(content))
    if not values:
        raise UserError(f"{path} is not a recording: it has no line OID|TAG|VALUE that can be used.")
    return values


def parse(content: str) -> Iterator[tuple[Arcs, bytes]]:
    """Yield the lines of a recording; unusable ones are skipped, as agents skip what they lack."""
    for line in content.split("\n"):
        fields = line.rstrip("\r").split("|", _FIELDS - 1)
        if len(fields) != _FIELDS:
            continue
        try:
            arcs = arcs_of(fields[0])
            ber.encode_arcs(arcs)
            yield arcs, _value(fields[1], fields[2])
        except (ValueError, OverflowError):
            continue


def _value(tag: str, value: str) -> bytes:
    number = int(tag.removesuffix("x"))
    if tag.endswith("x") and number in (*_OCTETS, ber.IP_ADDRESS):
        return ber.encode_tlv(number, bytes.fromhex(value))
    if number == ber.OBJECT_IDENTIFIER:
        return ber.encode_tlv(number, ber.encode_arcs(arcs_of(value)))
    if number == ber.IP_ADDRESS:
        return ber.encode_tlv(number, ipaddress.IPv4Address(value).packed)
    if number in _NUMBERS:
        return ber.encode_integer(int(value), number)
    if number not in _OCTETS:
        raise ValueError("a type that no recording has")
    return ber.encode_tlv(number, value.encode("utf-8", "surrogateescape"))
