"""Read whichever server INFLUXDB_URL is: InfluxDB or VictoriaMetrics."""

from collections.abc import Collection, Iterator
from datetime import date, datetime, timedelta

from core.contract.messages import HistoryPoint
from core.runtime.settings import HistorySettings
from core.timeseries.counters import CounterDay
from core.timeseries.reader import PrinterDay, PrinterMonth, SeriesReader
from core.timeseries.victoria import VictoriaReader


class ServerReader:
    """Reads InfluxDB or VictoriaMetrics; at its first call it asks which of the two it is."""

    def __init__(self, settings: HistorySettings) -> None:
        self._settings = settings
        self._chosen: SeriesReader | None = None

    def points(
        self, printer_id: str, since: datetime, until: datetime, every: timedelta | None = None
    ) -> list[HistoryPoint]:
        """Return the points of a printer in [since, until), or one of each piece of time."""
        return self._reader().points(printer_id, since, until, every)

    def days(
        self, since: date, until: date, printer_ids: Collection[str] | None = None
    ) -> Iterator[PrinterDay]:
        """Return the days in [since, until) of all printers, or of these, by printer, day and device."""
        return self._reader().days(since, until, printer_ids)

    def months(self, since: date, until: date) -> Iterator[PrinterMonth]:
        """Return the months of all printers in [since, until), by month and printer."""
        return self._reader().months(since, until)

    def counter_days(self, since: date, until: date) -> Iterator[CounterDay]:
        """Return the last count of each day in [since, until) of the vendors' page counters, in any order."""
        return self._reader().counter_days(since, until)

    def printers(self) -> list[str]:
        """Return all printers that have points."""
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
