"""Where a supply is low by its level, and when a flag is over: one rule, for judging and for trials. Pure."""

from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

from core.contract.messages import Supply
from core.contract.printer_mib import ALMOST_EMPTY, LARGEST_INTEGER, LEVEL_SOURCE, SOME_REMAINING

HYSTERESIS_PERCENT: Final = 3
"""How far above its threshold a level must rise before its flag is cleared."""
CLEAR_AFTER: Final = 2
"""Readings in a row without it before a flag is cleared (one is enough when a person asked for it)."""
_VAGUE_FACTOR: Final = 10
"""A level that turned vague clears its flag so many times later: it neither flaps nor stays for ever."""

Lowness = Literal["warning", "critical", "empty"]
"""How low a supply is; the first two are the severities of its flag."""


class Thresholds(NamedTuple):
    """The percentages at which a supply is low, and a low supply is critical."""

    low_percent: int
    critical_percent: int


def lowness(
    level: int | None, percent: int | None, before: Lowness | None, thresholds: Thresholds, *, by_vendor: bool
) -> Lowness | None:
    """Return how low a supply is by one reading, None where it is not.

    `level` is raw, `percent` None where it is not measured, `before` what it was flagged as until now;
    `by_vendor`: the percentage is from the vendor's own objects, and the level says less.
    """
    if not by_vendor and level == 0 and percent is not None:
        return "empty"
    if not by_vendor and level == ALMOST_EMPTY:
        return "warning"
    if percent is None or percent > thresholds.low_percent + (HYSTERESIS_PERCENT if before else 0):
        return None
    was_critical = before in ("critical", "empty")
    critical = percent <= thresholds.critical_percent + (HYSTERESIS_PERCENT if was_critical else 0)
    return "critical" if critical else "warning"


def is_vague(level: int | None, percent: int | None) -> bool:
    """Return whether a level tells nothing of how low a supply is."""
    return percent is None and level != ALMOST_EMPTY


def readings_to_clear(after: int = CLEAR_AFTER, *, vague: bool) -> int:
    """Return how many readings in a row without it clear a flag."""
    return after * (_VAGUE_FACTOR if vague else 1)


def is_not_answering(misses: int, unreachable_after: int) -> bool:
    """Return whether so many readings in a row without an answer are a fault."""
    return misses >= unreachable_after


def is_by_vendor(supply: Supply) -> bool:
    """Return whether its percentage is from the vendor's own objects."""
    return supply.source != LEVEL_SOURCE


def twins_of(supply: Supply, supplies: Iterable[Supply]) -> list[Supply]:
    """Return other rows of the same cartridge.

    Some agents list it twice, one of the rows for ever at 0 (Brother HL-5370DW).
    """
    if not supply.description:
        return []
    same = supply.description, supply.supply_type, supply.colorant
    return [
        other
        for other in supplies
        if other.index != supply.index and (other.description, other.supply_type, other.colorant) == same
    ]


def is_lively(level: int | None) -> bool:
    """Return whether a level says that something is left: with such a twin, a row at 0 is not empty."""
    return level == SOME_REMAINING or (level is not None and 0 < level < LARGEST_INTEGER)
