"""Reading VictoriaMetrics: it takes what InfluxDB takes, and answers in a language of its own (MetricsQL)."""

import json
import math
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from core.contract.messages import HistoryPoint
from core.runtime.failures import failure_text
from core.runtime.settings import HistorySettings
from core.timeseries.counters import CounterDay
from core.timeseries.points import DAY_MS, day_not_ahead, day_number, milliseconds, not_ahead
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

_SECONDS: Final = 30.0
_FIELDS: Final = '__name__=~"printer_(reachable|state_code|marker_life_count)|supply_(level|percent)"'
_SUMMED: Final = {
    "readings": "count_over_time(printer_reachable%s[1d])",
    "answered": "sum_over_time(printer_reachable%s[1d])",
    "first_count": "first_over_time(printer_marker_life_count%s[1d])",
    "last_count": "last_over_time(printer_marker_life_count%s[1d])",
}
"""The sums of a day, of all printers or those of a selector."""
_STORED: Final = {field: f"last_over_time(printer_day_{field}%s[1d])" for field in (*_SUMMED, "pages")}


_COUNTERS: Final = '{__name__=~"counter_(count|device)"}'
"""The measurement `counter`."""


class VictoriaReader:
    """Asks anew each time: any thread may."""

    def __init__(self, settings: HistorySettings) -> None:
        self._url = (settings.influxdb_url or "").rstrip("/")
        token = settings.influxdb_token.get_secret_value() if settings.influxdb_token else ""
        self._headers = {"Authorization": f"Token {token}"} if token else {}

    def answers(self) -> bool:
        """Return whether the server is a VictoriaMetrics: InfluxDB says JSON here."""
        return self._ask("/health").strip() == b"OK"

    def points(
        self, printer_id: str, since: datetime, until: datetime, every: timedelta | None = None
    ) -> list[HistoryPoint]:
        """Return the points of a printer in [since, until), or one of each piece of time."""
        # A string of MetricsQL is one of JSON.
        selector = f"{{{_FIELDS},printer_id={json.dumps(printer_id)}}}"
        begin, end = milliseconds(since), milliseconds(not_ahead(until))
        if every is None:
            return points_of(printer_id, self._exported(selector, begin, end))
        piece = max(1, every // timedelta(milliseconds=1))
        return points_of(printer_id, self._last_of_each(selector, begin, end, piece), piece)

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
        begin, end = day_number(since) * DAY_MS, day_number(until) * DAY_MS
        last = f"last_over_time({_COUNTERS}[1d])"
        times = {
            (_counter(series), at): round(float(value) * 1000)
            for series, at, value in self._range(f"t{last} keep_metric_names", begin, end, DAY_MS)
        }
        yield from counter_days_of(
            (*key[:2], times.get((key, at), at), key[2], float(value))
            for series, at, value in self._range(last, begin, end, DAY_MS)
            if (key := _counter(series))
        )

    def printers(self) -> list[str]:
        """Return all printers that have points."""
        asked = {"match[]": "printer_reachable", "start": 0}
        return sorted(json.loads(self._ask("/api/v1/label/printer_id/values", asked))["data"])

    def close(self) -> None:
        """Do nothing: no connection is held between calls."""

    def _exported(self, selector: str, begin: int, end: int) -> Iterator[Sample]:
        asked = {"match[]": selector, "start": begin / 1000, "end": (end - 1) / 1000}
        for line in self._ask("/api/v1/export", asked).splitlines():
            series = json.loads(line)
            for at, value in zip(series["timestamps"], series["values"], strict=True):
                if begin <= at < end and value is not None:
                    yield _sample(series["metric"], at, value)

    def _last_of_each(self, selector: str, begin: int, end: int, piece: int) -> Iterator[Sample]:
        """Yield the last values of each piece, at the times of those values."""
        last = f"last_over_time({selector}[{piece}ms])"
        taken_at = self._range(f"t{last} keep_metric_names", begin, end, piece)
        times = {(_name(series), at): float(time) for series, at, time in taken_at}
        for series, at, value in self._range(last, begin, end, piece):
            taken = round(times.get((_name(series), at), at / 1000) * 1000)
            if begin <= taken < end:
                yield _sample(series, taken, float(value))

    def _sums(self, since: date, until: date, printer_id: str | None = None) -> Iterable[DaySum]:
        until = day_not_ahead(until)
        if since >= until:
            return
        for functions in (_SUMMED, _STORED):
            yield from sums_of(self._day_values(functions, since, until, printer_id))

    def _day_values(
        self, functions: Mapping[str, str], since: date, until: date, printer_id: str | None
    ) -> Iterator[tuple[str, int, int, str, float]]:
        begin, end = day_number(since) * DAY_MS, day_number(until) * DAY_MS
        selector = "" if printer_id is None else f"{{printer_id={json.dumps(printer_id)}}}"
        for field, function in functions.items():
            for series, at, value in self._range(function % selector, begin, end, DAY_MS):
                yield series["printer_id"], device_of(series.get("device")), at // DAY_MS, field, float(value)

    def _range(
        self, query: str, begin: int, end: int, piece: int
    ) -> Iterator[tuple[Mapping[str, str], int, str]]:
        """Yield the answers for the pieces that overlap [begin, end), each at its last millisecond."""
        first = (begin // piece + 1) * piece - 1
        last = -(-end // piece) * piece - 1
        asked = {
            "query": query,
            "start": first / 1000,
            "end": last / 1000,
            "step": f"{piece}ms",
            "nocache": 1,  # else it moves start and end to multiples of the step
        }
        answer = json.loads(self._ask("/api/v1/query_range", asked))
        for series in answer["data"]["result"]:
            for at, value in series["values"]:
                if not math.isnan(float(value)):
                    yield series["metric"], round(at * 1000), value

    def _ask(self, path: str, asked: Mapping[str, Any] | None = None) -> bytes:
        data = urllib.parse.urlencode(asked).encode() if asked else None
        if not self._url.startswith(("http://", "https://")):
            raise TimeSeriesUnavailable(
                f"INFLUXDB_URL is not http(s): {self._url}. Write it as http://host:8428 ."
            )
        request = urllib.request.Request(self._url + path, data, self._headers)  # noqa: S310 (looked at above)
        try:
            with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310 (as above)
                return bytes(answer.read())
        except urllib.error.HTTPError as refused:
            with refused:
                body = " ".join(refused.read(300).decode("utf-8", "replace").split())
            raise TimeSeriesUnavailable(
                f"the time series at {self._url} answers {refused.code} ({body})."
            ) from refused
        except (OSError, ValueError) as error:
            raise TimeSeriesUnavailable(
                f"the time series at {self._url} does not answer ({failure_text(error)}): see INFLUXDB_URL."
            ) from error


def _name(series: Mapping[str, str]) -> tuple[str, str, str]:
    return series.get("__name__", ""), series.get("supply", ""), series.get("device", "")


def _counter(series: Mapping[str, str]) -> tuple[str, str, str]:
    """Return the printer, the counter and the field of a series."""
    return series["printer_id"], series["counter"], series["__name__"].removeprefix("counter_")


def _sample(series: Mapping[str, str], at: int, value: float) -> Sample:
    _, _, field = series["__name__"].partition("_")
    return Sample(field, series.get("supply", ""), at, value, device_of(series.get("device")))
