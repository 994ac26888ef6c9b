"""Reading the embedded time series: a connection for each call, so that any thread may ask."""

import json
import sqlite3
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, Final

from core.contract.messages import SCHEMA_VERSION, HistoryPoint
from core.runtime.settings import HistorySettings
from core.timeseries.counters import CounterDay
from core.timeseries.embedded.layout import FILE_NAME, VERSION
from core.timeseries.embedded.packing import unpack
from core.timeseries.points import (
    STATE_OF_CODE,
    day_not_ahead,
    day_number,
    day_of,
    milliseconds,
    moment,
    months_between,
    not_ahead,
)
from core.timeseries.reader import PrinterDay, PrinterMonth, TimeSeriesUnavailable

_PATIENCE_SECONDS: Final = 10.0
_AFTER_ALL: Final = 10**15  # larger than any time in milliseconds: an answered point wins over any other
_POINTS: Final = """
SELECT at, status, marker_life_count, indexes, levels, device FROM points
JOIN printers ON printers.id = points.printer LEFT JOIN layouts ON layouts.id = points.layout
WHERE printers.printer_id = :printer_id AND at >= :since AND at < :until"""
# Beside a single max(), here and below, SQLite takes the other columns from the row that has it.
_ONE_OF_EACH: Final = f"""
SELECT at, status, marker_life_count, indexes, levels, device FROM (
    SELECT *, max((status & 1) * {_AFTER_ALL} + at) FROM ({_POINTS}) GROUP BY at / :every)"""  # noqa: S608 (constants)
# Printers lead: each one's days are together in the file, and come in order without being sorted.
_DAYS: Final = """
SELECT printer_id, day, readings, answered, first_count, last_count, pages, device FROM printers
CROSS JOIN days ON days.printer = printers.id AND day >= :since AND day < :until
WHERE :printer_ids IS NULL OR printer_id IN (SELECT value FROM json_each(:printer_ids))
ORDER BY printer_id, day, device"""
_MONTH: Final = """
SELECT printer_id, count(DISTINCT day), sum(readings), sum(answered), last_count, sum(pages),
    max(CASE WHEN last_count IS NOT NULL THEN device * 1000000 + day END) FROM printers
CROSS JOIN days ON days.printer = printers.id AND day >= :since AND day < :until
GROUP BY printer_id ORDER BY printer_id"""


_COUNTERS: Final = """
SELECT printer_id, counter, day, at, value, device FROM counters
JOIN printers ON printers.id = counters.printer WHERE day >= :since AND day < :until"""


class EmbeddedReader:
    """Reads DATA_DIR/history.sqlite3, which the processor writes; no file, no points."""

    def __init__(self, settings: HistorySettings) -> None:
        self._path = settings.data_dir / FILE_NAME

    def points(
        self, printer_id: str, since: datetime, until: datetime, every: timedelta | None = None
    ) -> list[HistoryPoint]:
        """Return the points of a printer in [since, until), or one of each piece of time."""
        asked = {
            "printer_id": printer_id,
            "since": milliseconds(since),
            "until": milliseconds(not_ahead(until)),
        }
        query = _POINTS
        if every is not None:
            query, asked["every"] = _ONE_OF_EACH, max(1, every // timedelta(milliseconds=1))
        indexes = cache(json.loads)
        with self._connection() as connection:
            rows = () if connection is None else connection.execute(f"{query} ORDER BY at", asked)
            return [_point(printer_id, row, indexes(row[3]) if row[3] else []) for row in rows]

    def days(
        self, since: date, until: date, printer_ids: Collection[str] | None = None
    ) -> Iterator[PrinterDay]:
        """Yield the days in [since, until) of all printers, or of these, by printer, day and device."""
        day = cache(day_of)
        with self._connection() as connection:
            if connection is None:
                return
            ids = None if printer_ids is None else json.dumps([*printer_ids])
            asked = {**_numbers(since, until), "printer_ids": ids}
            for name, number, *sums in connection.execute(_DAYS, asked):
                yield PrinterDay(name, day(number), *sums)

    def months(self, since: date, until: date) -> Iterator[PrinterMonth]:
        """Yield the months of all printers in [since, until), by month and printer."""
        with self._connection() as connection:
            if connection is None:
                return
            for first, after in months_between(since, until):
                month = first.replace(day=1)
                for printer_id, *sums, _ in connection.execute(_MONTH, _numbers(first, after)):
                    yield PrinterMonth(printer_id, month, *sums)

    def counter_days(self, since: date, until: date) -> Iterator[CounterDay]:
        """Yield the last count of each day in [since, until) of the vendors' page counters, in any order."""
        day = cache(day_of)
        with self._connection() as connection:
            if connection is None:
                return
            rows = connection.execute(_COUNTERS, _numbers(since, until))
            for printer_id, counter, number, *counted in rows:
                yield CounterDay(printer_id, counter, day(number), *counted)

    def printers(self) -> list[str]:
        """Return all printers that have points."""
        with self._connection() as connection:
            rows = () if connection is None else connection.execute("SELECT printer_id FROM printers")
            return sorted(printer_id for (printer_id,) in rows)

    def close(self) -> None:
        """Do nothing: no connection is held between calls."""

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection | None]:
        if not self._path.exists():
            yield None
            return
        address = f"{self._path.resolve().as_uri()}?mode=ro"
        try:
            # Generators are finished by whichever thread drops them.
            with closing(
                sqlite3.connect(address, uri=True, timeout=_PATIENCE_SECONDS, check_same_thread=False)
            ) as connection:
                yield connection if self._has_points(connection) else None
        except sqlite3.Error as error:
            raise TimeSeriesUnavailable(f"the history {self._path} cannot be read: {error}.") from error

    def _has_points(self, connection: sqlite3.Connection) -> bool:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > VERSION:
            raise TimeSeriesUnavailable(
                f"the history {self._path} was written by a newer program: install that."
            )
        if 0 < version < VERSION:
            raise TimeSeriesUnavailable(
                f"the history {self._path} is of an older program: start the processor once."
            )
        return bool(version)


def _point(printer_id: str, row: tuple[Any, ...], indexes: list[str]) -> HistoryPoint:
    # Not validated again: it was when it was written, and a year of a printer is thousands of them. Every
    # field is given: to find the default of one takes longer than all the rest.
    at, status, count, _, levels, device = row
    return HistoryPoint.model_construct(
        printer_id=printer_id,
        taken_at=moment(at),
        reachable=bool(status & 1),
        state=STATE_OF_CODE.get(status >> 1, "unknown"),
        marker_life_count=count,
        supplies=unpack(levels, indexes) if levels else {},
        device=device,
        counters={},
        serial_number=None,
        schema_version=SCHEMA_VERSION,
    )


def _numbers(since: date, until: date) -> Mapping[str, int]:
    return {"since": day_number(since), "until": day_number(day_not_ahead(until))}
