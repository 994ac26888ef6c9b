"""Which time series it is: that of INFLUXDB_URL when it is set, else the embedded one."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from core.contract.messages import HistoryPoint
from core.runtime.settings import HistorySettings
from core.timeseries.counters import CounterDay
from core.timeseries.embedded.reader import EmbeddedReader
from core.timeseries.reader import PrinterDay, PrinterMonth, SeriesReader
from core.timeseries.victoria import VictoriaReader


def open_reader(settings: HistorySettings) -> SeriesReader:
    """The reader; nothing is opened or asked yet."""
    return EmbeddedReader(settings) if settings.influxdb_url is None else ServerReader(settings)


class ServerReader:
    """InfluxDB or VictoriaMetrics, which take the same and answer differently: asked at the first call."""

    def __init__(self, settings: HistorySettings) -> None:
        self._settings = settings
        self._chosen: SeriesReader | None = None

    def points(
        self, printer_id: str, since: datetime, until: datetime, every: timedelta | None = None
    ) -> list[HistoryPoint]:
        """The points of a printer in [since, until), or one of each piece of time."""
        return self._reader().points(printer_id, since, until, every)

    def days(self, since: date, until: date) -> Iterator[PrinterDay]:
        """The days of all printers in [since, until), by printer and day."""
        return self._reader().days(since, until)

    def months(self, since: date, until: date) -> Iterator[PrinterMonth]:
        """The months of all printers in [since, until), by month and printer."""
        return self._reader().months(since, until)

    def counter_days(self, since: date, until: date) -> Iterator[CounterDay]:
        """The last count of each day in [since, until) of the vendors' page counters, in any order."""
        return self._reader().counter_days(since, until)

    def printers(self) -> list[str]:
        """All printers that have points."""
        return self._reader().printers()

    def close(self) -> None:
        """Let go of connections."""
        if self._chosen is not None:
            self._chosen.close()

    def _reader(self) -> SeriesReader:
        if self._chosen is None:
            victoria = VictoriaReader(self._settings)
            if victoria.answers():
                self._chosen = victoria
            else:
                from core.timeseries.influx.reader import InfluxReader  # takes half a second to import

                self._chosen = InfluxReader(self._settings)
        return self._chosen
