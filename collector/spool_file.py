"""The spool's SQLite file: opened for one process alone; every method may raise sqlite3.Error."""

import sqlite3
from collections.abc import Collection, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple, Self

_LAYOUT: Final = 1
_BUSY_SECONDS: Final = 5  # a collector that was just killed gives up its lock within this time
_PRIMARY_CODE: Final = 0xFF  # an extended result code of SQLite has the plain one in its low byte
_FREED_PAGES: Final = 2000
_CREATE: Final = (
    # AUTOINCREMENT: the highest seq ever used is remembered
    "CREATE TABLE readings (seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, "
    "printer_id TEXT NOT NULL, taken_at REAL NOT NULL, payload BLOB NOT NULL)",
    "CREATE INDEX readings_printer ON readings (printer_id)",
    f"PRAGMA user_version = {_LAYOUT}",
)


class Spooled(NamedTuple):
    """A reading as it waits: `payload` is its message."""

    seq: int
    id: str
    printer_id: str
    taken_at: float
    """Seconds since 1970, UTC."""
    payload: bytes


class ForeignFile(sqlite3.DatabaseError):
    """A SQLite file that is no spool of this program."""


class SpoolFile:
    """The open file; `rows` is how many readings are in it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._sql = connection
        self.rows: int = connection.execute("SELECT count(*) FROM readings").fetchone()[0]

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open it, made where it is missing; SQLITE_BUSY where another process has it open."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise sqlite3.OperationalError(str(error)) from error
        connection = sqlite3.connect(path, _BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            _prepare(connection)
            return cls(connection)
        except BaseException:
            connection.close()
            raise

    def close(self) -> None:
        """Give the file back."""
        self._sql.close()

    def last_seq(self) -> int:
        """Return the highest seq ever used; 0 in a new file."""
        found = self._sql.execute("SELECT seq FROM sqlite_sequence WHERE name = 'readings'").fetchone()
        return int(found[0]) if found else 0

    def change(self, new: Collection[Spooled], done: Collection[int], max_rows: int) -> int:
        """Add and remove in one transaction; returns how many of the oldest were dropped for max_rows."""
        with self._sql, closing(self._sql.cursor()) as cursor:
            cursor.execute("BEGIN IMMEDIATE")
            cursor.executemany("DELETE FROM readings WHERE seq = ?", [(seq,) for seq in done])
            removed = cursor.rowcount if done else 0
            cursor.executemany("INSERT OR REPLACE INTO readings VALUES (?, ?, ?, ?, ?)", new)
            rows = self.rows - removed + len(new)
            surplus = max(0, rows - max_rows)
            if surplus:
                oldest = "SELECT seq FROM readings ORDER BY seq LIMIT ?"
                cursor.execute(f"DELETE FROM readings WHERE seq IN ({oldest})", (surplus,))  # noqa: S608
        self.rows = rows - surplus
        return surplus

    def drop_older(self, limit: float, at_most: int) -> int:
        """Remove readings taken before `limit` among the `at_most` oldest; returns how many."""
        oldest = "SELECT seq, taken_at FROM readings ORDER BY seq LIMIT ?"
        query = f"DELETE FROM readings WHERE seq IN (SELECT seq FROM ({oldest}) WHERE taken_at < ?)"  # noqa: S608
        dropped = self._sql.execute(query, (at_most, limit)).rowcount
        self.rows -= dropped
        return dropped

    def give_back(self) -> None:
        """Return some of the space of removed readings to the disk."""
        # A script: execute() would take the first page for the end.
        self._sql.executescript(f"PRAGMA incremental_vacuum({_FREED_PAGES});")

    def read(self, seqs: Sequence[int]) -> list[Spooled]:
        """Return those of the named readings that are there."""
        marks = ",".join("?" * len(seqs))
        return self._select(f"SELECT * FROM readings WHERE seq IN ({marks})", seqs)  # noqa: S608 (marks only)

    def after(self, seq: int, limit: int) -> list[Spooled]:
        """Return the oldest readings beyond a seq, in order."""
        return self._select("SELECT * FROM readings WHERE seq > ? ORDER BY seq LIMIT ?", (seq, limit))

    def newest_of_each(self) -> dict[str, int]:
        """Return the seq of the newest reading of each printer."""
        return dict(self._sql.execute("SELECT printer_id, max(seq) FROM readings GROUP BY printer_id"))

    def _select(self, query: str, parameters: Sequence[int]) -> list[Spooled]:
        return [Spooled(*row) for row in self._sql.execute(query, parameters)]


def _prepare(connection: sqlite3.Connection) -> None:
    # EXCLUSIVE before WAL: one process alone (two would number their readings alike), and no shared
    # memory file, so that it works on any file system.
    for pragma in ("locking_mode=EXCLUSIVE", "auto_vacuum=INCREMENTAL", "journal_mode=WAL"):
        connection.execute(f"PRAGMA {pragma}").fetchall()
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA journal_size_limit=16777216").fetchall()
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        layout = connection.execute("PRAGMA user_version").fetchone()[0]
        tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if layout == 0 and tables == 0:
            for statement in _CREATE:
                connection.execute(statement)
        elif layout != _LAYOUT:
            raise ForeignFile(f"it has layout {layout}, this program uses {_LAYOUT}")


def is_corrupt(error: sqlite3.Error) -> bool:
    """Return whether the file itself is beyond use (rather than the disk full, read-only, busy)."""
    return isinstance(error, ForeignFile) or _code(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def is_locked(error: sqlite3.Error) -> bool:
    """Return whether another process has the file open."""
    return _code(error) == sqlite3.SQLITE_BUSY


def _code(error: sqlite3.Error) -> int:
    return int(getattr(error, "sqlite_errorcode", 0)) & _PRIMARY_CODE


def set_aside(path: Path, now: datetime) -> Path:
    """Rename a closed file with its log; returns the new path."""
    kept = path.with_name(f"{path.name}.damaged-{now:%Y%m%dT%H%M%S%f}")
    for suffix in ("", "-wal", "-shm"):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.rename(kept.with_name(kept.name + suffix))
    return kept
