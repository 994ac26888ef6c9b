"""The forecasts of all supplies of a printer, from the points of its history. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final

from core.contract.messages import HistoryPoint, HistorySupply, Supply
from core.domain.receptacles import is_receptacle
from core.timeseries.pages import DayCount, added, believed_by_device
from core.timeseries.points import DAY_MS, milliseconds
from processor.forecast.forecast import Forecast, forecast, none_left
from processor.forecast.levels import PastLevel
from processor.forecast.working_time import NO_CALENDAR, Calendar, WorkingTime
from processor.rules.waste import Polarity

_Past = Sequence[tuple[float, Mapping[str, HistorySupply]]]
"""Days since 1970 and what was seen then."""

_FULL: Final = 100
_ROUNDING: Final = 1.0


def forecasts(
    points: Sequence[HistoryPoint],
    supplies: Iterable[Supply],
    polarity: Polarity,
    empty: frozenset[str] = frozenset(),
    calendar: Calendar = NO_CALENDAR,
) -> dict[str, Forecast]:
    """Return the forecasts by supply index; `points` are oldest first, `empty` have nothing left."""
    working = WorkingTime.learnt(_pages(points), calendar)
    present = max((point.device for point in points), default=0)
    past = [
        (milliseconds(point.taken_at) / DAY_MS, point.supplies)
        for point in points
        if point.supplies and point.device == present
    ]
    found = {supply.index: _of(supply, past, polarity, working) for supply in supplies}
    return {index: none_left(made) if index in empty else made for index, made in found.items()}


def _of(supply: Supply, past: _Past, polarity: Polarity, working: WorkingTime) -> Forecast:
    meaning = polarity.get(supply.index) if is_receptacle(supply) else "remaining"
    if supply.level_percent is None or meaning is None:
        return Forecast(reason="not_measured")
    levels = list(_levels(supply, past))
    if meaning == "fill":
        levels = [PastLevel(at, _FULL - percent) for at, percent in levels]
    return forecast(levels, working)


def _levels(supply: Supply, past: _Past) -> Iterator[PastLevel]:
    for at, supplies in past:
        seen = supplies.get(supply.index)
        if seen is not None and seen.percent is not None:
            yield PastLevel(at, _finer(seen, seen.percent, supply.max_capacity))


def _finer(seen: HistorySupply, percent: int, capacity: int | None) -> float:
    """Return the percentage before it was rounded, where the capacity is still what it was then."""
    if seen.level is None or capacity is None or capacity <= 0:
        return float(percent)
    exact = _FULL * seen.level / capacity
    return exact if abs(exact - percent) <= _ROUNDING else float(percent)


def _pages(points: Sequence[HistoryPoint]) -> Mapping[int, int]:
    """Return what was printed on days (since 1970) whose count and the day before's are both known."""
    counts = [
        (point.device, DayCount(milliseconds(point.taken_at) // DAY_MS, point.marker_life_count))
        for point in points
    ]
    pages: dict[int, int | None] = {}
    for (_, (day, count)), seen in zip(counts, believed_by_device(counts, {}), strict=True):
        if count:
            pages[day] = added(pages.get(day), seen.pages)
    return {
        day: known
        for before, day in pairwise(pages)
        if day == before + 1 and (known := pages[day]) is not None
    }
