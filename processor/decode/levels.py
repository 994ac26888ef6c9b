"""What a level and a capacity say together: how it is known, and how many percent it is."""

from typing import Final

from fleet.messages import LevelState
from fleet.printer_mib import NO_RESTRICTION, SOME_REMAINING

_FULL: Final = 100
_SENTINEL_STATES: Final[dict[int, LevelState]] = {
    SOME_REMAINING: "some_remaining",
    NO_RESTRICTION: "unlimited",
}


def measure(level: int | None, max_capacity: int | None, unit: str | None) -> tuple[LevelState, int | None]:
    """The state of a level, and its percentage where it is measured (RFC 3805: -1, -2, -3 are no amounts)."""
    if level is None or level < 0:
        return _SENTINEL_STATES.get(level if level is not None else 0, "unknown"), None
    if max_capacity is not None and max_capacity > 0:
        return "measured", min(_FULL, round(100 * level / max_capacity))
    if unit == "percent":
        return "measured", min(_FULL, level)
    return "unknown", None
