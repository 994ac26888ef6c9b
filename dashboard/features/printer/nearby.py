"""Find where to print instead: printers that work, the nearest first."""

from collections.abc import Callable
from itertools import takewhile
from typing import Any, Final

from dashboard.features.fleet.queries import ORDERS, Fleet, Listed

_WORKS: Final = frozenset({"idle", "printing", "warming_up", "asleep"})
_OFFERED: Final = 3


def works(row: Listed) -> bool:
    """Return whether somebody can print on it now."""
    return row.state in _WORKS and row.health != "critical"


def alternatives(fleet: Fleet, printer_id: str) -> list[Listed]:
    """Return working printers in the same place, else in the same building."""
    own = fleet.by_id.get(printer_id)
    if own is None or not own.location:
        return []
    others = [row for row in fleet.rows if row.printer_id != printer_id and works(row)]
    near = [row for row in others if row.location == own.location]
    building = _building(own.location)
    around = [row for row in others if row.location != own.location and _building(row.location) == building]
    return sorted(near, key=ORDERS["name"])[:_OFFERED] or sorted(around, key=_nearness(own))[:_OFFERED]


def _building(location: str) -> str:
    return location.partition(",")[0].strip().lower()


def _nearness(own: Listed) -> Callable[[Listed], Any]:
    """Return the nearness: the more of the location's words agree from the left, the nearer."""
    parts = own.location.lower().split(",")

    def key(row: Listed) -> Any:
        theirs = row.location.lower().split(",")
        same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(parts, theirs, strict=False)))
        return -same, row.folded

    return key
