"""Calendar work comes once at its time, whatever is done to the clock, and late rather than never."""

import logging
import os
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from zoneinfo import ZoneInfo

import pytest
import schedule
from hypothesis import given
from hypothesis import strategies as st

from core.domain.local_times import instant, next_instant
from core.runtime.calendar_jobs import CalendarJob, CalendarJobs

BERLIN = ZoneInfo("Europe/Berlin")
SEVEN = time_of_day(7)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)

SetZone = Callable[[str], None]


class Machine:
    """A machine's clocks: the wall clock, which people set, and the monotonic one."""

    def __init__(self) -> None:
        self.at = datetime(2026, 3, 10, 12, tzinfo=UTC)
        self.monotonic = 1000.0

    def spend(self, spent: timedelta) -> None:
        self.at += spent
        self.monotonic += spent.total_seconds()

    def now(self, _zone: None = None) -> datetime:
        """Stand for the library's datetime: local, without a zone, as it reckons."""
        return self.at.astimezone().replace(tzinfo=None)


class Report:
    """A job that asks itself whether it is due, as the summary does: one for each day."""

    def __init__(self, machine: Machine, zone: ZoneInfo = BERLIN) -> None:
        self.machine, self.zone = machine, zone
        self.calls = 0
        self.broken = False
        self.made: dict[date, datetime] = {}
        self()

    def __call__(self) -> None:
        self.calls += 1
        if self.broken:
            raise OSError(5, "the disk is away")
        now = self.machine.at
        # What was made by a clock that was ahead is made again in time.
        self.made = {day: at for day, at in self.made.items() if instant(day, SEVEN, self.zone) <= now}
        day = (next_instant(now, SEVEN, self.zone) - timedelta(hours=12)).astimezone(self.zone).date()
        if instant(day, SEVEN, self.zone) > now:
            day -= DAY
        self.made.setdefault(day, now)

    def lateness(self, day: date) -> timedelta:
        return self.made[day] - instant(day, SEVEN, self.zone)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    machine = Machine()

    class Module:
        """The part of the module datetime that the library uses."""

        datetime = machine
        timedelta = timedelta
        time = time_of_day

    monkeypatch.setattr(schedule, "datetime", Module)
    return machine


@pytest.fixture
def set_zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[SetZone]:
    """Give the machine another local time."""
    if not hasattr(time, "tzset"):
        pytest.skip("the local time of a process cannot be set there")

    def set_to(zone: str) -> None:
        monkeypatch.setenv("TZ", zone)
        _take_over_zone()

    yield set_to
    monkeypatch.undo()
    os.environ.setdefault("TZ", "")
    if not os.environ["TZ"]:
        del os.environ["TZ"]
    _take_over_zone()


def _take_over_zone() -> None:
    vars(time)["tzset"]()  # by name: Windows has none


def plan(machine: Machine, *reports: Report, zone: ZoneInfo = BERLIN) -> CalendarJobs:
    jobs = {str(number): CalendarJob(SEVEN, report) for number, report in enumerate(reports)}
    calendar = CalendarJobs(jobs, zone, lambda: machine.at, lambda: machine.monotonic)
    calendar.tick()
    return calendar


def live(machine: Machine, calendar: CalendarJobs, spent: timedelta, step: timedelta = 5 * MINUTE) -> None:
    """Let time pass, ticking."""
    until = machine.at + spent
    while machine.at < until:
        machine.spend(min(step, until - machine.at))
        calendar.tick()


def march(day: int) -> date:
    return date(2026, 3, day)


def test_a_job_is_done_at_its_local_time_and_no_more_often_than_needed(machine: Machine) -> None:
    report = Report(machine)
    calendar = plan(machine, report)
    calls = report.calls
    live(machine, calendar, 4 * DAY)
    assert [report.lateness(march(day)) for day in range(11, 15)] == [timedelta()] * 4
    assert report.calls == calls + 4


