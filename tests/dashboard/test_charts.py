"""From the points of a printer to frames, charts and the words for who cannot see them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.contract.messages import HistoryPoint, HistorySupply
from core.domain.supply_events import SupplyEvent
from core.runtime.settings import RuleSettings
from core.storage.supply_tables import SupplyForecast
from core.timeseries.reader import PrinterDay
from dashboard.features.printer import levels_frames
from dashboard.features.printer.levels_chart import LevelsPast, key_html, levels_chart, levels_in_words
from dashboard.features.printer.pages_chart import pages_chart, pages_frame, pages_in_words
from dashboard.features.reports import charts as report_charts
from dashboard.ui.charts import supply_series
from dashboard.ui.theme import COLORANTS, PAGE
from tests.dashboard.colors import contrast, difference
from tests.dashboard.html_text import parsed

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


def levels_frame(points: Sequence[HistoryPoint], names: dict[str, str], days: int) -> pd.DataFrame:
    return levels_frames.levels_frame(levels_frames.levels_of(points, names), days)


def shown(  # noqa: PLR0913 (what a chart is made of)
    points: Sequence[HistoryPoint],
    names: dict[str, str],
    days: int = 7,
    *,
    colorants: Sequence[str] = (),
    events: Sequence[SupplyEvent] = (),
    forecasts: dict[str, SupplyForecast] | None = None,
) -> LevelsPast:
    """The chart's past of these points."""
    levels = levels_frames.levels_of(points, names)
    gap = levels_frames.gap_of(days)
    colors = [*colorants, *[""] * len(names)][: len(levels)]
    return LevelsPast(
        levels=levels,
        series=supply_series(list(levels), colors),
        marks=levels_frames.marks(levels, events, names, gap),
        expected=levels_frames.outlooks(levels, forecasts or {}, names),
        gap=gap,
    )


def drawn(past: LevelsPast, days: int = 7, *, dark: bool = False) -> dict[str, Any]:
    return levels_chart(past, days, RuleSettings(), dark=dark).to_dict()


def counted(day: int, pages: int | None, device: int = 0) -> PrinterDay:
    """The sums of a day, so many days after START."""
    return PrinterDay("lib", START.date() + timedelta(days=day), 1, 1, 0, 0, pages, device)


def days_of(points: Sequence[HistoryPoint]) -> list[PrinterDay]:
    """The days of points: the last count of each."""
    return [
        PrinterDay("lib", at.taken_at.date(), 1, 1, 0, at.marker_life_count, at.marker_life_count)
        for at in points
    ]


def lines_of(chart: dict[str, Any]) -> dict[str, Any]:
    return next(layer["encoding"] for layer in chart["layer"] if "step-after" in str(layer.get("mark")))


def replaced(hours: float, index: str = "1.1", **values: Any) -> SupplyEvent:
    at = START + timedelta(hours=hours)
    return SupplyEvent("lib", index, at, at - timedelta(hours=1), **values)


def runs_out(days: float, low: float, high: float | None, hours: float) -> SupplyForecast:
    return SupplyForecast(
        printer_id="p1",
        supply_index="1.1",
        days_left=days,
        days_left_low=low,
        days_left_high=high,
        percent_per_day=1.0,
        computed_at=START + timedelta(hours=hours),
    )


def test_only_changes_and_ends_are_kept() -> None:
    frame = levels_frame([point(hour, 50 if hour < 5 else 49) for hour in range(10)], NAMES, days=7)
    assert list(frame["percent"]) == [50, 50, 49, 49]
    assert frame["at"].iloc[0] == START
    assert frame["at"].iloc[-1] == START + timedelta(hours=9)


def test_a_refill_is_marked_and_a_printers_rounding_is_not() -> None:
    past = shown([point(0, 10), point(1, 12), point(2, 100), point(3, 99)], NAMES)
    assert [(mark.at, mark.percent) for mark in past.marks] == [(START + timedelta(hours=2), 100)]


def test_a_replacement_of_the_ledger_and_its_rise_are_one_mark() -> None:
    points = [point(0, 10), point(2, 100), point(30, 40), point(40, 95)]
    past = shown(points, NAMES, events=[replaced(2, new_percent=100)])
    assert [mark.at - START for mark in past.marks] == [timedelta(hours=2), timedelta(hours=40)]


