"""Build what the chart of levels is drawn from: levels, replacements, forecasts, all of it by time. Pure."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

import pandas as pd

from core.contract.messages import HistoryPoint
from core.domain.supply_events import SupplyEvent
from core.storage.supply_tables import SupplyForecast

_REFILL_PERCENT: Final = 10
"""A level that rises by this much between two readings was refilled; less is a printer's own rounding."""
_GAPS: Final = ((7, timedelta(hours=6)), (30, timedelta(days=1)), (90, timedelta(days=3)))
_LONGEST_GAP: Final = timedelta(days=5)
_MOST_MOMENTS: Final = 300
"""Of the crosshair: more than a screen has room for tell nothing more."""
_STEPS_TO_COME: Final = 24
_QUARTER: Final = 4

Level = tuple[datetime, int]
Levels = Mapping[str, Sequence[Level]]
"""Measured levels of supplies by their names, oldest first."""


@dataclass(frozen=True)
class Mark:
    """A supply was replaced or refilled; `percent` is its level from then on."""

    supply: str
    at: datetime
    percent: int


@dataclass(frozen=True)
class Outlook:
    """When a supply will be empty: about the median day, with 80 % between the early and the late one.

    `late` is None where nobody can tell how long it may last.
    """

    supply: str
    begins: Level
    early: datetime
    median: datetime
    late: datetime | None

    def early_at(self, at: datetime) -> float:
        """Return the level at a time if the supply is empty on the early day."""
        return self._left(at, self.early)

    def median_at(self, at: datetime) -> float:
        """Return the level at a time if the supply is empty on the median day."""
        return self._left(at, self.median)

    def late_at(self, at: datetime) -> float:
        """Return the level at a time if the supply is empty on the late day."""
        return float(self.begins[1]) if self.late is None else self._left(at, self.late)

    def _left(self, at: datetime, empty: datetime) -> float:
        begun, percent = self.begins
        if at >= empty:
            return 0.0
        return percent * (1 - max(0.0, (at - begun) / (empty - begun)))


def levels_of(points: Iterable[HistoryPoint], names: Mapping[str, str]) -> dict[str, list[Level]]:
    """Return the measured levels of the supplies in `names` (by index); none that was never measured."""
    levels: dict[str, list[Level]] = {name: [] for name in names.values()}
    for point in points:
        for index, supply in point.supplies.items():
            if index in names and supply.percent is not None:
                levels[names[index]].append((point.taken_at, supply.percent))
    return {name: found for name, found in levels.items() if found}


def levels_frame(levels: Levels, days: int) -> pd.DataFrame:
    """Return at, supply, percent: one row for each change; without a percentage where nobody looked."""
    rows = [
        (at, name, percent)
        for name, of_supply in levels.items()
        for at, percent in _changes(of_supply, gap_of(days))
    ]
    return _frame(rows, "percent")


def marks(
    levels: Levels, events: Iterable[SupplyEvent], names: Mapping[str, str], gap: timedelta
) -> list[Mark]:
    """Return replacements, oldest first: those of the ledger, and rises of levels that it does not know.

    What somebody has said to be no replacement is none, although the level has risen.
    """
    known = [event for event in events if names.get(event.supply_index) in levels]
    found = [
        Mark(name, at, percent)
        for name, of_supply in levels.items()
        for at, percent in _rises(of_supply)
        if not any(names[each.supply_index] == name and _shows(each, at, gap) for each in known)
    ]
    for event in known:
        name = names[event.supply_index]
        of_supply = levels[name]
        if event.undone_at is None and of_supply[0][0] <= event.at <= of_supply[-1][0]:
            after = of_supply[min(bisect_right(of_supply, event.at, key=_when), len(of_supply) - 1)]
            found.append(
                Mark(name, event.at, event.new_percent if event.new_percent is not None else after[1])
            )
    return sorted(found, key=lambda mark: mark.at)


def outlooks(
    levels: Levels, forecasts: Mapping[str, SupplyForecast], names: Mapping[str, str]
) -> list[Outlook]:
    """Return the outlook of every supply whose forecast gives a day that is still to come."""
    found = []
    for index, name in names.items():
        made = forecasts.get(index)
        if made is None or made.days_left is None or name not in levels:
            continue
        begins = levels[name][-1]
        median = made.computed_at + timedelta(days=made.days_left)
        if median <= begins[0] or not begins[1]:
            continue
        low, high = made.days_left_low, made.days_left_high
        early = made.computed_at + timedelta(days=made.days_left if low is None else low)
        late = None if high is None else made.computed_at + timedelta(days=high)
        soonest = begins[0] + timedelta(minutes=1)
        found.append(Outlook(name, begins, max(early, soonest), median, late and max(late, median)))
    return found


