"""Which time series it is: InfluxDB when INFLUXDB_URL is set, else the embedded one."""

from core.runtime.settings import HistorySettings
from core.timeseries.embedded.writer import EmbeddedSeries
from core.timeseries.writer import SeriesWriter


def open_series(settings: HistorySettings) -> SeriesWriter:
    """The writer; nothing is opened or asked yet."""
    if settings.influxdb_url is None:
        return EmbeddedSeries(settings)
    from core.timeseries.influx.writer import InfluxSeries

    return InfluxSeries(settings)
