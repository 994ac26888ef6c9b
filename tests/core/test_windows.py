"""Windows of the summary: one after the other without gap, whatever clocks and machines do."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.local_times import instant
from core.domain.quiet_days import WEEKDAYS, quiet_days
from core.mails.windows import (
    LONGEST,
    Window,
    latest_weekday,
    latest_window,
    next_window,
    since,
)

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = st.sampled_from(
    [
        ZoneInfo(name)
        for name in ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu")
    ]
)
MOMENTS = st.integers(0, 15 * 365 * 86_400).map(
    lambda seconds: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
TIMES = st.times().map(lambda at: at.replace(microsecond=0))


@given(MOMENTS, TIMES, ZONES)
def test_the_latest_window_has_ended_and_the_next_has_not(now: datetime, at: time, zone: ZoneInfo) -> None:
    window = latest_window(now, at, zone)
    following = instant(date.fromisoformat(window.name) + timedelta(days=1), at, zone)
    assert window.begins_at < window.ends_at <= now < following
    assert timedelta(hours=22) < window.ends_at - window.begins_at < timedelta(hours=26)


@given(MOMENTS, TIMES, ZONES)
def test_windows_of_consecutive_days_meet(now: datetime, at: time, zone: ZoneInfo) -> None:
    window = latest_window(now, at, zone)
    before = latest_window(window.begins_at, at, zone)
    assert before.ends_at == window.begins_at
    assert before.name < window.name


@given(MOMENTS, TIMES, ZONES, st.lists(st.floats(0.001, 60), min_size=1, max_size=30))
def test_whatever_the_downtimes_every_moment_is_in_one_summary(
    start: datetime, at: time, zone: ZoneInfo, hours_between: list[float]
) -> None:
    told: list[Window] = []
    now = start
    for hours in hours_between:
        now += timedelta(hours=hours)
        window = latest_window(now, at, zone)
        if not told or window.name != told[-1].name:
            told.append(since(window, told[-1].ends_at if told else None))
    for before, after in pairwise(told):
        assert before.ends_at == after.begins_at
        assert before.name < after.name


def test_a_window_reaches_back_over_days_without_a_notifier_but_not_for_ever() -> None:
    now = datetime(2026, 3, 10, 12, tzinfo=UTC)
    window = latest_window(now, time(7), BERLIN)
    three_days = since(window, window.ends_at - timedelta(days=3))
    assert three_days.ends_at - three_days.begins_at == timedelta(days=3)
    assert since(window, window.ends_at - timedelta(days=90)).begins_at == window.ends_at - LONGEST


def test_the_days_when_clocks_change_have_23_and_25_hours() -> None:
    spring = latest_window(datetime(2026, 3, 29, 20, tzinfo=UTC), time(7), BERLIN)
    autumn = latest_window(datetime(2026, 10, 25, 20, tzinfo=UTC), time(7), BERLIN)
    assert spring.ends_at - spring.begins_at == timedelta(hours=23)
    assert autumn.ends_at - autumn.begins_at == timedelta(hours=25)


def test_a_time_that_does_not_exist_is_after_the_gap_and_one_that_exists_twice_is_the_first() -> None:
    assert instant(date(2026, 3, 29), time(2, 30), BERLIN) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert instant(date(2026, 10, 25), time(2, 30), BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_day_begins_where_the_college_is_also_when_clocks_change() -> None:
    assert instant(date(2026, 3, 29), time(), BERLIN) == datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert instant(date(2026, 3, 30), time(), BERLIN) == datetime(2026, 3, 29, 22, tzinfo=UTC)


def test_it_is_late_an_hour_after_it_was_due() -> None:
    window = latest_window(datetime(2026, 3, 10, 12, tzinfo=UTC), time(7), BERLIN)
    assert not window.is_late(window.ends_at + timedelta(minutes=59))
    assert window.is_late(window.ends_at + timedelta(hours=1))


@given(MOMENTS, st.integers(0, 6), TIMES, ZONES)
def test_the_latest_weekday_is_within_a_week(now: datetime, weekday: int, at: time, zone: ZoneInfo) -> None:
    day = latest_weekday(now, weekday, at, zone)
    assert day.weekday() == weekday
    assert instant(day, at, zone) <= now < instant(day + timedelta(days=7), at, zone)


def test_no_window_ends_on_a_quiet_day_and_those_of_others_meet() -> None:
    quiet = replace(quiet_days("saturday, sunday, off"), days_off=frozenset({date(2026, 3, 9)}))  # a Monday
    sunday = datetime(2026, 3, 8, 20, tzinfo=UTC)
    friday = latest_window(sunday, time(7), BERLIN, quiet)
    tuesday = next_window(sunday, time(7), BERLIN, quiet)
    assert (friday.name, tuesday.name) == ("2026-03-06", "2026-03-10")
    assert tuesday.begins_at == friday.ends_at
    assert latest_window(tuesday.ends_at, time(7), BERLIN, quiet) == tuesday


def test_what_happened_on_many_quiet_days_is_told_after_them() -> None:
    closed = frozenset(date(2026, 12, 24) + timedelta(days=number) for number in range(14))
    quiet = replace(quiet_days("off"), days_off=closed)
    before = latest_window(datetime(2026, 12, 27, tzinfo=UTC), time(7), BERLIN, quiet)
    after = latest_window(datetime(2027, 1, 7, 12, tzinfo=UTC), time(7), BERLIN, quiet)
    assert (before.name, after.name) == ("2026-12-23", "2027-01-07")
    assert since(after, before.ends_at) == after
    assert since(after, before.ends_at - timedelta(days=1)).begins_at == before.ends_at


@pytest.mark.parametrize(
    ("written", "words"),
    [("", ""), ("off", "days off"), ("Sunday  SATURDAY,off", "Saturday, Sunday, days off")],
)
def test_quiet_days_are_weekdays_and_days_off(written: str, words: str) -> None:
    assert quiet_days(written).words == words


@pytest.mark.parametrize("written", ["holidays", "mon", " ".join(WEEKDAYS)])
def test_quiet_days_that_are_none_or_all_are_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"no weekday|every day"):
        quiet_days(written)
