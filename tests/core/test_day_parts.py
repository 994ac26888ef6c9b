"""Parts of a day in time zones: over midnight, over clocks that change."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.day_parts import DayPart, ZonedDayPart, day_part, zoned_day_part

MINUTES = st.times().map(lambda at: at.replace(second=0, microsecond=0))
ZONES = st.sampled_from(
    [ZoneInfo(name) for name in ("UTC", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu")]
)
MOMENTS = st.integers(0, 15 * 365 * 1440).map(
    lambda minutes: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


def test_quiet_hours_may_go_over_midnight() -> None:
    def quiet(hour: int, minute: int = 0) -> bool:
        return DayPart(time(22), time(6, 30)).holds(
            datetime(2026, 1, 10, hour, minute, tzinfo=UTC), ZoneInfo("UTC")
        )

    assert [quiet(22), quiet(3), quiet(6, 29)] == [True, True, True]
    assert [quiet(6, 30), quiet(12), quiet(21, 59)] == [False, False, False]


@given(MINUTES, MINUTES, ZONES, MOMENTS)
def test_when_what_is_left_of_a_part_is_over_the_clock_shows_its_end(
    begins: time, ends: time, zone: ZoneInfo, at: datetime
) -> None:
    part = ZonedDayPart(DayPart(begins, ends), zone)
    left = part.seconds_left(at)
    assert (left is None) == (not part.part.holds(at, zone))
    if left is not None:
        over = at + timedelta(seconds=left)
        gap = timedelta(hours=1)  # that clocks skip, where they skip the end
        assert 0 < left <= timedelta(hours=25).total_seconds()
        clock = over.astimezone(zone).replace(tzinfo=None)
        assert datetime.combine(clock.date(), ends) <= clock <= datetime.combine(clock.date(), ends) + gap


def test_the_night_in_which_clocks_go_forward_is_an_hour_shorter() -> None:
    part = zoned_day_part("22:00-06:00 Europe/Berlin")
    assert part.seconds_left(datetime(2026, 3, 28, 22, tzinfo=UTC)) == 6 * 3600
    assert part.seconds_left(datetime(2026, 3, 27, 22, tzinfo=UTC)) == 7 * 3600
    assert part.seconds_left(datetime(2026, 3, 28, 12, tzinfo=UTC)) is None


@pytest.mark.parametrize(
    "text", ["", "22:00-06:00", "22-6 UTC", "22:00-06:00 Nowhere/Town", "22:00-26:00 UTC", "x", "UTC"]
)
def test_what_is_no_part_of_a_day_in_a_zone_is_refused_with_what_is_wanted(text: str) -> None:
    with pytest.raises(ValueError, match="22:00-06:30 Europe/Berlin is wanted"):
        zoned_day_part(text)


@pytest.mark.parametrize("text", ["22:00-06:30", " 22:00 - 06:30 "])
def test_blanks_around_times_mean_nothing(text: str) -> None:
    assert day_part(text) == DayPart(time(22), time(6, 30))
