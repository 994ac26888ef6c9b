"""Check a server of INFLUXDB_URL: can it be written and read, and is InfluxDB set up?"""

import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from core.runtime.check_results import CheckResult, error, ok, warning
from core.runtime.settings import HistorySettings
from core.runtime.wall_clock import utc_now
from core.timeseries.influx.layout import daily_bucket
from core.timeseries.reader import SeriesReader, TimeSeriesUnavailable
from core.timeseries.victoria import VictoriaReader

_SECONDS: Final = 5.0
_BAD_REQUEST: Final = 400
_UNAUTHORISED: Final = (401, 403)
_NOT_FOUND: Final = 404
_NO_POINT: Final = b"# printers check\n"
"""A comment of the line protocol: address, token and bucket are checked, and no point is left behind."""
_WITHOUT_POINTS: Final = re.compile(rb"requires points|no (data|points)|empty", re.IGNORECASE)
"""What servers answer that take no body without points; rights and bucket were checked before."""
_NOBODY: Final = "printers-check"
"""A printer that no inventory has."""


def check_server(settings: HistorySettings, reader: SeriesReader) -> Iterator[CheckResult]:
    """Yield findings on the server: rights to write and to read are given apart, so each is tried."""
    url, bucket = str(settings.influxdb_url).rstrip("/"), settings.influxdb_bucket
    try:
        refused = _write_nothing(settings, bucket)
    except (OSError, ValueError) as failed:
        reason = getattr(failed, "reason", failed)
        yield error(f"{url} does not answer: {reason}", "Is INFLUXDB_URL right, does it run?")
        return
    if refused is not None:
        yield _refusal(url, bucket, refused, _lacking(settings))
        return
    yield ok(f"{url} lets us write into {bucket}")
    now = utc_now()
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
        yield error(text, mend)
        return
    yield ok(f"{url} lets us read")
    if is_influx:
        yield from _second_bucket(settings, url)


def _second_bucket(settings: HistorySettings, url: str) -> Iterator[CheckResult]:
    bucket = daily_bucket(settings)
    refused = _write_nothing(settings, bucket)
    if refused is None:
        return
    if refused == _NOT_FOUND:
        text = f"there is no bucket {bucket}: old points and the sums of days have no place"
        mend = "Run `printers influx setup` once, with a token that may make buckets and tasks."
        yield warning(text, mend)
    else:
        yield _refusal(url, bucket, refused, "")


def _lacking(settings: HistorySettings) -> str:
    """Return what a server of another version than InfluxDB 2 lacks."""
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


def _refusal(url: str, bucket: str, code: int, lacking: str) -> CheckResult:
    if code in _UNAUTHORISED:
        mend = f"Give INFLUXDB_TOKEN the right to write to {bucket} of INFLUXDB_ORG."
        return error(f"{url} refuses our token for {bucket} ({code})", mend)
    if code == _NOT_FOUND:
        mend = lacking or "Look at INFLUXDB_ORG and INFLUXDB_BUCKET, or run `printers influx setup`."
        return error(f"{url} has no bucket {bucket}, or not this API ({code})", mend)
    return error(f"{url} refuses a write into {bucket} ({code})", lacking or "Its log says why.")
