"""Parts of a day, such as quiet hours: 22:00-06:30, which may go over midnight; pure."""

import re
from dataclasses import dataclass
from datetime import datetime, time
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.domain.local_times import next_instant

_WRITTEN: Final = re.compile(r"(\d{2}:\d{2})\s*-\s*(\d{2}:\d{2})")


@dataclass(frozen=True)
class DayPart:
    """The time of each day from `begins` to before `ends`."""

    begins: time
    ends: time

    def holds(self, now: datetime, zone: ZoneInfo) -> bool:
        """Return whether it is that time of day in the zone."""
        clock = now.astimezone(zone).time().replace(tzinfo=None)
        if self.begins <= self.ends:
            return self.begins <= clock < self.ends
        return clock >= self.begins or clock < self.ends


@dataclass(frozen=True)
class ZonedDayPart:
    """A part of each day in a time zone."""

    part: DayPart
    zone: ZoneInfo

    def seconds_left(self, at: datetime) -> float | None:
        """Return how long it still lasts at a moment; None where it is another time of day."""
        if not self.part.holds(at, self.zone):
            return None
        return (next_instant(at, self.part.ends, self.zone) - at).total_seconds()


def day_part(text: str) -> DayPart:
    """Return the part of a day that is written like 22:00-06:30; raises ValueError."""
    found = _WRITTEN.fullmatch(text.strip())
    try:
        return DayPart(time.fromisoformat(found[1]), time.fromisoformat(found[2]))  # type: ignore[index] # see below
    except (TypeError, ValueError):
        raise ValueError(f"{text!r} is no part of a day: 22:00-06:30 is wanted") from None


def zoned_day_part(text: str) -> ZonedDayPart:
    """Return what is written like 22:00-06:30 Europe/Berlin; raises ValueError."""
    hours, _, zone = text.strip().rpartition(" ")
    try:
        return ZonedDayPart(day_part(hours), time_zone(zone))
    except ValueError:
        wanted = "22:00-06:30 Europe/Berlin is wanted"
        raise ValueError(f"{text!r} is no part of a day in a time zone: {wanted}") from None


def time_zone(name: str) -> ZoneInfo:
    """Return the time zone of that name; raises ValueError."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name!r} is no time zone: a name such as Europe/Berlin is wanted") from None
