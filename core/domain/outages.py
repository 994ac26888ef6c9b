"""The rule for outages: when printers of one place or site that do not answer are one thing, not many. Pure.

A single home for it: the processor finds outages by it, the daily summary groups printers by it, and the
Attention page shows by it what may become one. A printer that has never answered since it was added has no
share in them, neither among the silent nor among the others.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from core.domain.places import place_of
from core.domain.units import counted

CODE: Final = "outage"
"""What the issue of one is about, where that of a printer has the code of its flag."""
MIN_OUTAGE_PRINTERS: Final = 3
"""An outage has at least so many silent printers."""
MIN_OUTAGE_PERCENT: Final = 60
"""An outage has at least this percentage of the printers of its place or site silent."""

Scope = Literal["place", "site"]


class Group(NamedTuple):
    """Printers that share a network and its power: those of a place, or all that a site's collector reads."""

    scope: Scope
    name: str

    @property
    def key(self) -> str:
        """Its name among all: the subject of its issue."""
        return f"{self.scope}:{self.name}"

    @property
    def words(self) -> str:
        """What people call it."""
        return self.name if self.scope == "place" else f"Site {self.name}"


class Located(NamedTuple):
    """Where a printer is."""

    location: str
    site: str


@dataclass(frozen=True, slots=True)
class Extent:
    """How many printers of a group do not answer."""

    silent: int
    printers: int

    @property
    def words(self) -> str:
        """Return `26 of 26 printers do not answer`."""
        return f"{self.silent} of {counted(self.printers, 'printer')}{_TITLE_ENDS}"

    def title(self, group: Group) -> str:
        """Return what the issue is called: `Chemistry: 26 of 26 printers do not answer`."""
        return f"{group.words}: {self.words}"


_TITLE_ENDS: Final = " do not answer"


def is_own_title(title: str, group: Group) -> bool:
    """Return whether a title is one of Extent.title(), and not what a person has made of it."""
    return title.startswith(f"{group.words}: ") and title.endswith(_TITLE_ENDS)


def begins(extent: Extent) -> bool:
    """Return whether so many silent printers are an outage."""
    return extent.silent >= _enough(extent.printers)


def lasts(extent: Extent) -> bool:
    """Return whether an outage is not over: it ends when fewer than half of what began it are silent."""
    return extent.silent >= _enough(extent.printers) / 2


def _enough(printers: int) -> float:
    return max(MIN_OUTAGE_PRINTERS, printers * MIN_OUTAGE_PERCENT / 100)


def groups_of(printer: Located) -> tuple[Group, ...]:
    """Return the groups of a printer, the smallest first."""
    place, site = place_of(printer.location), Group("site", printer.site)
    return (Group("place", place), site) if place else (site,)


def sizes_of(numbers: Mapping[Located, int]) -> Counter[Group]:
    """Return how many printers each group has, of how many are where."""
    sizes: Counter[Group] = Counter()
    for where, number in numbers.items():
        sizes.update(dict.fromkeys(groups_of(where), number))
    return sizes


def find_outages(
    silent: Iterable[Located], sizes: Mapping[Group, int], on: Collection[Group] = ()
) -> dict[Group, Extent]:
    """Return the groups that have an outage. `on`: those that had one, which ends later than it began.

    A site has one where printers of several places are silent, not where one place alone is.
    """
    counts: Counter[Group] = Counter()
    within: dict[Group, Counter[Group]] = defaultdict(Counter)
    for where in silent:
        groups = groups_of(where)
        counts.update(groups)
        within[groups[-1]][groups[0]] += 1
    extents = {group: Extent(number, max(number, sizes.get(group, 0))) for group, number in counts.items()}
    found = {g: extent for g, extent in extents.items() if (lasts if g in on else begins)(extent)}
    of_one_place = {
        site
        for site, parts in within.items()
        if site in found and len(parts) == 1 and next(iter(parts)) in found and next(iter(parts)) != site
    }
    return {group: extent for group, extent in found.items() if group not in of_one_place}


def outages_that_last(
    silent: Iterable[Located], quiet: Iterable[Located], sizes: Mapping[Group, int], on: Collection[Group]
) -> dict[Group, Extent]:
    """Return the outages there are, of which `on` were there before.

    `quiet`: its silent printers that were taken out of service since. They begin none and are not counted in
    one that is on without them; but to take them out ends nothing, as long as they do not answer.
    """
    found = find_outages(silent := [*silent], sizes, on)
    if quiet := [*quiet]:
        whole = find_outages([*silent, *quiet], Counter(sizes) + sizes_of(Counter(quiet)), on)
        found = {group: extent for group, extent in whole.items() if group in on} | found
    return found


def smallest(printer: Located, outages: Collection[Group]) -> Group | None:
    """Return the outage that a printer is a part of: that of its place before that of its site."""
    return next((group for group in groups_of(printer) if group in outages), None)


def outermost(printer: Located, outages: Collection[Group]) -> Group | None:
    """Return the outage that people are told of where a printer is: that of its site before its place's."""
    return next((group for group in reversed(groups_of(printer)) if group in outages), None)


def sites_around(silent: Iterable[Located], outages: Collection[Group]) -> dict[Group, Group]:
    """Return the outages of places that are a part of the outage of a site, with that."""
    sites: dict[Group, set[Group]] = defaultdict(set)
    for where in silent:
        *place, site = groups_of(where)
        for group in place:
            sites[group].add(site)
    return {
        place: site
        for place, around in sites.items()
        if place in outages and len(around) == 1
        for site in around
        if site in outages
    }
