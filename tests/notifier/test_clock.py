"""The clock ticks on when a duty fails, and when local time is set back."""

from datetime import datetime, timedelta

import pytest
import schedule

from notifier.clock import CalendarClock


class LocalTime:
    """Stands for the library's datetime: local, without a zone, as it reckons."""

    def __init__(self) -> None:
        self.at = datetime(2026, 10, 25, 2, 59, 50)  # noqa: DTZ001 (as the library has it)

    def now(self, _zone: None = None) -> datetime:
        return self.at


@pytest.fixture
def local(monkeypatch: pytest.MonkeyPatch) -> LocalTime:
    local = LocalTime()

    class Module:
        """The part of the module datetime that the library uses."""

        datetime = local
        timedelta = timedelta

    monkeypatch.setattr(schedule, "datetime", Module)
    return local


def test_it_ticks_on_in_the_hour_that_comes_twice(local: LocalTime) -> None:
    ticks: list[datetime] = []
    clock = CalendarClock({lambda: ticks.append(local.at): 30})
    local.at += timedelta(seconds=-3600)
    for _ in range(8):
        clock.run_pending()
        local.at += timedelta(seconds=15)
    assert len(ticks) >= 3


def test_a_duty_that_fails_stops_no_other(local: LocalTime) -> None:
    ticks: list[datetime] = []

    def fail() -> None:
        raise ValueError("not today")

    clock = CalendarClock({fail: 30, lambda: ticks.append(local.at): 30})
    clock.run_all()
    local.at += timedelta(seconds=30)
    clock.run_pending()
    assert len(ticks) == 2
