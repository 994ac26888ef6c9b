"""The clock: what is to be looked at every so often, in one thread, one after the other."""

import logging
from collections.abc import Callable, Mapping
from typing import Final

import schedule

from core.runtime.failures import failure_text

log = logging.getLogger(__name__)

Duty = Callable[[], object]

_SLACK_SECONDS: Final = 5


class CalendarClock:
    """Ticks while run_pending() is called; a duty that fails is tried at its next tick."""

    def __init__(self, duties: Mapping[Duty, int]) -> None:
        self._duties = duties
        self._scheduler = schedule.Scheduler()
        self._failing: set[Duty] = set()
        self._begin()

    def run_pending(self) -> None:
        """Do what is due."""
        # The library reckons in local time: when that is set back (summer time ends) its next run is an
        # hour away. What is further off than any interval is begun anew.
        idle = self._scheduler.idle_seconds or 0
        if idle > min(self._duties.values()) + _SLACK_SECONDS:
            self._begin()
        self._scheduler.run_pending()

    def run_all(self) -> None:
        """Do everything now, whatever is due."""
        for duty in self._duties:
            self._do(duty)

    def _begin(self) -> None:
        self._scheduler.clear()
        for duty, seconds in self._duties.items():
            self._scheduler.every(seconds).seconds.do(self._do, duty)

    def _do(self, duty: Duty) -> None:
        try:
            duty()
        except Exception as error:  # a clock that stops silently is worse than a duty that fails loudly
            if duty not in self._failing:
                log.warning("%s; trying again", failure_text(error))
            log.debug("a duty failed", exc_info=True)
            self._failing.add(duty)
        else:
            self._failing.discard(duty)
