"""The embedded time series: DATA_DIR/history.sqlite3, one row for each reading, thinned by age.

Measured with eight supplies, read every five minutes, and the default HISTORY_*: 58 bytes a row, 4,330 rows
and 250 KB for a printer and the 400 days that are kept (228 KB for a year; 10,000 printers: 2.5 GB).
"""

import json
import logging
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

from core.contract.errors import DatabaseError
from core.contract.messages import HistoryPoint
from core.runtime.settings import HistorySettings
from core.timeseries.counters import CounterDay, device_of
from core.timeseries.embedded.layout import (
    COUNTERS,
    DAYS,
    DEVICES,
    FILE_NAME,
    POINTS,
    UNKNOWN_PAGES,
    VERSION,
)
from core.timeseries.embedded.packing import pack
from core.timeseries.embedded.summing import KEEP_DAY
from core.timeseries.embedded.thinning import Thinning
from core.timeseries.points import DAY_MS, STATE_CODES, day_number, milliseconds
from core.timeseries.reader import PrinterDay, TimeSeriesUnavailable
from core.timeseries.writer import Written

log = logging.getLogger(__name__)

_INSERT: Final = """
INSERT OR IGNORE INTO points (printer, at, status, marker_life_count, layout, levels, device)
VALUES (?, ?, ?, ?, ?, ?, ?)"""
_COUNT: Final = """
INSERT INTO counters VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (printer, counter, day) DO UPDATE SET
    at = excluded.at, value = excluded.value, device = excluded.device WHERE excluded.at >= counters.at"""
_MAX_COUNT: Final = 2**63 - 1
_MOST_KNOWN: Final = 20_000
"""So many printers' numbers are remembered: of 100,000 they would take 14 MB, and to ask for one is quick."""


class EmbeddedSeries:
    """Open it in the thread that uses it; several processes may write to the same file."""

    confirm_seconds: float | None = None

    def __init__(self, settings: HistorySettings) -> None:
        self._path = settings.data_dir / FILE_NAME
        self._connection: sqlite3.Connection | None = None
        self._printers: dict[str, int] = {}
        self._layouts: dict[tuple[str, ...], int] = {}
        self._thinning = Thinning(settings)

    def write(self, points: Sequence[HistoryPoint]) -> Written:
        """Write points; those that are there already stay as they are."""
        written = Written()
        with self._transaction() as connection:
            rows = []
            for place, point in enumerate(points):
                if reason := _unusable(point):
                    written.refused[place] = reason
                else:
                    rows.append(self._row(connection, point))
            before = connection.total_changes
            connection.executemany(_INSERT, rows)
            written.new = connection.total_changes - before
            connection.executemany(_COUNT, self._counts(connection, points, written))
            self._thinning.reopen(connection, rows)
        return written

    def write_days(self, days: Sequence[PrinterDay]) -> None:
        """Write sums of days; of a day summed twice the fuller one stays."""
        with self._transaction() as connection:
            rows = [
                (self._printer_id(connection, day.printer_id), day_number(day.day), *day[2:]) for day in days
            ]
            connection.executemany(KEEP_DAY, rows)

    def write_counters(self, days: Sequence[CounterDay]) -> None:
        """Write counts that were read elsewhere; of a day written twice the later count stays."""
        with self._transaction() as connection:
            connection.executemany(
                _COUNT,
                [
                    (self._printer_id(connection, day.printer_id), day.counter, day_number(day.day), *day[3:])
                    for day in days
                ],
            )

    def tidy(self, now: datetime) -> bool:
        """Sum and thin the printers whose turn it is, for a moment."""
        with self._transaction() as connection:
            return self._thinning.step(connection, now)

    def keep_for(self, settings: HistorySettings) -> None:
        """Go by other times from the next printer on."""
        self._thinning.settings = settings

    def close(self) -> None:
        """Close the file."""
        self._forget()
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _forget(self) -> None:
        """Forget what was looked up: what was rolled back with it gets other numbers the next time."""
        self._printers.clear()
        self._layouts.clear()

    def _row(self, connection: sqlite3.Connection, point: HistoryPoint) -> tuple[int | bytes | None, ...]:
        printer = self._printer_id(connection, point.printer_id)
        status = STATE_CODES[point.state] * 2 + point.reachable
        layout = levels = None
        if point.supplies:
            indexes = tuple(point.supplies)
            layout = self._layouts.get(indexes) or self._layout(connection, indexes)
            levels = pack(point.supplies.values())
        at = milliseconds(point.taken_at)
        return printer, at, status, point.marker_life_count, layout, levels, point.device

    def _counts(
        self, connection: sqlite3.Connection, points: Sequence[HistoryPoint], written: Written
    ) -> Iterator[tuple[int, str, int, int, int, int]]:
        """Return the rows of the page counters in these points, but for those that are refused."""
        for place, point in enumerate(points):
            if not point.counters or place in written.refused:
                continue
            printer, at = self._printer_id(connection, point.printer_id), milliseconds(point.taken_at)
            device = device_of(point.serial_number)
            for counter, count in point.counters.items():
                yield printer, counter, at // DAY_MS, at, count, device

    def _printer_id(self, connection: sqlite3.Connection, printer_id: str) -> int:
        known = self._printers.get(printer_id)
        if known is not None:
            return known
        asked = "SELECT id FROM printers WHERE printer_id = ?"
        row = connection.execute(asked, (printer_id,)).fetchone()
        if row is None:
            connection.execute("INSERT INTO printers (printer_id) VALUES (?)", (printer_id,))
            row = connection.execute(asked, (printer_id,)).fetchone()
        if len(self._printers) >= _MOST_KNOWN:
            self._printers.clear()
        self._printers[printer_id] = row[0]
        return int(row[0])

    def _layout(self, connection: sqlite3.Connection, indexes: tuple[str, ...]) -> int:
        text = json.dumps(indexes)
        connection.execute("INSERT OR IGNORE INTO layouts (indexes) VALUES (?)", (text,))
        row = connection.execute("SELECT id FROM layouts WHERE indexes = ?", (text,)).fetchone()
        self._layouts[indexes] = row[0]
        return int(row[0])

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        try:
            connection = self._open()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                self._forget()
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            self.close()  # where it is the commit that fails, too
            raise TimeSeriesUnavailable(f"the history {self._path} takes nothing: {error}") from error

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = _opened(self._path)
        return self._connection


def _opened(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("BEGIN IMMEDIATE")
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    for since, statements in enumerate((POINTS, DAYS, DEVICES, COUNTERS, UNKNOWN_PAGES), start=1):
        for statement in () if version >= since else statements:
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {max(version, VERSION)}")
    connection.execute("COMMIT")
    if version > VERSION:
        raise DatabaseError(f"the history {path} was written by a newer program: install that.")
    return connection


def _unusable(point: HistoryPoint) -> str | None:
    if milliseconds(point.taken_at) < 0:
        return "it was taken before 1970"
    if point.marker_life_count is not None and abs(point.marker_life_count) > _MAX_COUNT:
        return "its marker_life_count has more than 64 bits"
    if any(abs(count) > _MAX_COUNT for count in point.counters.values()):
        return "a counter of it has more than 64 bits"
    return None
