"""Take requests for sweeps: one at a time, each answered."""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from collector.discovery.progress import DiscoveryProgress
from core.contract.discovery_messages import DiscoverRequest
from core.contract.errors import UserError
from core.domain.networks import Sweep

log = logging.getLogger(__name__)

EVERY_SECONDS: Final = 1.0


class DiscoveryService:
    """Belongs to the event loop's thread."""

    def __init__(self, progress: DiscoveryProgress, require_allowed: Callable[[Sweep], None]) -> None:
        self.sweeps = 0
        self._require_allowed = require_allowed
        self._progress = progress
        self._request: DiscoverRequest | None = None
        self._task: asyncio.Task[None] | None = None

    def on_request(self, request: DiscoverRequest) -> None:
        """Begin a sweep, end it, or say why not; one that was asked for already is not begun again."""
        if request.stop:
            if self._task is not None and self._request is not None and self._request.id == request.id:
                self._task.cancel()
            return
        if self._request is not None and self._request.id == request.id:
            return  # delivered twice
        if self._task is not None and not self._task.done():
            self._progress.refuse(request, "another sweep is under way here: wait for its end, or stop it.")
            return
        try:
            sweep, profile = self._progress.check(request)
            self._require_allowed(sweep)
        except UserError as refusal:
            self._progress.refuse(request, str(refusal))
            return
        log.info("looking for printers: %d addresses, asked for as %s", len(sweep), request.id)
        self.sweeps += 1
        self._request = request
        self._task = asyncio.get_running_loop().create_task(self._progress.sweep(request, sweep, profile))
        self._task.add_done_callback(_say_what_went_wrong)

    async def close(self) -> None:
        """End the sweep that is under way."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task], timeout=EVERY_SECONDS)


def _say_what_went_wrong(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()):
        log.error("a sweep failed", exc_info=error)
