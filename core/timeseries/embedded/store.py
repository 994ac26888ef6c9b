"""The embedded store: SQLite in DATA_DIR."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from core.domain.units import size
from core.runtime.check_results import CheckResult, error, ok
from core.runtime.private_files import whose
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
        try:
            octets = file.stat().st_size
            tables = _tables_if_writable(file)
        except FileNotFoundError:
            yield ok(f"SQLite {file}, made with the first reading")
        except (OSError, sqlite3.Error) as failed:
            why = (failed.strerror if isinstance(failed, OSError) else None) or str(failed)
            owner = whose(file)
            mend = (
                "Run this as the user of the services, or give the file to them."
                if owner
                else "Is the disk full, or the file damaged? `printers restore` puts a saved one back."
            )
            yield error(f"{file} takes no writes: {why}{f' ({owner})' if owner else ''}", mend)
        else:
            yield ok(f"SQLite {file} ({size(octets)}, {tables} tables and indexes), writable")


def _tables_if_writable(file: Path) -> int:
    """Try a write that is taken back; return how many tables and indexes there are."""
    with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=rw", uri=True, timeout=_SECONDS)) as base:
        base.execute("BEGIN IMMEDIATE")
        # Where a file may only be read, SQLite has made that a transaction that reads, without a word.
        base.execute("CREATE TABLE check_of_writing (tried INTEGER)")
        base.rollback()
        return int(base.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])
