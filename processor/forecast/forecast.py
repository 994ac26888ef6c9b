"""Forecast when a supply runs out, by how its level has gone down until now. Pure.

The slope is what was used over working time, recent use counting more, earlier fillings too: of the ways that
were tried (docs/decisions/0009-forecast.md) it predicts best, and a test holds it against Theil and Sen's.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from core.domain.forecast_reasons import ForecastReason
from processor.forecast.levels import PastLevel, Run, past_of, step_of
from processor.forecast.working_time import WorkingTime

_COARSE_PERCENT: Final = 8.0
"""Levels in larger steps tell only that a step was taken, not when the next one is due."""
_HALF_LIFE: Final = 28.0
"""Working days after which use counts half."""
_LEAST_FALL_PERCENT: Final = 2.0
_LEAST_DAYS: Final = 2.0
_LONG_DAYS: Final = 14.0
"""After so long a time without a fall it is not too early to say that there is none."""
_WEEK: Final = 7.0
_WEEKLY_SPREAD: Final = 0.5
"""By how much the use of a week usually differs from that of the mean week, as its share,"""
_WEEKLY_SPREAD_WEEKS: Final = 2.0
"""and how many weeks that experience is worth."""
_DRIFT: Final = 0.15
"""How much the habits of those who print change, as a share, besides."""
_Z80: Final = 1.28
"""The interval of a normal distribution that holds 80 %."""
_WIDEST: Final = 1.0
"""A spread above which the late end is anybody's guess."""
_NO_LONGER: Final = 3650.0
_FULL_PERCENT: Final = 100.0
_TINY: Final = 1e-6
_LAST_DAY: Final = 1e6
_ABSURD_PERCENT: Final = 1000.0


class Forecast(NamedTuple):
    """The values of a row of supply_forecasts; times in days since 1970."""

    days_left: float | None = None
    days_left_low: float | None = None
    days_left_high: float | None = None
    percent_per_day: float | None = None
    refilled_at: float | None = None
    points: int = 0
    reason: ForecastReason = ""


def none_left(made: Forecast) -> Forecast:
    """Return the forecast of a supply that has run out: whatever its slope, there are no days left."""
    return made._replace(days_left=0.0, days_left_low=0.0, days_left_high=0.0, reason="")


class _Use(NamedTuple):
    """Consumption between two levels of one filling; its times are working days."""

    ended: float
    lasted: float
    percent: float


class _Slope(NamedTuple):
    percent: float
    """Used in a working day."""
    spread: float
    """By how much a week differs from the mean one, as its share."""
    weeks: float
    """How many weeks it was seen, recent ones counting more."""


def forecast(levels: Sequence[PastLevel], working: WorkingTime) -> Forecast:
    """Return the forecast of a supply by its measured levels, oldest first."""
    levels = [
        level for level in levels if 0 <= level.at < _LAST_DAY and abs(level.percent) <= _ABSURD_PERCENT
    ]
    if not levels:
        return Forecast(reason="no_history")
    past, step = past_of(levels), step_of(levels)
    uses = [use for fill in past.fills for use in _uses(fill, working)]
    slope = _slope(uses)
    if reason := _why_not(past.fills, uses, slope, step):
        return Forecast(refilled_at=past.refilled_at, points=past.points, reason=reason)
    # Levels are reported in steps; whether rounded or not up to the next one is the printer's secret.
    left = max(0.0, past.current - step / 2)
    need = left / slope.percent
    spread = _spread(need, slope, step / 2 / max(left, step / 2, _TINY))
    now = levels[-1].at

    def days(working_days: float) -> float:
        return min(_NO_LONGER, max(0.0, working.after(now, working_days) - now))

    return Forecast(
        days_left=days(need),
        days_left_low=days(need * math.exp(-_Z80 * spread)),
        days_left_high=days(need * math.exp(_Z80 * spread)) if spread < _WIDEST else None,
        percent_per_day=slope.percent,
        refilled_at=past.refilled_at,
        points=past.points,
    )


def _why_not(fills: Sequence[Run], uses: Sequence[_Use], slope: _Slope, step: float) -> ForecastReason:
    if step >= _COARSE_PERCENT:
        return "coarse"
    fallen = sum(use.percent for use in uses)
    days = sum(fill[-1].at - fill[0].at for fill in fills)
    if fallen < max(_LEAST_FALL_PERCENT, 2 * step) or days < _LEAST_DAYS:
        return "not_falling" if days >= _LONG_DAYS else "too_short"
    return "" if slope.percent * _NO_LONGER > _FULL_PERCENT else "not_falling"


def _uses(fill: Run, working: WorkingTime) -> Iterator[_Use]:
    seen = [(working.at(level.at), level.percent) for level in fill]
    for (begun, before), (ended, after) in pairwise(seen):
        if ended - begun > _TINY:
            yield _Use(ended, ended - begun, before - after)


def _slope(uses: Sequence[_Use]) -> _Slope:
    if not uses:
        return _Slope(0.0, _WEEKLY_SPREAD, 0.0)
    weights = [0.5 ** ((uses[-1].ended - use.ended) / _HALF_LIFE) for use in uses]
    seen = sum(weight * use.lasted for weight, use in zip(weights, uses, strict=True))
    percent = sum(weight * use.percent for weight, use in zip(weights, uses, strict=True)) / seen
    squares = sum(weight**2 * use.lasted for weight, use in zip(weights, uses, strict=True))
    return _Slope(percent, _weekly_spread(uses, percent), seen**2 / squares / _WEEK)


def _weekly_spread(uses: Sequence[_Use], mean: float) -> float:
    if mean * _NO_LONGER <= _FULL_PERCENT:  # not falling; shares of next to nothing are beyond all numbers
        return _WEEKLY_SPREAD
    weeks: dict[int, list[_Use]] = {}
    for use in uses:
        weeks.setdefault(int((uses[-1].ended - use.ended) / _WEEK), []).append(use)
    squares, count = _WEEKLY_SPREAD**2 * _WEEKLY_SPREAD_WEEKS, _WEEKLY_SPREAD_WEEKS
    for week in weeks.values():
        lasted = sum(use.lasted for use in week)
        share = sum(use.percent for use in week) / lasted / mean
        squares += (share - 1) ** 2 * lasted / _WEEK
        count += 1
    return math.sqrt(squares / count)


def _spread(need: float, slope: _Slope, rounding: float) -> float:
    """Return the uncertainty of the time left, as its share: future use, past use, habits, rounding."""
    weeks_to_come = max(need, 1.0) / _WEEK
    use = slope.spread**2 * (1 / weeks_to_come + 1 / max(slope.weeks, 0.1))
    return math.sqrt(use + _DRIFT**2 + rounding**2)
