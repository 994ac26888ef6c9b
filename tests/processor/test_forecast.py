"""When a supply runs out: refills, glitches, and histories that cannot tell."""

import math
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.domain.calendar_days import DayKind
from processor.forecast.forecast import forecast
from processor.forecast.levels import PastLevel, past_of, step_of
from processor.forecast.working_time import WorkingTime

MONDAY = 20_002  # 2024-10-07
EVEN = WorkingTime([1.0] * 7)
HOURS = 1 / 24


def falling(
    days: float, per_day: float = 2.0, *, start: float = 100.0, since: float = MONDAY
) -> list[PastLevel]:
    """Four levels a day, evenly falling, in whole percents."""
    return [
        PastLevel(since + n / 4, float(max(0, math.ceil(start - per_day * n / 4))))
        for n in range(int(days * 4))
    ]


def test_an_even_fall_is_continued() -> None:
    made = forecast(falling(30), EVEN)
    assert made.days_left == pytest.approx(20, abs=1.5)
    assert made.percent_per_day == pytest.approx(2.0, abs=0.1)
    interval = [made.days_left_low or 0, made.days_left or 0, made.days_left_high or 0]
    assert interval == sorted(interval) and 0 < interval[0] < interval[2] < 40
    assert (made.reason, made.refilled_at, made.points) == ("", None, 120)


def test_after_a_refill_it_counts_from_there() -> None:
    levels = falling(20, 4.0) + falling(5, 4.0, since=MONDAY + 20)
    made = forecast(levels, EVEN)
    assert made.refilled_at == MONDAY + 20
    assert made.points == 20
    assert made.days_left == pytest.approx(20, abs=2)


def test_a_supply_just_replaced_is_forecast_by_how_the_last_one_went() -> None:
    made = forecast([*falling(20, 4.0), PastLevel(MONDAY + 20, 100.0)], EVEN)
    assert made.days_left == pytest.approx(25, abs=2)
    assert made.refilled_at is None, "one level alone may be a glitch"


@pytest.mark.parametrize("out", [1, 3, 8], ids=["one reading", "a morning", "two days"])
@pytest.mark.parametrize("seen", [0.0, 100.0])
def test_a_supply_taken_out_and_put_back_is_no_refill(out: int, seen: float) -> None:
    levels = falling(20)
    levels[40 : 40 + out] = [PastLevel(level.at, seen) for level in levels[40 : 40 + out]]
    made, usual = forecast(levels, EVEN), forecast(falling(20), EVEN)
    assert made.refilled_at is None
    assert made.days_left == pytest.approx(usual.days_left, rel=0.1)


def test_a_level_that_is_gone_just_now_may_be_a_drawer_left_open() -> None:
    usual = forecast(falling(20), EVEN)
    made = forecast([*falling(20), PastLevel(MONDAY + 20, 0.0)], EVEN)
    assert made.days_left == pytest.approx(usual.days_left, rel=0.05)


def test_a_supply_exchanged_for_a_used_one_counts_no_use() -> None:
    levels = falling(10) + falling(10, start=40, since=MONDAY + 10)
    made = forecast(levels, EVEN)
    assert made.percent_per_day == pytest.approx(2.0, abs=0.2)
    assert made.days_left == pytest.approx(10, abs=1)


def test_jitter_is_no_refill() -> None:
    levels = [PastLevel(at, percent + n % 3) for n, (at, percent) in enumerate(falling(30))]
    made = forecast(levels, EVEN)
    assert made.refilled_at is None
    assert made.days_left == pytest.approx(20, abs=3)


