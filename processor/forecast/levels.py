"""The levels of one supply over time, rid of what they were not: refills found, glitches left out. Pure."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median
from typing import Final, NamedTuple

from processor.supplies.rises import least_rise

_EXCURSION_DAYS: Final = 3.0
"""A level that is back where it was within this time never left it: the supply was out of the printer."""
_USED_MEANWHILE_PERCENT: Final = 15.0
"""Lower by so much at most."""
_SUDDEN_PERCENT: Final = 25.0
_SUDDEN_DAYS: Final = 1.0
"""So much less in so short a time was not used: it is another supply, or none."""


class PastLevel(NamedTuple):
    """A past level, at a time in days since 1970."""

    at: float
    percent: float


Run = list[PastLevel]


class LevelHistory(NamedTuple):
    """One supply's past."""

    fills: tuple[Run, ...]
    """One level a day, of one filling after the other; the last is the present one."""
    current: float
    """The level that holds now."""
    refilled_at: float | None
    points: int
    """Levels measured since then."""


def step_of(levels: Sequence[PastLevel]) -> float:
    """Return the smallest step between two levels: how finely they are reported; 0 if it is unknown."""
    values = sorted({level.percent for level in levels})
    return min((higher - lower for lower, higher in pairwise(values)), default=0.0)


def past_of(levels: Sequence[PastLevel]) -> LevelHistory:
    """Divide levels (at least one, oldest first) into fillings."""
    jump = least_rise(step_of(levels))
    runs = _without_excursions(_runs(levels, jump), jump)
    fills: list[Run] = []
    refilled_at = None
    current = runs[-1][-1].percent
    for before, run in pairwise([[], *runs]):
        gone = _gone_suddenly(before, run)
        if run is runs[-1] and len(run) == 1 and before:
            # Nobody knows yet whether it stays: a refill is good news, a drop may be a drawer left open.
            current = before[-1].percent if gone else run[-1].percent
        elif not before or gone or run[0].percent > before[-1].percent:
            refilled_at = run[0].at if before and not gone else refilled_at
            fills.append(list(run))
        else:
            fills[-1] += run
    return LevelHistory(tuple(_daily(fill) for fill in fills), current, refilled_at, len(fills[-1]))


def _runs(levels: Sequence[PastLevel], jump: float) -> Iterator[Run]:
    run: Run = []
    for level in levels:
        if run and abs(level.percent - run[-1].percent) >= jump:
            yield run
            run = []
        run.append(level)
    yield run


def _without_excursions(runs: Iterator[Run], jump: float) -> list[Run]:
    kept: list[Run] = []
    for run in runs:
        place = _came_back_to(kept, run[0], jump)
        if place is None:
            kept.append(list(run))
        else:
            del kept[place + 1 :]
            kept[place] += run
    return kept


def _came_back_to(kept: Sequence[Run], level: PastLevel, jump: float) -> int | None:
    for place in range(len(kept) - 2, -1, -1):
        left = kept[place][-1]
        if level.at - left.at > _EXCURSION_DAYS:
            return None
        if -_USED_MEANWHILE_PERCENT < level.percent - left.percent < jump:
            return place
    return None


def _gone_suddenly(before: Sequence[PastLevel], run: Sequence[PastLevel]) -> bool:
    if not before:
        return False
    last, first = before[-1], run[0]
    return last.percent - first.percent >= _SUDDEN_PERCENT and first.at - last.at <= _SUDDEN_DAYS


def _daily(fill: Sequence[PastLevel]) -> Run:
    days: dict[int, Run] = {}
    for level in fill:
        days.setdefault(int(level.at), []).append(level)
    return [
        day[0]
        if len(day) == 1
        else PastLevel(median(at for at, _ in day), median(percent for _, percent in day))
        for day in days.values()
    ]
