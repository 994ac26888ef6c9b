"""How well the forecast predicts simulated offices: better than Theil and Sen, and as sure as it says."""

import math
import random
from collections.abc import Iterator
from functools import cache
from itertools import combinations
from statistics import median
from typing import NamedTuple

import pytest

from processor.forecast.forecast import Forecast, forecast
from processor.forecast.levels import PastLevel
from processor.forecast.working_time import WorkingTime
from tests.processor.offices import OFFICES, Office

YEARS = 30
MOMENTS = 3


class Case(NamedTuple):
    """What is known at a moment, and how many days it really was until the supply was used up."""

    levels: list[PastLevel]
    since_refill: list[PastLevel]
    pages: dict[int, int]
    days: float


def cases(office: Office) -> Iterator[Case]:
    for seed in range(YEARS):
        levels, replaced = office.year(seed)
        chance = random.Random(seed)
        for _ in range(MOMENTS):
            now = chance.uniform(levels[0].at + 5, levels[-1].at)
            later = [at for at in replaced if at > now]
            known = [level for level in levels if level.at <= now][-720:]
            if later:
                refilled = max((at for at in replaced if at <= now), default=0.0)
                since = [level for level in known if level.at >= refilled]
                yield Case(known, since, office.pages(known), later[0] - known[-1].at)


@cache
def made(name: str) -> list[tuple[Case, Forecast]]:
    return [(case, forecast(case.levels, WorkingTime.learnt(case.pages))) for case in cases(OFFICES[name])]


def error(days: float | None, really: float) -> float:
    """1 for "twice as long" as well as for "half as long"."""
    return abs(math.log2(max(days or 0.0, 0.5) / max(really, 0.5)))


def theil_sen(levels: list[PastLevel]) -> float | None:
    """Days left by the median of all slopes between days since the refill."""
    days = list({int(level.at): level for level in levels}.values())
    slopes = [(a.percent - b.percent) / (b.at - a.at) for a, b in combinations(days, 2)]
    slope = median(slopes) if slopes else 0.0
    return levels[-1].percent / slope if slope > 0 else None


@pytest.mark.parametrize("name", OFFICES)
def test_it_is_nearer_to_the_truth_than_theil_and_sen(name: str) -> None:
    both = [
        (error(one.days_left, case.days), error(theil_sen(case.since_refill), case.days))
        for case, one in made(name)
        if not one.reason
    ]
    assert len(both) > 40
    ours, theirs = (sorted(errors) for errors in zip(*both, strict=True))
    assert median(ours) < 0.45
    assert median(ours) < median(theirs) * 1.02
    assert ours[len(ours) * 9 // 10] <= theirs[len(theirs) * 9 // 10]


def test_four_of_five_supplies_last_as_long_as_the_interval_says() -> None:
    inside = [
        (one.days_left_low or 0.0) <= case.days <= (one.days_left_high or math.inf)
        for name in OFFICES
        for case, one in made(name)
        if not one.reason
    ]
    assert 0.75 < sum(inside) / len(inside) < 0.9


def test_there_is_a_forecast_soon_after_a_refill() -> None:
    fresh = [
        one
        for name in ("an office", "a busy one")
        for case, one in made(name)
        if len(case.since_refill) < 16 < len(case.levels) / 2
    ]
    assert len(fresh) >= 3
    assert [one.reason for one in fresh] == [""] * len(fresh)
