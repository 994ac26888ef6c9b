"""The sums of a printer's days, made anew once an hour and before their points are thinned."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from core.timeseries.pages import CountedPages, DayCount, added, believed_by_device
from core.timeseries.points import DAY_MS

Point = tuple[int, int, int | None, int]
"""Time, status, count, device."""

_POINTS: Final = """
SELECT at, status, marker_life_count, device FROM points
WHERE printer = ? AND at >= ? AND at < ? ORDER BY at"""
# Beside a single max(), SQLite takes the other columns from the row that has it.
_BEFORE: Final = """
SELECT device, last_count, max(day) FROM days
WHERE printer = ? AND day < ? AND last_count IS NOT NULL GROUP BY device"""
# Points that came late to a day that was thinned meanwhile are fewer than it had: its sums stay.
KEEP_DAY: Final = """
INSERT INTO days (printer, day, readings, answered, first_count, last_count, pages, device)
VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (printer, day, device) DO UPDATE SET
    readings = excluded.readings, answered = excluded.answered, first_count = excluded.first_count,
    last_count = excluded.last_count, pages = excluded.pages
WHERE excluded.readings >= days.readings"""


class _Day(NamedTuple):
    """A row of `days`, but for its printer."""

    number: int
    readings: int
    answered: int
    first_count: int | None
    last_count: int | None
    pages: int | None
    device: int


def sum_days(connection: sqlite3.Connection, printer: int, since: int, until: int) -> int:
    """Sum the days of a printer from the one that begins at `since`; where to begin next time.

    That is the newest day with points: it grows, and what comes after shows whether its last count was one.
    Points at `until` and later are dated ahead: they are no part of any day.
    """
    points = connection.execute(_POINTS, (printer, since, until)).fetchall()
    if not points:
        return since
    before = connection.execute(_BEFORE, (printer, since // DAY_MS)).fetchall()
    days = list(_days(points, {device: DayCount(day, count) for device, count, day in before}))
    connection.executemany(KEEP_DAY, [(printer, *day) for day in days])
    return max(day.number for day in days) * DAY_MS


def _days(points: Sequence[Point], before: Mapping[int, DayCount]) -> Iterator[_Day]:
    counts = believed_by_device(
        [(device, DayCount(at // DAY_MS, count)) for at, _, count, device in points], before
    )
    days: dict[tuple[int, int], list[tuple[Point, CountedPages]]] = {}
    for point, count in zip(points, counts, strict=True):
        days.setdefault((point[0] // DAY_MS, point[3]), []).append((point, count))
    for (day, device), part in days.items():
        answered = sum(status & 1 for (_, status, _, _), _ in part)
        seen = [count.life_count for (_, _, raw, _), count in part if raw]
        first, last = (seen[0], seen[-1]) if seen else (None, None)
        pages = added(*(count.pages for _, count in part))
        yield _Day(day, len(part), answered, first, last, pages, device)
