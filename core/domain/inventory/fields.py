"""Cells of an inventory: what each may hold and how it is cleaned, one pure function per kind of value."""

import re
import unicodedata
from typing import Final

from core.domain.text import one_line

LONGEST_TEXT: Final = 200
LONGEST_NOTES: Final = 4000

_RAW: Final = 4
"""How many times longer a text may be before it is cleaned."""

_NOTHING: Final = frozenset({"-", "--", "?", "n/a", "na", "none", "null", "nil", "unknown", "tbd", "dhcp"})
_YES: Final = frozenset({"yes", "y", "true", "t", "1", "on", "x", "ja", "active", "enabled"})
_NO: Final = frozenset({"no", "n", "false", "f", "0", "off", "nein", "inactive", "disabled", "retired"})
_SLUG: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


class BadValue(ValueError):
    """A cell that cannot be used; the text says why, to the person who wrote it."""


def clean_text(text: str, longest: int = LONGEST_TEXT) -> str:
    """Return one line: control characters removed, every run of white space one blank."""
    if _is_plain(text, longest):
        return text.strip()
    blank = " ".join(text.split())
    _bounded(blank, _RAW * longest)  # before what takes long
    return _bounded(" ".join(_printable(blank).split()), longest)


def clean_notes(text: str) -> str:
    """Return several lines, each cleaned."""
    if _is_plain(text, LONGEST_NOTES):
        return text.strip()
    _bounded(text, _RAW * LONGEST_NOTES)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return _bounded("\n".join(" ".join(_printable(line).split()) for line in lines).strip(), LONGEST_NOTES)


def is_nothing(text: str) -> bool:
    """Return whether a cell is empty or holds what people write where they know nothing: n/a, -, unknown."""
    return not text or text.casefold() in _NOTHING


def clean_enabled(text: str) -> bool:
    """Return yes or no, in the ways people write it."""
    if text.casefold() in _YES:
        return True
    if text.casefold() in _NO:
        return False
    raise BadValue(f"enabled {quoted(text)} is neither yes nor no")


def clean_site(text: str) -> str:
    """Return a site's name as a topic level."""
    return _named("site", text)


def clean_printer_id(text: str) -> str:
    """Return an id as a topic level, a file name and a part of a URL."""
    return _named("printer_id", text)


def slug(text: str) -> str:
    """Return the letters and digits of a text as an id; empty where it has none (of our alphabet)."""
    folded = unicodedata.normalize("NFKD", text.replace("ß", "ss").replace("ẞ", "ss"))
    ascii_only = folded.encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9._]+", "-", ascii_only).strip("-._")[:64].rstrip("-._")


def _named(what: str, text: str) -> str:
    name = text.casefold() if _SLUG.fullmatch(text.casefold()) else slug(text)
    if not name:
        raise BadValue(f"{what} {quoted(text)} has no letter or digit (a-z, 0-9)")
    return name


def _is_plain(text: str, longest: int) -> bool:
    """Return whether there is nothing to clean but the ends, as in almost all cells."""
    return len(text) <= longest and text.isascii() and text.isprintable() and "  " not in text


def _printable(text: str) -> str:
    return one_line(unicodedata.normalize("NFC", text))


def _bounded(text: str, longest: int) -> str:
    if len(text) > longest:
        raise BadValue(f"{quoted(text)} is longer than {longest} characters")
    return text


def quoted(text: str) -> str:
    """Return the beginning of a value, for a sentence about it."""
    return f"`{text[:40]}{'…' if len(text) > 40 else ''}`"  # noqa: PLR2004 (enough to find the cell)
