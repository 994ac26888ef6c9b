"""The Basic Encoding Rules as SNMP uses them (RFC 3417, section 8): small, strict and bounded."""

from functools import lru_cache
from typing import Final

INTEGER: Final = 0x02
OCTET_STRING: Final = 0x04
NULL: Final = 0x05
OBJECT_IDENTIFIER: Final = 0x06
SEQUENCE: Final = 0x30
IP_ADDRESS: Final = 0x40
COUNTER32: Final = 0x41
GAUGE32: Final = 0x42
TIME_TICKS: Final = 0x43
OPAQUE: Final = 0x44
COUNTER64: Final = 0x46
UNSIGNED32: Final = 0x47
NO_SUCH_OBJECT: Final = 0x80
NO_SUCH_INSTANCE: Final = 0x81
END_OF_MIB_VIEW: Final = 0x82

UNSIGNED_TAGS: Final = frozenset({COUNTER32, GAUGE32, TIME_TICKS, COUNTER64, UNSIGNED32})
EXCEPTION_TAGS: Final = frozenset({NO_SUCH_OBJECT, NO_SUCH_INSTANCE, END_OF_MIB_VIEW})

_MAX_ARCS: Final = 128  # RFC 2578, section 3.5
_MAX_ARC: Final = 0xFFFFFFFF
_MAX_ARC_OCTETS: Final = 5
_MAX_INTEGER_OCTETS: Final = 9  # an unsigned 64 bit number with its leading zero
_MAX_LENGTH_OCTETS: Final = 4
_SECOND_ARCS: Final = 40  # X.690, 8.19.4: the first two arcs share a number
_LAST_ROOT: Final = 2


class BerError(ValueError):
    """Octets that are not the BER of an SNMP message."""


def encode_tlv(tag: int, content: bytes) -> bytes:
    """Tag, shortest length, content."""
    size = len(content)
    if size < 0x80:  # noqa: PLR2004 (the short form of a length)
        return bytes((tag, size)) + content
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(octets))) + octets + content


def encode_integer(value: int, tag: int = INTEGER) -> bytes:
    """Return the whole TLV of a number in the fewest octets; unsigned types get their leading zero."""
    return encode_tlv(
        tag, value.to_bytes(value.bit_length() // 8 + 1 if value >= 0 else _octets(value), "big", signed=True)
    )


def _octets(negative: int) -> int:
    return (negative + 1).bit_length() // 8 + 1


def decode_integer(content: bytes) -> int:
    """Return the number of an INTEGER's content octets."""
    if not 0 < len(content) <= _MAX_INTEGER_OCTETS:
        raise BerError(f"an integer of {len(content)} octets")
    return int.from_bytes(content, "big", signed=True)


def decode_unsigned(content: bytes) -> int:
    """Return the number of a counter, gauge or time: agents that forget the leading zero are understood."""
    if not 0 < len(content) <= _MAX_INTEGER_OCTETS:
        raise BerError(f"a number of {len(content)} octets")
    return int.from_bytes(content, "big")


@lru_cache(maxsize=4096)
def encode_oid(dotted: str) -> bytes:
    """Return the content octets of "1.3.6.1" (a leading dot is allowed)."""
    try:
        arcs = [int(arc) for arc in dotted.removeprefix(".").split(".")]
    except ValueError:
        raise BerError(f"{dotted!r} is not an object identifier") from None
    return encode_arcs(arcs)


def encode_arcs(arcs: list[int] | tuple[int, ...]) -> bytes:
    """Return the content octets of an object identifier's arcs."""
    if not 2 <= len(arcs) <= _MAX_ARCS or min(arcs) < 0 or max(arcs) > _MAX_ARC:  # noqa: PLR2004 (it has two at least)
        raise BerError("an object identifier has 2 to 128 arcs of 32 bits")
    if arcs[0] > _LAST_ROOT or (arcs[0] < _LAST_ROOT and arcs[1] >= _SECOND_ARCS):
        raise BerError(f"no object identifier starts with {arcs[0]}.{arcs[1]}")
    return b"".join(map(_encode_arc, (arcs[0] * _SECOND_ARCS + arcs[1], *arcs[2:])))


def _encode_arc(arc: int) -> bytes:
    octets = [arc & 0x7F]
    while arc := arc >> 7:
        octets.append(0x80 | arc & 0x7F)
    return bytes(reversed(octets))


def decode_arcs(content: bytes) -> tuple[int, ...]:
    """Return the arcs of an object identifier's content octets."""
    if not content or content[-1] & 0x80 or len(content) > _MAX_ARCS * _MAX_ARC_OCTETS:
        raise BerError("an object identifier that is empty, cut off or too long")
    numbers: list[int] = []
    number = 0
    for octet in content:
        number = number << 7 | octet & 0x7F
        if number > _MAX_ARC + 2 * _SECOND_ARCS:
            raise BerError("an object identifier with an arc above 32 bits")
        if not octet & 0x80:
            numbers.append(number)
            number = 0
    root = min(numbers[0] // _SECOND_ARCS, _LAST_ROOT)
    arcs = (root, numbers[0] - root * _SECOND_ARCS, *numbers[1:])
    if len(arcs) > _MAX_ARCS or max(arcs) > _MAX_ARC:
        raise BerError("an object identifier with too many arcs or an arc above 32 bits")
    return arcs


# A fleet repeats the same few thousand identifiers; the bound is for those who send others.
@lru_cache(maxsize=16384)
def decode_oid(content: bytes) -> str:
    """Return the dotted text "1.3.6.1" of an object identifier's content octets."""
    return ".".join(map(str, decode_arcs(content)))


def read_tlv(data: bytes, start: int, stop: int) -> tuple[int, int, int]:
    """Tag, begin and end of the content of the TLV at `start`; it must end at or before `stop`."""
    if start + 2 > stop:
        raise BerError("cut off")
    tag, size, begin = data[start], data[start + 1], start + 2
    if tag & 0x1F == 0x1F:  # noqa: PLR2004 (a tag number of several octets: SNMP has none)
        raise BerError("a tag that SNMP does not have")
    if size & 0x80:
        count = size & 0x7F
        if not 0 < count <= _MAX_LENGTH_OCTETS or begin + count > stop:
            raise BerError("an indefinite, oversized or cut off length")
        size = int.from_bytes(data[begin : begin + count], "big")
        begin += count
    end = begin + size
    if end > stop:
        raise BerError("content that goes beyond its frame")
    return tag, begin, end


def read_content(data: bytes, start: int, stop: int, expected: int) -> tuple[bytes, int]:
    """Return the content of the TLV at `start`, which must have the `expected` tag, and where it ends."""
    tag, begin, end = read_tlv(data, start, stop)
    if tag != expected:
        raise BerError(f"tag {tag:#x} where {expected:#x} belongs")
    return data[begin:end], end
