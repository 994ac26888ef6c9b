"""What the history of a printer says, as data frames for charts; pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from typing import Final

import pandas as pd

from fleet.messages import HistoryPoint

LEVEL_COLUMNS: Final = ["at", "supply", "percent", "refilled"]
PAGE_COLUMNS: Final = ["day", "pages"]

_REFILL_PERCENT: Final = 10
"""A level that rises by this much between two readings was refilled; less is a printer's own rounding."""
_GAPS: Final = ((7, timedelta(hours=6)), (30, timedelta(days=1)), (90, timedelta(days=3)))
_LONGEST_GAP: Final = timedelta(days=5)

Level = tuple[datetime, int]


def levels_frame(points: Iterable[HistoryPoint], names: Mapping[str, str], days: int) -> pd.DataFrame:
    """The measured levels of the supplies in `names` (by index), one row for each change.

    `refilled` marks the first level after a refill; a row without a percentage is a time nobody looked.
    """
    levels: dict[str, list[Level]] = {index: [] for index in names}
    for point in points:
        for index, supply in point.supplies.items():
            if index in levels and supply.percent is not None:
                levels[index].append((point.taken_at, supply.percent))
    rows = [
        (at, names[index], percent, refilled)
        for index, of_supply in levels.items()
        for at, percent, refilled in _told(of_supply, _gap(days))
    ]
    frame = pd.DataFrame(rows, columns=LEVEL_COLUMNS)
    frame["at"] = pd.to_datetime(frame["at"], utc=True)
    return frame.astype({"percent": "float64", "refilled": "bool", "supply": "object"})


def pages_frame(points: Iterable[HistoryPoint]) -> pd.DataFrame:
    """Pages of each UTC day: what the counter has risen since the day before; 0 over a reset."""
    counts = [(p.taken_at.date(), p.marker_life_count) for p in points if p.marker_life_count is not None]
    last_of_day = [(day, list(group)[-1][1]) for day, group in groupby(counts, key=lambda pair: pair[0])]
    rows = [
        (day, max(0, (count or 0) - (before or 0)))
        for (day_before, before), (day, count) in pairwise(last_of_day)
        if day - day_before == timedelta(days=1)
    ]
    frame = pd.DataFrame(rows, columns=PAGE_COLUMNS)
    frame["day"] = pd.to_datetime(frame["day"])
    return frame.astype({"pages": "int64"})


def _gap(days: int) -> timedelta:
    return next((gap for longest, gap in _GAPS if days <= longest), _LONGEST_GAP)


def _told(levels: Sequence[Level], gap: timedelta) -> Iterator[tuple[datetime, int | None, bool]]:
    """Without the points that say the same as both their neighbours, and with a hole where a gap is."""
    for position, (at, percent) in enumerate(levels):
        before = levels[position - 1] if position else None
        after = levels[position + 1] if position + 1 < len(levels) else None
        if before is not None and at - before[0] > gap:
            yield before[0] + (at - before[0]) / 2, None, False
        refilled = before is not None and percent - before[1] >= _REFILL_PERCENT
        alone = before is None or after is None or after[0] - at > gap or at - before[0] > gap
        if alone or percent != before[1] or percent != after[1]:  # type: ignore[index]
            yield at, percent, refilled
