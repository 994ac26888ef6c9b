"""From the points of a printer to frames, charts and the words for who cannot see them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.contract.messages import HistoryPoint, HistorySupply
from dashboard.features.printer.charts import (
    levels_chart,
    levels_in_words,
    pages_chart,
    pages_in_words,
)
from dashboard.features.printer.frames import levels_frame, pages_frame

START = datetime(2026, 11, 1, 6, tzinfo=UTC)
NAMES = {"1.1": "Black toner"}


def point(hours: float, percent: int | None = None, count: int | None = None) -> HistoryPoint:
    supplies = {"1.1": HistorySupply(level=percent, percent=percent)} if percent is not None else {}
    return HistoryPoint(
        printer_id="lib",
        taken_at=START + timedelta(hours=hours),
        reachable=True,
        state="idle",
        marker_life_count=count,
        supplies=supplies,
    )


def test_only_changes_and_ends_are_kept() -> None:
    frame = levels_frame([point(hour, 50 if hour < 5 else 49) for hour in range(10)], NAMES, days=7)
    assert list(frame["percent"]) == [50, 50, 49, 49]
    assert frame["at"].iloc[0] == START
    assert frame["at"].iloc[-1] == START + timedelta(hours=9)


def test_a_refill_is_marked_and_a_printers_rounding_is_not() -> None:
    frame = levels_frame([point(0, 10), point(1, 12), point(2, 100), point(3, 99)], NAMES, days=7)
    assert list(frame["percent"][frame["refilled"]]) == [100]


def test_where_nobody_looked_the_line_is_open() -> None:
    frame = levels_frame([point(0, 50), point(1, 50), point(72, 20), point(73, 20)], NAMES, days=7)
    assert frame["percent"].isna().sum() == 1
    assert levels_frame([point(0, 50), point(20, 49)], NAMES, days=365)["percent"].isna().sum() == 0


def test_what_is_not_measured_or_not_named_is_left_out() -> None:
    points = [point(0), HistoryPoint(printer_id="lib", taken_at=START, reachable=False, state="unreachable")]
    assert levels_frame(points, NAMES, days=7).empty
    assert levels_frame([point(0, 50)], {}, days=7).empty


def test_pages_are_what_the_counter_rose_by_since_the_day_before() -> None:
    # From 6 o'clock: 20 hours later is the next day, and so is 24.
    counts = {0: 100, 20: 130, 24: 150, 49: 155}
    frame = pages_frame([point(hours, count=count) for hours, count in counts.items()])
    assert list(frame["pages"]) == [50, 5]


def test_a_counter_that_was_reset_prints_nothing_negative() -> None:
    assert list(pages_frame([point(0, count=9000), point(24, count=5)])["pages"]) == [0]


def test_a_day_without_a_count_has_no_bar_and_neither_has_the_next() -> None:
    assert list(pages_frame([point(0, count=10), point(72, count=500), point(96, count=510)])["pages"]) == [
        10
    ]


def test_pages_between_two_days_belong_to_the_day_that_shows_them() -> None:
    every_ten_minutes = [point(n / 6, count=1000 + n) for n in range(3 * 144)]
    assert list(pages_frame(every_ten_minutes)["pages"]) == [144, 144, 36]


def test_another_device_prints_nothing_by_its_counter() -> None:
    points = [point(0, count=500_000), point(20, count=500_007)]
    points += [point(hours, count=900_000 + hours).model_copy(update={"device": 1}) for hours in (22, 30)]
    assert list(pages_frame(points)["pages"]) == [7 + 8]


def test_nothing_at_all_is_an_empty_frame_with_its_columns() -> None:
    assert list(levels_frame([], NAMES, days=7).columns) == ["at", "supply", "percent", "refilled"]
    assert list(pages_frame([]).columns) == ["day", "pages"]


@given(
    st.lists(st.tuples(st.floats(0, 2000), st.integers(0, 100), st.integers(0, 2**31)), max_size=40),
    st.sampled_from([7, 30, 90, 365]),
    st.text(max_size=30),
    st.booleans(),
)
def test_any_history_makes_a_chart(
    given_points: list[tuple[float, int, int]], days: int, name: str, dark: bool
) -> None:
    points = [point(hours, percent, count) for hours, percent, count in sorted(given_points)]
    levels, pages = levels_frame(points, {"1.1": name}, days), pages_frame(points)
    assert levels["percent"].dropna().between(0, 100).all()
    assert (pages["pages"] >= 0).all()
    assert levels_chart(levels, {name: "black"}, dark=dark).to_dict()["layer"]
    assert pages_chart(pages).to_dict()["mark"]
    assert levels_in_words(levels)
    assert pages_in_words(pages)


def test_a_chart_has_the_colours_of_the_supplies() -> None:
    points = [
        HistoryPoint(
            printer_id="lib",
            taken_at=START + timedelta(hours=hour),
            reachable=True,
            state="idle",
            supplies={"1.1": HistorySupply(level=9, percent=9), "1.2": HistorySupply(level=8, percent=8)},
        )
        for hour in range(3)
    ]
    frame = levels_frame(points, {"1.1": "Toner K", "1.2": "Toner C"}, 7)
    chart = levels_chart(frame, {"Toner K": "black", "Toner C": "cyan"}, dark=False).to_dict()
    scale = chart["layer"][0]["encoding"]["color"]["scale"]
    assert dict(zip(scale["domain"], scale["range"], strict=True)) == {
        "Toner K": "#2a2f36",
        "Toner C": "#0092b8",
    }


def test_two_supplies_of_one_colour_differ_in_their_dash() -> None:
    points = [
        HistoryPoint(
            printer_id="lib",
            taken_at=START,
            reachable=True,
            state="idle",
            supplies={"1.1": HistorySupply(level=9, percent=9), "1.2": HistorySupply(level=8, percent=8)},
        )
    ]
    frame = levels_frame(points, {"1.1": "Left", "1.2": "Right"}, 7)
    chart = levels_chart(frame, {"Left": "black", "Right": "black"}, dark=True).to_dict()
    dashes = chart["layer"][0]["encoding"]["strokeDash"]["scale"]["range"]
    assert dashes[0] != dashes[1]


def test_the_words_say_where_the_levels_went() -> None:
    frame = levels_frame([point(0, 40), point(1, 5), point(2, 100)], NAMES, days=7)
    assert levels_in_words(frame) == "Levels over time: Black toner from 40 % to 100 %, refilled once"
    pages = pages_frame([point(0, count=100), point(24, count=1300)])
    assert pages_in_words(pages) == "Pages per day: 1,200 in one day, at most 1,200 in a day"


def x_axis(chart: dict[str, Any]) -> dict[str, Any]:
    return next(layer["encoding"]["x"] for layer in chart["layer"])


@pytest.mark.parametrize(
    ("hours", "label", "interval", "step"),
    [
        ([0], "%H:%M", "minute", 10),
        ([0, 0.02], "%H:%M", "minute", 10),
        ([0, 5], "%H:%M", "minute", 30),
        ([0, 30], "%H:%M", "hour", 3),
        ([0, 60], "%a %H:%M", "hour", 12),
        ([0, 24 * 7], "%a %d %b", "day", 1),
        ([0, 24 * 90], "%d %b", "week", 1),
        ([0, 24 * 365], "%b %Y", "month", 1),
    ],
)
def test_the_axis_of_levels_can_be_read_however_young_the_chart_is(
    hours: list[float], label: str, interval: str, step: int
) -> None:
    frame = levels_frame([point(hour, 50 - place) for place, hour in enumerate(hours)], NAMES, days=7)
    x = x_axis(levels_chart(frame, {"Black toner": "black"}, dark=False).to_dict())
    assert (x["axis"]["format"], x["axis"]["tickCount"]) == (label, {"interval": interval, "step": step})
    first, last = (
        datetime(at["year"], at["month"], at["date"], at["hours"], at["minutes"], at["seconds"], tzinfo=UTC)
        for at in x["scale"]["domain"]
    )
    assert last - first >= timedelta(hours=1)
    assert last == START + timedelta(hours=hours[-1])


def test_the_axis_of_pages_names_days_and_no_hours() -> None:
    frame = pages_frame([point(hours, count=count) for hours, count in {0: 100, 24: 130}.items()])
    x = pages_chart(frame).to_dict()["encoding"]["x"]
    assert x["axis"]["tickCount"] == {"interval": "day", "step": 1}
    assert x["axis"]["format"] == "%a %d %b"