def test_a_replacement_that_turned_out_to_be_none_has_no_mark() -> None:
    points = [point(0, 10), point(2, 100), point(3, 99)]
    assert shown(points, NAMES, events=[replaced(2, undone_at=START, undone_by="Maya")]).marks == []


def test_a_replacement_outside_of_the_chart_or_of_another_supply_has_no_mark() -> None:
    points = [point(0, 50), point(3, 49)]
    assert shown(points, NAMES, events=[replaced(-30), replaced(2, "1.9")]).marks == []


def test_where_nobody_looked_the_line_is_open() -> None:
    frame = levels_frame([point(0, 50), point(1, 50), point(72, 20), point(73, 20)], NAMES, days=7)
    assert frame["percent"].isna().sum() == 1
    assert levels_frame([point(0, 50), point(20, 49)], NAMES, days=365)["percent"].isna().sum() == 0


def test_what_is_not_measured_or_not_named_is_left_out() -> None:
    points = [point(0), HistoryPoint(printer_id="lib", taken_at=START, reachable=False, state="unreachable")]
    assert levels_frame(points, NAMES, days=7).empty
    assert levels_frame([point(0, 50)], {}, days=7).empty


def test_a_day_has_the_pages_of_all_its_devices() -> None:
    assert list(pages_frame([counted(0, 7), counted(0, 8, device=1), counted(1, 3)])["pages"]) == [15, 3]


def test_a_day_of_which_nobody_knows_the_pages_has_no_bar_and_one_without_any_has_one_of_none() -> None:
    frame = pages_frame([counted(0, None), counted(1, 0), counted(2, None), counted(3, 5)])
    assert list(frame["day"].dt.day) == [(START + timedelta(days=day)).day for day in (1, 3)]
    assert list(frame["pages"]) == [0, 5]


def test_nothing_at_all_is_an_empty_frame_with_its_columns() -> None:
    assert list(levels_frame([], NAMES, days=7).columns) == ["at", "supply", "percent"]
    assert list(pages_frame([]).columns) == ["day", "pages"]


def points_end(points: Sequence[HistoryPoint]) -> float:
    return (points[-1].taken_at - START) / timedelta(hours=1)


@given(
    st.lists(st.tuples(st.floats(0, 2000), st.integers(0, 100), st.integers(0, 2**31)), max_size=40),
    st.sampled_from([7, 30, 90, 365]),
    st.text(max_size=30),
    st.booleans(),
)
@settings(max_examples=20, deadline=None)
def test_any_history_makes_a_chart(
    given_points: list[tuple[float, int, int]], days: int, name: str, dark: bool
) -> None:
    points = [point(hours, percent, count) for hours, percent, count in sorted(given_points)]
    levels, pages = levels_frame(points, {"1.1": name}, days), pages_frame(days_of(points))
    assert levels["percent"].dropna().between(0, 100).all()
    assert (pages["pages"] >= 0).all()
    if points:
        past = shown(points, {"1.1": name}, days, forecasts={"1.1": runs_out(9, 4, None, points_end(points))})
        assert drawn(past, days, dark=dark)["layer"]
        assert levels_in_words(past)
    assert pages_chart(pages).to_dict()["mark"]
    assert pages_in_words(pages)


def two_supplies(hours: int = 3) -> list[HistoryPoint]:
    """Levels of 9 and 8 % for some hours."""
    supplies = {"1.1": HistorySupply(level=9, percent=9), "1.2": HistorySupply(level=8, percent=8)}
    return [point(hour).model_copy(update={"supplies": supplies}) for hour in range(hours)]


def test_a_chart_has_the_colors_of_the_supplies() -> None:
    past = shown(two_supplies(), {"1.1": "Toner K", "1.2": "Toner C"}, colorants=["black", "cyan"])
    scale = lines_of(drawn(past))["color"]["scale"]
    assert dict(zip(scale["domain"], scale["range"], strict=True)) == {
        "Toner K": "#2a2f36",
        "Toner C": "#0092b8",
    }


@pytest.mark.parametrize("colorants", [["black", "black"], ["black", "cyan"], ["", ""], ["cyan", ""]])
def test_no_two_supplies_have_the_same_line(colorants: list[str]) -> None:
    past = shown(two_supplies(), {"1.1": "Left", "1.2": "Right"}, colorants=colorants)
    dashes = lines_of(drawn(past, dark=True))["strokeDash"]["scale"]["range"]
    assert dashes[0] != dashes[1]


