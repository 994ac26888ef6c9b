"""Ask every printer for its status between its polls, and have it polled at once when that has changed.

A poll takes a handful of requests, a status check one small one: what goes wrong is known within a minute
and not at the next poll, also of printers that send no traps.
"""

import asyncio
import bisect
import logging
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from operator import itemgetter
from typing import Final

from collector.drivers.protocol import SnmpError
from collector.poll.status_check import Status
from collector.schedule import moment_of
from core.contract.messages import PolledPrinter

log = logging.getLogger(__name__)

LOOK_SECONDS: Final = 0.25
"""How often step() is to be called."""
_MOST_AT_ONCE: Final = 500
"""A printer that has just fallen silent holds a check for seconds: who finds no place waits a round."""

ReadStatus = Callable[[PolledPrinter], Awaitable[Status | None]]


class StatusChecks:
    """Goes round the printers once in an interval. Methods belong to the event loop's thread."""

    def __init__(
        self, interval_seconds: float, read_status: ReadStatus, poll_soon: Callable[[str], object]
    ) -> None:
        self.answers = 0
        self.polls = 0
        """Polls asked for: after a change, or where no answer came."""
        self._interval = interval_seconds
        self._read_status = read_status
        self._poll_soon = poll_soon
        self._printers: dict[str, PolledPrinter] = {}
        self._round: list[tuple[float, PolledPrinter]] = []
        self._last: dict[str, Status] = {}
        self._confirm: set[str] = set()
        self._reached: float | None = None
        self._running: dict[str, asyncio.Task[None]] = {}

    def replace(self, printers: Iterable[PolledPrinter]) -> None:
        """Check these printers from now on; what was at another address is nothing to compare with."""
        before, self._printers = self._printers, {printer.printer_id: printer for printer in printers}
        turns = ((moment_of(one, self._interval), one) for one in self._printers.values())
        self._round = sorted(turns, key=itemgetter(0))
        same = {printer_id for printer_id, one in self._printers.items() if before.get(printer_id) == one}
        self._last = {printer_id: status for printer_id, status in self._last.items() if printer_id in same}
        self._confirm &= same

    async def step(self, rests: Callable[[str], bool]) -> None:
        """Start checking those whose moment has come since the last step; not those that rest."""
        loop = asyncio.get_running_loop()
        for printer in self._due(loop.time()):
            printer_id = printer.printer_id
            has_place = printer_id not in self._running and len(self._running) < _MOST_AT_ONCE
            if has_place and not rests(printer_id):
                task = self._running[printer_id] = loop.create_task(self._check(printer))
                task.add_done_callback(partial(self._ended, printer_id))

    async def close(self) -> None:
        """End what is under way."""
        tasks = [*self._running.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _check(self, printer: PolledPrinter) -> None:
        printer_id = printer.printer_id
        before, status = self._last.pop(printer_id, None), None
        try:
            status = await self._read_status(printer)
        except SnmpError as error:
            log.debug("%s: a status check was not answered: %s", printer_id, error)
            changed = before is not None
        else:
            changed = before is not None and status is not None and status != before
        if self._printers.get(printer_id) != printer:
            return  # it has gone, or moved to another address, while it was asked
        if status is not None:
            self.answers += 1
            self._last[printer_id] = status
        # A flag is cleared by the second reading without it: after a change the next check is a poll, too.
        if changed or printer_id in self._confirm:
            self.polls += 1
            self._poll_soon(printer_id)
        if changed:
            self._confirm.add(printer_id)
        else:
            self._confirm.discard(printer_id)

    def _due(self, now: float) -> list[PolledPrinter]:
        """Return the printers whose moment lies between the last call and this one."""
        before, self._reached = self._reached, now
        if before is None:
            return []
        if now - before >= self._interval:
            return [printer for _, printer in self._round]
        begin, end = self._place(before), self._place(now)
        passed = self._round[begin:end] if begin <= end else [*self._round[begin:], *self._round[:end]]
        return [printer for _, printer in passed]

    def _place(self, now: float) -> int:
        return bisect.bisect(self._round, now % self._interval, key=itemgetter(0))

    def _ended(self, printer_id: str, task: asyncio.Task[None]) -> None:
        self._running.pop(printer_id, None)
        if not task.cancelled() and (error := task.exception()):
            log.error("%s: checking its status failed", printer_id, exc_info=error)
