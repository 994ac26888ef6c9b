"""Simulated offices: what a supply's level was over a year, and when it was really used up."""

import math
import random
from dataclasses import dataclass
from itertools import pairwise

from processor.forecast.levels import PastLevel

FIRST_DAY = 20_000
HOLIDAY_DAYS = 10
PARTS_OF_A_DAY = (0.05, 0.45, 0.40, 0.10)


@dataclass(frozen=True)
class Office:
    """How much is used, how evenly, and how the printer reports it."""

    percent_per_day: float
    weekend: float = 0.05
    unsteady: float = 0.25
    """How much the use of weeks differs."""
    step: float = 1.0
    jitter: float = 0.0
    holiday: bool = True

    def year(self, seed: int) -> tuple[list[PastLevel], list[float]]:
        """Four levels a day, and the times at which an empty supply was replaced."""
        chance = random.Random(seed)
        left, habit, levels, replaced = 100.0, 0.0, [], []
        holiday = chance.randrange(60, 300) if self.holiday else -HOLIDAY_DAYS
        for day in range(365):
            if day % 7 == 0:
                habit = 0.8 * habit + chance.gauss(0, 0.6 * self.unsteady)
            use = self.percent_per_day * self._weekday(day) * math.exp(habit)
            if holiday <= day < holiday + HOLIDAY_DAYS:
                use *= 0.1
            for part, share in enumerate(PARTS_OF_A_DAY):
                at = FIRST_DAY + day + part / len(PARTS_OF_A_DAY)
                left -= max(0.0, use * share * chance.gauss(1, 0.35 / math.sqrt(share)))
                if left <= 0:
                    replaced.append(at)
                    left = 100.0
                seen = left + chance.choice((-1, 0, 0, 1)) * self.jitter
                levels.append(PastLevel(at, min(100.0, max(0.0, math.ceil(seen / self.step) * self.step))))
        return levels, replaced

    def _weekday(self, day: int) -> float:
        saturday_or_sunday = (FIRST_DAY + day + 3) % 7 >= 5
        return self.weekend if saturday_or_sunday else (7 - 2 * self.weekend) / 5

    def pages(self, levels: list[PastLevel]) -> dict[int, int]:
        """What was printed on each day, a hundred pages to the percent."""
        lowest = {int(level.at): level.percent for level in levels}
        days = sorted(lowest)
        used = {day: lowest[before] - lowest[day] for before, day in pairwise(days)}
        return {day: round(100 * percent) for day, percent in used.items() if percent >= 0}


OFFICES = {
    "an office": Office(1.0),
    "a busy one": Office(4.0),
    "a quiet one": Office(0.5),
    "levels in steps of 5 %": Office(1.0, step=5.0),
    "levels that jitter": Office(1.0, jitter=1.0),
    "habits that change": Office(1.5, unsteady=0.5),
    "every day the same": Office(1.5, weekend=1.0, unsteady=0.05, holiday=False),
}
