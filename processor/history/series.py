"""Which time series it is: InfluxDB when INFLUXDB_URL is set, else the embedded one."""

from fleet.settings import HistorySettings
from processor.history.embedded import EmbeddedSeries
from processor.history.writer import SeriesWriter


def open_series(settings: HistorySettings) -> SeriesWriter:
    """The writer; nothing is opened or asked yet."""
    if settings.influxdb_url is None:
        return EmbeddedSeries(settings)
    from processor.history.influx import InfluxSeries

    return InfluxSeries(settings)
