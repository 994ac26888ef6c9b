"""Poll the printers of the schedule for ever, a bounded number of them at the same time."""

import asyncio
import logging
from collections.abc import Iterable
from typing import Final

from collector.printer_poller import PrinterPoller
from collector.schedule import Job, Schedule
from collector.timer import wait_until
from core.contract.messages import PolledPrinter

log = logging.getLogger(__name__)

_MAX_RESERVE: Final = 32
_GRACE_SECONDS: Final = 2.0
_SHORTEST_SECONDS: Final = 0.05  # starting a few printers together costs less than one by one
_LONGEST_SECONDS: Final = 0.5


class Scheduler:
    """Runs the schedule's jobs. Methods belong to the event loop's thread."""

    def __init__(self, schedule: Schedule, poller: PrinterPoller, concurrency: int) -> None:
        self.schedule = schedule
        self.poller = poller
        self.concurrency = concurrency
        # Someone waits for a refresh: it has places of its own. Printers that are known not to answer
        # hold a place for many seconds: they get half of the places at most.
        self._reserve = min(_MAX_RESERVE, max(2, concurrency))
        self._for_failing = max(1, concurrency // 2)
        self._tasks: set[asyncio.Task[None]] = set()
        self._failing = 0
        self._wake = asyncio.Event()
        self._full = False
        self._stopping = False

    def replace(self, printers: Iterable[PolledPrinter]) -> tuple[int, int]:
        """Poll these printers from now on; returns how many are new or changed, and how many have gone."""
        changes = self.schedule.replace(printers, self._now())
        self._wake.set()
        return changes

    def refresh(self, printer_id: str, refresh_id: str) -> bool:
        """Poll a printer at once, for a refresh request; False where that is refused."""
        accepted = self.schedule.refresh(printer_id, refresh_id, self._now())
        self._wake.set()
        return accepted

    def poll_soon(self, printer_id: str) -> bool:
        """Poll a printer soon, because of its trap; False where it is not ours."""
        known = self.schedule.poll_soon(printer_id, self._now())
        self._wake.set()
        return known

    def behind_seconds(self, *, failing: bool = True) -> float:
        """Return how long the next printer has waited; those silent last time count only if `failing`."""
        due = self.schedule.next_due_at(failing=failing)
        return 0.0 if due is None else max(0.0, self._now() - due)

    def stop(self) -> None:
        """Start nothing more; let run() end."""
        self._stopping = True
        self._wake.set()

    async def run(self) -> None:
        """Work until stop(); what is being asked then has a moment to answer."""
        while not self._stopping:
            await wait_until(self._wake, self._start_jobs())
            self._wake.clear()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_GRACE_SECONDS)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _start_jobs(self) -> float:
        """Start whatever can be; returns after how many seconds there may be more."""
        now = self._now()
        while self._has_place(self._reserve) and (job := self.schedule.take_refresh(now)):
            self._start(job)
        while self._has_place() and (job := self.schedule.take_due(now, failing=self._takes_failing())):
            self._start(job)
        self._full = not (self._has_place() and self._takes_failing())
        coming = [self.schedule.next_refresh_at(), None if self._full else self.schedule.next_due_at()]
        wait = min((at - now for at in coming if at is not None), default=_LONGEST_SECONDS)
        return min(max(_SHORTEST_SECONDS, wait), _LONGEST_SECONDS)

    def _has_place(self, reserve: int = 0) -> bool:
        return len(self._tasks) < self.concurrency + reserve

    def _takes_failing(self) -> bool:
        return self._failing < self._for_failing

    def _start(self, job: Job) -> None:
        task = asyncio.get_running_loop().create_task(self._poll(job))
        self._tasks.add(task)
        self._failing += job.failing
        task.add_done_callback(lambda done: self._ended(done, job))

    async def _poll(self, job: Job) -> None:
        await self.poller.poll(
            job.printer,
            lambda reachable: self.schedule.finish(job, self._now(), reachable=reachable),
            job.refresh_ids,
        )

    def _ended(self, task: asyncio.Task[None], job: Job) -> None:
        self._tasks.discard(task)
        self._failing -= job.failing
        if self._full or self.schedule.next_refresh_at() is not None:
            self._wake.set()
        if not task.cancelled() and (error := task.exception()):
            log.error("%s: reading it failed", job.printer.printer_id, exc_info=error)

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()