def horizon(levels: Levels, expected: Sequence[Outlook]) -> datetime:
    """Return the end of the chart: it shows what is empty soon, and the past is at least half of it."""
    first = min(of_supply[0][0] for of_supply in levels.values())
    last = max(of_supply[-1][0] for of_supply in levels.values())
    if not expected:
        return last
    limit = last + (last - first)
    ends = [each.late or limit for each in expected if each.median <= limit]
    return min(max(ends), limit) if ends else last + (last - first) / _QUARTER


def band_frame(expected: Sequence[Outlook], until: datetime) -> pd.DataFrame:
    """Return at, supply, early, median, late: levels that are to be expected, with a row for each bend."""
    rows = []
    for each in expected:
        begun = each.begins[0]
        bends = {begun, each.early, each.median, each.late or until, until}
        rows += [
            (at, each.supply, each.early_at(at), each.median_at(at), each.late_at(at))
            for at in sorted(bends)
            if at <= min(until, each.late or until)
        ]
    return _frame(rows, "early", "median", "late")


def marks_frame(found: Sequence[Mark]) -> pd.DataFrame:
    """Return at, supply, percent."""
    return _frame([(mark.at, mark.supply, mark.percent) for mark in found], "percent")


def crosshair_frame(
    levels: Levels, found: Sequence[Mark], expected: Sequence[Outlook], until: datetime, gap: timedelta
) -> pd.DataFrame:
    """Return at, s0, s1 ...: of every supply in the order of `levels`, in words, its level at that time."""
    measured = sorted({at for of_supply in levels.values() for at, _ in of_supply})
    thinned = {measured[-1], *measured[:: len(measured) // _MOST_MOMENTS + 1]}
    moments = sorted(thinned | {mark.at for mark in found})
    by_name = {each.supply: each for each in expected}
    replaced = {(mark.supply, mark.at) for mark in found}
    rows: list[tuple[datetime, ...] | tuple[datetime | str, ...]] = []
    for at in moments:
        said = [_level_words(of_supply, at, gap) for of_supply in levels.values()]
        told = [
            f"{words} (replaced)" if (name, at) in replaced else words
            for name, words in zip(levels, said, strict=True)
        ]
        rows.append((at, *told))
    last = moments[-1]
    for step in range(1, _STEPS_TO_COME + 1) if until > last else ():
        at = last + (until - last) * step / _STEPS_TO_COME
        rows.append((at, *(_outlook_words(by_name.get(name), at) for name in levels)))
    frame = pd.DataFrame(rows, columns=["at", *(f"s{place}" for place in range(len(levels)))])
    frame["at"] = pd.to_datetime(frame["at"], utc=True)
    return frame


def _frame(rows: Sequence[tuple[object, ...]], *numbers: str) -> pd.DataFrame:
    """Return at, supply and these numbers; also without rows each column has its type."""
    frame = pd.DataFrame(rows, columns=["at", "supply", *numbers])
    frame["at"] = pd.to_datetime(frame["at"], utc=True)
    return frame.astype({"supply": "object", **dict.fromkeys(numbers, "float64")})


def gap_of(days: int) -> timedelta:
    """Return how long nobody may look before the line is open, in a chart of so many days."""
    return next((gap for longest, gap in _GAPS if days <= longest), _LONGEST_GAP)


def _when(level: Level) -> datetime:
    return level[0]


def _level_words(of_supply: Sequence[Level], at: datetime, gap: timedelta) -> str:
    place = bisect_right(of_supply, at, key=_when) - 1
    seen_until = None if place < 0 else of_supply[place][0]
    if seen_until is None or at - seen_until > gap:
        return "not read"
    return f"{of_supply[place][1]} %"


def _outlook_words(each: Outlook | None, at: datetime) -> str:
    if each is None:
        return "no forecast"
    early, late = round(each.early_at(at)), round(each.late_at(at))
    about = f"about {round(each.median_at(at))} %"
    return about if early == late else f"{about} ({early} to {late})"


def _rises(levels: Sequence[Level]) -> Iterator[Level]:
    for (_, before), (at, percent) in pairwise(levels):
        if percent - before >= _REFILL_PERCENT:
            yield at, percent


def _shows(event: SupplyEvent, rise: datetime, gap: timedelta) -> bool:
    """Return whether a rise of the level is that replacement: points are thinned out, and read late."""
    return (event.not_before or event.at) - gap <= rise <= event.at + gap


def _changes(levels: Sequence[Level], gap: timedelta) -> Iterator[tuple[datetime, int | None]]:
    """Yield the levels without points equal to both their neighbors, and with a hole where a gap is."""
    for place, (at, percent) in enumerate(levels):
        before = levels[place - 1] if place else None
        after = levels[place + 1] if place + 1 < len(levels) else None
        if before is not None and at - before[0] > gap:
            yield before[0] + (at - before[0]) / 2, None
        alone = before is None or after is None or after[0] - at > gap or at - before[0] > gap
        if alone or percent != before[1] or percent != after[1]:  # type: ignore[index]
            yield at, percent
