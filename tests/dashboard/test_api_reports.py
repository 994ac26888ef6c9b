"""`/api/v1/stops` and `/api/v1/usage`: the numbers of the page Reports, for the same people."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from sqlalchemy import update

from core.storage.core_tables import PRINTERS
from core.storage.database import reading, writing
from core.storage.out_of_service import remove_ended, take_out_of_service
from core.timeseries.counters import CounterDay
from core.timeseries.reader import PrinterDay, TimeSeriesUnavailable
from dashboard.api.app import make_api
from dashboard.app_context import AppContext
from dashboard.features.reports.frames import OUT_COLUMN, printers_frame
from dashboard.features.reports.periods import period
from dashboard.features.reports.queries import known_printers, usage
from dashboard.features.reports.stoppage_frames import scores_frame
from dashboard.features.stoppages.kept import HINT_DAYS, scorecard_now
from tests.dashboard.asgi import Visitor
from tests.dashboard.chronic import BAD, JAMS, OTHERS, PAGES_A_DAY, printed, seed_chronic
from tests.dashboard.doors import behind_gate, college, sign_in
from tests.dashboard.drawing import fine, tables_of
from tests.dashboard.harness import MANAGER, PaperSeries, drawn

NOW = datetime.now(UTC)
STOPPED = 2 + len(OTHERS)
"""One more has a jam and no pages: it comes last."""


@pytest.fixture
def app_context(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[AppContext]:
    st.cache_resource.clear()
    made = college(monkeypatch, tmp_path)
    seed_chronic(made.engine, NOW)
    assert isinstance(made.series, PaperSeries)
    made.series.given_days += printed(30, NOW)
    yield made
    made.engine.dispose()
    st.cache_resource.clear()


@pytest.fixture
def manager(app_context: AppContext) -> Visitor:
    return signed_in(app_context, "maya")


def signed_in(app_context: AppContext, name: str) -> Visitor:
    who = Visitor(behind_gate(app_context, [make_api()]))
    sign_in(who, name)
    return who


def ask(who: Visitor, query: str = "", route: str = "stops") -> Any:
    answer = who.page(f"/api/v1/{route}{query}")
    assert answer.status == 200, answer.body
    return json.loads(answer.body)


def test_the_numbers_are_those_of_the_page(app_context: AppContext, manager: Visitor) -> None:
    said = ask(manager)
    card = scorecard_now(app_context, HINT_DAYS)
    with reading(app_context.engine) as connection:
        frame = scores_frame(card, known_printers(connection))
    told = [
        (
            *(line["printer"], line["printer_id"], line["location"], line["model"]),
            *(line["stops"], line["pages"], _rounded(line["per_10000_pages"]), _rounded(line["at_least"])),
            round(line["hours_stopped"], 1),
        )
        for line in said["printers"]
    ]
    names = [*frame.columns[:4], "Stops", "Pages", "Per 10,000 pages", "At least", "Hours stopped"]
    rows = frame[names].astype(object).where(frame[names].notna(), None)
    assert told == list(rows.itertuples(index=False, name=None))
    page = fine(drawn("reports", MANAGER, app_context, of="problems"))
    table = next(table for table in tables_of(page) if "At least" in table.columns)
    assert table["Printer"].tolist() == [line["printer"] for line in said["printers"]]
    assert [None if each == "–" else float(each) for each in table["At least"]] == [each[7] for each in told]


def test_the_worst_leads_with_its_causes_and_the_fleet_beside_it(manager: Visitor) -> None:
    said = ask(manager)
    worst = said["printers"][0]
    assert (worst["printer_id"], worst["stops"], worst["pages"]) == (BAD, JAMS, 30 * PAGES_A_DAY)
    assert (worst["causes"], worst["far_more_often"]) == ({"jam": JAMS}, True)
    assert (worst["per_10000_pages"], worst["trend"]) == (8.0, "")
    assert worst["link"].endswith(f"/printer?id={BAD}")
    assert (said["days"], said["total"]) == (30, STOPPED)
    assert (said["stops"], said["pages"]) == (JAMS + len(OTHERS), 30 * PAGES_A_DAY * (1 + len(OTHERS)))


def test_it_is_filtered_paged_and_of_the_days_that_are_asked_for(manager: Visitor) -> None:
    first = ask(manager, "?limit=2&offset=1")
    assert (first["total"], len(first["printers"])) == (STOPPED, 2)
    for query in (f"printer_id={BAD}", "place=Library", "model=Model%20X&limit=1"):
        assert ask(manager, f"?{query}")["printers"][0]["printer_id"] == BAD, query
    assert ask(manager, "?place=Law")["total"] == 0
    today = NOW.date()
    since, until = today - timedelta(days=3), today
    few = ask(manager, f"?since={since}&until={until}&printer_id={BAD}")
    assert (few["since"], few["until"], few["days"]) == (str(since), str(until), 3)
    assert few["printers"][0]["stops"] < JAMS
    assert few["printers"][0]["pages"] == 3 * PAGES_A_DAY
    assert ask(manager, "?period=7d")["days"] == 7


def test_the_numbers_of_a_period_are_kept_for_some_minutes_and_those_without_pages_are_not(
    monkeypatch: pytest.MonkeyPatch, app_context: AppContext, manager: Visitor
) -> None:
    months, reads = PaperSeries.months, []

    def counted(series: PaperSeries, *days: Any) -> Any:
        reads.append(days)
        if len(reads) == 1:
            raise TimeSeriesUnavailable("the time series does not answer.")
        return months(series, *days)

    monkeypatch.setattr(PaperSeries, "months", counted)
    assert ask(manager)["pages"] is None
    first = ask(manager)
    assert first["pages"] is not None
    read = len(reads)
    assert ask(manager) == first
    fine(drawn("reports", MANAGER, app_context, of="problems"))
    assert len(reads) == read, "the page shows what is kept, too"
    ask(manager, "?period=7d")
    assert len(reads) > read


def test_without_the_time_series_stops_are_told_and_no_rates(
    monkeypatch: pytest.MonkeyPatch, manager: Visitor
) -> None:
    def away(*_: object) -> None:
        raise TimeSeriesUnavailable("the time series does not answer.")

    monkeypatch.setattr(PaperSeries, "months", away)
    said = ask(manager)
    assert (said["pages"], said["per_10000_pages"], said["median_per_10000_pages"]) == (None, None, None)
    worst = said["printers"][0]
    assert (worst["stops"], worst["pages"], worst["at_least"]) == (JAMS, None, None)


def test_pages_and_availability_are_those_of_the_page(app_context: AppContext, manager: Visitor) -> None:
    assert isinstance(app_context.series, PaperSeries)
    today = NOW.date()
    app_context.series.given_days.append(PrinterDay("low", today, 4, 1, 0, 12_000, 7_000))
    app_context.series.given_counters += [
        CounterDay("low", "color", today - timedelta(days=ago), -ago, count, 1)
        for ago, count in ((1, 100), (0, 160))
    ]
    with writing(app_context.engine) as connection:
        connection.execute(update(PRINTERS).where(PRINTERS.c.printer_id == "low").values(cost_center="Law"))
    said = ask(manager, route="usage")
    with reading(app_context.engine) as connection:
        known = known_printers(connection)
    whole = usage(app_context.series, known, period("30d", today), today, {})
    frame = printers_frame(whole, {})
    told = [(line["printer"], line["printer_id"], line["pages"]) for line in said["printers"]]
    rows = frame[["Printer", "Printer ID", "Pages"]].astype(object).where(frame.notna(), None)
    assert sorted(told) == sorted(rows.itertuples(index=False, name=None))
    pages = [line["pages"] for line in said["printers"] if line["pages"] is not None]
    assert pages == sorted(pages, reverse=True)
    assert (said["pages"], said["total"]) == (whole.pages, len(frame))
    (low,) = ask(manager, "?printer_id=low", "usage")["printers"]
    assert (low["pages"], low["availability"], low["observed_days"]) == (7_000, 0.25, 1.0)
    assert (low["counters"], low["cost_center"]) == ({"color": 60}, "Law")
    (never,) = ask(manager, "?printer_id=jammed", "usage")["printers"]
    assert (never["pages"], never["availability"], never["counters"]) == (None, None, {})
    assert [line["printer_id"] for line in ask(manager, "?place=Library", "usage")["printers"]][:1] == [BAD]
    assert len(ask(manager, "?limit=2&offset=1", "usage")["printers"]) == 2


def test_a_printer_that_was_out_of_service_has_no_stops_of_that_time_and_its_days_are_told(
    app_context: AppContext, manager: Visitor
) -> None:
    assert isinstance(app_context.series, PaperSeries)
    today = NOW.date()
    app_context.series.given_days += [
        PrinterDay("low", today - timedelta(days=ago), 24, 0 if ago == 2 else 24, 0, 0, 0)
        for ago in (3, 2, 1)
    ]
    until = datetime.combine(today - timedelta(days=1), time(), tzinfo=UTC)
    with writing(app_context.engine) as connection:
        times = {"low": until - timedelta(days=1), BAD: until - timedelta(days=9)}
        for printer_id, since in times.items():
            take_out_of_service(connection, printer_id, until=until, why="move", actor="tom", now=since)
        remove_ended(connection, NOW)
    worst = ask(manager, f"?printer_id={BAD}")["printers"][0]
    assert 0 < worst["stops"] < JAMS
    (low,) = ask(manager, "?printer_id=low", "usage")["printers"]
    assert (low["availability"], low["observed_days"], low["out_of_service_days"]) == (1.0, 2.0, 1.0)
    page = fine(drawn("reports", MANAGER, app_context, of="answers"))
    table = tables_of(page)[0].set_index("Printer")
    assert table.loc[low["printer"], ["Availability", "Observed days", OUT_COLUMN]].tolist() == [
        "100.0 %",
        "2",
        "1",
    ]
    assert OUT_COLUMN not in tables_of(fine(drawn("reports", MANAGER, app_context)))[0]


def test_without_the_time_series_pages_are_refused_for_now(
    monkeypatch: pytest.MonkeyPatch, manager: Visitor
) -> None:
    def away(*_: object) -> None:
        raise TimeSeriesUnavailable("the time series does not answer.")

    monkeypatch.setattr(PaperSeries, "days", away)
    answer = manager.page("/api/v1/usage")
    assert (answer.status, answer.json) == (503, {"error": "the time series does not answer."})


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("period=century", "'century' is not known"),
        ("until=2026-01-02", "name the first day"),
        ("since=1999-12-31", "days from 2000-01-01 to today"),
        ("since=9999-12-31", "days from 2000-01-01 to today"),
        ("since=2026-01-02&until=2026-01-02", "before until"),
        ("since=2000-01-01", "at most 1,100 days"),
        ("since=yesterday", "since"),
    ],
)
def test_a_period_that_cannot_be_is_told_in_a_sentence(manager: Visitor, query: str, words: str) -> None:
    answer = manager.page(f"/api/v1/stops?{query}")
    assert answer.status == 422
    assert words in json.loads(answer.body)["error"]


def test_it_is_for_who_sees_reports(app_context: AppContext) -> None:
    stranger = Visitor(behind_gate(app_context, [make_api()]))
    for path in ("/api/v1/stops", "/api/v1/usage"):
        assert signed_in(app_context, "tom").page(path).status == 403
        assert stranger.page(path).headers["location"].startswith("/login")


def _rounded(rate: float | None) -> float | None:
    return None if rate is None else round(rate, 1)
