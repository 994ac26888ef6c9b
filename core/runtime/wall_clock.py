"""The wall clock, and whether somebody has set it; periodic work goes by the monotonic clock instead."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

LONGEST_SHIFT: Final = timedelta(minutes=1)
"""A clock that moves by more than this against the monotonic one was set; by less, it was kept right."""


def utc_now() -> datetime:
    """Return the moment, in UTC."""
    return datetime.now(UTC)


class ClockWatch:
    """Compares the wall clock with the monotonic one, which stands still while the machine sleeps."""

    def __init__(
        self, now: Callable[[], datetime] = utc_now, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._now = now
        self._monotonic = monotonic
        self._since = now(), monotonic()

    def take_shift(self) -> timedelta | None:
        """Return by how much the clock was set since it was set last, once; None where it was not."""
        (wall, monotonic), (wall_now, monotonic_now) = self._since, (self._now(), self._monotonic())
        shift = wall_now - wall - timedelta(seconds=monotonic_now - monotonic)
        if abs(shift) <= LONGEST_SHIFT:
            return None
        self._since = wall_now, monotonic_now
        return shift
