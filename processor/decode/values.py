"""What a raw value can be read as: a number, clean text, error bits. What cannot be read is None."""

from functools import lru_cache
from typing import Final

from fleet.device_texts import readable
from fleet.messages import VarbindValue
from fleet.mib_names import DETECTED_ERROR_BIT
from fleet.printer_mib import name_of

_MAX_ERROR_OCTETS: Final = 4
_LARGEST: Final = 2**63 - 1


def number_of(value: VarbindValue | None) -> int | None:
    """A number that SNMP can carry and SQL can keep (64 bits), whatever the column should hold."""
    return value if isinstance(value, int) and -_LARGEST <= value <= _LARGEST else None


def positive_of(value: VarbindValue | None) -> int | None:
    """A count: never below zero."""
    number = number_of(value)
    return number if number is not None and number >= 0 else None


def oid_of(value: VarbindValue | None) -> str | None:
    """An OBJECT IDENTIFIER without its leading dot."""
    return value[1:] if isinstance(value, str) and value.startswith(".") else None


def octets_of(value: VarbindValue | None) -> str | None:
    """An OCTET STRING as hex: "" is an empty one, None is none."""
    if not isinstance(value, str):
        return None
    try:
        bytes.fromhex(value[:2])
    except ValueError:
        return None
    return value


def text_of(value: VarbindValue | None, charset: int | None = None) -> str | None:
    """Octets as clean text of at most 255 characters; None where nothing readable is in them."""
    if not value or not isinstance(value, str):
        return None
    return _text(value, charset)


@lru_cache(maxsize=8192)
def _text(octets: str, charset: int | None) -> str | None:
    try:
        data = bytes.fromhex(octets)
    except ValueError:
        return None
    return readable(data, charset)


@lru_cache(maxsize=1024)
def detected_errors_of(octets: str) -> tuple[str, ...]:
    """The conditions of hrPrinterDetectedErrorState: bit 0 is the most significant bit of the first octet."""
    try:
        data = bytes.fromhex(octets[: 2 * _MAX_ERROR_OCTETS])
    except ValueError:
        return ()
    bits = (8 * place + bit for place, octet in enumerate(data) for bit in range(8) if octet & 0x80 >> bit)
    return tuple(str(name_of(DETECTED_ERROR_BIT, bit)) for bit in bits)
