"""What a raw value can be read as: a number, clean text, error bits. What cannot be read is None."""

import re
from functools import lru_cache
from typing import Final

from fleet.messages import VarbindValue
from fleet.mib_names import DETECTED_ERROR_BIT
from fleet.printer_mib import name_of
from processor.decode.charsets import CODECS

MAX_TEXT: Final = 255
_MAX_ERROR_OCTETS: Final = 4
_LARGEST: Final = 2**63 - 1
_ESCAPE: Final = 0x1B
# A word broken at the end of a panel's line; the second half begins with a small letter.
_HYPHENATED: Final = re.compile(r"(?<=\w)-[\r\n]+ *(?=[^\W\d_A-Z])")
_HYPHEN_AT_END: Final = re.compile(r"(?<=\w)-[\r\n]+ *(?=\w)")
# Controls, marks that change the direction of what follows, halves of surrogate pairs, noncharacters.
_CONTROLS: Final = (
    "\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    + "\ufdd0-\ufdef\ufeff\ufff0-\uffff\ud800-\udfff"
)
_UNSEEMLY: Final = re.compile(f" ?[{_CONTROLS}][{_CONTROLS} ]*")


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
    return clean(_characters(data, charset))


def _characters(data: bytes, charset: int | None) -> str:
    ended = data.rstrip(b"\0")
    # Whatever set is declared: what is plain ASCII is ASCII (UTF-16 has NULs, ISO 2022 escapes).
    if ended.isascii() and 0 not in ended and _ESCAPE not in ended:
        return ended.decode("ascii")
    for codec in (CODECS.get(charset or 0), "utf-8"):
        try:
            if codec:
                return data.decode(codec)
        except (UnicodeError, ValueError):
            continue
    return ended.decode("latin-1")


def clean(text: str, limit: int = MAX_TEXT) -> str | None:
    """Text from the network fit to be shown and stored: bounded, no control characters; None if empty."""
    text = _HYPHENATED.sub("", text) if "\n" in text or "\r" in text else text
    text = _HYPHEN_AT_END.sub("-", text) if "\n" in text or "\r" in text else text
    text = _UNSEEMLY.sub(" ", text).strip()
    return text[:limit].rstrip() or None


@lru_cache(maxsize=1024)
def detected_errors_of(octets: str) -> tuple[str, ...]:
    """The conditions of hrPrinterDetectedErrorState: bit 0 is the most significant bit of the first octet."""
    try:
        data = bytes.fromhex(octets[: 2 * _MAX_ERROR_OCTETS])
    except ValueError:
        return ()
    bits = (8 * place + bit for place, octet in enumerate(data) for bit in range(8) if octet & 0x80 >> bit)
    return tuple(str(name_of(DETECTED_ERROR_BIT, bit)) for bit in bits)