@pytest.mark.parametrize("local", ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu"])
@pytest.mark.parametrize(
    "start", [datetime(2026, 3, 27, 12, tzinfo=UTC), datetime(2026, 10, 23, 12, tzinfo=UTC)]
)
def test_summer_time_here_and_there_changes_nothing(
    machine: Machine, set_zone: SetZone, local: str, start: datetime
) -> None:
    set_zone(local)
    machine.at = start
    report = Report(machine)
    calendar = plan(machine, report)
    live(machine, calendar, 14 * DAY)
    days = [start.date() + number * DAY for number in range(1, 15)]
    assert [report.lateness(day) for day in days] == [timedelta()] * 14


@pytest.mark.parametrize("set_by", [-3 * DAY, 3 * DAY, -2 * MINUTE, 2 * MINUTE])
def test_after_the_clock_was_set_the_job_comes_at_its_time_by_the_new_clock(
    machine: Machine, set_by: timedelta, caplog: pytest.LogCaptureFixture
) -> None:
    report = Report(machine)
    calendar = plan(machine, report)
    live(machine, calendar, DAY)
    machine.at += set_by
    with caplog.at_level(logging.INFO):
        live(machine, calendar, 3 * SECOND, SECOND)
    (said,) = caplog.messages
    assert said.startswith("the local time was changed by " + ("-" if set_by < timedelta() else "+"))
    following = machine.at.date() + DAY
    live(machine, calendar, 2 * DAY)
    assert max(report.lateness(following), report.lateness(following + DAY)) < 5 * MINUTE  # of a tick
    assert all(report.lateness(day) >= timedelta() for day in report.made)


def test_without_a_new_plan_the_library_would_have_slept_for_three_days(machine: Machine) -> None:
    calls: list[datetime] = []
    scheduler = schedule.Scheduler()
    scheduler.every(1).seconds.do(lambda: calls.append(machine.at))
    machine.at -= 3 * DAY
    for _ in range(60):
        machine.spend(SECOND)
        scheduler.run_pending()
    assert calls == []


def test_what_was_missed_while_the_machine_slept_is_done_once_and_late(machine: Machine) -> None:
    report = Report(machine)
    calendar = plan(machine, report)
    machine.at += 2 * DAY  # the monotonic clock stood still
    live(machine, calendar, 10 * SECOND, SECOND)
    assert sorted(report.made)[-1] == march(12)
    assert march(11) not in report.made  # nobody was there: one that is late is enough
    calls = report.calls
    live(machine, calendar, MINUTE, SECOND)
    assert report.calls == calls


def test_a_clock_that_is_kept_right_in_small_steps_is_no_jump(machine: Machine) -> None:
    report = Report(machine)
    calendar = plan(machine, report)
    calls = report.calls
    for _ in range(50):
        machine.at += SECOND
        live(machine, calendar, SECOND, SECOND)
    assert report.calls == calls


def test_a_job_that_fails_stops_no_other_and_is_tried_at_the_next_tick(machine: Machine) -> None:
    broken, sound = Report(machine), Report(machine)
    calendar = plan(machine, broken, sound)
    live(machine, calendar, timedelta(hours=17, minutes=59))
    broken.broken = True
    machine.spend(2 * MINUTE)
    for _ in range(3):
        with pytest.raises(OSError, match="the disk is away"):
            calendar.tick()
        machine.spend(SECOND)
    assert march(11) in sound.made
    calls = sound.calls
    broken.broken = False
    calendar.tick()
    assert march(11) in broken.made
    assert sound.calls == calls
    live(machine, calendar, DAY)
    assert march(12) in broken.made


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 (st adds it)
    st.times(),
    st.sampled_from(["UTC", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu"]),
)
def test_the_next_moment_is_the_first_after_now(now: datetime, at: time_of_day, name: str) -> None:
    zone = ZoneInfo(name)
    following = next_instant(now, at, zone)
    assert now < following <= now + timedelta(hours=25)
