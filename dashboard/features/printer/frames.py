"""Build the data frames of a printer's charts from its history. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final

import pandas as pd

from core.contract.messages import HistoryPoint
from core.timeseries.pages import believed_by_device

LEVEL_COLUMNS: Final = ["at", "supply", "percent", "refilled"]
PAGE_COLUMNS: Final = ["day", "pages"]

_REFILL_PERCENT: Final = 10
"""A level that rises by this much between two readings was refilled; less is a printer's own rounding."""
_GAPS: Final = ((7, timedelta(hours=6)), (30, timedelta(days=1)), (90, timedelta(days=3)))
_LONGEST_GAP: Final = timedelta(days=5)

Level = tuple[datetime, int]


def levels_frame(points: Iterable[HistoryPoint], names: Mapping[str, str], days: int) -> pd.DataFrame:
    """Return the measured levels of the supplies in `names` (by index), one row for each change.

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
    """Return pages of each UTC day, also those printed since the last reading of the day before.

    Only days whose day before was counted, too; a reset of the counter or another device adds none.
    """
    points = list(points)
    counted = believed_by_device([(point.device, point.marker_life_count) for point in points], {})
    pages: dict[date, int] = {}
    for point, count in zip(points, counted, strict=True):
        if point.marker_life_count:
            day = point.taken_at.astimezone(UTC).date()
            pages[day] = pages.get(day, 0) + count.pages
    rows = [(day, number) for day, number in pages.items() if day - timedelta(days=1) in pages]
    frame = pd.DataFrame(rows, columns=PAGE_COLUMNS)
    frame["day"] = pd.to_datetime(frame["day"])
    return frame.astype({"pages": "int64"})


def _gap(days: int) -> timedelta:
    return next((gap for longest, gap in _GAPS if days <= longest), _LONGEST_GAP)


def _told(levels: Sequence[Level], gap: timedelta) -> Iterator[tuple[datetime, int | None, bool]]:
    """Yield the levels without points equal to both their neighbors, and with a hole where a gap is."""
    for position, (at, percent) in enumerate(levels):
        before = levels[position - 1] if position else None
        after = levels[position + 1] if position + 1 < len(levels) else None
        if before is not None and at - before[0] > gap:
            yield before[0] + (at - before[0]) / 2, None, False
        refilled = before is not None and percent - before[1] >= _REFILL_PERCENT
        alone = before is None or after is None or after[0] - at > gap or at - before[0] > gap
        if alone or percent != before[1] or percent != after[1]:  # type: ignore[index]
            yield at, percent, refilled
