"""The time series store that the settings name: the only place that lists the stores there are."""

from core.runtime.settings import HistorySettings
from core.timeseries.embedded.store import EmbeddedStore
from core.timeseries.influx.store import InfluxStore
from core.timeseries.store import SeriesStore


def open_store(settings: HistorySettings) -> SeriesStore:
    """Return the store of INFLUXDB_URL where it is set, else the embedded one."""
    return EmbeddedStore(settings) if settings.influxdb_url is None else InfluxStore(settings)
