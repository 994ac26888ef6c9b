"""Until when a flag can be snoozed with one click: moments that people mean when they say them."""

from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

_MORNING: Final = time(7, 0)


def _in(**how_long: int) -> Callable[[datetime], datetime]:
    return lambda local: local + timedelta(**how_long)


def _morning(local: datetime, days: int) -> datetime:
    return datetime.combine(local.date() + timedelta(days=days), _MORNING, tzinfo=local.tzinfo)


def _monday(local: datetime) -> datetime:
    return _morning(local, 7 - local.weekday())


SNOOZES: Final[Mapping[str, Callable[[datetime], datetime]]] = {
    "Snooze for an hour": _in(hours=1),
    "Snooze until tomorrow morning": lambda local: _morning(local, 1),
    "Snooze until Monday morning": _monday,
    "Snooze for a week": _in(days=7),
}
"""From the local time to the local time it wakes."""


def wake_time(choice: str, now: datetime, zone: ZoneInfo) -> datetime:
    """Return when a choice of SNOOZES ends; an instant in UTC, however local clocks change until then."""
    return SNOOZES[choice](now.astimezone(zone)).astimezone(now.tzinfo)
