"""Time as a printer's work knows it: a Sunday is short where nobody prints on Sundays. Pure."""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate
from types import MappingProxyType
from typing import Final

from core.domain.calendar_days import DayKind

Calendar = Mapping[int, DayKind]
"""The days (since 1970) that are not like others."""
NO_CALENDAR: Final[Calendar] = MappingProxyType({})

_OFFICE: Final = (1.25, 1.25, 1.25, 1.25, 1.25, 0.375, 0.375)
"""Monday to Sunday of a printer nobody knows yet; a mean day is 1."""
_OFFICE_DAYS: Final = 4
"""How many days of each weekday the above is worth."""
_SHORTEST: Final = 0.02
_BREAK_SHARE: Final = 0.3
"""Of a day of a term: how long a day between terms is for a printer nobody knows yet,"""
_BREAK_DAYS: Final = 10
"""and how many days of those this is worth."""
_FAR: Final = 36_500
_WEEK: Final = 7
_EPOCH_WEEKDAY: Final = 3  # 1970-01-01 was a Thursday


class WorkingTime:
    """Converts days since 1970 to working days, of which a usual week has seven, and back.

    `shares` has the days that are shorter than is usual for their weekday: 0 where nobody works.
    """

    def __init__(self, weights: Sequence[float] = _OFFICE, shares: Mapping[int, float] | None = None) -> None:
        mean = sum(weights) / _WEEK
        self._weights = [weight / mean for weight in weights]
        self._until = [sum(self._weights[:day]) for day in range(_WEEK)]
        self._special = sorted(shares or ())
        self._missing = [(1 - (shares or {})[day]) * self._weight(day) for day in self._special]
        self._missing_until = [0.0, *accumulate(self._missing)]

    @classmethod
    def learnt(cls, pages: Mapping[int, int], calendar: Calendar = NO_CALENDAR) -> "WorkingTime":
        """Learn the working time from the pages of days (since 1970) that are known."""
        usual = {day: printed for day, printed in pages.items() if day not in calendar}
        weights = _weights_of(usual)
        return cls(weights, _shares_of(pages, usual, weights, calendar))

    def at(self, day: float) -> float:
        """Return the working time of a moment."""
        whole = math.floor(day)
        place = bisect_left(self._special, whole)
        missing = self._missing_until[place]
        if place < len(self._special) and self._special[place] == whole:
            missing += (day - whole) * self._missing[place]
        return self._usual(day) - missing

    def after(self, day: float, working_days: float) -> float:
        """Return the moment that is so many working days later."""
        target = self.at(day) + working_days
        first = math.floor(day)
        days = range(first, first + _FAR)
        whole = days[max(0, bisect_right(days, target, key=self.at) - 1)]
        begun, length = self.at(whole), self.at(whole + 1) - self.at(whole)
        return whole + (min(1.0, (target - begun) / length) if length > 0 else 0.0)

    def _usual(self, day: float) -> float:
        whole = math.floor(day)
        weeks, weekday = divmod(whole + _EPOCH_WEEKDAY, _WEEK)
        return weeks * _WEEK + self._until[weekday] + (day - whole) * self._weights[weekday]

    def _weight(self, day: int) -> float:
        return self._weights[(day + _EPOCH_WEEKDAY) % _WEEK]


def _weights_of(pages: Mapping[int, int]) -> Sequence[float]:
    """Return how long each weekday is, by what was printed."""
    total = sum(pages.values())
    if total <= 0:
        return _OFFICE
    mean = total / len(pages)
    shares, days = [0.0] * _WEEK, [0] * _WEEK
    for day, printed in pages.items():
        weekday = (day + _EPOCH_WEEKDAY) % _WEEK
        shares[weekday] += printed / mean
        days[weekday] += 1
    return [
        max(_SHORTEST, (share + _OFFICE_DAYS * office) / (count + _OFFICE_DAYS))
        for share, count, office in zip(shares, days, _OFFICE, strict=True)
    ]


def _shares_of(
    pages: Mapping[int, int], usual: Mapping[int, int], weights: Sequence[float], calendar: Calendar
) -> dict[int, float]:
    """Return how much each calendar day counts; between terms by what was printed on such days."""
    mean = sum(usual.values()) / len(usual) if usual else 0.0
    printed = expected = 0.0
    for day, count in pages.items():
        if calendar.get(day) == "break" and mean > 0:
            printed += count / mean
            expected += weights[(day + _EPOCH_WEEKDAY) % _WEEK]
    between = min(1.0, (printed + _BREAK_DAYS * _BREAK_SHARE) / (expected + _BREAK_DAYS))
    return {day: between if kind == "break" else 0.0 for day, kind in calendar.items()}
