"""Calendar work: jobs at a local time of day, planned by the library `schedule`, ticked by a periodic task.

The library compares its plan with the machine's local time, which is set, and shifted twice a year. With its
clock set back three days a job of every second slept for three days. So the plan is made anew whenever the
local time has moved by more than a minute against the monotonic clock; a machine that slept sees that, too.
"""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from datetime import time as time_of_day
from zoneinfo import ZoneInfo

import schedule

from core.domain.local_times import next_instant
from core.runtime.wall_clock import ClockWatch, utc_now

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class CalendarJob:
    """A job that is done every day at a local time.

    It is called at other times, too: at the start, when the clock was set, and again after a failure. So it
    asks itself whether something is due, and does late, and once, what nobody did in time.
    """

    at: time_of_day
    do: Callable[[], object]


class CalendarJobs:
    """Jobs by name. Used by one thread."""

    def __init__(
        self,
        jobs: Mapping[str, CalendarJob],
        zone: ZoneInfo,
        now: Callable[[], datetime] = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._jobs = jobs
        self._zone = zone
        self._now = now
        self._watch = ClockWatch(self._local_now, monotonic)
        self._scheduler = schedule.Scheduler()
        self._due = set(jobs)
        """Names of jobs to be called at the next tick. At the start all: nobody knows what was missed."""
        self._plan()

    def tick(self) -> None:
        """Call the jobs that are due, all of them; raise what the first has failed of. Those stay due."""
        shift = self._watch.take_shift()
        if shift is not None:
            log.info("the local time was changed by %s: calendar work is planned anew", _in_words(shift))
            self._due.update(self._jobs)
        self._scheduler.run_pending()
        if not self._due:
            return
        self._plan()
        failures = [failure for name in self._jobs if name in self._due and (failure := self._call(name))]
        if failures:
            raise failures[0]

    def _call(self, name: str) -> Exception | None:
        try:
            self._jobs[name].do()
        except Exception as failure:
            return failure
        self._due.discard(name)
        return None

    def _plan(self) -> None:
        """Plan the next call of each job, in the machine's local time as the library does."""
        self._scheduler.clear()
        for name, job in self._jobs.items():
            at = next_instant(self._now(), job.at, self._zone).astimezone()
            self._scheduler.every().day.at(f"{at:%H:%M:%S}").do(self._due.add, name)

    def _local_now(self) -> datetime:
        return self._now().astimezone().replace(tzinfo=None)


def _in_words(shift: timedelta) -> str:
    """Return a shift with its sign: "-3 days, 0:00:05" would be read as three days and five seconds."""
    return f"{'-' if shift < timedelta() else '+'}{timedelta(seconds=round(abs(shift).total_seconds()))}"
