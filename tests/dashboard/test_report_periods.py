"""Reports at the edges of their days: other time zones, clocks that change, leap days, nothing at all."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from core.storage.database import open_database, reading
from core.storage.tables import Issue
from core.timeseries.counters import CounterDay
from core.timeseries.pages import added
from core.timeseries.reader import PrinterDay
from dashboard.features.reports.frames import (
    NO_CENTER,
    centers_frame,
    counters_frame,
    flow_frame,
    pages_frame,
    places_frame,
    resolve_frame,
)
from dashboard.features.reports.periods import PERIODS, Period, period
from dashboard.features.reports.queries import (
    KnownPrinter,
    Resolution,
    Usage,
    median_hours,
    resolutions,
    usage,
)
from tests.builders import put
from tests.dashboard.harness import PaperSeries
from tests.postgres import DATABASES, database

BERLIN = ZoneInfo("Europe/Berlin")
KIRITIMATI = ZoneInfo("Pacific/Kiritimati")
ONE_DAY = timedelta(days=1)
ZONES = st.sampled_from([BERLIN, KIRITIMATI, ZoneInfo("America/Los_Angeles"), ZoneInfo("Asia/Kolkata")])
DAYS = st.dates(date(2023, 1, 1), date(2029, 12, 31))


@pytest.fixture(params=DATABASES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with database(request.param, tmp_path) as settings:
        made = open_database(settings)
        yield made
        made.dispose()


def resolution(opened_at: datetime, ended_at: datetime | None = None) -> Resolution:
    return Resolution("person", "jam", opened_at, ended_at)


def flow(issues: list[Resolution], chosen: Period, zone: ZoneInfo = BERLIN) -> dict[tuple[date, str], int]:
    frame = flow_frame(issues, chosen, zone)
    return {(bar.date(), what): number for bar, what, number in frame.itertuples(index=False) if number}


@pytest.mark.parametrize(
    ("hours", "half", "most"),
    [([3], 3, 3), ([1, 2], 1.5, 2), ([1, 2.5, 26, 30], 14.25, 30), ([*range(1, 11)], 5.5, 9)],
)
def test_half_and_nine_of_ten_took_no_longer(hours: list[float], half: float, most: float) -> None:
    opened_at = datetime(2026, 10, 1, tzinfo=UTC)
    issues = [resolution(opened_at, opened_at + timedelta(hours=each)) for each in hours]
    assert median_hours([resolution(opened_at), *issues]) == half
    assert resolve_frame(issues)[["half", "most"]].to_numpy().tolist() == [[half, most]]


def test_an_issue_stands_at_its_day_where_people_are() -> None:
    late = datetime(2026, 10, 31, 23, 30, tzinfo=UTC)  # half past midnight of the next day in Berlin
    assert flow([resolution(late, late)], Period(date(2026, 11, 1), date(2026, 11, 8))) == {
        (date(2026, 11, 1), "Opened"): 1,
        (date(2026, 11, 1), "Resolved"): 1,
    }
    assert flow([resolution(late)], Period(date(2026, 10, 25), date(2026, 11, 1))) == {}


@given(DAYS, st.integers(1, 60), ZONES, st.lists(st.integers(0, 60 * 24 * 3600 - 1), max_size=20))
def test_all_issues_of_a_period_stand_in_it_also_where_a_day_has_23_or_25_hours(
    since: date, days: int, zone: ZoneInfo, seconds: list[int]
) -> None:
    chosen = Period(since, since + days * ONE_DAY)
    begin, end = (at.astimezone(UTC) for at in chosen.moments(zone))
    times = [begin + timedelta(seconds=each) % (end - begin) for each in seconds]
    assert sum(flow([resolution(at) for at in times], chosen, zone).values()) == len(times)


def test_an_issue_of_the_first_moment_of_a_period_is_not_of_the_one_before(engine: Engine) -> None:
    midnight = datetime(2026, 11, 1, tzinfo=BERLIN).astimezone(UTC)
    put(
        engine,
        Issue(printer_id="lib-1", title="x", kind="person", opened_at=midnight, updated_at=midnight),
    )
    counts = []
    for chosen in (
        Period(date(2026, 10, 1), date(2026, 11, 1)),
        Period(date(2026, 11, 1), date(2026, 12, 1)),
    ):
        with reading(engine) as connection:
            counts.append(len(resolutions(connection, *chosen.moments(BERLIN))))
    assert counts == [0, 1]


@given(DAYS, st.sampled_from(sorted(PERIODS)))
def test_every_period_has_days_and_no_bar_outside_of_it(today: date, name: str) -> None:
    chosen = period(name, today)
    assert chosen.since < chosen.until <= today + ONE_DAY
    bars = {chosen.bucket(chosen.since + number * ONE_DAY) for number in range(chosen.days)}
    assert min(bars) == chosen.bucket(chosen.since)
    assert len(bars) == (chosen.days if chosen.daily else len({bar.replace(day=1) for bar in bars}))


def test_a_leap_day_is_a_day_of_its_month() -> None:
    assert period("last_month", date(2028, 3, 31)) == Period(date(2028, 2, 1), date(2028, 3, 1))
    assert period("month", date(2028, 2, 29)).days == 29


PRINTERS = [
    KnownPrinter(name, name, place, "", True, date(2026, 1, 1)) for name, place in (("a", "Lab"), ("b", ""))
]
SINCE = date(2026, 11, 1)


@given(
    st.lists(
        st.tuples(st.sampled_from("abx"), st.integers(0, 9), st.none() | st.integers(0, 1000)),
        unique_by=lambda one: one[:2],
    )
)
def test_the_pages_of_all_places_and_of_all_printers_are_those_of_the_fleet(
    days: list[tuple[str, int, int | None]],
) -> None:
    """Whatever is known of them; `x` is not in the inventory any more."""
    found = report(
        [PrinterDay(name, SINCE + day * ONE_DAY, 4, 4, 1, 1, pages) for name, day, pages in sorted(days)]
    )
    total = added(*(pages for _, _, pages in days))
    assert found.pages == total
    assert added(*(tally.pages for tally in found.places.values())) == total
    assert int(pages_frame(found)["pages"].sum()) == (total or 0)
    assert int(places_frame(found)["Pages"].sum()) == (total or 0)
    assert {bar.date() for bar in pages_frame(found)["bar"]} == {
        SINCE + day * ONE_DAY for _, day, pages in days if pages is not None
    }


def report(days: list[PrinterDay], counters: list[CounterDay] | None = None) -> Usage:
    series = PaperSeries(given_days=days, given_counters=counters or [])
    known = {printer.printer_id: printer for printer in PRINTERS}
    return usage(series, known, Period(SINCE, SINCE + 10 * ONE_DAY), SINCE + 10 * ONE_DAY, {})


def test_pages_are_added_up_by_who_pays_for_them() -> None:
    known = {
        name: KnownPrinter(name, name, "", "", True, date(2026, 1, 1), center)
        for name, center in {"a": "Law", "b": "Arts", "c": "Arts", "d": ""}.items()
    }
    pages = {"a": None, "b": 100, "c": 20, "d": 500}
    series = PaperSeries(
        given_days=[PrinterDay(name, SINCE, 4, 4, 1, 1, printed) for name, printed in pages.items()],
        given_counters=[
            CounterDay("b", "color", SINCE + day * ONE_DAY, day, count, 1)
            for day, count in ((0, 1_000), (1, 1_030), (2, 1_042))
        ],
    )
    found = usage(series, known, Period(SINCE, SINCE + 10 * ONE_DAY), SINCE + 10 * ONE_DAY, {})
    frame = centers_frame(found).astype(object)
    assert frame.where(frame.notna(), None).to_numpy().tolist() == [
        ["Arts", 2, 120, None, 42],
        ["Law", 1, None, None, None],
        [NO_CENTER, 1, 500, None, None],
    ]


def test_a_fleet_of_which_nobody_says_who_pays_has_no_cost_centers() -> None:
    assert centers_frame(report([PrinterDay("a", SINCE, 4, 4, 1, 1, 7)])).empty


def test_a_fleet_without_a_time_series_has_unknown_pages_and_none_observed() -> None:
    found = report([])
    assert (found.pages, found.availability, found.observed) == (None, None, 0.0)
    assert pages_frame(found).empty
    assert counters_frame(found).empty


def test_a_counter_that_appears_later_than_the_others_is_a_dash_for_its_first_day() -> None:
    days = [CounterDay("a", "mono", SINCE + day * ONE_DAY, day, 100 + day, 7) for day in range(3)]
    found = report([], [*days, CounterDay("a", "color", SINCE + 2 * ONE_DAY, 2, 9000, 7)])
    (row,) = counters_frame(found).to_dict("records")
    assert row["Mono"] == 2
    assert pd.isna(row["Color"])


def test_a_month_in_which_no_counter_of_a_printer_is_known_is_left_out() -> None:
    begun = CounterDay("a", "color", SINCE, 0, 9000, 7)
    going = [CounterDay("b", "mono", SINCE + day * ONE_DAY, day, 100 + day, 7) for day in range(3)]
    assert set(counters_frame(report([], [begun, *going]))["Printer ID"]) == {"b"}
    assert counters_frame(report([], [begun])).empty
