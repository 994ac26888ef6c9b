"""Interpret a level and a capacity together: how the level is known, and how many percent it is."""

from typing import Final

from core.contract.messages import LevelState
from core.contract.printer_mib import LARGEST_INTEGER, NO_RESTRICTION, SOME_REMAINING

_FULL: Final = 100
_MAX_OVERFILL: Final = 2
"""Agents report up to 150 %. More than twice the capacity is a wrong number, or one of another unit."""
_SENTINEL_STATES: Final[dict[int, LevelState]] = {
    SOME_REMAINING: "some_remaining",
    NO_RESTRICTION: "unlimited",
}


def amount_of(number: int | None) -> int | None:
    """Return a level or capacity that is an amount; None for sentinels and for what no INTEGER can be."""
    return number if number is not None and 0 <= number < LARGEST_INTEGER else None


def measure(level: int | None, max_capacity: int | None, unit: str | None) -> tuple[LevelState, int | None]:
    """Return the state of a level, and its percentage where it is measured.

    By RFC 3805 -1, -2 and -3 are no amounts. What a container cannot hold is unknown, never 100 %.
    """
    amount, capacity = amount_of(level), amount_of(max_capacity)
    if amount is None:
        return _SENTINEL_STATES.get(level or 0, "unknown"), None
    if max_capacity == 0 == amount:  # nothing of nothing
        return "unknown", None
    capacity = capacity or (_FULL if unit == "percent" else None)
    if capacity is None or amount > _MAX_OVERFILL * capacity:
        return "unknown", None
    return "measured", min(_FULL, round(_FULL * amount / capacity))
