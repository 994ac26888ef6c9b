"""Thinning by age: every reading, then one an hour, then one a day, then none; a few printers at a time."""

import sqlite3
import time
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from fleet.settings import HistorySettings
from processor.history.points import milliseconds

_HOUR: Final = 3_600_000
_DAY: Final = 24 * _HOUR
_ROUND: Final = timedelta(hours=1)
_MOMENT_SECONDS: Final = 0.05
_AFTER_ALL: Final = 10**15  # larger than any time in milliseconds: a point with levels wins over one without

# Of each hour or day the last point stays, the last one of a printer that answered where there is any.
_THIN: Final = f"""
DELETE FROM points WHERE printer = :printer AND at >= :since AND at < :until AND at NOT IN (
    SELECT max((status & 1) * {_AFTER_ALL} + at) % {_AFTER_ALL} FROM points
    WHERE printer = :printer AND at >= :since AND at < :until GROUP BY at / :bucket)
"""  # noqa: S608 (constants)


class Thinning:
    """Goes round the printers once an hour, for a moment each time it is called."""

    def __init__(self, settings: HistorySettings) -> None:
        self._raw = timedelta(days=settings.history_raw_days)
        self._hourly = timedelta(days=settings.history_hourly_days)
        self._kept = timedelta(days=settings.history_days)
        self._last = 0
        self._round_began: datetime | None = None
        self._resting = False

    def step(self, connection: sqlite3.Connection, now: datetime) -> bool:
        """Thin the next printers; True while the round goes on."""
        if self._resting and self._round_began and now - self._round_began < _ROUND:
            return False
        if self._resting or self._round_began is None:
            self._round_began, self._last, self._resting = now, 0, False
        deadline = time.monotonic() + _MOMENT_SECONDS
        while time.monotonic() < deadline:
            row = connection.execute(
                "SELECT id, hourly_until, daily_until FROM printers WHERE id > ? ORDER BY id LIMIT 1",
                (self._last,),
            ).fetchone()
            if row is None:
                self._resting = True
                return False
            self._thin(connection, row, now)
            self._last = row[0]
        return True

    def _thin(self, connection: sqlite3.Connection, row: Sequence[int], now: datetime) -> None:
        printer, hourly_until, daily_until = row
        hourly = max(hourly_until, milliseconds(now - self._raw) // _HOUR * _HOUR)
        daily = max(daily_until, milliseconds(now - self._hourly) // _DAY * _DAY)
        if hourly > hourly_until:
            _delete(connection, printer, hourly_until, hourly, _HOUR)
        if daily > daily_until:
            _delete(connection, printer, daily_until, daily, _DAY)
        if (hourly, daily) != (hourly_until, daily_until):
            connection.execute(
                "UPDATE printers SET hourly_until = ?, daily_until = ? WHERE id = ?", (hourly, daily, printer)
            )
        gone = milliseconds(now - self._kept)
        connection.execute("DELETE FROM points WHERE printer = ? AND at < ?", (printer, gone))

    def reopen(self, connection: sqlite3.Connection, rows: Iterable[Sequence[Any]]) -> None:
        """Points have come that are older than what was thinned: thin that time again."""
        oldest: dict[int, int] = {}
        for printer, at, *_ in rows:
            oldest[printer] = min(at, oldest.get(printer, at))
        connection.executemany(
            "UPDATE printers SET hourly_until = min(hourly_until, ?), daily_until = min(daily_until, ?)"
            " WHERE id = ? AND hourly_until > ?",
            [(at // _HOUR * _HOUR, at // _DAY * _DAY, printer, at) for printer, at in oldest.items()],
        )


def _delete(connection: sqlite3.Connection, printer: int, since: int, until: int, bucket: int) -> None:
    connection.execute(_THIN, {"printer": printer, "since": since, "until": until, "bucket": bucket})
