"""Texts of devices, made fit to be shown and stored: decoded, bounded, without control characters."""

import re
from typing import Final

from fleet.charsets import CODECS

MAX_TEXT: Final = 255
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


def readable(octets: bytes, charset: int | None = None) -> str | None:
    """Octets in a character set of prtLocalizationCharacterSet as clean text; None where there is none."""
    return clean(_characters(octets, charset))


def clean(text: str, limit: int = MAX_TEXT) -> str | None:
    """Text from the network fit to be shown and stored: bounded, no control characters; None if empty."""
    text = _HYPHENATED.sub("", text) if "\n" in text or "\r" in text else text
    text = _HYPHEN_AT_END.sub("-", text) if "\n" in text or "\r" in text else text
    text = _UNSEEMLY.sub(" ", text).strip()
    return text[:limit].rstrip() or None


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
