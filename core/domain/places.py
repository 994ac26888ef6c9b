"""Places: the parts of a location between its commas, from the outside in ("Library, floor 2, copy room").

The first part is a site or a building, whatever people write first. Everybody who asks what lies in what asks
here; in SQL the first part alone is told, by dashboard/ui/places.py.
"""

import re
from functools import lru_cache
from itertools import dropwhile
from typing import Final

NOWHERE: Final = "No place"
"""What is shown for printers whose location nobody has written down."""

_BETWEEN: Final = ", "
_WORDS: Final = re.compile(r"\w+")
_DIGITS: Final = re.compile(r"(\d+)")

PlaceOrder = tuple[bool, tuple[tuple[bool, int, str], ...]]


@lru_cache(maxsize=1 << 15)
def parts_of(location: str) -> tuple[str, ...]:
    """Return the parts of a location, from the outside in; none where nothing is written."""
    return tuple(part for part in map(str.strip, location.split(",")) if part)


def place_of(location: str) -> str:
    """Return the outermost place of a location; "" where there is none."""
    return next(iter(parts_of(location)), "")


def named(parts: tuple[str, ...]) -> str:
    """Return the location that has these parts, as it is written everywhere."""
    return _BETWEEN.join(parts)


@lru_cache(maxsize=1 << 15)
def places_around(location: str) -> tuple[str, ...]:
    """Return every place that a location lies in, itself last: Library, then Library, floor 2."""
    parts = parts_of(location)
    return tuple(named(parts[:depth]) for depth in range(1, len(parts) + 1))


def is_inside(location: str, place: str) -> bool:
    """Return whether a location is that place or lies in it; everything lies in the place ""."""
    wanted = parts_of(place)
    return parts_of(location)[: len(wanted)] == wanted


def within(location: str, place: str) -> str:
    """Return a location without the place that it lies in; whole where it lies elsewhere."""
    return named(parts_of(location)[len(parts_of(place)) :]) if is_inside(location, place) else location


@lru_cache(maxsize=1 << 15)
def place_order(location: str) -> PlaceOrder:
    """Return what places are sorted by: floor 2 comes before floor 10, and what has no location last."""
    pieces = [piece for piece in _DIGITS.split(location.casefold()) if piece]
    return not location, tuple(
        (not piece.isdecimal(), int(piece) if piece.isdecimal() else 0, piece) for piece in pieces
    )


def not_in_the_name(location: str, name: str) -> str:
    """Return a location without the parts at its beginning that the printer's name tells."""
    told = f" {_plain(name)} "
    parts = parts_of(location)
    left = tuple(dropwhile(lambda part: f" {_plain(part)} " in told, parts))
    return location if left == parts else named(left)


def _plain(text: str) -> str:
    return " ".join(_WORDS.findall(text.casefold()))
