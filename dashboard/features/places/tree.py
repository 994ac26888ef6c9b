"""The places of the fleet as a tree, with how many printers each holds and how they are.

Made of the rows that are kept for all pages (features/fleet/kept_fleet.py), once for each state of the fleet.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Final
from urllib.parse import quote

from core.domain.places import NOWHERE, PlaceOrder, parts_of, place_order, places_around
from dashboard.features.fleet.queries import Fleet, FleetFilter, Listed
from dashboard.ui.wording import TROUBLE


@dataclass(eq=False)
class PlaceNode:
    """A place with everything in it; never changes once its tree is made."""

    location: str
    """As it is written everywhere: "Library, floor 2"; "" for printers without a location."""
    by_health: Counter[str] = field(default_factory=Counter)
    """How many printers are how; see wording.HEALTH."""
    inside: list["PlaceNode"] = field(default_factory=list)
    """The next smaller places in it."""

    @property
    def name(self) -> str:
        """Its own part of the location."""
        parts = parts_of(self.location)
        return parts[-1] if parts else NOWHERE

    @property
    def path(self) -> str:
        """The address of its page."""
        return place_path(self.location)

    @property
    def printers(self) -> int:
        return self.by_health.total()

    @property
    def troubled(self) -> int:
        """How many of its printers need somebody."""
        return sum(self.by_health[health] for health in TROUBLE)


class PlaceTree:
    """The places of one state of the fleet."""

    def __init__(self, rows: Iterable[Listed]) -> None:
        by_location: dict[str, list[tuple[str, int]]] = {}
        for (location, health), number in Counter([(row.location, row.health) for row in rows]).items():
            by_location.setdefault(location, []).append((health, number))
        made: dict[str, PlaceNode] = {}
        for location, counts in by_location.items():
            outer = None
            for name in places_around(location) or ("",):
                place = made.get(name)
                if place is None:
                    place = made[name] = PlaceNode(name)
                    if outer is not None:
                        outer.inside.append(place)
                for health, number in counts:
                    place.by_health[health] += number
                outer = place
        for place in made.values():
            place.inside.sort(key=_order)
        self.places: Final[Mapping[str, PlaceNode]] = made
        """All of them by location."""

    @cached_property
    def top(self) -> Sequence[PlaceNode]:
        """The outermost places in their order; what has no location comes last."""
        return sorted(
            (place for place in self.places.values() if len(parts_of(place.location)) <= 1), key=_order
        )

    @cached_property
    def folded(self) -> Sequence[tuple[str, PlaceNode]]:
        """The places that have a location, each with that in lower case."""
        return [(place.location.lower(), place) for place in self.places.values() if place.location]

    def having(self, words: Iterable[str]) -> list[PlaceNode]:
        """Return the places with all these words, in lower case, in their location; in any order."""
        found = self.folded
        for word in sorted(words, key=len, reverse=True):
            found = [each for each in found if word in each[0]]
        return [place for _, place in found]

    def find(self, words: str) -> list[PlaceNode]:
        """Return the places with all these words in their location, the outermost first."""
        found = self.having(words.lower().split())
        return sorted(found, key=lambda place: (len(parts_of(place.location)), _order(place)))


@dataclass(frozen=True)
class TreeLine:
    """A line of the tree as it is shown."""

    place: PlaceNode
    depth: int


def shown_lines(places: Sequence[PlaceNode], most: int) -> list[TreeLine]:
    """Return the lines of these places with what is in them, as deep as they are at most so many.

    The first level is there in any case; what is deeper is on the pages of the places.
    """
    lines = list(_lines(places, 0, 0))
    depth = 1
    while len(deeper := list(_lines(places, 0, depth))) <= most and len(deeper) > len(lines):
        lines, depth = deeper, depth + 1
    return lines


def _lines(places: Sequence[PlaceNode], depth: int, deepest: int) -> Iterator[TreeLine]:
    for place in places:
        yield TreeLine(place, depth)
        if depth < deepest:
            yield from _lines(place.inside, depth + 1, deepest)


@lru_cache(maxsize=2)
def place_tree(fleet: Fleet) -> PlaceTree:
    """Return the tree of a fleet, made once: of 10,000 printers it takes some milliseconds."""
    return PlaceTree(fleet.rows)


def rows_in(fleet: Fleet, location: str) -> Sequence[Listed]:
    """Return the printers of a place, worst first; of "" those without a location."""
    if parts_of(location):
        return fleet.find(FleetFilter(location=location), False).rows
    return [row for row in fleet.rows if not parts_of(row.location)]


def need_attention(number: int) -> str:
    """Return how many printers need somebody, in words; "" where none does."""
    if not number:
        return ""
    return "1 needs attention" if number == 1 else f"{number:,} need attention"


def place_path(location: str) -> str:
    """Return the address of a place's page."""
    return f"/place?location={quote(location, safe='')}"


def _order(place: PlaceNode) -> PlaceOrder:
    return place_order(place.location)
