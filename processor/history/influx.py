"""The grown time series: InfluxDB 2, or what speaks its write API, by line protocol.

Measurement `printer` (tag printer_id; fields reachable, state, state_code, marker_life_count) and
measurement `supply` (tags printer_id, supply; fields level, percent), times in milliseconds.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from influxdb_client.client.influxdb_client import InfluxDBClient
from influxdb_client.client.write_api import SYNCHRONOUS
from influxdb_client.rest import ApiException
from urllib3.exceptions import HTTPError

from fleet.messages import HistoryPoint
from fleet.series.points import STATE_CODES, milliseconds
from fleet.series.reader import SeriesAway
from fleet.settings import HistorySettings
from processor.history.writer import Written

log = logging.getLogger(__name__)

MAX_LINES: Final = 5_000
_MILLISECONDS: Final[Any] = "ms"  # the library's annotation is of a class that only names such strings
_TIMEOUT_MILLISECONDS: Final = 10_000
# What says that the points are wrong; any other answer is about the server or our right to write.
_BAD_POINTS: Final = frozenset({400, 413, 422})
_TAG: Final = str.maketrans({",": r"\,", " ": r"\ ", "=": r"\=", "\n": r"\ ", "\r": r"\ ", "\\": "/"})


class InfluxSeries:
    """Synchronous writes of preformatted lines: what fails is known at once, nothing waits in memory."""

    def __init__(self, settings: HistorySettings) -> None:
        self.confirm_seconds: float | None = settings.influxdb_confirm_seconds
        self._where = settings.influxdb_url or ""
        self._bucket = settings.influxdb_bucket
        token = settings.influxdb_token.get_secret_value() if settings.influxdb_token else ""
        self._client = InfluxDBClient(
            url=self._where, token=token, org=settings.influxdb_org, timeout=_TIMEOUT_MILLISECONDS
        )
        self._api = self._client.write_api(write_options=SYNCHRONOUS)

    def write(self, points: Sequence[HistoryPoint]) -> Written:
        """Write points; those that the server refuses are found by halving."""
        written = Written()
        for part in _parts([(place, lines_of(point)) for place, point in enumerate(points)]):
            self._write_part(part, written.refused)
        return written

    def tidy(self, now: datetime) -> bool:
        """Retention is the server's."""
        return False

    def close(self) -> None:
        """Close the connections."""
        self._client.close()  # type: ignore[no-untyped-call]

    def _write_part(self, part: Sequence[tuple[int, list[str]]], refused: dict[int, str]) -> None:
        reason = self._post([line for _, lines in part for line in lines])
        if reason is None:
            return
        if len(part) == 1:
            refused[part[0][0]] = reason
            return
        half = len(part) // 2
        self._write_part(part[:half], refused)
        self._write_part(part[half:], refused)

    def _post(self, lines: Sequence[str]) -> str | None:
        """None when they were taken, else why these lines are refused. Raises SeriesAway."""
        try:
            self._api.write(self._bucket, record="\n".join(lines), write_precision=_MILLISECONDS)
        except ApiException as error:
            if error.status in _BAD_POINTS:
                return f"{error.status}: {_body(error)}"
            raise SeriesAway(
                f"the time series at {self._where} answers {error.status} ({_body(error)}): "
                "see INFLUXDB_URL, INFLUXDB_TOKEN, INFLUXDB_ORG, INFLUXDB_BUCKET."
            ) from error
        except (HTTPError, OSError) as error:
            kind = type(error).__name__
            raise SeriesAway(
                f"the time series at {self._where} does not answer ({kind}): see INFLUXDB_URL."
            ) from error
        return None


def lines_of(point: HistoryPoint) -> list[str]:
    """The lines of a point: one for the printer, one for each supply that has a level."""
    at, printer = milliseconds(point.taken_at), tag(point.printer_id)
    fields = {
        "reachable": "true" if point.reachable else "false",
        "state": f'"{point.state}"',
        "state_code": f"{STATE_CODES[point.state]}i",
        "marker_life_count": _integer(point.marker_life_count),
    }
    lines = [f"printer,printer_id={printer} {_fields(fields)} {at}"]
    for index, supply in point.supplies.items():
        levels = {"level": _integer(supply.level), "percent": _integer(supply.percent)}
        if any(levels.values()):
            lines.append(f"supply,printer_id={printer},supply={tag(index)} {_fields(levels)} {at}")
    return lines


def tag(text: str) -> str:
    """A tag value, escaped; line protocol has no escape for line ends, a lone backslash is ambiguous."""
    return text.translate(_TAG) or "-"


def _integer(value: int | None) -> str:
    return "" if value is None else f"{value}i"


def _fields(fields: Mapping[str, str]) -> str:
    return ",".join(f"{name}={value}" for name, value in fields.items() if value)


def _parts(points: Sequence[tuple[int, list[str]]]) -> Iterator[list[tuple[int, list[str]]]]:
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


def _body(error: ApiException) -> str:
    body = error.body.decode("utf-8", "replace") if isinstance(error.body, bytes) else str(error.body or "")
    return " ".join(body.split())[:200]
