"""Poll one printer, deliver its reading, and log when it stops or starts to answer."""

import logging
import time
from collections.abc import Awaitable, Callable, Iterable

from collector.poll import PollResult
from collector.readings import PollTiming, SequenceNumbers, make_reading
from core.contract.messages import PolledPrinter, Reading
from core.runtime.wall_clock import utc_now

log = logging.getLogger(__name__)

Ask = Callable[[PolledPrinter], Awaitable[PollResult]]
Deliver = Callable[[Reading], Awaitable[None]]
Finish = Callable[[bool], float | None]
"""Takes whether the printer answered; returns in how many seconds it is asked again, None: it is not ours."""


class PrinterPoller:
    """Polls printers of one site; counts the readings, knows which printers do not answer."""

    def __init__(self, site: str, ask: Ask, numbering: SequenceNumbers, deliver: Deliver) -> None:
        self.readings = 0
        self.silent: set[str] = set()
        self._site = site
        self._ask = ask
        self._numbering = numbering
        self._deliver = deliver

    async def poll(self, printer: PolledPrinter, finish: Finish, refresh_ids: Iterable[str] = ()) -> None:
        """Ask one printer; its reading is delivered, once for each refresh request that waits for it."""
        at, started = utc_now(), time.monotonic()
        result = await self._ask(printer)
        duration = time.monotonic() - started
        interval = finish(result.reachable)
        if interval is None:
            return
        self._notice(printer.printer_id, result)
        taken = PollTiming(at, duration, interval)
        reading = make_reading(printer.printer_id, self._site, result, taken, self._numbering)
        requests = list(refresh_ids)
        await self._hand_over(reading, requests[0] if requests else None)
        for request in requests[1:]:
            await self._hand_over(reading.model_copy(update=self._numbering()), request)

    def keep_only(self, printer_ids: Iterable[str]) -> None:
        """Forget all other printers."""
        self.silent.intersection_update(printer_ids)

    async def _hand_over(self, reading: Reading, refresh_id: str | None) -> None:
        self.readings += 1
        await self._deliver(reading.model_copy(update={"refresh_id": refresh_id}) if refresh_id else reading)

    def _notice(self, printer_id: str, result: PollResult) -> None:
        if not result.reachable and printer_id not in self.silent:
            self.silent.add(printer_id)
            log.warning("%s: unreachable: %s", printer_id, result.error)
        elif result.reachable and printer_id in self.silent:
            self.silent.discard(printer_id)
            log.info("%s: answers again", printer_id)
        elif result.error:
            log.debug("%s: %s", printer_id, result.error)
