"""Time as a printer's work knows it: a Sunday is short where nobody prints on Sundays. Pure."""

import math
from collections.abc import Mapping, Sequence
from typing import Final

_OFFICE: Final = (1.25, 1.25, 1.25, 1.25, 1.25, 0.375, 0.375)
"""Monday to Sunday of a printer nobody knows yet; a mean day is 1."""
_OFFICE_DAYS: Final = 4
"""How many days of each weekday the above is worth."""
_SHORTEST: Final = 0.02
_WEEK: Final = 7
_EPOCH_WEEKDAY: Final = 3  # 1970-01-01 was a Thursday


class WorkingTime:
    """Converts days since 1970 to working days, of which a week has seven, and back."""

    def __init__(self, weights: Sequence[float] = _OFFICE) -> None:
        mean = sum(weights) / _WEEK
        self._weights = [weight / mean for weight in weights]
        self._until = [sum(self._weights[:day]) for day in range(_WEEK)]

    @classmethod
    def learnt(cls, pages: Mapping[int, int]) -> "WorkingTime":
        """From the pages of days (since 1970) that are known."""
        total = sum(pages.values())
        if total <= 0:
            return cls()
        mean = total / len(pages)
        shares, days = [0.0] * _WEEK, [0] * _WEEK
        for day, printed in pages.items():
            weekday = (day + _EPOCH_WEEKDAY) % _WEEK
            shares[weekday] += printed / mean
            days[weekday] += 1
        return cls(
            [
                max(_SHORTEST, (share + _OFFICE_DAYS * office) / (count + _OFFICE_DAYS))
                for share, count, office in zip(shares, days, _OFFICE, strict=True)
            ]
        )

    def at(self, day: float) -> float:
        """The working time of a moment."""
        whole = math.floor(day)
        weeks, weekday = divmod(whole + _EPOCH_WEEKDAY, _WEEK)
        return weeks * _WEEK + self._until[weekday] + (day - whole) * self._weights[weekday]

    def after(self, day: float, working_days: float) -> float:
        """The moment that is so many working days later."""
        weeks, rest = divmod(self.at(day) + working_days, _WEEK)
        weekday = max(place for place in range(_WEEK) if self._until[place] <= rest)
        into = (rest - self._until[weekday]) / self._weights[weekday]
        return weeks * _WEEK - _EPOCH_WEEKDAY + weekday + min(1.0, into)
