"""SNMP v1 and v2c messages (RFC 1157, RFC 3416) as octets: built from templates, parsed strictly."""

from functools import lru_cache
from typing import Final, NamedTuple

from collector.drivers.protocol import Response, Varbind
from core.contract.ber import (
    INTEGER,
    NULL,
    OBJECT_IDENTIFIER,
    OCTET_STRING,
    SEQUENCE,
    BerError,
    decode_integer,
    encode_integer,
    encode_tlv,
    read_content,
    read_tlv,
)

GET: Final = 0xA0
GET_NEXT: Final = 0xA1
GET_BULK: Final = 0xA5
RESPONSE: Final = 0xA2

_ID_SIZE: Final = 4
_VERSION_NUMBER: Final = {"1": 0, "2c": 1}
_MAX_VARBINDS: Final = 2048
_MAX_OID_OCTETS: Final = 640
_SHORT: Final = 0x80


class SnmpQuestion(NamedTuple):
    """A request but for its id: what makes its octets."""

    version: str
    community: bytes
    pdu: int
    first: int
    """GETBULK: non-repeaters; otherwise 0 (error-status)."""
    second: int
    """GETBULK: max-repetitions; otherwise 0 (error-index)."""
    oids: tuple[bytes, ...]


class SnmpAnswer(NamedTuple):
    """A response message."""

    request_id: int
    version: int
    community: bytes
    response: Response


# A fleet asks the same questions again and again: the first of a poll is the same for every like printer.
@lru_cache(maxsize=4096)
def template(question: SnmpQuestion) -> tuple[bytes, bytes]:
    """Return the octets before and after the four of the request id."""
    null = encode_tlv(NULL, b"")
    varbinds = b"".join(
        encode_tlv(SEQUENCE, encode_tlv(OBJECT_IDENTIFIER, oid) + null) for oid in question.oids
    )
    after = encode_integer(question.first) + encode_integer(question.second) + encode_tlv(SEQUENCE, varbinds)
    identifier = bytes((INTEGER, _ID_SIZE))
    pdu = encode_tlv(question.pdu, identifier + bytes(_ID_SIZE) + after)
    head = encode_integer(_VERSION_NUMBER[question.version]) + encode_tlv(OCTET_STRING, question.community)
    message = encode_tlv(SEQUENCE, head + pdu)
    return message[: -len(after) - _ID_SIZE], after


def version_number(version: str) -> int:
    """Return the number a message carries for a version."""
    return _VERSION_NUMBER[version]


def parse(data: bytes) -> SnmpAnswer:
    """Return the answer in a datagram; raises BerError for everything that is not exactly one."""
    size = len(data)
    tag, offset, end = read_tlv(data, 0, size)
    if tag != SEQUENCE or end != size:
        raise BerError("not a message, or more than one")
    version, offset = read_content(data, offset, end, INTEGER)
    community, offset = read_content(data, offset, end, OCTET_STRING)
    tag, offset, stop = read_tlv(data, offset, end)
    if tag != RESPONSE or stop != end:
        raise BerError("not a response")
    request_id, offset = read_content(data, offset, end, INTEGER)
    status, offset = read_content(data, offset, end, INTEGER)
    index, offset = read_content(data, offset, end, INTEGER)
    tag, offset, stop = read_tlv(data, offset, end)
    if tag != SEQUENCE or stop != end:
        raise BerError("no list of objects")
    response = Response(decode_integer(status), decode_integer(index), _varbinds(data, offset, end))
    return SnmpAnswer(decode_integer(request_id), decode_integer(version), community, response)


def _varbinds(data: bytes, offset: int, end: int) -> list[Varbind]:
    """Return the objects of a list; lengths of the short form, which nearly all have, are read in place."""
    found: list[Varbind] = []
    try:
        while offset < end:
            begin, size = offset + 2, data[offset + 1]
            if data[offset] == SEQUENCE and size < _SHORT:
                offset = begin + size
                found.append(_short_varbind(data[begin:offset]))
            else:
                tag, begin, offset = read_tlv(data, offset, end)
                if tag != SEQUENCE:
                    raise BerError("not an object of a list")
                found.append(_varbind(data[begin:offset]))
    except IndexError:
        raise BerError("cut off") from None
    if offset != end or len(found) > _MAX_VARBINDS:
        raise BerError("an object that goes beyond its list, or too many of them")
    return found


# Printers repeat themselves, and each other: most objects were the same in some answer before. The bound
# keeps this below ten megabytes, whatever is sent.
@lru_cache(maxsize=16384)
def _short_varbind(content: bytes) -> Varbind:
    """Return the name and value of one object, all lengths of the short form."""
    middle = content[1] + 2
    value = middle + 2
    if (
        content[0] == OBJECT_IDENTIFIER
        and value + content[middle + 1] == len(content)
        and content[1] < _SHORT > content[middle + 1]
    ):
        # Half of what the constructor of a named tuple costs, for the most frequent call of all.
        return tuple.__new__(Varbind, (content[2:middle], content[middle], content[value:]))
    return _varbind(content)


def _varbind(content: bytes) -> Varbind:
    """Return the name and value of one object, with lengths of any form."""
    size = len(content)
    oid, middle = read_content(content, 0, size, OBJECT_IDENTIFIER)
    tag, value, stop = read_tlv(content, middle, size)
    if stop != size or len(oid) > _MAX_OID_OCTETS:
        raise BerError("an object that does not end with its value, or has too long a name")
    return Varbind(oid, tag, content[value:])
