"""Cells of an inventory: what each may hold and how it is cleaned, one pure function per kind of value."""

import re
import unicodedata
from datetime import date
from typing import Final

from core.contract.slugs import SLUG
from core.domain.text import one_line

LONGEST_TEXT: Final = 200
LONGEST_NOTES: Final = 4000

_RAW: Final = 4
"""How many times longer a text may be before it is cleaned."""

_NOTHING: Final = frozenset({"-", "--", "?", "n/a", "na", "none", "null", "nil", "unknown", "tbd", "dhcp"})
_YES: Final = frozenset({"yes", "y", "true", "t", "1", "on", "x", "ja", "active", "enabled"})
_NO: Final = frozenset({"no", "n", "false", "f", "0", "off", "nein", "inactive", "disabled", "retired"})


_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NO_DAY: Final = "0000-00-00"
"""What MySQL, and so GLPI, writes where there is none."""
_DAY_FORMS: Final = (
    re.compile(r"(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})"),
    re.compile(r"(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>\d{4})"),
    re.compile(r"(?P<d>\d{1,2})[ -](?P<m>[a-z]{3,9})\.?[ -](?P<y>\d{4})"),
    re.compile(r"(?P<m>[a-z]{3,9})\.? (?P<d>\d{1,2}),? (?P<y>\d{4})"),
)
"""2027-03-01, 1.3.2027, 1 Mar 2027, March 1, 2027."""
_SLASHED_DAY: Final = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})")
"""3/1/2027: in one country the first of March, in another the third of January."""
_TIME_OF_DAY: Final = re.compile(r"[ t]0?0:00(:00(\.0+)?)?z?$")
"""Midnight, with which a spreadsheet or a database writes days."""
_YEARS: Final = range(1970, 2101)
_MOST_MONTHS: Final = 12


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


def clean_day(field: str, text: str) -> date | None:
    """Return a day; None where the cell says that there is none.

    Raises BadValue for what is none, and where day and month could be either.
    """
    if is_nothing(text) or text.startswith(_NO_DAY):
        return None
    written = _TIME_OF_DAY.sub("", text.casefold())
    if slashed := _SLASHED_DAY.fullmatch(written):
        first, second, year = map(int, slashed.groups())
        if first <= _MOST_MONTHS and second <= _MOST_MONTHS and first != second:
            raise BadValue(f"{field} {quoted(text)} can be two days: write it as 2027-12-31")
        day, month = (first, second) if first > _MOST_MONTHS else (second, first)
        return _day(field, text, year, month, day)
    for form in _DAY_FORMS:
        if found := form.fullmatch(written):
            return _day(field, text, int(found["y"]), _month(found["m"]), int(found["d"]))
    raise _no_day(field, text)


def _month(text: str) -> int:
    """Return the number of a month that is written as one or as a word in English; 0 for another word."""
    if text.isdigit():
        return int(text)
    return next((number for number, name in enumerate(_MONTHS, 1) if text.startswith(name)), 0)


def _day(field: str, text: str, year: int, month: int, day: int) -> date:
    if year not in _YEARS:
        raise _no_day(field, text)
    try:
        return date(year, month, day)
    except ValueError:
        raise _no_day(field, text) from None


def _no_day(field: str, text: str) -> BadValue:
    return BadValue(
        f"{field} {quoted(text)} is no day from {_YEARS.start} to {_YEARS.stop - 1}: write it as 2027-12-31"
    )


def slug(text: str) -> str:
    """Return the letters and digits of a text as an id; empty where it has none (of our alphabet)."""
    folded = unicodedata.normalize("NFKD", text.replace("ß", "ss").replace("ẞ", "ss"))
    ascii_only = folded.encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9._]+", "-", ascii_only).strip("-._")[:64].rstrip("-._")


def _named(what: str, text: str) -> str:
    name = text.casefold() if SLUG.fullmatch(text.casefold()) else slug(text)
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
