"""Reports leave out the time out of service: of availability by parts of days, flags by their beginning."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from core.domain.conditions import DOOR_OPEN, JAM, NO_PAPER
from core.storage.database import reading, writing
from core.storage.out_of_service import (
    TimeOutOfService,
    put_back_in_service,
    remove_ended,
    take_out_of_service,
)
from core.timeseries.reader import PrinterDay
from dashboard.features.places.queries import usage_by_printer
from dashboard.features.reports.days_out import DaysOut, days_out
from dashboard.features.reports.frames import OUT_COLUMN, answers_frame, printers_frame
from dashboard.features.reports.periods import Period
from dashboard.features.reports.queries import (
    KnownPrinter,
    Usage,
    problems,
    problems_by_printer,
    read_days_out,
    usage,
)
from dashboard.features.stoppages.queries import paper_outs, printer_stoppages, read_scorecard
from tests.builders import printer, put
from tests.dashboard.harness import PaperSeries
from tests.dashboard.manager_fleet import flag

ONE_DAY: Final = timedelta(days=1)
HOUR: Final = timedelta(hours=1)
FIRST: Final = date(2026, 3, 30)
BEGIN: Final = datetime(2026, 3, 30, tzinfo=UTC)
WEEK: Final = Period(FIRST, FIRST + 7 * ONE_DAY)
LATER: Final = BEGIN + 30 * ONE_DAY
YEAR: Final = Period(FIRST - 300 * ONE_DAY, FIRST + 7 * ONE_DAY)
"""By months: the week lies in two of them."""


def time_out(began: float, ended: float | None, printer_id: str = "a") -> TimeOutOfService:
    """From so many days after BEGIN to so many."""
    return TimeOutOfService(printer_id, BEGIN + began * ONE_DAY, None if ended is None else at(ended))


def at(days: float) -> datetime:
    return BEGIN + days * ONE_DAY


def test_days_are_told_by_their_part_and_only_those_of_the_period() -> None:
    found = days_out([time_out(-9, 0.25), time_out(1.5, 3), time_out(6.75, 12, "b")], WEEK, LATER)
    assert found == {
        "a": {FIRST: 0.25, FIRST + ONE_DAY: 0.5, FIRST + 2 * ONE_DAY: 1.0},
        "b": {FIRST + 6 * ONE_DAY: 0.25},
    }


def test_what_is_not_over_lasts_until_now_and_today_is_as_long_as_it_is_by_then() -> None:
    now = at(2.5)
    assert days_out([time_out(1, None)], WEEK, now) == {"a": {FIRST + ONE_DAY: 1.0, FIRST + 2 * ONE_DAY: 1.0}}
    assert days_out([time_out(2.25, 5)], WEEK, now) == {"a": {FIRST + 2 * ONE_DAY: 0.5}}
    assert days_out([time_out(3, None)], WEEK, now) == {}


HOURS: Final = st.integers(-30, 24 * 8)


@given(
    st.lists(st.tuples(st.sampled_from("ab"), HOURS, st.none() | HOURS), max_size=8), st.integers(0, 24 * 9)
)
def test_each_hour_out_of_service_is_in_its_day_once(
    given_times: list[tuple[str, int, int | None]], now_hour: int
) -> None:
    """Also where times overlap, touch, are empty or begin before the period."""
    now = BEGIN + now_hour * HOUR
    times = [
        TimeOutOfService(name, BEGIN + began * HOUR, None if ended is None else BEGIN + ended * HOUR)
        for name, began, ended in given_times
    ]
    found = days_out(times, WEEK, now)
    for name in "ab":
        for number in range(7):
            hours = range(24 * number, min(24 * number + 24, now_hour))
            out = sum(
                any(
                    who == name and began <= hour and (ended is None or hour < ended)
                    for who, began, ended in given_times
                )
                for hour in hours
            )
            part = found.get(name, {}).get(FIRST + number * ONE_DAY)
            assert part == (pytest.approx(out / len(hours)) if out else None)


# Availability


def known(*names: str) -> dict[str, KnownPrinter]:
    return {name: KnownPrinter(name, name, "Lab", "", enabled=True, since=date(2026, 1, 1)) for name in names}


def a_day(number: int, answered: int, name: str = "a", pages: int = 10) -> PrinterDay:
    return PrinterDay(name, FIRST + number * ONE_DAY, 24, answered, 1, 1, pages)


def used(days: Sequence[PrinterDay], out: DaysOut, *names: str, period: Period = WEEK) -> Usage:
    series = PaperSeries(given_days=[*days])
    return usage(series, known(*(names or ("a",))), period, period.until - ONE_DAY, out)


def test_a_printer_that_is_switched_off_for_a_move_was_available_all_the_time_it_was_in_service() -> None:
    days = [
        a_day(0, 24),
        a_day(1, 12),
        *(a_day(number, 0) for number in (2, 3, 4)),
        a_day(5, 6),
        a_day(6, 24),
    ]
    found = used(days, days_out([time_out(1.5, 5.75)], WEEK, LATER))
    assert (found.availability, found.observed, found.pages) == (1.0, 1.0, 70)
    tally = found.printers["a"]
    assert (tally.observed_days, tally.answered_days, tally.out_days) == (2.75, 2.75, 4.25)


def test_an_outage_before_it_is_taken_out_stays_one() -> None:
    found = used([a_day(0, 6)], days_out([time_out(0.5, 1)], WEEK, LATER))
    assert (found.printers["a"].observed_days, found.availability) == (0.5, 0.5)


def test_what_answers_while_it_is_out_counts_neither_way() -> None:
    days = [a_day(0, 24), a_day(1, 0)]
    found = used(days, days_out([time_out(0, 1)], WEEK, LATER))
    assert (found.printers["a"].observed_days, found.availability) == (1.0, 0.0)
    assert used(days[:1], days_out([time_out(0, 1)], WEEK, LATER)).availability is None


def test_days_out_of_service_without_readings_are_not_days_that_nobody_observed() -> None:
    found = used([a_day(0, 24)], days_out([time_out(1, 7)], WEEK, LATER))
    assert (found.observed, found.printers["a"].out_days) == (1.0, 6.0)
    (row,) = printers_frame(found, {}).to_dict("records")
    assert (row["Observed days"], row[OUT_COLUMN], row["Answered"]) == (1, 6.0, 100.0)
    all_out = used([], days_out([time_out(-1, None)], WEEK, LATER))
    assert (all_out.observed, all_out.availability) == (None, None)


def test_it_is_a_share_of_its_own_in_the_chart() -> None:
    days = [a_day(0, 24), a_day(0, 12, "b"), a_day(1, 24, "b")]
    found = used(days, days_out([time_out(0.5, 2)], WEEK, LATER), "a", "b", "c", "d")
    frame = answers_frame(found)
    shares = {
        (number, kind): share
        for number in (0, 1)
        for _, kind, share, _ in frame[frame["bar"].dt.date == FIRST + number * ONE_DAY].itertuples(
            index=False
        )
    }
    assert [shares[0, kind] for kind in frame["kind"].unique()] == [1 / 4, 1 / 8, 1 / 2, 1 / 8]
    assert [shares[1, kind] for kind in frame["kind"].unique()] == [1 / 4, 0, 1 / 2, 1 / 4]


def test_printers_that_do_not_count_yet_or_any_more_are_not_out_of_service_either() -> None:
    out = days_out([time_out(0, 7, name) for name in ("new", "disabled", "removed")], WEEK, LATER)
    printers = {
        "new": KnownPrinter("new", "new", "", "", enabled=True, since=FIRST + 5 * ONE_DAY),
        "disabled": KnownPrinter("disabled", "disabled", "", "", enabled=False, since=FIRST),
    }
    found = usage(PaperSeries(), printers, WEEK, WEEK.until, out)
    assert {name: tally.out_days for name, tally in found.printers.items()} == {"new": 2.0}


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.integers(0, 6), st.integers(0, 24)),
        unique_by=lambda one: one[:2],
    ),
    st.lists(st.tuples(st.sampled_from("abc"), st.floats(-2, 7), st.floats(0, 4)), max_size=4),
)
def test_a_period_that_goes_by_months_leaves_out_what_one_by_days_does(
    given_days: list[tuple[str, int, int]], given_times: list[tuple[str, float, float]]
) -> None:
    days = [a_day(number, answered, name) for name, number, answered in sorted(given_days)]
    times = [time_out(began, began + lasted, name) for name, began, lasted in given_times]
    by_day = used(days, days_out(times, WEEK, LATER), *"abc")
    out = days_out(times, YEAR, LATER)
    by_month = used(days, out, *"abc", period=YEAR)
    of_place = usage_by_printer(PaperSeries(given_days=days), YEAR, out)
    assert by_month.pages == by_day.pages
    for name in by_day.printers.keys() & by_month.printers.keys() & of_place.keys():
        for field in ("pages", "readings", "answered"):
            assert getattr(by_month.printers[name], field) == getattr(by_day.printers[name], field)
        for field in ("observed_days", "answered_days"):
            told = getattr(by_day.printers[name], field)
            assert getattr(by_month.printers[name], field) == pytest.approx(told)
            assert getattr(of_place[name], field) == pytest.approx(told)


# Flags


def test_what_began_out_of_service_is_no_problem_no_stop_and_no_lack_of_paper(engine: Engine) -> None:
    put(engine, printer("lib", name="lib"), printer("law", name="law"))
    out_for(engine, "lib", at(1), at(2))
    out_for(engine, "law", at(3), None)
    severe = {JAM: "critical", DOOR_OPEN: "critical", NO_PAPER: "warning"}
    put(
        engine,
        *(
            flag(name, code, severity, since_at=at(day), cleared_at=at(day + 0.01))
            for name in ("lib", "law")
            for code, severity in severe.items()
            for day in (0.9, 1.1, 1.9, 2.1, 3.1)
        ),
    )
    since, until = WEEK.moments(UTC)
    in_service = {"lib": [0.9, 2.1, 3.1], "law": [0.9, 1.1, 1.9, 2.1]}
    with reading(engine) as connection:
        assert {each.code: (each.times, each.printers) for each in problems(connection, since, until)} == (
            dict.fromkeys(severe, (7, 2))
        )
        found = problems_by_printer(connection, since, until)
        assert {name: each.total() for name, each in found.items()} == {"lib": 9, "law": 12}
        outs = {(each.printer_id, each.began_at) for each in paper_outs(connection, since, until)}
        assert outs == {(name, at(day)) for name, days in in_service.items() for day in days}
        card = read_scorecard(connection, {}, {}, known("lib", "law"), WEEK, ZoneInfo("UTC"), LATER)
        assert {name: each.own.stops for name, each in card.scores.items()} == {"lib": 3, "law": 4}
        stops = printer_stoppages(connection, "law", since, until)
        assert [each.began_at for each in stops] == [at(day) for day in reversed(in_service["law"])]


def out_for(engine: Engine, printer_id: str, since: datetime, until: datetime | None) -> None:
    """As it was: taken out, put back, and seen by the processor."""
    with writing(engine) as connection:
        take_out_of_service(connection, printer_id, until=None, why="repair", actor="tom", now=since)
        if until is not None:
            put_back_in_service(connection, printer_id, actor="tom", now=until)
            remove_ended(connection, until)


def test_the_days_of_the_past_and_of_now_are_read(engine: Engine) -> None:
    put(engine, printer("lib"), printer("law"))
    out_for(engine, "lib", at(1), at(2))
    out_for(engine, "lib", at(4), None)
    out_for(engine, "law", at(-3), at(-1))
    with reading(engine) as connection:
        found = read_days_out(connection, WEEK, at(5))
    assert found == {"lib": {FIRST + ONE_DAY: 1.0, FIRST + 4 * ONE_DAY: 1.0}}
