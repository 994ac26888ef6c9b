"""Preparing InfluxDB: two buckets, how long they keep points, the task that fills the second; idempotent."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final

from core.contract.errors import UserError
from core.runtime.settings import HistorySettings
from core.runtime.wall_clock import utc_now
from core.timeseries.influx import flux
from core.timeseries.influx.layout import daily_bucket
from core.timeseries.influx.reader import InfluxReader
from core.timeseries.influx.server import InfluxServer
from core.timeseries.influx.versions import lacking
from core.timeseries.influx.writer import InfluxSeries
from core.timeseries.victoria import VictoriaReader

_AGAIN_DAYS: Final = 8
"""Late points come up to a week late, as long as a spool keeps them: so many days are summed anew each night.

Only days of which the first bucket has forgotten nothing: a day is not replaced by one of fewer readings.
"""
_AT_ONCE: Final = timedelta(days=30)


def set_up(settings: HistorySettings, *, set_retention: bool = False) -> Iterator[str]:
    """Do what is missing, and say what was done. Raises TimeSeriesUnavailable, UserError."""
    if settings.influxdb_url is None:
        raise UserError("INFLUXDB_URL is not set: the embedded history needs no setup.")
    if fault := lacking(settings):
        raise UserError(fault)
    if VictoriaReader(settings).answers():
        raise UserError(
            f"{settings.influxdb_url} is a VictoriaMetrics: it needs no setup, and keeps points as long as "
            "its -retentionPeriod says."
        )
    server = InfluxServer(settings)
    try:
        yield from _done(server, settings, set_retention)
    finally:
        server.close()


def _done(server: InfluxServer, settings: HistorySettings, set_retention: bool) -> Iterator[str]:
    raw, daily = settings.influxdb_bucket, daily_bucket(settings)
    kept = server.kept_days(raw)
    if kept is None:
        yield _made(server, raw, settings.history_hourly_days)
    if (kept_daily := server.kept_days(daily)) is None:
        yield _made(server, daily, settings.history_days)
    # What is there is in the second bucket before the first may forget it.
    if kept is not None:
        for since, until in _whole_days(settings.history_days):
            _sum_days(settings, since.date(), until.date())
            about = _about(settings, f"{since:%Y-%m-%dT00:00:00Z}", f"{until:%Y-%m-%dT00:00:00Z}")
            server.run(about + flux.LAST_INTO_DAILY)
        yield f"the days there are: summed into {daily}"
    if kept is not None:
        yield _retained(server, raw, (kept, settings.history_hourly_days), set_retention)
    if kept_daily is not None:
        yield _retained(server, daily, (kept_daily, settings.history_days), set_retention)
    name = f"{raw}: days"
    yield f"task {name!r}: {server.put_task(name, task_script(settings))}, every night at 0:15 UTC"


def task_script(settings: HistorySettings) -> str:
    """Return the task: what it is called, when it runs, and what it does each night."""
    name = flux.literal(f"{settings.influxdb_bucket}: days")
    again = max(1, min(_AGAIN_DAYS, settings.history_hourly_days - 1))
    days = f"date.truncate(t: -{again}d, unit: 1d)"
    return (
        f'import "date"\n\noption task = {{name: {name}, cron: "15 0 * * *"}}\n'
        f"{_about(settings, days, 'date.truncate(t: now(), unit: 1d)')}{flux.INTO_DAILY}"
    )


def _sum_days(settings: HistorySettings, since: date, until: date) -> None:
    """Store the sums of days with more readings than are stored: those of thinned points have fewer."""
    reader, series = InfluxReader(settings), InfluxSeries(settings, tiered=True)
    try:
        series.write_sums(reader.fuller_days(since, until))
    finally:
        series.close()
        reader.close()


def _about(settings: HistorySettings, since: str, until: str) -> str:
    raw, daily = flux.literal(settings.influxdb_bucket), flux.literal(daily_bucket(settings))
    return f"\n_bucket = {raw}\n_daily = {daily}\n_since = {since}\n_until = {until}\n"


def _whole_days(days: int) -> Iterator[tuple[datetime, datetime]]:
    end = utc_now().replace(hour=0, minute=0, second=0, microsecond=0)
    since = end - timedelta(days=days)
    while since < end:
        yield since, min(end, since + _AT_ONCE)
        since += _AT_ONCE


def _made(server: InfluxServer, bucket: str, days: int) -> str:
    server.make_bucket(bucket, days)
    return f"bucket {bucket}: made, keeps points for {days} days"


def _retained(server: InfluxServer, bucket: str, days: tuple[int, int], set_retention: bool) -> str:
    kept, wanted = days
    now = f"keeps points for {kept} days" if kept else "keeps points for ever"
    if kept == wanted:
        return f"bucket {bucket}: {now}"
    if not set_retention:
        return f"bucket {bucket}: {now}, and was left so; --set-retention makes it {wanted} days"
    server.keep_days(bucket, wanted)
    return f"bucket {bucket}: {now.replace('keeps', 'kept')}, now for {wanted} days"
