"""Local times of day in a time zone, and the moments they stand for; pure."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

_DAY: Final = timedelta(days=1)


def instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Return that local time of that day, in UTC.

    Where clocks go forward over it, it is as long after the gap as it would be after the gap's begin;
    where they go back over it, it is the first of the two.
    """
    return datetime.combine(day, at.replace(fold=0), tzinfo=zone).astimezone(UTC)


def next_instant(now: datetime, at: time, zone: ZoneInfo) -> datetime:
    """Return the first moment after `now` at which it is that local time, in UTC."""
    day = now.astimezone(zone).date() - _DAY
    while instant(day, at, zone) <= now:
        day += _DAY
    return instant(day, at, zone)
