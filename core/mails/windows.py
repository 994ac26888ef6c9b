"""Compute when something is due: windows that end at a local time of day, whatever the clocks do. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from core.domain.local_times import instant
from core.domain.quiet_days import NO_QUIET_DAYS, QuietDays

_DAY: Final = timedelta(days=1)
_LATE_AFTER: Final = timedelta(hours=1)
LONGEST: Final = timedelta(days=7)
"""So far back does a window reach that makes up for days without a notifier."""


@dataclass(frozen=True)
class Window:
    """A stretch of time that one summary is about: begins_at < t <= ends_at."""

    name: str
    """The local date on which it ends."""
    begins_at: datetime
    ends_at: datetime

    def is_late(self, now: datetime) -> bool:
        """Return whether a summary made now is to say that it comes late."""
        return now - self.ends_at >= _LATE_AFTER


def latest_window(now: datetime, at: time, zone: ZoneInfo, quiet: QuietDays = NO_QUIET_DAYS) -> Window:
    """Return the window that has ended most recently; none ends on a quiet day.

    Windows of consecutive days meet without gap or overlap.
    """
    day = now.astimezone(zone).date() + _DAY
    while day in quiet or instant(day, at, zone) > now:
        day -= _DAY
    before = day - _DAY
    while before in quiet:
        before -= _DAY
    return Window(day.isoformat(), instant(before, at, zone), instant(day, at, zone))


def next_window(now: datetime, at: time, zone: ZoneInfo, quiet: QuietDays = NO_QUIET_DAYS) -> Window:
    """Return the window that ends next."""
    last = latest_window(now, at, zone, quiet)
    day = date.fromisoformat(last.name) + _DAY
    while day in quiet:
        day += _DAY
    return Window(day.isoformat(), last.ends_at, instant(day, at, zone))


def since(window: Window, last_end: datetime | None) -> Window:
    """Return the window, beginning where the last composed one ended: what nobody was told is part of it."""
    if last_end is None:
        return window
    earliest = min(window.begins_at, window.ends_at - LONGEST)  # quiet days may be more than that
    begins_at = min(max(last_end, earliest), window.ends_at)
    return Window(window.name, begins_at, window.ends_at)


def latest_weekday(now: datetime, weekday: int, at: time, zone: ZoneInfo) -> date:
    """Return the last such day (0 is Monday) whose time of day has come."""
    day = now.astimezone(zone).date() + _DAY
    while day.weekday() != weekday or instant(day, at, zone) > now:
        day -= _DAY
    return day