def test_a_toner_has_the_same_line_in_every_chart() -> None:
    alone = supply_series(["C"], ["cyan"])[0].dash
    others = ["", "cyan", "black", "yellow", "magenta", ""]
    together = supply_series(list("ABCDEF"), others)
    assert together[1].dash == alone
    assert len({each.dash for each in together}) == 6


@pytest.mark.parametrize("side", ["light", "dark"])
@pytest.mark.parametrize("sight", ["all colors", "protan", "deutan", "tritan"])
def test_toners_are_told_apart_by_the_color_blind_in_both_themes(side: str, sight: str) -> None:
    toners = [getattr(COLORANTS[name], side) for name in ("black", "cyan", "magenta", "yellow")]
    assert min(difference(one, other, sight) for one, other in combinations(toners, 2)) >= 15


@pytest.mark.parametrize("side", ["light", "dark"])
@pytest.mark.parametrize("name", ["black", "cyan", "magenta", "yellow"])
def test_the_line_of_a_toner_stands_out_from_the_page(name: str, side: str) -> None:
    assert contrast(getattr(COLORANTS[name], side), getattr(PAGE, side)) >= 3


def test_both_thresholds_are_drawn_and_named() -> None:
    chart = str(drawn(shown([point(0, 50), point(1, 40)], NAMES)))
    assert "Low 15 %" in chart
    assert "Critical 5 %" in chart


def test_the_forecast_is_a_band_from_the_early_to_the_late_day() -> None:
    points = [point(24 * day, 60 - day) for day in range(21)]
    past = shown(points, NAMES, 30, forecasts={"1.1": runs_out(10, 5, 20, 24 * 20)})
    until = levels_frames.horizon(past.levels, past.expected)
    assert until == START + timedelta(days=40)
    band = levels_frames.band_frame(past.expected, until).set_index("at")
    begins, early, median, late = (pd.Timestamp(START + timedelta(days=day)) for day in (20, 25, 30, 40))
    assert tuple(band.loc[begins, ["early", "median", "late"]]) == (40, 40, 40)
    assert tuple(band.loc[early, ["early", "median", "late"]]) == (0, 20, 30)
    assert tuple(band.loc[median, ["early", "median", "late"]]) == (0, 0, 20)
    assert tuple(band.loc[late, ["early", "median", "late"]]) == (0, 0, 0)


def test_a_forecast_without_a_late_day_stays_open_above() -> None:
    points = [point(24 * day, 60 - day) for day in range(21)]
    past = shown(points, NAMES, 30, forecasts={"1.1": runs_out(10, 5, None, 24 * 20)})
    band = levels_frames.band_frame(past.expected, levels_frames.horizon(past.levels, past.expected))
    assert set(band["late"]) == {40}
    assert "or later" in parsed(key_html(past)).text


def test_a_forecast_takes_half_of_the_chart_at_most() -> None:
    points = [point(24 * day, 60 - day) for day in range(8)]
    past = shown(points, NAMES, forecasts={"1.1": runs_out(6, 3, 300, 24 * 7)})
    assert levels_frames.horizon(past.levels, past.expected) == START + timedelta(days=14)
    far = shown(points, NAMES, forecasts={"1.1": runs_out(200, 150, 300, 24 * 7)})
    assert levels_frames.horizon(far.levels, far.expected) == START + timedelta(days=7 * 1.25)


def test_without_a_forecast_the_chart_ends_with_the_last_reading() -> None:
    past = shown([point(0, 50), point(48, 40)], NAMES)
    assert levels_frames.horizon(past.levels, past.expected) == START + timedelta(hours=48)
    assert "no forecast" in parsed(key_html(past)).text


def test_the_crosshair_tells_every_supply_at_every_time() -> None:
    points = [point(0, 50), *two_supplies()[1:], point(5, 40), point(40, 39)]
    past = shown(points, {"1.1": "K", "1.2": "C"}, events=[replaced(5, new_percent=40)])
    frame = levels_frames.crosshair_frame(
        past.levels, past.marks, past.expected, points[-1].taken_at, past.gap
    )
    told = {(at - START) / timedelta(hours=1): tuple(words) for at, *words in frame.itertuples(index=False)}
    assert told[0] == ("50 %", "not read")
    assert told[2] == ("9 %", "8 %")
    assert told[5] == ("40 % (replaced)", "8 %")
    assert told[40] == ("39 %", "not read")


