"""Copying history between the embedded time series and a server; it goes on where it stopped."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Final, Literal

from core.contract.errors import UserError
from core.runtime.private_files import replace_file
from core.runtime.settings import HistorySettings
from core.runtime.wall_clock import utc_now
from core.timeseries.points import months_between
from core.timeseries.reader import SeriesReader
from core.timeseries.stores import open_store
from core.timeseries.writer import SeriesWriter

Target = Literal["embedded", "influx"]

NOTE: Final = "history-copy.json"
_AT_ONCE: Final = 5_000
_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)


@dataclass
class CopyResult:
    """Progress of a copy."""

    printers: int = 0
    of: int = 0
    points: int = 0
    days: int = 0
    refused: int = 0
    resumed: int = 0
    """How many printers an earlier run had copied."""


class _Note:
    """File in DATA_DIR that names the printers already copied, until all are."""

    def __init__(self, settings: HistorySettings, to: Target, confirm_seconds: float | None) -> None:
        self._path = settings.data_dir / NOTE
        self._about = {"to": to, "url": settings.influxdb_url, "bucket": settings.influxdb_bucket}
        # A server that dies may take with it what it has accepted in the last moments.
        self._durable_after = confirm_seconds or 0.0
        self._finished: list[tuple[float, str]] = []

    def last(self) -> str:
        """Return the printer after which to go on; empty: from the beginning."""
        try:
            note = json.loads(self._path.read_text(encoding="utf-8"))
            return str(note["after"]) if {**note, **self._about} == note else ""
        except (OSError, ValueError, KeyError, TypeError):
            return ""

    def finish(self, printer_id: str) -> None:
        """Note that a printer is copied."""
        self._finished.append((time.monotonic(), printer_id))
        old = [name for at, name in self._finished if at <= time.monotonic() - self._durable_after]
        if old:
            replace_file(self._path, [json.dumps({**self._about, "after": old[-1]}).encode()])
            del self._finished[: len(old)]

    def remove(self) -> None:
        """Remove the file: all printers are copied."""
        self._path.unlink(missing_ok=True)


def copy_history(settings: HistorySettings, to: Target, told: Callable[[CopyResult], object]) -> CopyResult:
    """Copy all points and days; what is there already stays. Raises TimeSeriesUnavailable, UserError."""
    reader, writer = _ends(settings, to)
    note, copied = _Note(settings, to, writer.confirm_seconds), CopyResult()
    try:
        printers, after = reader.printers(), note.last()
        copied.of, copied.resumed = len(printers), sum(name <= after for name in printers)
        copied.printers = copied.resumed
        for printer_id in printers[copied.resumed :]:
            _copy_points(reader, writer, printer_id, settings, copied)
            copied.printers += 1
            note.finish(printer_id)
            told(copied)
        _copy_days(reader, writer, settings, copied)
        _copy_counters(reader, writer, settings)
        while writer.tidy(utc_now()):
            pass
        note.remove()
    finally:
        writer.close()
        reader.close()
    return copied


def _ends(settings: HistorySettings, to: Target) -> tuple[SeriesReader, SeriesWriter]:
    if settings.influxdb_url is None:
        raise UserError("INFLUXDB_URL is not set: it names the server to copy to, or from.")
    here = open_store(settings.model_copy(update={"influxdb_url": None}))
    server = open_store(settings)
    source, target = (server, here) if to == "embedded" else (here, server)
    return source.open_reader(), target.open_copy_writer()


def _copy_points(
    reader: SeriesReader, writer: SeriesWriter, printer_id: str, settings: HistorySettings, copied: CopyResult
) -> None:
    for since, until, every in _tiers(settings, utc_now()):
        points = iter(reader.points(printer_id, since, until, every))
        while part := list(islice(points, _AT_ONCE)):
            copied.refused += len(writer.write(part).refused)
            copied.points += len(part)


def _tiers(settings: HistorySettings, now: datetime) -> Iterator[tuple[datetime, datetime, timedelta | None]]:
    """Yield the ranges as the embedded store thins them: a point a day, a point an hour, all points."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    kept, hourly, raw = (
        today - timedelta(days=days)
        for days in (settings.history_days, settings.history_hourly_days, settings.history_raw_days)
    )
    yield kept, hourly, _DAY
    yield hourly, raw, _HOUR
    yield raw, now + _DAY, None


def _copy_days(
    reader: SeriesReader, writer: SeriesWriter, settings: HistorySettings, copied: CopyResult
) -> None:
    today = utc_now().date()
    for first, after in months_between(today - timedelta(days=settings.history_days), today + _DAY):
        days = iter(reader.days(first, after))
        while part := list(islice(days, _AT_ONCE)):
            writer.write_days(part)
            copied.days += len(part)


def _copy_counters(reader: SeriesReader, writer: SeriesWriter, settings: HistorySettings) -> None:
    today = utc_now().date()
    for first, after in months_between(today - timedelta(days=settings.history_days), today + _DAY):
        days = reader.counter_days(first, after)
        while part := list(islice(days, _AT_ONCE)):
            writer.write_counters(part)
