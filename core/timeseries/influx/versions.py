"""Find what a server of InfluxDB's family lacks for the time series, by the version it reports."""

from typing import Final

from core.runtime.settings import HistorySettings
from core.timeseries.influx.layout import daily_bucket
from core.timeseries.influx.reader import InfluxReader
from core.timeseries.reader import TimeSeriesUnavailable
from core.timeseries.victoria import VictoriaReader

_FIRST_WITH_THIS_API: Final = 8
"""InfluxDB 1.8."""


def lacking(settings: HistorySettings) -> str:
    """Return what the server is and lacks, and what to do; "" for InfluxDB 2 and VictoriaMetrics."""
    reader = InfluxReader(settings)
    try:
        version = reader.version()
    finally:
        reader.close()
    sentence = shortcoming(version, settings)
    if not sentence or (version.startswith("1.") and _is_victoria(settings)):  # it calls itself 1.8.0
        return ""
    return f"{settings.influxdb_url} is InfluxDB {version}: {sentence}"


def shortcoming(version: str, settings: HistorySettings) -> str:
    """Return what InfluxDB of this version lacks and what to do; "" for 2, and for who tells no version."""
    major, _, rest = version.partition(".")
    if major == "1" and int(f"0{rest.partition('.')[0]}") < _FIRST_WITH_THIS_API:
        return "before 1.8 it cannot be written. Use InfluxDB 2 or VictoriaMetrics."
    if major == "1":
        return (
            f"it has no tasks and takes no setup. Make the databases {settings.influxdb_bucket} and "
            f"{daily_bucket(settings)} there, set flux-enabled = true under [http], and give INFLUXDB_TOKEN "
            "as user:password of who may read and write both."
        )
    if major == "3":
        return "it has no Flux, so it can be written and never read. Use InfluxDB 2 or VictoriaMetrics."
    return ""


def _is_victoria(settings: HistorySettings) -> bool:
    try:
        return VictoriaReader(settings).answers()
    except TimeSeriesUnavailable:
        return False
