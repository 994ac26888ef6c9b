"""Versions of firmware: found in what a printer says, and compared where that is honest. Pure."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from core.domain.text import one_line

_LONGEST: Final = 40
# HP puts the symbol set (two octets: 0x0115 Roman-8, 0xFDE8 UTF-8) before a text; decoded it is no ASCII.
_BEFORE: Final = re.compile(r"^[^!-~]+")
# "Firmware Ver.1.14  (14.11.06)", "Ver. 2.0", "V1.09": the version is what follows.
_LABEL: Final = re.compile(r"^(?:firmware\s*)?(?:(?:version|ver\b|rev\b)[.:\s]*|v(?=\d))", re.IGNORECASE)
_DATE_BEHIND: Final = re.compile(r"\s*\([^()]*\)\s*$")
_VERSION: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z._+ -]*")
_NOTHING: Final = frozenset({"unknown", "none", "n/a", "na", "null", "not available", "0"})
_DOTTED: Final = re.compile(r"\d{1,9}(?:\.\d{1,9}){1,7}")
# In sysDescr, of makers that have been recorded with it, by what their sysObjectID begins with.
_IN_DESCRIPTION: Final[Mapping[str, re.Pattern[str]]] = {
    "1.3.6.1.4.1.2435.": re.compile(r"^Brother .*\bFirmware (Ver\.[^,]+)"),
    "1.3.6.1.4.1.2001.": re.compile(r"\bAttached to [^:]+ Rev\.(\S+)"),  # the card's own Rev. is before it
    "1.3.6.1.4.1.236.": re.compile(r"^Samsung [^;]*;\s*V(\d+(?:\.\d+)+)"),
}


def version_of(told: str | None) -> str | None:
    """Return a short version from an object that holds nothing else; None where it holds no version.

    Some HP models put a path of their build there: that is none.
    """
    text = _BEFORE.sub("", one_line(told or "", 255))
    text = _DATE_BEHIND.sub("", _LABEL.sub("", text)).strip()
    if len(text) > _LONGEST or text.lower() in _NOTHING or not _VERSION.fullmatch(text):
        return None
    return text


def firmware_of(told: Iterable[str | None], description: str | None, object_id: str | None) -> str | None:
    """Return the version that a printer tells: in the first of its maker's objects that has one, or sysDescr.

    `object_id` is its sysObjectID: only where the maker's habit is known a version is taken from sysDescr.
    """
    found = next((version for text in told if (version := version_of(text))), None)
    if found is not None or not description or not object_id:
        return found
    for maker, pattern in _IN_DESCRIPTION.items():
        if f"{object_id}.".startswith(maker):
            match = pattern.search(description)
            return version_of(match[1]) if match else None
    return None


def newest_of(versions: Iterable[str]) -> str | None:
    """Return the newest version; None where no order can be claimed.

    Only numbers with dots between them are compared, number by number: which of "2TP_S000.003.402" and
    "R" is newer, or of "1.9" and "20240115", is the maker's to know.
    """
    known = set(versions)
    if not known or not all(_DOTTED.fullmatch(version) for version in known):
        return None
    return max(sorted(known), key=_numbers)


def is_older(version: str, newest: str | None) -> bool:
    """Return whether a version is older than the newest one of its model."""
    return newest is not None and _numbers(version) < _numbers(newest)


def _numbers(version: str) -> tuple[int, ...]:
    numbers = [int(part) for part in version.split(".")]
    while numbers and not numbers[-1]:  # 1.2.0 is 1.2
        numbers.pop()
    return tuple(numbers)
