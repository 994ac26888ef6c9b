"""Decide when each printer is asked next: spread over the interval, failing ones rarely, refreshes at once.

In quiet hours all of them are asked rarely: a printer that is asked often does not sleep.

Pure: the time comes in, in seconds of any clock that only rises. Ten thousand printers cost a heap.
"""

import heapq
import random
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

from core.contract.messages import PolledPrinter

MAX_REFRESHES: Final = 20
"""Refresh requests of one printer that are answered by one poll; more of them are not listened to."""
_REFRESH_SECONDS: Final = 1.0  # a printer is asked by people once in this time
_SOON_SECONDS: Final = 10.0  # a printer that says that something happened is asked once in this time
_DOUBLINGS: Final = 3  # a dead printer is asked every eighth interval, and at least
_LONGEST_SECONDS: Final = 3600.0  # in this time
_JITTER: Final = 0.02  # of the interval: two collectors must not stay in step


@dataclass(frozen=True, slots=True)
class Job:
    """Ask this printer now; the reading answers these refresh requests."""

    printer: PolledPrinter
    refresh_ids: tuple[str, ...] = ()
    failing: bool = False
    """It did not answer the last time."""


class _Entry:
    __slots__ = (
        "asked_soon",
        "due",
        "failures",
        "gone",
        "interval",
        "phase",
        "printer",
        "refresh_at",
        "refresh_ids",
        "running",
        "soon_at",
    )

    def __init__(self, printer: PolledPrinter, interval: float, phase: float) -> None:
        self.printer = printer
        self.interval = interval
        self.phase = phase
        self.due = 0.0
        self.failures = 0
        self.running = False
        self.gone = False
        self.refresh_ids: list[str] = []
        self.refresh_at = 0.0
        self.asked_soon = False
        self.soon_at = 0.0


class _Turn(NamedTuple):
    at: float
    order: int
    entry: _Entry


