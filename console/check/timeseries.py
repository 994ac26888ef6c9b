"""Can the time series be written and read, is InfluxDB set up, and does what is to be written get there?"""

import re
import sqlite3
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import Engine, func, select

from console.backup.paths import HISTORY
from console.check.findings import CheckFinding, error, ok, warning
from core.domain.units import size
from core.runtime.settings import HistorySettings
from core.storage.core_tables import OUTBOX
from core.storage.database import reading
from core.storage.refused_points import count_refused, refused_reasons
from core.timeseries.influx.layout import daily_bucket
from core.timeseries.open_reader import open_reader
from core.timeseries.reader import TimeSeriesUnavailable
from core.timeseries.victoria import VictoriaReader

_SUBJECT: Final = "time series"
_SECONDS: Final = 5.0
_LONG_QUEUE: Final = 10_000
_SHOWN_REASONS: Final = 3
_BAD_REQUEST: Final = 400
_UNAUTHORISED: Final = (401, 403)
_NOT_FOUND: Final = 404
_NO_POINT: Final = b"# printers check\n"
"""A comment of the line protocol: address, token and bucket are checked, and no point is left behind."""
_WITHOUT_POINTS: Final = re.compile(rb"requires points|no (data|points)|empty", re.IGNORECASE)
"""What servers answer that take no body without points; rights and bucket were checked before."""
_NOBODY: Final = "printers-check"
"""A printer that no inventory has."""


def check_timeseries(settings: HistorySettings, engine: Engine | None) -> Iterator[CheckFinding]:
    """The writer's end, the reader's, then what waits to be written."""
    if settings.influxdb_url:
        yield from _server(settings)
    else:
        yield _embedded(settings.data_dir / HISTORY)
    if engine is not None:
        yield from _queue(engine)


def _server(settings: HistorySettings) -> Iterator[CheckFinding]:
    """InfluxDB or VictoriaMetrics: rights to write and to read are given apart, so each is tried."""
    url, bucket = str(settings.influxdb_url).rstrip("/"), settings.influxdb_bucket
    try:
        refused = _write_nothing(settings, bucket)
    except (OSError, ValueError) as failed:
        reason = getattr(failed, "reason", failed)
        yield error(_SUBJECT, f"{url} does not answer: {reason}", "Is INFLUXDB_URL right, does it run?")
        return
    if refused is not None:
        yield _refusal(url, bucket, refused, _lacking(settings))
        return
    yield ok(_SUBJECT, f"{url} lets us write into {bucket}")
    reader = open_reader(settings)
    now = datetime.now(UTC)
    try:
        # From both buckets: the second has what is older than HISTORY_HOURLY_DAYS.
        reader.points(_NOBODY, now - timedelta(days=settings.history_hourly_days + 1), now)
        is_influx = not VictoriaReader(settings).answers()
    except TimeSeriesUnavailable as away:
        text = f"points can be written but not read: {str(away).partition(': see ')[0].rstrip('.')}"
        mend = _lacking(settings) or (
            "Give INFLUXDB_TOKEN the right to read the buckets, too; InfluxDB 1.8 answers with "
            "flux-enabled = true under [http]. Without it there are no charts and no forecasts."
        )
        yield error(_SUBJECT, text, mend)
        return
    yield ok(_SUBJECT, f"{url} lets us read")
    if is_influx:
        yield from _second_bucket(settings, url)


def _second_bucket(settings: HistorySettings, url: str) -> Iterator[CheckFinding]:
    bucket = daily_bucket(settings)
    refused = _write_nothing(settings, bucket)
    if refused is None:
        return
    if refused == _NOT_FOUND:
        text = f"there is no bucket {bucket}: old points and the sums of days have no place"
        mend = "Run `printers influx setup` once, with a token that may make buckets and tasks."
        yield warning(_SUBJECT, text, mend)
    else:
        yield _refusal(url, bucket, refused, "")


def _lacking(settings: HistorySettings) -> str:
    """What a server of another version than InfluxDB 2 lacks."""
    from core.timeseries.influx.versions import lacking  # takes half a second to import

    return lacking(settings)


def _write_nothing(settings: HistorySettings, bucket: str) -> int | None:
    """Return the status with which the server refuses a write without points; None: it lets us write.

    A ping would not do: it is answered without looking at the token. Raise OSError where nobody answers.
    """
    url = str(settings.influxdb_url).rstrip("/")
    token = settings.influxdb_token.get_secret_value() if settings.influxdb_token else ""
    where = {"org": settings.influxdb_org, "bucket": bucket, "precision": "s"}
    request = urllib.request.Request(  # noqa: S310 (the setting is an address of the web)
        f"{url}/api/v2/write?{urllib.parse.urlencode(where)}",
        data=_NO_POINT,
        headers={"Authorization": f"Token {token}", "Content-Type": "text/plain; charset=utf-8"},
    )
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS):  # noqa: S310 (as above)
            return None
    except urllib.error.HTTPError as refused:
        with refused:
            body = refused.read(4096)
            without_points = refused.code == _BAD_REQUEST and _WITHOUT_POINTS.search(body)
            return None if without_points else refused.code


def _refusal(url: str, bucket: str, code: int, lacking: str) -> CheckFinding:
    if code in _UNAUTHORISED:
        mend = f"Give INFLUXDB_TOKEN the right to write to {bucket} of INFLUXDB_ORG."
        return error(_SUBJECT, f"{url} refuses our token for {bucket} ({code})", mend)
    if code == _NOT_FOUND:
        mend = lacking or "Look at INFLUXDB_ORG and INFLUXDB_BUCKET, or run `printers influx setup`."
        return error(_SUBJECT, f"{url} has no bucket {bucket}, or not this API ({code})", mend)
    return error(_SUBJECT, f"{url} refuses a write into {bucket} ({code})", lacking or "Its log says why.")


def _embedded(file: Path) -> CheckFinding:
    if not file.exists():
        return ok(_SUBJECT, f"SQLite {file}, made with the first reading")
    try:
        with closing(
            sqlite3.connect(f"{file.resolve().as_uri()}?mode=rw", uri=True, timeout=_SECONDS)
        ) as base:
            base.execute("BEGIN IMMEDIATE")
            base.rollback()
            tables = base.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    except sqlite3.Error as failed:
        mend = "Is the disk full or the file someone else's? `printers restore` puts a saved one back."
        return error(_SUBJECT, f"{file} takes no writes: {failed}", mend)
    return ok(_SUBJECT, f"SQLite {file} ({size(file.stat().st_size)}, {tables} tables and indexes), writable")


def _queue(engine: Engine) -> Iterator[CheckFinding]:
    with reading(engine) as connection:
        waiting = connection.execute(
            select(func.count()).select_from(OUTBOX).where(OUTBOX.c.sent_at.is_(None))
        ).scalar_one()
        refused, reasons = count_refused(connection), refused_reasons(connection, most=_SHOWN_REASONS)
    if waiting > _LONG_QUEUE:
        mend = "They are written when the time series is back; is the processor running?"
        yield warning(_SUBJECT, f"{waiting:,} points wait to be written", mend)
    if refused:
        why = "; ".join(f"{each.points:,} with “{each.reason}”" for each in reasons)
        mend = (
            "They are kept. Mend the cause (how long the bucket keeps points, the type of a field), "
            "then run `printers history resend-refused`."
        )
        yield warning(_SUBJECT, f"{refused:,} points were refused by the time series: {why}", mend)