@pytest.mark.parametrize(
    ("levels", "reason"),
    [
        ([], "no_history"),
        ([PastLevel(MONDAY, 60.0)], "too_short"),
        (falling(1.5, 1.0), "too_short"),
        (falling(10, 0.05), "too_short"),
        (falling(60, 0.0), "not_falling"),
        ([PastLevel(MONDAY + n, 100.0 - 10 * (n // 10)) for n in range(60)], "coarse"),
        ([PastLevel(MONDAY + n, 100.0 if n < 40 else 10.0) for n in range(60)], "coarse"),
        ([PastLevel(MONDAY + n, 40.0 + n / 4) for n in range(60)], "not_falling"),
        ([PastLevel(math.nan, 5.0), PastLevel(5.0, math.inf)], "no_history"),
    ],
)
def test_what_the_history_cannot_tell_has_a_reason(levels: list[PastLevel], reason: str) -> None:
    made = forecast(levels, EVEN)
    assert made.reason == reason
    assert (made.days_left, made.days_left_low, made.days_left_high) == (None, None, None)


def test_an_empty_supply_has_no_days_left() -> None:
    assert forecast(falling(60), EVEN).days_left == 0


def test_weekends_are_skipped_where_nobody_prints_then() -> None:
    working = WorkingTime.learnt({MONDAY + n: 0 if n % 7 >= 5 else 300 for n in range(140)})
    # On a Friday evening, with work for one day and a half: it lasts until Tuesday.
    friday_evening = MONDAY + 4 + 20 * HOURS
    assert working.after(friday_evening, 1.5 * 7 / 5) - friday_evening == pytest.approx(3.5, abs=0.5)


@given(st.lists(st.floats(0, 10), min_size=7, max_size=7), st.floats(-1e5, 1e5), st.floats(0, 1e4))
def test_working_time_and_back_is_the_same(weights: list[float], day: float, later: float) -> None:
    working = WorkingTime([0.02 + weight for weight in weights])
    assert working.at(working.after(day, later)) == pytest.approx(working.at(day) + later, abs=1e-3)


ANY_NUMBER = st.floats() | st.floats(0, 100)
ANY_LEVELS = st.lists(st.builds(PastLevel, st.floats(0, 60_000), st.floats(-10, 300)), max_size=60).map(
    sorted
)


@example([PastLevel(0, 50), PastLevel(1.25, 49), PastLevel(14_000, 49)])
@given(st.lists(st.builds(PastLevel, ANY_NUMBER, ANY_NUMBER), max_size=30) | ANY_LEVELS)
def test_no_history_is_too_strange(levels: list[PastLevel]) -> None:
    made = forecast(levels, WorkingTime())
    assert (made.days_left is None) == bool(made.reason)
    if made.days_left is not None:
        assert made.days_left_low is not None and made.percent_per_day is not None
        assert made.percent_per_day > 0
        assert 0 <= made.days_left_low <= made.days_left
        assert made.days_left_high is None or made.days_left <= made.days_left_high


@given(ANY_LEVELS.filter(bool))
def test_fillings_come_one_after_the_other_and_lose_no_time(levels: list[PastLevel]) -> None:
    past = past_of(levels)
    assert past.fills and all(past.fills)
    for earlier, later in pairwise(past.fills):
        assert earlier[-1].at <= later[0].at
    assert 0 <= past.points <= len(levels)
    assert step_of(levels) >= 0


def test_days_on_which_nobody_works_do_not_count() -> None:
    levels = falling(40, 1.0)
    now = int(levels[-1].at)
    pages = dict.fromkeys(range(now - 60, now + 1), 100)
    usual = forecast(levels, WorkingTime.learnt(pages)).days_left
    off: dict[int, DayKind] = dict.fromkeys(range(now + 5, now + 15), "off")
    closed = forecast(levels, WorkingTime.learnt(pages, off)).days_left
    assert usual is not None and closed is not None
    assert closed == pytest.approx(usual + 10, abs=0.5)


def test_the_past_counts_by_the_calendar_too() -> None:
    """Ten days off in the past: what was used before and after them was used faster than it seems."""
    now = int(MONDAY) + 40
    off = range(now - 20, now - 10)
    worked = [day for day in range(now - 40, now) if day not in off]
    used = [PastLevel(float(day), 100.0 - sum(one < day for one in worked)) for day in range(now - 40, now)]
    with_calendar = forecast(used, WorkingTime([1.0] * 7, dict.fromkeys(off, 0.0)))
    assert with_calendar.percent_per_day == pytest.approx(1.0, abs=0.02)
    without = forecast(used, WorkingTime([1.0] * 7))
    assert without.percent_per_day is not None and without.percent_per_day < 0.95


@given(
    st.dictionaries(st.integers(19_950, 20_100), st.sampled_from([0.0, 0.3, 1.0]), max_size=60),
    st.floats(20_000, 20_050),
    st.floats(0.0, 60.0),
)
def test_working_time_with_a_calendar_goes_there_and_back(
    shares: dict[int, float], day: float, working_days: float
) -> None:
    working = WorkingTime(shares=shares)
    later = working.after(day, working_days)
    assert later >= day - 1e-6
    assert working.at(later) == pytest.approx(working.at(day) + working_days, abs=1e-5)
