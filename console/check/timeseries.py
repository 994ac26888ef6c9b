"""Does the time series take points, and do they get there?"""

import sqlite3
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from sqlalchemy import Engine, func, select

from console.backup.places import HISTORY
from console.check.findings import Finding, error, ok, warning
from fleet.core_tables import OUTBOX, REFUSED_POINTS
from fleet.database import reading
from fleet.settings import HistorySettings

_SUBJECT: Final = "time series"
_SECONDS: Final = 5.0
_LONG_QUEUE: Final = 10_000
_UNAUTHORISED: Final = (401, 403)
_NOT_FOUND: Final = 404


def check_timeseries(settings: HistorySettings, engine: Engine | None) -> Iterator[Finding]:
    """The writer's end, then what waits for it."""
    yield _influxdb(settings) if settings.influxdb_url else _embedded(settings.data_dir / HISTORY)
    if engine is not None:
        yield from _queue(engine)


def _influxdb(settings: HistorySettings) -> Finding:
    """A real write: a ping is answered by servers that take no points."""
    url = str(settings.influxdb_url).rstrip("/")
    token = settings.influxdb_token.get_secret_value() if settings.influxdb_token else ""
    where = {"org": settings.influxdb_org, "bucket": settings.influxdb_bucket, "precision": "s"}
    request = urllib.request.Request(  # noqa: S310 (the setting is an address of the web)
        f"{url}/api/v2/write?{urllib.parse.urlencode(where)}",
        data=b"printers_check ok=1i\n",
        headers={"Authorization": f"Token {token}", "Content-Type": "text/plain; charset=utf-8"},
    )
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS):  # noqa: S310 (as above)
            return ok(_SUBJECT, f"{url} takes points into {settings.influxdb_bucket}")
    except urllib.error.HTTPError as refused:
        with refused:
            return _refusal(url, refused.code)
    except (OSError, ValueError) as failed:
        reason = getattr(failed, "reason", failed)
        return error(_SUBJECT, f"{url} does not answer: {reason}", "Is INFLUXDB_URL right, does it run?")


def _refusal(url: str, code: int) -> Finding:
    if code in _UNAUTHORISED:
        mend = "Give INFLUXDB_TOKEN the right to write to INFLUXDB_BUCKET of INFLUXDB_ORG."
        return error(_SUBJECT, f"{url} refuses our token ({code})", mend)
    if code == _NOT_FOUND:
        mend = "Look at INFLUXDB_ORG and INFLUXDB_BUCKET; InfluxDB 1 before 1.8 has no such API."
        return error(_SUBJECT, f"{url} has no such bucket, or not this API ({code})", mend)
    return error(_SUBJECT, f"{url} refuses a point ({code})", "Its log says why.")


def _embedded(file: Path) -> Finding:
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
    size = file.stat().st_size / 1_000_000
    return ok(_SUBJECT, f"SQLite {file} ({size:,.1f} MB, {tables} tables and indexes), writable")


def _queue(engine: Engine) -> Iterator[Finding]:
    with reading(engine) as connection:
        waiting = connection.execute(
            select(func.count()).select_from(OUTBOX).where(OUTBOX.c.sent_at.is_(None))
        ).scalar_one()
        set_aside = connection.execute(select(func.count()).select_from(REFUSED_POINTS)).scalar_one()
    if waiting > _LONG_QUEUE:
        mend = "They are written when the time series is back; is the processor running?"
        yield warning(_SUBJECT, f"{waiting:,} points wait to be written", mend)
    if set_aside:
        mend = "The table history_refused holds them with the reasons."
        yield warning(_SUBJECT, f"{set_aside:,} points were refused for good", mend)