def test_the_crosshair_tells_what_is_expected_with_its_range() -> None:
    points = [point(24 * day, 60 - day) for day in range(21)]
    past = shown(points, NAMES, 30, forecasts={"1.1": runs_out(10, 5, 20, 24 * 20)})
    until = levels_frames.horizon(past.levels, past.expected)
    frame = levels_frames.crosshair_frame(past.levels, past.marks, past.expected, until, past.gap)
    halfway = frame[frame["at"] == pd.Timestamp(START + timedelta(days=25))]
    assert list(halfway["s0"]) == ["about 20 % (0 to 30)"]


def test_the_words_say_where_the_levels_went() -> None:
    past = shown([point(0, 40), point(1, 5), point(2, 100)], NAMES)
    assert levels_in_words(past) == "Levels over time: Black toner from 40 % to 100 %, replaced 1 time"
    pages = pages_frame([counted(0, None), counted(1, 1200)])
    assert pages_in_words(pages) == "Pages per day: 1,200 in 1 day, at most 1,200 in a day"


def x_axis(chart: dict[str, Any]) -> dict[str, Any]:
    return dict(lines_of(chart)["x"])


@pytest.mark.parametrize(
    ("hours", "label", "interval", "step"),
    [
        ([0], "%H:%M", "minute", 10),
        ([0, 0.02], "%H:%M", "minute", 10),
        ([0, 5], "%H:%M", "minute", 30),
        ([0, 30], "%H:%M", "hour", 3),
        ([0, 60], "%a %H:%M", "hour", 12),
        ([0, 24 * 7], "%a %-d %b", "day", 1),
        ([0, 24 * 90], "%-d %b", "week", 1),
        ([0, 24 * 365], "%b %Y", "month", 1),
    ],
)
def test_the_axis_of_levels_can_be_read_however_young_the_chart_is(
    hours: list[float], label: str, interval: str, step: int
) -> None:
    past = shown([point(hour, 50 - place) for place, hour in enumerate(hours)], NAMES)
    x = x_axis(drawn(past))
    assert (x["axis"]["format"], x["axis"]["tickCount"]) == (label, {"interval": interval, "step": step})
    first, last = (
        datetime(at["year"], at["month"], at["date"], at["hours"], at["minutes"], at["seconds"], tzinfo=UTC)
        for at in x["scale"]["domain"]
    )
    assert last - first >= timedelta(hours=1)
    assert last == START + timedelta(hours=hours[-1])


def test_the_axis_of_pages_names_days_and_no_hours() -> None:
    frame = pages_frame([counted(0, None), counted(1, 30)])
    x = pages_chart(frame).to_dict()["encoding"]["x"]
    assert x["axis"]["values"] == [{"year": 2026, "month": 11, "date": 2}]
    assert x["axis"]["format"] == "%a %-d %b"


@pytest.mark.parametrize(
    ("lowest", "floor"), [(0.995, 0.9), (0.91, 0.9), (0.9, 0.5), (0.6, 0.5), (0.4, 0), (0, 0)]
)
def test_the_axis_of_availability_begins_where_it_fits(lowest: float, floor: float) -> None:
    names = ("Answered", "Did not answer", "Not observed")
    rows = [
        (pd.Timestamp("2026-11-01") + pd.Timedelta(days=day), name, share, rank)
        for day, answered in enumerate((1.0, lowest))
        for rank, (name, share) in enumerate(zip(names, (answered, 1 - answered, 0.0), strict=True))
    ]
    frame = pd.DataFrame(rows, columns=["bar", "kind", "share", "rank"])
    chart = report_charts.answers_chart(frame, daily=True, dark=False).to_dict()
    assert chart["layer"][0]["encoding"]["y"]["scale"]["domain"] == [floor, 1]


def test_a_bar_of_places_tells_all_of_them_at_once() -> None:
    rows = [(pd.Timestamp("2026-11-01"), "Library", 1200, 0), (pd.Timestamp("2026-11-02"), "Annex", 7, 1)]
    frame = pd.DataFrame(rows, columns=["bar", "place", "pages", "rank"])
    chart = report_charts.pages_chart(frame, daily=True, dark=True).to_dict()
    hover = chart["layer"][1]
    assert [tip["title"] for tip in hover["encoding"]["tooltip"]] == ["Day", "Annex", "Library"]
    told = chart["datasets"][hover["data"]["name"]]
    assert [(row["s0"], row["s1"]) for row in told] == [("1,200", "0"), ("0", "7")]
