"""What the wall view shows of a place: counts, what needs somebody, and a tile for each printer.

The same for everybody, so that it is drawn once for all screens: without addresses, serial numbers and
printers' own words. Drawn anew only where something looks different; times tick in the browser.
"""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from core.domain.places import within
from core.storage.announcements import Announcement
from dashboard.app_context import AppContext
from dashboard.features.announcements.shown import announced
from dashboard.features.fleet.listed import ListedDetails
from dashboard.features.fleet.queries import ORDERS, Fleet, FleetFilter, FleetMatches, Listed
from dashboard.features.shared.cached import listed_details, the_fleet
from dashboard.ui.templates import render
from dashboard.ui.wording import HEALTH, TROUBLE

_MOST_TOLD: Final = 8
"""Printers whose trouble is told in words: two rows of four on a wide screen."""
_MOST_TILES: Final = 300
"""Of more printers the worst are shown: smaller tiles cannot be read."""
_MOST_KEPT: Final = 64
_SIZES: Final = ((40, "large"), (100, "medium"), (200, "small"), (_MOST_TILES, "tiny"))
"""Up to so many tiles are of that size (wall.css)."""
_NOTHING_KNOWN: Final = ListedDetails()


@dataclass(frozen=True)
class Trouble:
    """A printer that needs somebody."""

    row: Listed
    sentence: str
    since: datetime | None
    """Since when; None: unknown."""
    more: int
    """How many more things need attention there."""


@dataclass(frozen=True)
class DrawnWall:
    """The view of a place as HTML, and what it was drawn of."""

    html: str
    version: str
    """Its hash."""
    fleet: Fleet
    told: tuple[str, ...]
    """The printers whose trouble is told in words."""
    details: Mapping[str, ListedDetails]
    """What is told of these printers."""
    announcements: Sequence[Announcement]


class KeptWalls:
    """The views of all places that are looked at. Threads take turns."""

    def __init__(self) -> None:
        self._turn: Final = threading.Lock()
        self._kept: Final[OrderedDict[str, DrawnWall]] = OrderedDict()

    def draw(self, app_context: AppContext, location: str, version: str) -> DrawnWall:
        """Return the view of a place ("" for all), at most as old as the fleet on the other pages.

        `version` is that of the page, which loads itself anew where it has another one.
        """
        fleet = the_fleet(app_context)
        with self._turn:
            kept = self._kept.pop(location, None)
            same = kept is not None and kept.fleet is fleet
            told = kept.told if kept is not None and same else to_be_told(fleet, location)
            details = listed_details(app_context, told) if told else {}
            said = announced(app_context, location, within=True)
            if kept is None or not same or kept.details != details or kept.announcements != said:
                html = wall_html(fleet, location, details, version, said)
                digest = hashlib.sha256(html.encode()).hexdigest()[:32]
                kept = DrawnWall(html, digest, fleet, told, details, said)
            self._kept[location] = kept
            if len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
            return kept


KEPT_WALLS: Final = KeptWalls()


def wall_html(
    fleet: Fleet,
    location: str,
    details: Mapping[str, ListedDetails],
    version: str,
    announcements: Sequence[Announcement] = (),
) -> str:
    """Return the view of a place as HTML; see KeptWalls.draw.

    Tiles are in the order of their places, whatever happens: people know where to look.
    """
    found = _found(fleet, location)
    tiles = sorted(found.rows[:_MOST_TILES], key=ORDERS["location"])
    return render(
        "wall/tiles",
        location=location,
        version=version,
        announcements=announcements,
        printers=len(found.rows),
        counts=[(look, found.by_health.get(health, 0)) for health, look in HEALTH.items()],
        troubles=[_trouble(row, details.get(row.printer_id, _NOTHING_KNOWN)) for row in _told(found)],
        tiles=[(row, HEALTH[row.health], within(row.location, location)) for row in tiles],
        size=next(size for most, size in _SIZES if len(tiles) <= most),
    )


def to_be_told(fleet: Fleet, location: str) -> tuple[str, ...]:
    """Return the ids of the printers whose trouble is told in words."""
    return tuple(row.printer_id for row in _told(_found(fleet, location)))


def _found(fleet: Fleet, location: str) -> FleetMatches:
    return fleet.find(FleetFilter(location=location), False)


def _told(found: FleetMatches) -> list[Listed]:
    return [row for row in found.rows[:_MOST_TOLD] if row.health in TROUBLE]


def _trouble(row: Listed, details: ListedDetails) -> Trouble:
    if row.health == "stale":
        return Trouble(row, HEALTH["stale"].label, details.answered_at or details.taken_at, 0)
    return Trouble(row, details.public_message, details.since_at, max(0, details.flags - 1))
