"""The embedded store: SQLite in DATA_DIR."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Final

from core.domain.units import size
from core.runtime.check_results import CheckResult, error, ok
from core.runtime.settings import HistorySettings
from core.timeseries.embedded.layout import FILE_NAME
from core.timeseries.embedded.reader import EmbeddedReader
from core.timeseries.embedded.writer import EmbeddedSeries

_SECONDS: Final = 5.0


class EmbeddedStore:
    """SQLite in DATA_DIR/history.sqlite3, made by the first writer."""

    def __init__(self, settings: HistorySettings) -> None:
        self._settings = settings

    def open_reader(self) -> EmbeddedReader:
        """Return a reader; nothing is held between its calls."""
        return EmbeddedReader(self._settings)

    def open_writer(self) -> EmbeddedSeries:
        """Return the writer; the file is opened by its first call."""
        return EmbeddedSeries(self._settings)

    def open_copy_writer(self) -> EmbeddedSeries:
        """Return the same writer: it thins by itself."""
        return self.open_writer()

    def check(self) -> Iterator[CheckResult]:
        """Check that the file takes writes."""
        file = self._settings.data_dir / FILE_NAME
        if not file.exists():
            yield ok(f"SQLite {file}, made with the first reading")
            return
        try:
            with closing(
                sqlite3.connect(f"{file.resolve().as_uri()}?mode=rw", uri=True, timeout=_SECONDS)
            ) as base:
                base.execute("BEGIN IMMEDIATE")
                base.rollback()
                tables = base.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        except sqlite3.Error as failed:
            mend = "Is the disk full or the file someone else's? `printers restore` puts a saved one back."
            yield error(f"{file} takes no writes: {failed}", mend)
            return
        text = f"SQLite {file} ({size(file.stat().st_size)}, {tables} tables and indexes), writable"
        yield ok(text)
