"""Housekeeping: days are summed, readings thin out to one an hour, one a day, none; a few at a time."""

import sqlite3
import time
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from core.domain.freshness import MAX_AHEAD, is_past
from core.runtime.settings import HistorySettings
from core.timeseries.embedded.summing import sum_days
from core.timeseries.points import DAY_MS, HOUR_MS, milliseconds

_ROUND: Final = timedelta(hours=1)
_MOMENT_SECONDS: Final = 0.05
_AFTER_ALL: Final = 10**15  # larger than any time in milliseconds: a point with levels wins over one without

# Of each hour or day the last point stays, the last one of a printer that answered where there is any.
_THIN: Final = f"""
DELETE FROM points WHERE printer = :printer AND at >= :since AND at < :until AND at NOT IN (
    SELECT max((status & 1) * {_AFTER_ALL} + at) % {_AFTER_ALL} FROM points
    WHERE printer = :printer AND at >= :since AND at < :until GROUP BY at / :bucket)
"""  # noqa: S608 (constants)
_NEXT: Final = """
SELECT id, summed_until, hourly_until, daily_until FROM printers WHERE id > ? ORDER BY id LIMIT 1"""
_REOPEN: Final = """
UPDATE printers SET summed_until = min(summed_until, :day), hourly_until = min(hourly_until, :hour),
    daily_until = min(daily_until, :day)
WHERE id = :printer AND (summed_until > :at OR hourly_until > :at)"""


class Thinning:
    """Goes round the printers once an hour, for a moment each time it is called."""

    def __init__(self, settings: HistorySettings) -> None:
        self.settings = settings
        """Replaced as a whole where somebody changes one."""
        self._last = 0
        self._round_began: datetime | None = None
        self._resting = False

    def step(self, connection: sqlite3.Connection, now: datetime) -> bool:
        """See to the next printers; True while the round goes on."""
        if self._resting and self._round_began and not is_past(self._round_began, _ROUND, now):
            return False
        if self._resting or self._round_began is None:
            self._round_began, self._last, self._resting = now, 0, False
        deadline = time.monotonic() + _MOMENT_SECONDS
        while time.monotonic() < deadline:
            row = connection.execute(_NEXT, (self._last,)).fetchone()
            if row is None:
                self._resting = True
                return False
            self._keep_house(connection, row, now)
            self._last = row[0]
        return True

    def _keep_house(self, connection: sqlite3.Connection, row: Sequence[int], now: datetime) -> None:
        printer, summed_until, hourly_until, daily_until = row
        settings, day = self.settings, timedelta(days=1)
        until = milliseconds(now + MAX_AHEAD) + 1
        summed = sum_days(connection, printer, min(summed_until, until // DAY_MS * DAY_MS), until)
        hourly = max(hourly_until, milliseconds(now - settings.history_raw_days * day) // HOUR_MS * HOUR_MS)
        daily = max(daily_until, milliseconds(now - settings.history_hourly_days * day) // DAY_MS * DAY_MS)
        if hourly > hourly_until:
            _delete(connection, printer, hourly_until, hourly, HOUR_MS)
        if daily > daily_until:
            _delete(connection, printer, daily_until, daily, DAY_MS)
        if (summed, hourly, daily) != (summed_until, hourly_until, daily_until):
            connection.execute(
                "UPDATE printers SET summed_until = ?, hourly_until = ?, daily_until = ? WHERE id = ?",
                (summed, hourly, daily, printer),
            )
        self._remove_ahead(connection, printer, until)
        gone = milliseconds(now - settings.history_days * day)
        connection.execute("DELETE FROM points WHERE printer = ? AND at < ?", (printer, gone))
        connection.execute("DELETE FROM days WHERE printer = ? AND day < ?", (printer, gone // DAY_MS))
        connection.execute("DELETE FROM counters WHERE printer = ? AND day < ?", (printer, gone // DAY_MS))

    @staticmethod
    def _remove_ahead(connection: sqlite3.Connection, printer: int, until: int) -> None:
        """Remove what is dated a little ahead, by a clock that has been set back since.

        The rest goes round by round, before the clock comes there. All at once would be dangerous: a machine
        that starts with its clock in the past, and is set right a moment later, must not lose its history.
        """
        reach = until + 2 * _ROUND // timedelta(milliseconds=1)
        connection.execute(
            "DELETE FROM points WHERE printer = ? AND at >= ? AND at < ?", (printer, until, reach)
        )
        day = until // DAY_MS + 1
        connection.execute("DELETE FROM days WHERE printer = ? AND day = ?", (printer, day))

    def reopen(self, connection: sqlite3.Connection, rows: Iterable[Sequence[Any]]) -> None:
        """Sum and thin a time again, because points older than its end have come."""
        oldest: dict[int, int] = {}
        for printer, at, *_ in rows:
            oldest[printer] = min(at, oldest.get(printer, at))
        connection.executemany(
            _REOPEN,
            [
                {"hour": at // HOUR_MS * HOUR_MS, "day": at // DAY_MS * DAY_MS, "printer": printer, "at": at}
                for printer, at in oldest.items()
            ],
        )


def _delete(connection: sqlite3.Connection, printer: int, since: int, until: int, bucket: int) -> None:
    connection.execute(_THIN, {"printer": printer, "since": since, "until": until, "bucket": bucket})
