"""Periodic work of a service: a step every so many seconds of the monotonic clock, until the service stops.

In a thread (PeriodicTask), or in the event loop of the collector and of the dashboard's server (repeat).
A step that fails is tried again, soon at first and then ever more rarely, and the failure is logged once.
"""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from core.runtime.failures import failure_text

log = logging.getLogger(__name__)

Step = Callable[[], object]

_FIRST_PAUSE_SECONDS: Final = 1.0
_MAX_PAUSE_SECONDS: Final = 30.0


class PeriodicTask:
    """Do `steps` every so often, at once when woken, and at once again while one returns True."""

    def __init__(
        self,
        name: str,
        steps: Sequence[Step],
        every: float,
        stopping: threading.Event,
        *,
        at_once: bool = True,
    ) -> None:
        self.name = name
        self._at_once = at_once
        self._steps = steps
        self._stopping = stopping
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._attempts = _Attempts(name, every)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self) -> None:
        """Do the steps now, or notice that it is time to stop."""
        self._wake.set()

    def join(self, seconds: float) -> None:
        """Wait for the end of the step that is being done."""
        self._thread.join(seconds)

    def _run(self) -> None:
        if not self._at_once:
            self._pause()
        while not self._stopping.is_set():
            if not self._once():
                self._pause()

    def _pause(self) -> None:
        self._wake.wait(self._attempts.pause)
        self._wake.clear()

    def _once(self) -> bool:
        try:
            again = [step() for step in self._steps]
        except Exception as error:  # a duty that ends silently is worse than one that fails loudly
            self._attempts.failed(error)
            return False
        self._attempts.succeeded()
        return any(result is True for result in again)


async def repeat(
    name: str,
    step: Callable[[], Awaitable[object]],
    every: float,
    wake: asyncio.Event | None = None,
    *,
    at_once: bool = True,
) -> None:
    """Do `step` every so often in the running event loop, at once when `wake` is set, until cancelled."""
    attempts, wake = _Attempts(name, every), wake or asyncio.Event()
    if at_once:
        wake.set()
    while True:
        timer = asyncio.get_running_loop().call_later(attempts.pause, wake.set)
        try:
            await wake.wait()
        finally:
            timer.cancel()
        wake.clear()
        try:
            await step()
        except Exception as error:
            attempts.failed(error)
        else:
            attempts.succeeded()


class _Attempts:
    """Record of the last attempts: what is logged of them, and how long to pause before the next one."""

    def __init__(self, name: str, every: float) -> None:
        self._name = name
        self._every = every
        self._failures = 0
        self._said = ""

    @property
    def pause(self) -> float:
        """Seconds until the next attempt."""
        if not self._failures:
            return self._every
        backoff = min(self._every, _FIRST_PAUSE_SECONDS) * float(2**self._failures)
        return min(backoff, max(self._every, _MAX_PAUSE_SECONDS))

    def failed(self, error: Exception) -> None:
        """Log a failure that is new, or another one than the last time."""
        self._failures = min(self._failures + 1, 10)
        said = failure_text(error)
        if said != self._said:
            log.warning("%s: %s; trying again", self._name, said)
            self._said = said
        log.debug("%s failed", self._name, exc_info=None if _is_of_database(error) else error)

    def succeeded(self) -> None:
        """Log the end of failures."""
        if self._failures:
            log.info("%s: going on", self._name)
        self._failures, self._said = 0, ""


def _is_of_database(error: Exception) -> bool:
    """Return whether SQLAlchemy, which a collector lacks, raised it: its text holds values of a row."""
    return any(base.__module__ == "sqlalchemy.exc" for base in type(error).__mro__)