class Schedule:
    """Order in which printers are asked. A printer is never asked twice at the same time."""

    def __init__(
        self,
        interval_of: Callable[[str], float],
        *,
        quiet_left: Callable[[float], float | None] = lambda _: None,
        quiet_interval: float = 0.0,
        seed: int | None = None,
    ) -> None:
        """Ask every printer once in the seconds that `interval_of` its profile gives.

        In quiet hours once in `quiet_interval`, where that is longer. `quiet_left` gives the seconds that
        the quiet hours last at a moment so many seconds from now; None where it is in none.
        """
        self._interval_of = interval_of
        self._quiet_left = quiet_left
        self._quiet_interval = quiet_interval
        self._random = random.Random(seed)  # noqa: S311 (jitter, no secret)
        self._entries: dict[str, _Entry] = {}
        self._healthy: list[_Turn] = []
        self._failing: list[_Turn] = []
        self._refreshes: list[_Turn] = []
        self._order = 0

    def __len__(self) -> int:
        return len(self._entries)

    def replace(self, printers: Iterable[PolledPrinter], now: float) -> tuple[int, int]:
        """Ask these printers from now on, new and changed ones at once; returns how many came and went."""
        before, self._entries = self._entries, {}
        added = 0
        for printer in sorted(printers, key=self._moment):
            entry = before.get(printer.printer_id)
            if entry is not None and entry.printer == printer:
                del before[printer.printer_id]
            else:
                interval = self._interval_of(printer.profile)
                entry = _Entry(printer, interval, moment_of(printer, interval))
                self._plan(entry, now)
                added += 1
            self._entries[printer.printer_id] = entry
        for entry in before.values():
            entry.gone = True
        return added, len(before)

    def refresh(self, printer_id: str, refresh_id: str, now: float) -> bool:
        """Take a request for a fresh reading; False if the printer is not ours, or asked too often."""
        entry = self._entries.get(printer_id)
        if entry is None or len(entry.refresh_ids) >= MAX_REFRESHES:
            return False
        if refresh_id not in entry.refresh_ids:
            entry.refresh_ids.append(refresh_id)
            if not entry.running and len(entry.refresh_ids) == 1:
                self._push(self._refreshes, max(now, entry.refresh_at), entry)
        return True

    def poll_soon(self, printer_id: str, now: float) -> bool:
        """Poll a printer soon because of a trap: at once, however often traps come, but not often.

        False where the printer is not ours.
        """
        entry = self._entries.get(printer_id)
        if entry is None:
            return False
        entry.asked_soon = True  # also while it is read: that reading may be older than what happened
        if not entry.running:
            self._bring_forward(entry, now)
        return True

    def is_polled(self, printer_id: str) -> bool:
        """Return whether a job of a printer is not finished."""
        entry = self._entries.get(printer_id)
        return entry is not None and entry.running

    def take_refresh(self, now: float) -> Job | None:
        """Return the next printer a person waits for."""
        return self._take(self._refreshes, now)

    def take_due(self, now: float, *, failing: bool = True) -> Job | None:
        """Return the printer that is due for longest; of those silent last time only if `failing`."""
        heaps = [self._healthy, self._failing] if failing else [self._healthy]
        waiting = [heap for heap in heaps if self._tidy(heap)]
        return self._take(min(waiting, key=lambda heap: heap[0].at), now) if waiting else None

    def finish(self, job: Job, now: float, *, reachable: bool) -> float | None:
        """Finish a job; returns the seconds until its printer is asked again, None where it is not ours."""
        entry = self._entries.get(job.printer.printer_id)
        if entry is None or entry.printer != job.printer:
            return None
        entry.running = False
        if reachable:
            was_failing, entry.failures = entry.failures > 0, 0
        else:  # a person who tries again and again must not make the back-off longer
            was_failing, entry.failures = True, max(1, entry.failures + (not job.refresh_ids))
        if entry.due <= now or (reachable and was_failing):
            self._plan(entry, self._next(entry, now))
        else:
            self._plan(entry, entry.due)
        if entry.asked_soon:
            self._bring_forward(entry, now)
        if entry.refresh_ids:
            self._push(self._refreshes, max(now, entry.refresh_at), entry)
        return max(entry.interval, entry.due - now)

    def next_refresh_at(self) -> float | None:
        """Return when take_refresh will give the next job."""
        return self._first(self._refreshes)

    def next_due_at(self, *, failing: bool = True) -> float | None:
        """Return when take_due will give the next job."""
        return self._first(self._healthy, *([self._failing] if failing else []))

    def _first(self, *heaps: list[_Turn]) -> float | None:
        return min((heap[0].at for heap in heaps if self._tidy(heap)), default=None)

    def _take(self, heap: list[_Turn], now: float) -> Job | None:
        if not self._tidy(heap) or heap[0].at > now:
            return None
        entry = heapq.heappop(heap).entry
        entry.running = True
        if entry.asked_soon:
            entry.asked_soon, entry.soon_at = False, now + _SOON_SECONDS
        refresh_ids, entry.refresh_ids = tuple(entry.refresh_ids), []
        if refresh_ids:
            entry.refresh_at = now + _REFRESH_SECONDS
        return Job(entry.printer, refresh_ids, failing=entry.failures > 0)

    def _tidy(self, heap: list[_Turn]) -> bool:
        """Remove turns that are no longer so from the top; whether one is left."""
        while heap and not self._holds(heap, heap[0]):
            heapq.heappop(heap)
        return bool(heap)

    def _holds(self, heap: list[_Turn], turn: _Turn) -> bool:
        entry = turn.entry
        if entry.gone or entry.running:
            return False
        if heap is self._refreshes:
            return bool(entry.refresh_ids) and turn.at >= entry.refresh_at
        return turn.at == entry.due

    def _bring_forward(self, entry: _Entry, now: float) -> None:
        due = max(now, entry.soon_at)
        if due < entry.due:
            self._plan(entry, due)

    def _plan(self, entry: _Entry, due: float) -> None:
        entry.due = due
        self._push(self._failing if entry.failures else self._healthy, due, entry)

    def _push(self, heap: list[_Turn], at: float, entry: _Entry) -> None:
        self._order += 1
        heapq.heappush(heap, _Turn(at, self._order, entry))

    def _next(self, entry: _Entry, now: float) -> float:
        """Return when a printer is asked again: in quiet hours rarely, after them within an interval."""
        due = self._turn(entry, now, entry.interval, entry.phase)
        left = self._quiet_left(due - now)
        if left is None:
            return due
        rest = max(entry.interval, self._quiet_interval)
        later = self._turn(entry, now, rest, moment_of(entry.printer, rest))
        return max(due, min(later, due + left + entry.phase))

    def _turn(self, entry: _Entry, now: float, interval: float, phase: float) -> float:
        """Return the printer's own moment in an interval, about as far away as its failures ask for."""
        intervals = 2 ** max(0, min(entry.failures - 1, _DOUBLINGS))
        wait = min(intervals * interval, max(interval, _LONGEST_SECONDS))
        earliest = now + wait - interval / 2
        due: float = earliest + (phase - earliest) % interval
        return due + self._random.uniform(0, _JITTER) * interval

    def _moment(self, printer: PolledPrinter) -> float:
        return moment_of(printer, self._interval_of(printer.profile))


def moment_of(printer: PolledPrinter, interval: float) -> float:
    """Return a printer's own moment in an interval, in seconds: all of them are spread over it."""
    return zlib.crc32(printer.printer_id.encode()) / 2**32 * interval
