"""Days without mails: weekdays, and the days off of the calendar. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Final

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
OFF: Final = "off"
"""The holidays and closed days of the calendar."""


@dataclass(frozen=True)
class QuietDays:
    """Days on which nothing is sent; `date in quiet_days`."""

    weekdays: frozenset[int] = frozenset()
    """0 is Monday; never all of them."""
    with_days_off: bool = False
    days_off: Collection[date] = frozenset()
    """Those of the calendar around now; looked up where they count."""

    def __contains__(self, day: date) -> bool:
        return day.weekday() in self.weekdays or day in self.days_off

    @property
    def words(self) -> str:
        """Which days these are: `Saturday, Sunday, days off`."""
        named = [WEEKDAYS[number].capitalize() for number in sorted(self.weekdays)]
        return ", ".join([*named, *(["days off"] if self.with_days_off else [])])


NO_QUIET_DAYS: Final = QuietDays()


def quiet_days(text: str) -> QuietDays:
    """Return the days of `saturday, sunday, off`. Raises ValueError with a sentence."""
    words = text.casefold().replace(",", " ").split()
    for word in words:
        if word not in (*WEEKDAYS, OFF):
            raise ValueError(f"{word!r} is no weekday: saturday, sunday, off is wanted")
    weekdays = frozenset(WEEKDAYS.index(word) for word in words if word != OFF)
    if len(weekdays) == len(WEEKDAYS):
        raise ValueError(f"{text!r} is every day of the week: leave one")
    return QuietDays(weekdays, OFF in words)
