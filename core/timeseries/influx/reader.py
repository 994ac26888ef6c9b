"""Reading InfluxDB 2 by Flux; what is asked for goes beside the query as a syntax tree, not into its text."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from influxdb_client.domain.dialect import Dialect
from influxdb_client.rest import ApiException
from urllib3.exceptions import HTTPError

from core.contract.messages import HistoryPoint
from core.runtime.settings import HistorySettings
from core.runtime.wall_clock import utc_now
from core.timeseries.counters import CounterDay
from core.timeseries.influx import flux
from core.timeseries.influx.client import NOT_FOUND, Answered, open_client, told
from core.timeseries.influx.layout import NO_PAGES, daily_bucket, whole_since
from core.timeseries.points import DAY_MS, day_not_ahead, milliseconds, not_ahead
from core.timeseries.reader import PrinterDay, PrinterMonth, TimeSeriesUnavailable
from core.timeseries.samples import (
    DaySum,
    Sample,
    counter_days_of,
    days_of_printers,
    device_of,
    months_from,
    points_of,
    sums_of,
)

_TIMEOUT_MILLISECONDS: Final = 60_000
_UNSUMMED: Final = timedelta(days=2)
"""The server's task sums a day once it is over; the newest days are summed as they are asked for."""

Row = Mapping[str, str]


class InfluxReader:
    """One client for all threads: it keeps a pool of connections."""

    def __init__(self, settings: HistorySettings) -> None:
        self._url = settings.influxdb_url or ""
        self._bucket, self._daily = settings.influxdb_bucket, daily_bucket(settings)
        self._settings = settings
        self._client = open_client(settings, _TIMEOUT_MILLISECONDS)

    def points(
        self, printer_id: str, since: datetime, until: datetime, every: timedelta | None = None
    ) -> list[HistoryPoint]:
        """Return the points of a printer in [since, until), or one of each piece of time."""
        until = not_ahead(until)
        if since >= until:
            return []
        query = f"{flux.PRINTER}{flux.ONE_OF_EACH if every else ''}{flux.AS_ROWS}"
        asked = {"_since": since, "_until": until, "_printer": printer_id, "_every": every}
        rows = list(self._rows(self._bucket, query, asked))
        if since < whole_since(self._settings, utc_now()):
            rows += self._rows(self._daily, query, asked)
        piece = max(1, every // timedelta(milliseconds=1)) if every else None
        return points_of(printer_id, map(_sample, rows), piece)

    def days(
        self, since: date, until: date, printer_ids: Collection[str] | None = None
    ) -> Iterator[PrinterDay]:
        """Return the days in [since, until) of all printers, or of these, by printer, day and device."""
        return days_of_printers(self._sums, since, until, printer_ids)

    def months(self, since: date, until: date) -> Iterator[PrinterMonth]:
        """Return the months of all printers in [since, until), by month and printer."""
        return months_from(self._sums, since, until)

    def counter_days(self, since: date, until: date) -> Iterator[CounterDay]:
        """Yield the last count of each day in [since, until) of the vendors' page counters, in any order."""
        if since >= until:
            return
        asked = {"_since": _midnight(since), "_until": _midnight(until)}
        buckets = [self._bucket]
        if _midnight(since) < whole_since(self._settings, utc_now()):
            buckets.append(self._daily)
        for bucket in buckets:
            yield from counter_days_of(
                (row["printer_id"], row["counter"], _at(row), row["_field"], _value(row))
                for row in self._rows(bucket, flux.COUNTER_DAYS, asked)
            )

    def printers(self) -> list[str]:
        """Return all printers that have points."""
        asked = {"_since": _midnight(date(1970, 1, 1)), "_until": utc_now() + timedelta(days=1)}
        buckets = (self._bucket, self._daily)
        return sorted({row["_value"] for name in buckets for row in self._rows(name, flux.PRINTERS, asked)})

    def fuller_days(self, since: date, until: date) -> list[DaySum]:
        """Return the days in [since, until) whose points add up to more readings than the stored sums."""
        stored = {
            (day.printer_id, day.device, day.day): day
            for day in self._days(self._daily, flux.STORED_DAYS, since, until)
        }
        found = []
        for day in self._days(self._bucket, flux.SUMMED_DAYS, since, until):
            known = stored.get((day.printer_id, day.device, day.day))
            if known is None or known.readings < day.readings:
                # Pages that were summed elsewhere, of fewer readings, must not stay beside the new counts.
                found.append(day if known is None or known.pages is None else day._replace(pages=NO_PAGES))
        return found

    def version(self) -> str:
        """Return the version that the server tells: 1.13.2, 2.7.12; "" where it tells none."""
        try:
            told = str(self._client.version()).removeprefix("v")
            return told if told[:1].isdigit() else ""
        except (ApiException, HTTPError, OSError):
            return ""

    def close(self) -> None:
        """Close the connections."""
        self._client.close()  # type: ignore[no-untyped-call]

    def _sums(self, since: date, until: date, printer_id: str | None = None) -> Iterable[DaySum]:
        until = day_not_ahead(until)
        if since >= until:
            return
        stored_days, summed_days = (
            (flux.STORED_DAYS, flux.SUMMED_DAYS)
            if printer_id is None
            else (flux.STORED_DAYS_OF_PRINTER, flux.SUMMED_DAYS_OF_PRINTER)
        )
        stored = list(self._days(self._daily, stored_days, since, until, printer_id))
        yield from stored
        newest = utc_now().date() - _UNSUMMED
        since = max(since, newest) if stored else since
        if since < until:
            yield from self._days(self._bucket, summed_days, since, until, printer_id)

    def _days(
        self, bucket: str, query: str, since: date, until: date, printer_id: str | None = None
    ) -> Iterator[DaySum]:
        asked: dict[str, datetime | str] = {"_since": _midnight(since), "_until": not_ahead(_midnight(until))}
        if printer_id is not None:
            asked["_printer"] = printer_id
        return sums_of(
            (row["printer_id"], device_of(row.get("device")), _at(row) // DAY_MS, row["_field"], _value(row))
            for row in self._rows(bucket, query, asked)
        )

    def _rows(self, bucket: str, query: str, asked: Mapping[str, Any]) -> Iterator[Row]:
        """Yield the rows of all tables; none where the bucket for old points was never made."""
        # Parsed here: a row as the library's FluxRecord takes ten times as long.
        dialect = Dialect(header=True, annotations=[])  # type: ignore[no-untyped-call]
        try:
            with told(self._url):
                answer = self._client.query_api().query_csv(
                    query, dialect=dialect, params={"_bucket": bucket, **asked}
                )
                yield from _tables(answer, self._url)
        except Answered as answered:
            if answered.status != NOT_FOUND or bucket != self._daily:
                raise


def _tables(lines: Iterable[list[str]], where: str) -> Iterator[Row]:
    names: list[str] = []
    for line in lines:
        if line[0].startswith("#"):
            continue
        if line[1:2] in (["result"], ["error"]):
            names = line
        elif names[1] == "error":
            raise TimeSeriesUnavailable(f"the time series at {where} breaks off: {line[1]}.")
        else:
            yield dict(zip(names, line, strict=False))


def _sample(row: Row) -> Sample:
    return Sample(row["_field"], row.get("supply", ""), _at(row), _value(row), device_of(row.get("device")))


def _at(row: Row) -> int:
    return milliseconds(datetime.fromisoformat(row["_time"]))


def _value(row: Row) -> float:
    text = row["_value"]
    return float(text == "true") if text in ("true", "false") else int(text)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
