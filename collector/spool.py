"""The readings nobody has confirmed yet: on disk, and bounded in number and age.

Not for several threads at once, and every call waits for the disk: the publisher gives it a thread of
its own. A disk that is full or read-only stops nothing: readings then wait in memory, a bounded number.
"""

import logging
import sqlite3
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, TypeVar

from collector.spool_file import Spooled, SpoolFile, is_corrupt, is_locked, set_aside
from core.contract.errors import UserError
from core.runtime.wall_clock import utc_now

log = logging.getLogger(__name__)
Found = TypeVar("Found")

MAX_READINGS: Final = 500_000
"""The oldest readings beyond this many are dropped,"""
MAX_AGE_HOURS: Final = 168.0
"""and those that are older than this."""
MAX_UNSAVED: Final = 2000
_RETRY_SECONDS: Final = 5
_SWEEP_ROWS: Final = 1000


class Spool:
    """Keeps readings until they are done; `dropped` counts what its bounds have cost."""

    def __init__(
        self, path: Path, *, max_readings: int = MAX_READINGS, max_age_hours: float = MAX_AGE_HOURS
    ) -> None:
        self.path = path
        self.max_readings = max_readings
        self.max_age_hours = max_age_hours
        self.dropped = 0
        self._told_of = 0
        self._file: SpoolFile | None = None
        self._unsaved: dict[int, Spooled] = {}
        self._done: set[int] = set()
        self._trouble = ""
        self._retry_at = 0.0

    @property
    def readings(self) -> int:
        """How many wait, on disk and in memory."""
        return (self._file.rows if self._file else 0) + len(self._unsaved) - len(self._done)

    @property
    def unsaved(self) -> int:
        """How many wait in memory, because the disk does not take them."""
        return len(self._unsaved)

    def open(self, now: datetime) -> int:
        """Open the file; returns the first seq to use, beyond every one used before.

        It is at least the time in milliseconds, so that seq rises even where the file was lost.
        Raises UserError where another collector has it open.
        """
        try:
            self._open()
        except sqlite3.Error as error:
            if is_locked(error):
                raise UserError(
                    f"another collector uses the spool {self.path}: stop it, or give this one a DATA_DIR "
                    "or a SITE of its own."
                ) from error
            self._failed(error)
        last = self._ask(SpoolFile.last_seq, int)
        return max(last + 1, int(now.timestamp() * 1000))

    def close(self) -> None:
        """Close the file; what a broken disk has kept in memory is lost now, and said so."""
        if self._unsaved:
            log.error("%d readings could not be saved to %s and are lost", len(self._unsaved), self.path)
        self._close()

    def write(self, new: Iterable[Spooled], done: Collection[int]) -> None:
        """Add and remove readings in one transaction. Where the disk refuses, they wait in memory."""
        self._unsaved |= {reading.seq: reading for reading in new}
        self._done.update(seq for seq in done if self._unsaved.pop(seq, None) is None)
        if (self._unsaved or self._done) and not (self._trouble and time.monotonic() < self._retry_at):
            self._save()
        for seq in list(self._unsaved)[: max(0, len(self._unsaved) - MAX_UNSAVED)]:
            del self._unsaved[seq]
            self.dropped += 1

    def read(self, seqs: Sequence[int]) -> list[Spooled]:
        """Return those of the named readings that still wait, in the order of their names."""
        found = {
            reading.seq: reading for reading in self._ask(lambda file: file.read(seqs), list[Spooled])
        } | self._unsaved
        return [found[seq] for seq in seqs if seq in found and seq not in self._done]

    def after(self, seq: int, limit: int) -> list[Spooled]:
        """Return the oldest readings beyond a seq, in order."""
        found = self._ask(lambda file: file.after(seq, limit + len(self._done)), list[Spooled])
        found = [reading for reading in found if reading.seq not in self._done]
        return sorted(found + [reading for reading in self._unsaved.values() if reading.seq > seq])[:limit]

    def newest_of_each(self) -> list[int]:
        """Return the seq of the newest reading of each printer, newest first."""
        newest = self._ask(SpoolFile.newest_of_each, dict[str, int])
        newest |= {reading.printer_id: reading.seq for reading in self._unsaved.values()}
        return sorted(newest.values(), reverse=True)

    def oldest_at(self) -> float | None:
        """Return when the oldest waiting reading was taken, in seconds since 1970."""
        oldest = self.after(0, 1)
        return oldest[0].taken_at if oldest else None

    def sweep(self, now: datetime) -> None:
        """Drop what is too old, give freed space back to the disk, say what was dropped."""
        limit = now.timestamp() - self.max_age_hours * 3600
        dropped = _SWEEP_ROWS
        while dropped == _SWEEP_ROWS:
            dropped = self._ask(lambda file: file.drop_older(limit, _SWEEP_ROWS), int)
            self.dropped += dropped
        self._ask(SpoolFile.give_back, lambda: None)
        if self.dropped > self._told_of:
            log.warning(
                "%d readings that nobody confirmed were dropped, the oldest first (%d are kept at most, each "
                "for %g hours): is the processor running?",
                self.dropped - self._told_of,
                self.max_readings,
                self.max_age_hours,
            )
            self._told_of = self.dropped

    def _ask(self, question: Callable[[SpoolFile], Found], otherwise: Callable[[], Found]) -> Found:
        if self._file is None:
            return otherwise()
        try:
            return question(self._file)
        except sqlite3.Error as error:
            self._failed(error)
            return otherwise()

    def _save(self) -> None:
        for _attempt in range(2):  # the second one into a new file, where the first was damaged
            try:
                file = self._file or self._open()
                self.dropped += file.change(self._unsaved.values(), self._done, self.max_readings)
            except sqlite3.Error as error:
                self._failed(error)
                if not is_corrupt(error):
                    return
            else:
                self._saved()
                return

    def _saved(self) -> None:
        self._unsaved.clear()
        self._done.clear()
        if self._trouble:
            log.info("the spool %s can be written again", self.path)
            self._trouble = ""

    def _open(self) -> SpoolFile:
        try:
            self._file = SpoolFile.open(self.path)
        except sqlite3.Error as error:
            if not is_corrupt(error):
                raise
            self._failed(error)
            self._file = SpoolFile.open(self.path)
        return self._file

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _failed(self, error: sqlite3.Error) -> None:
        """Say it once. A damaged file goes aside; after another failure the disk is tried again soon."""
        self._retry_at = time.monotonic() + _RETRY_SECONDS
        trouble = str(error)
        if is_corrupt(error):
            self._close()
            self._done.clear()
            try:
                kept = set_aside(self.path, utc_now())
            except OSError as refused:
                trouble = f"{error}, and it cannot be renamed: {refused}"
            else:
                log.error("the spool %s is damaged (%s): set aside as %s, begun anew", self.path, error, kept)
                return
        if trouble != self._trouble:
            self._trouble = trouble
            log.error(
                "the spool %s cannot be used (%s): at most %d readings are kept in memory until it can; "
                "make room on the disk, or make the folder writable",
                self.path,
                trouble,
                MAX_UNSAVED,
            )
