"""Read raw values as a number, clean text or error bits. What cannot be read is None."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from core.contract.messages import VarbindValue
from core.contract.mib_names import DETECTED_ERROR_BIT
from core.contract.printer_mib import LARGEST_INTEGER, SENTINELS, name_of
from core.domain.device_texts import readable

_MAX_ERROR_OCTETS: Final = 4
_LARGEST: Final = 2**63 - 1
_LARGEST_COUNTER: Final = 2**32 - 1
# Agents that send INTEGER columns as Gauge32 or Counter64 wrap the sentinels: -3 arrives as 4294967293.
_UNSIGNED_SENTINELS: Final[Mapping[int, int]] = {
    2**bits + sentinel: sentinel for bits in (32, 64) for sentinel in SENTINELS
}


def number_of(value: VarbindValue | None) -> int | None:
    """Return an INTEGER, a sentinel from its unsigned form; None if it does not fit into 64 bits."""
    if not isinstance(value, int):
        return None
    if value > LARGEST_INTEGER:
        value = _UNSIGNED_SENTINELS.get(value, value)
    return value if -_LARGEST <= value <= _LARGEST else None


def ticks_of(value: VarbindValue | None) -> int | None:
    """Return TimeTicks, which use all 32 bits; None below zero."""
    return value if isinstance(value, int) and 0 <= value <= _LARGEST else None


def count_of(value: VarbindValue | None) -> int | None:
    """Return a Counter32; None for sentinels, for the largest INTEGER and for more than a counter holds."""
    number = number_of(value)
    if number is None or number == LARGEST_INTEGER or not 0 <= number <= _LARGEST_COUNTER:
        return None
    return number


def oid_of(value: VarbindValue | None) -> str | None:
    """Return an OBJECT IDENTIFIER without its leading dot."""
    return value[1:] if isinstance(value, str) and value.startswith(".") else None


def octets_of(value: VarbindValue | None) -> str | None:
    """Return an OCTET STRING as hex: "" is an empty one, None is none."""
    if not isinstance(value, str):
        return None
    try:
        bytes.fromhex(value[:2])
    except ValueError:
        return None
    return value


def text_of(value: VarbindValue | None, charset: int | None = None) -> str | None:
    """Return octets as clean text of at most 255 characters; None where nothing readable is in them."""
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
    """Return the conditions of hrPrinterDetectedErrorState; bit 0 is the highest of the first octet."""
    try:
        data = bytes.fromhex(octets[: 2 * _MAX_ERROR_OCTETS])
    except ValueError:
        return ()
    bits = (8 * place + bit for place, octet in enumerate(data) for bit in range(8) if octet & 0x80 >> bit)
    return tuple(str(name_of(DETECTED_ERROR_BIT, bit)) for bit in bits)
