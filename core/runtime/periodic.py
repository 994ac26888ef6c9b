"""A duty of the service in a thread of its own: done again and again, and again after a failure."""

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Final

from sqlalchemy.exc import DBAPIError

from core.runtime.failures import failure_text

log = logging.getLogger(__name__)

Step = Callable[[], bool | None]

_MAX_PAUSE_SECONDS: Final = 30.0


class PeriodicTask:
    """Does `steps` every so often, at once when woken, and at once again while one returns True."""

    def __init__(self, name: str, steps: Sequence[Step], every: float, stopping: threading.Event) -> None:
        self.name = name
        self._steps = steps
        self._every = every
        self._stopping = stopping
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._failures = 0

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self) -> None:
        """There is something to do, or it is time to stop."""
        self._wake.set()

    def join(self, seconds: float) -> None:
        """Wait for the end of the step that is being done."""
        self._thread.join(seconds)

    def _run(self) -> None:
        while not self._stopping.is_set():
            if self._once():
                continue
            pause = min(self._every * 2**self._failures, max(self._every, _MAX_PAUSE_SECONDS))
            self._wake.wait(pause)
            self._wake.clear()

    def _once(self) -> bool:
        try:
            again = [step() for step in self._steps]
        except Exception as error:  # a duty that ends silently is worse than one that fails loudly
            self._failures = min(self._failures + 1, 10)
            if self._failures == 1:
                log.warning("%s: %s; trying again", self.name, failure_text(error))
            log.debug("%s failed", self.name, exc_info=not isinstance(error, DBAPIError))
            return False
        if self._failures:
            log.info("%s: going on", self.name)
        self._failures = 0
        return any(again)
