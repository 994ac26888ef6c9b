"""The interface of a time series store: its reader, its writers, and whether it is ready."""

from collections.abc import Iterator
from typing import Protocol

from core.runtime.check_results import CheckResult
from core.timeseries.reader import SeriesReader
from core.timeseries.writer import SeriesWriter


class SeriesStore(Protocol):
    """A place where history is kept. Nothing is opened or asked before one of its methods is called."""

    def open_reader(self) -> SeriesReader:
        """Return a reader; it connects at its first call."""

    def open_writer(self) -> SeriesWriter:
        """Return the writer of new points."""

    def open_copy_writer(self) -> SeriesWriter:
        """Return a writer of another store's whole history, of which old days are thinned.

        Raises UserError where the store is not prepared for it, TimeSeriesUnavailable.
        """

    def check(self) -> Iterator[CheckResult]:
        """Check that it can be written and read, and whether anything of it has to be set up."""
