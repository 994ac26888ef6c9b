"""Objects as lines of a recording, OID|TAG|VALUE: what snmpsim, the simulator and the tests read."""

import ipaddress
from collections.abc import Iterable, Iterator
from typing import Final

from collector.drivers.protocol import Varbind
from core.contract.ber import (
    INTEGER,
    IP_ADDRESS,
    NULL,
    OBJECT_IDENTIFIER,
    UNSIGNED_TAGS,
    BerError,
    decode_integer,
    decode_oid,
    decode_unsigned,
)

_IPV4_OCTETS: Final = 4


def lines_of(varbinds: Iterable[Varbind]) -> Iterator[str]:
    """Yield one line for each object; one that is no value is left out."""
    for varbind in varbinds:
        try:
            written = _value(varbind)
            name = decode_oid(varbind.oid)
        except BerError:
            continue
        if written is not None:
            yield f"{name}|{written}"


def _value(varbind: Varbind) -> str | None:
    tag, value = varbind.tag, varbind.value
    if tag == NULL:
        return None
    if tag == INTEGER:
        return f"{tag}|{decode_integer(value)}"
    if tag in UNSIGNED_TAGS:
        return f"{tag}|{decode_unsigned(value)}"
    if tag == OBJECT_IDENTIFIER:
        return f"{tag}|{decode_oid(value)}"
    if tag == IP_ADDRESS and len(value) == _IPV4_OCTETS:
        return f"{tag}|{ipaddress.IPv4Address(value)}"
    text = value.decode("latin-1")
    return f"{tag}|{text}" if text.isascii() and (text.isprintable() or not text) else f"{tag}x|{value.hex()}"
