"""The client of InfluxDB, and what its library raises as TimeSeriesUnavailable."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from influxdb_client.client.exceptions import InfluxDBError
from influxdb_client.client.influxdb_client import InfluxDBClient
from influxdb_client.rest import ApiException
from urllib3.exceptions import HTTPError

from core.runtime.failures import failure_text
from core.runtime.settings import HistorySettings
from core.timeseries.reader import TimeSeriesUnavailable

NOT_FOUND: Final = 404
_SHOWN_OF_BODY: Final = 200


class Answered(TimeSeriesUnavailable):
    """The server has answered, but not what was hoped for."""

    def __init__(self, where: str, status: int, body: str) -> None:
        shown = " ".join(body.split())[:_SHOWN_OF_BODY]
        super().__init__(
            f"the time series at {where} answers {status} ({shown}): "
            "see INFLUXDB_URL, INFLUXDB_TOKEN, INFLUXDB_ORG, INFLUXDB_BUCKET."
        )
        self.status = status
        self.body = body


@contextmanager
def told(where: str) -> Iterator[None]:
    """Raise what the library raises as TimeSeriesUnavailable."""
    try:
        yield
    except ApiException as error:
        body = (
            error.body.decode("utf-8", "replace") if isinstance(error.body, bytes) else str(error.body or "")
        )
        raise Answered(where, error.status or 0, body) from error
    except InfluxDBError as error:
        raise TimeSeriesUnavailable(f"the time series at {where} refuses: {error.message}") from error
    except (HTTPError, OSError) as error:
        reason = failure_text(error)
        raise TimeSeriesUnavailable(
            f"the time series at {where} does not answer ({reason}): see INFLUXDB_URL."
        ) from error


def open_client(settings: HistorySettings, timeout: int) -> InfluxDBClient:
    """Return a client with that timeout in milliseconds; it connects when it is used."""
    token = settings.influxdb_token.get_secret_value() if settings.influxdb_token else ""
    url = settings.influxdb_url or ""
    return InfluxDBClient(url=url, token=token, org=settings.influxdb_org, timeout=timeout)
