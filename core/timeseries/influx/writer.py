"""Writing points to InfluxDB 2, or what speaks its write API, by line protocol."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from influxdb_client.client.write_api import SYNCHRONOUS

from core.contract.messages import HistoryPoint
from core.runtime.settings import HistorySettings
from core.runtime.wall_clock import utc_now
from core.timeseries.counters import CounterDay
from core.timeseries.influx.client import Answered, open_client, told
from core.timeseries.influx.layout import daily_bucket, whole_since
from core.timeseries.influx.lines import line_of_counter, line_of_day, line_of_sum, lines_of
from core.timeseries.influx.refusals import ProtocolLine, read_refusal
from core.timeseries.points import milliseconds
from core.timeseries.reader import PrinterDay
from core.timeseries.samples import DaySum
from core.timeseries.writer import Written

MAX_LINES: Final = 5_000
_MILLISECONDS: Final[Any] = "ms"  # the library's annotation is of a class that only names such strings
_TIMEOUT_MILLISECONDS: Final = 10_000
# What says that the points are wrong; any other answer is about the server or our right to write.
_BAD_POINTS: Final = frozenset({400, 413, 422})

_Part = Sequence[tuple[int, list[str]]]
"""Points by their place, as lines."""


class InfluxSeries:
    """Synchronous writes of preformatted lines: what fails is known at once, nothing waits in memory."""

    def __init__(self, settings: HistorySettings, *, tiered: bool = False) -> None:
        """Open the writer. With `tiered`, points of thinned days go to the bucket for days."""
        self.confirm_seconds: float | None = settings.influxdb_confirm_seconds
        self._where = settings.influxdb_url or ""
        self._bucket = settings.influxdb_bucket
        self._daily = daily_bucket(settings) if tiered else self._bucket
        self._settings = settings
        self._client = open_client(settings, _TIMEOUT_MILLISECONDS)
        self._api = self._client.write_api(write_options=SYNCHRONOUS)

    def write(self, points: Sequence[HistoryPoint]) -> Written:
        """Write points; those that the server refuses are told by its answers."""
        written, whole = Written(), whole_since(self._settings, utc_now())
        buckets: dict[str, list[tuple[int, list[str]]]] = {}
        for place, point in enumerate(points):
            bucket = self._daily if point.taken_at < whole else self._bucket
            buckets.setdefault(bucket, []).append((place, lines_of(point)))
        for bucket, lines in buckets.items():
            for part in _parts(lines):
                self._write_part(bucket, part, written.refused)
        return written

    def keep_for(self, _settings: HistorySettings) -> None:
        """Do nothing: the server keeps points as `printers influx setup` has set it."""

    def write_days(self, days: Sequence[PrinterDay]) -> None:
        """Write the sums of days."""
        for part in _parts([(place, [line_of_day(day)]) for place, day in enumerate(days)]):
            self._write_part(self._daily, part, {})

    def write_sums(self, sums: Sequence[DaySum]) -> None:
        """Write days as the server has added them up."""
        for part in _parts([(place, [line_of_sum(day)]) for place, day in enumerate(sums)]):
            self._write_part(self._daily, part, {})

    def write_counters(self, days: Sequence[CounterDay]) -> None:
        """Write counts that were read elsewhere, where points of their age belong."""
        old = milliseconds(whole_since(self._settings, utc_now()))
        buckets: dict[str, list[tuple[int, list[str]]]] = {}
        for place, day in enumerate(days):
            bucket = self._daily if day.at < old else self._bucket
            buckets.setdefault(bucket, []).append((place, [line_of_counter(day)]))
        for bucket, lines in buckets.items():
            for part in _parts(lines):
                self._write_part(bucket, part, {})

    def tidy(self, now: datetime) -> bool:
        """Do nothing: retention is the server's."""
        return False

    def close(self) -> None:
        """Close the connections."""
        self._client.close()  # type: ignore[no-untyped-call]

    def _write_part(self, bucket: str, part: _Part, refused: dict[int, str]) -> None:
        to_send = [[ProtocolLine(place, text) for place, texts in part for text in texts]]
        while to_send:
            lines = to_send.pop()
            answer = self._post(bucket, lines)
            if answer is None:
                continue
            said = read_refusal(answer.status, answer.body, lines)
            refused.update(said.refused)
            to_send += said.again
            if said.too_old is not None:
                to_send = _without_old(to_send, *said.too_old, refused)

    def _post(self, bucket: str, lines: Sequence[ProtocolLine]) -> Answered | None:
        """Return what is said of wrong lines; None if all were taken. Raises TimeSeriesUnavailable."""
        record = "\n".join(line.text for line in lines)
        try:
            with told(self._where):
                self._api.write(bucket, record=record, write_precision=_MILLISECONDS)
        except Answered as answer:
            if answer.status in _BAD_POINTS:
                return answer
            raise
        return None


def _without_old(
    to_send: Sequence[Sequence[ProtocolLine]], until: int, reason: str, refused: dict[int, str]
) -> list[list[ProtocolLine]]:
    """Leave out lines that are known to be too old: an answer about other lines is silent about them."""
    refused.update((line.place, reason) for lines in to_send for line in lines if line.at <= until)
    left = ([line for line in lines if line.at > until] for lines in to_send)
    return [lines for lines in left if lines]


def _parts(points: Iterable[tuple[int, list[str]]]) -> Iterator[list[tuple[int, list[str]]]]:
    part: list[tuple[int, list[str]]] = []
    count = 0
    for place, lines in points:
        if part and count + len(lines) > MAX_LINES:
            yield part
            part, count = [], 0
        part.append((place, lines))
        count += len(lines)
    if part:
        yield part
