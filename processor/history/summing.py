"""The sums of a printer's days, made anew once an hour and before their points are thinned."""

import sqlite3
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final, NamedTuple

from fleet.series.pages import believed
from fleet.series.points import DAY_MS

Point = tuple[int, int, int | None]
"""Time, status, count."""

_POINTS: Final = """
SELECT at, status, marker_life_count FROM points WHERE printer = ? AND at >= ? ORDER BY at"""
_BEFORE: Final = """
SELECT last_count FROM days WHERE printer = ? AND day < ? AND last_count IS NOT NULL
ORDER BY day DESC LIMIT 1"""
# Points that came late to a day that was thinned meanwhile are fewer than it had: its sums stay.
KEEP_DAY: Final = """
INSERT INTO days VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (printer, day) DO UPDATE SET
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
    pages: int


def sum_days(connection: sqlite3.Connection, printer: int, since: int) -> int:
    """Sum the days of a printer from the one that begins at `since`; where to begin next time.

    That is the newest day with points: it grows, and what comes after shows whether its last count was one.
    """
    points = connection.execute(_POINTS, (printer, since)).fetchall()
    if not points:
        return since
    before = connection.execute(_BEFORE, (printer, since // DAY_MS)).fetchone()
    days = list(_days(points, before[0] if before else None))
    connection.executemany(KEEP_DAY, [(printer, *day) for day in days])
    return days[-1].number * DAY_MS


def _days(points: Sequence[Point], before: int | None) -> Iterator[_Day]:
    counts = believed([count for _, _, count in points], before)
    for day, together in groupby(zip(points, counts, strict=True), lambda one: one[0][0] // DAY_MS):
        part = list(together)
        answered = sum(status & 1 for (_, status, _), _ in part)
        seen = [count.life_count for (_, _, raw), count in part if raw]
        first, last = (seen[0], seen[-1]) if seen else (None, None)
        yield _Day(day, len(part), answered, first, last, sum(count.pages for _, count in part))
