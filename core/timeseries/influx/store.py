"""The store of INFLUXDB_URL: InfluxDB, or VictoriaMetrics, which takes the same writes."""

from collections.abc import Iterator

from core.contract.errors import UserError
from core.runtime.check_results import CheckResult
from core.runtime.settings import HistorySettings
from core.timeseries.influx.check import check_server
from core.timeseries.influx.layout import daily_bucket
from core.timeseries.influx.server_reader import ServerReader
from core.timeseries.victoria import VictoriaReader
from core.timeseries.writer import SeriesWriter


class InfluxStore:
    """A server. Its client library takes half a second to import, so that happens when a writer is opened."""

    def __init__(self, settings: HistorySettings) -> None:
        self._settings = settings

    def open_reader(self) -> ServerReader:
        """Return a reader, which asks at its first call which of the two servers it is."""
        return ServerReader(self._settings)

    def open_writer(self) -> SeriesWriter:
        """Return the writer of new points."""
        from core.timeseries.influx.writer import InfluxSeries

        return InfluxSeries(self._settings)

    def open_copy_writer(self) -> SeriesWriter:
        """Return a writer that puts thinned days of InfluxDB into their own bucket.

        Raises UserError where that bucket is missing, TimeSeriesUnavailable.
        """
        from core.timeseries.influx.writer import InfluxSeries

        tiered = not VictoriaReader(self._settings).answers()
        if tiered:
            self._require_setup()
        return InfluxSeries(self._settings, tiered=tiered)

    def check(self) -> Iterator[CheckResult]:
        """Check that it can be written and read, and that InfluxDB is set up."""
        yield from check_server(self._settings, self.open_reader())

    def _require_setup(self) -> None:
        from core.timeseries.influx.server import InfluxServer

        server, bucket = InfluxServer(self._settings), daily_bucket(self._settings)
        try:
            if server.kept_days(bucket) is None:
                raise UserError(
                    f"there is no bucket {bucket} for old points: run `printers influx setup`, "
                    "which makes it."
                )
        finally:
            server.close()
