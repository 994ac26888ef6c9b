"""Texts of devices, made fit to be shown and stored: decoded, then cleaned as all text from elsewhere is."""

import codecs
import re
from typing import Final

from core.domain.charsets import CODECS, MULTI_BYTE
from core.domain.text import one_line

MAX_TEXT: Final = 255
_ESCAPE: Final = 0x1B
# A word broken at the end of a panel's line; the second half begins with a small letter.
_HYPHENATED: Final = re.compile(r"(?<=\w)-[\r\n]+ *(?=[^\W\d_A-Z])")
_HYPHEN_AT_END: Final = re.compile(r"(?<=\w)-[\r\n]+ *(?=\w)")
# UTF-8 by more than chance: a character of three octets or more, a letter within a Latin word, or a word of
# one alphabet. Two octets of GB 2312 or EUC are, now and then, valid UTF-8, but of two alphabets mixed.
_SURELY_UTF8: Final = re.compile(
    "[\u0800-\U0010ffff]|[A-Za-z][\u00c0-\u024f]|[\u00c0-\u024f][A-Za-z]"
    "|[\u0370-\u03ff]{3}|[\u0400-\u04ff]{3}|[\u05d0-\u05ea]{3}|[\u0620-\u064a]{3}"
)


def readable(octets: bytes, charset: int | None = None) -> str | None:
    """Return octets in a set of prtLocalizationCharacterSet as clean text; None where none is left."""
    return clean(_characters(octets, charset))


def clean(text: str, limit: int = MAX_TEXT) -> str | None:
    """Return a device's text on one line, bounded and with nothing hidden; None if nothing is left.

    Words that a panel has broken at the end of a line are put together.
    """
    if "\n" in text or "\r" in text:
        text = _HYPHEN_AT_END.sub("-", _HYPHENATED.sub("", text))
    return one_line(text, limit) or None


def _characters(data: bytes, charset: int | None) -> str:
    """Return the characters of octets: UTF-8 where they are UTF-8, else in the declared set, else in Latin-1.

    Codecs of one octet a character never fail: tried first, the declared one would hide that a printer sends
    UTF-8 and declares another set.
    """
    ended = data.rstrip(b"\0")
    # Whatever set is declared: what is plain ASCII is ASCII (UTF-16 has NULs, ISO 2022 escapes).
    if ended.isascii() and 0 not in ended and _ESCAPE not in ended:
        return ended.decode("ascii")
    codec = CODECS.get(charset or 0, "")
    declared = _decoded(data, codec) if codec and codec != "utf-8" else None
    unicode = None if 0 in ended else _utf8(ended, declared or ended.decode("latin-1"))
    if unicode is not None and (declared is None or codec not in MULTI_BYTE or _SURELY_UTF8.search(unicode)):
        return unicode
    return declared if declared is not None else ended.decode("latin-1")


def _utf8(octets: bytes, otherwise: str) -> str | None:
    """Return octets as UTF-8, without a last character that was cut in the middle; None where they are none.

    `otherwise` is the same text in the set that it is in if this is not UTF-8.
    """
    text = _decoded(octets, "utf-8")
    if text is None or not text.isascii():
        return text
    # Only the last octets may be more than ASCII: begun UTF-8, or a letter of another set ("Café", "Spaß")?
    last = otherwise[len(text) :]
    is_letter = last.isalpha() and (last.islower() or not text[-1:].islower())
    return text if text and last and not is_letter else None


def _decoded(octets: bytes, codec: str) -> str | None:
    """Return octets by a codec, without a last character that some limit has cut in the middle."""
    try:
        return codecs.getincrementaldecoder(codec)().decode(octets)
    except (UnicodeError, ValueError):
        return None
