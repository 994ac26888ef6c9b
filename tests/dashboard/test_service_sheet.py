"""A printer that jams again and again: in the reports, as a hint, and on the sheet for the vendor."""

import time
from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Event
from zoneinfo import ZoneInfo

import pytest
import streamlit as st
from sqlalchemy import Engine, update

from core.runtime.settings import DatabaseSettings
from core.storage.core_tables import ISSUES, PRINTERS
from core.storage.database import open_database, reading, writing
from core.timeseries.reader import PrinterDay, PrinterMonth, TimeSeriesUnavailable
from dashboard.app_context import AppContext
from dashboard.features.reports.periods import period
from dashboard.features.reports.queries import known_printers
from dashboard.features.reports.stoppage_frames import scores_frame
from dashboard.features.reports.tables import frame_to_csv
from dashboard.features.service_sheet.queries import age_of, serviced_issues
from dashboard.features.stoppages.kept import HINT_DAYS, KeptScorecard, kept_scorecard, scorecard_now
from dashboard.features.stoppages.queries import (
    pages_before,
    pages_by_printer,
    paper_outs,
    printer_stoppages,
    read_scorecard,
)
from dashboard.features.stoppages.rates import Trend
from dashboard.features.stoppages.scorecard import Scorecard
from dashboard.web.routes import service_sheet
from tests.builders import put
from tests.dashboard.asgi import Answer, Visitor
from tests.dashboard.chronic import BAD, JAMS, OTHERS, printed, seed_chronic
from tests.dashboard.doors import behind_gate, college, sign_in
from tests.dashboard.drawing import fine, html_of, tables_of
from tests.dashboard.harness import ANONYMOUS, MANAGER, TECHNICIAN, PaperSeries, drawn
from tests.dashboard.html_text import parsed
from tests.dashboard.manager_fleet import flag
from tests.dashboard.portal import SCRIPT
from tests.patience import PATIENCE_SECONDS
from tests.postgres import DATABASES, database

NOW = datetime.now(UTC)
NOON = datetime(2026, 3, 18, 12, tzinfo=UTC)
"""What is read without a page is told the time."""
THEN = PaperSeries(given_days=printed(30, NOON))


@pytest.fixture(params=DATABASES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with database(request.param, tmp_path / "data") as settings:
        engine = open_database(settings)
        seed_chronic(engine, NOON)
        yield engine
        engine.dispose()


@pytest.fixture
def app_context(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[AppContext]:
    st.cache_resource.clear()
    made = college(monkeypatch, tmp_path, {"PORTAL_PUBLIC": "true"})
    seed_chronic(made.engine, NOW)
    assert isinstance(made.series, PaperSeries)
    made.series.given_days += printed(30, NOW)
    yield made
    made.engine.dispose()
    st.cache_resource.clear()


def read(engine: Engine, name: str = "30d") -> Scorecard:
    chosen = period(name, NOON.date())
    pages, before = pages_by_printer(THEN, chosen), pages_before(THEN, chosen)
    with reading(engine) as connection:
        known = known_printers(connection)
        return read_scorecard(connection, pages, before, known, chosen, ZoneInfo("UTC"), NOON)


def wait_until_scored(app_context: AppContext) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while kept_scorecard(app_context) is None:
        assert time.monotonic() < until
        time.sleep(0.02)


def get(app_context: AppContext, path: str, name: str = "tom") -> Answer:
    who = Visitor(behind_gate(app_context, service_sheet.ROUTES))
    if name:
        sign_in(who, name)
    return who.page(path)


# What is read, on either database


def test_the_worst_printer_leads_with_its_steps_as_one_stop_each(engine: Engine) -> None:
    card = read(engine)
    worst = card.worst_first()[0]
    assert (worst.printer_id, worst.own.stops, worst.own.pages) == (BAD, JAMS, 15_000)
    assert worst.causes == {"jam": JAMS}
    assert worst.seconds == JAMS * 20 * 60
    assert [each.printer_id for each in card.chronic()] == [BAD]
    of_model = card.of_model(worst)
    assert of_model is not None
    assert (of_model.printers, of_model.counted.stops) == (len(OTHERS), len(OTHERS))


def test_what_does_not_stop_or_ran_out_or_does_not_answer_is_not_counted(engine: Engine) -> None:
    at = NOON - timedelta(hours=8)
    for code, severity in (
        *(("jam", "warning"), ("output_full", "info"), ("supply_empty", "critical")),
        *(("no_paper", "critical"), ("unreachable", "critical")),
    ):
        put(engine, flag(OTHERS[0], code, severity, since_at=at, subject=severity, cleared_at=NOON))
    assert read(engine).scores[OTHERS[0]].own.stops == 1
    put(engine, flag(OTHERS[0], "service_requested", "critical", since_at=at, cleared_at=NOON))
    assert read(engine).scores[OTHERS[0]].own.stops == 2


def test_the_period_before_is_beside_and_its_trend_needs_pages(engine: Engine) -> None:
    score = read(engine, "7d").scores[BAD]
    assert (score.own.stops, score.own.pages) == (4, 3_500)
    assert (score.before.stops, score.before.pages) == (3, 3_500)
    assert score.trend == Trend.STEADY
    month = read(engine).scores[BAD]
    assert (month.before.pages, month.trend) == (None, None)


@pytest.mark.parametrize(("days", "known"), [(44, False), (45, True)])
def test_a_rate_before_needs_half_of_the_days_of_that_time(days: int, known: bool) -> None:
    series = PaperSeries(given_days=printed(days, NOON))
    chosen = period("30d", NOON.date())
    assert (pages_before(series, chosen)[BAD] is not None) is known


def test_the_stops_of_one_printer_are_told_in_words_the_newest_first(engine: Engine) -> None:
    with reading(engine) as connection:
        found = printer_stoppages(connection, BAD, NOON - timedelta(days=90), NOON)
    assert len(found) == JAMS
    assert found[0].began_at > found[-1].began_at
    assert {each.words for each in found} == {"Paper is jammed at Tray 2."}


def test_a_stop_that_began_before_the_period_is_not_in_its_list_as_it_is_not_in_its_number(
    engine: Engine,
) -> None:
    half_way = NOON - timedelta(hours=2, minutes=55)  # its jam was there, its cover not yet open
    with reading(engine) as connection:
        assert printer_stoppages(connection, BAD, half_way, NOON) == []


def test_paper_that_runs_out_in_two_trays_at_once_is_one(engine: Engine) -> None:
    at = NOON - timedelta(days=3)
    for subject in ("1.1", "1.2"):
        put(engine, flag(BAD, "no_paper", "warning", since_at=at, subject=subject, cleared_at=NOON))
    with reading(engine) as connection:
        (found,) = paper_outs(connection, NOON - timedelta(days=7), NOON)
    assert (found.printer_id, found.began_at) == (BAD, at)


def test_issues_are_told_with_what_was_tried_and_not_by_whom(engine: Engine) -> None:
    since = NOON - timedelta(days=90)
    with reading(engine) as connection:
        (found,) = serviced_issues(connection, BAD, since, with_notes=True)
        (public,) = serviced_issues(connection, BAD, since, with_notes=False)
        assert serviced_issues(connection, BAD, NOON, with_notes=True) == []
    assert [each.text for each in found.tried] == [
        "Rollers cleaned, did not help",
        "The rollers were replaced",
    ]
    assert [each.text for each in public.tried] == ["The rollers were replaced"]
    with writing(engine) as connection:
        connection.execute(update(ISSUES).values(earlier_device=True))
        assert serviced_issues(connection, BAD, since, with_notes=True) == []


def test_the_age_is_that_of_the_records_and_an_exchanged_device_is_told(engine: Engine) -> None:
    today = NOON.date()
    days = [PrinterDay(BAD, today - timedelta(days=ago), 9, 9, 0, 1, 1, int(ago < 40)) for ago in range(60)]
    with reading(engine) as connection:
        age = age_of(connection, PaperSeries(given_days=days[::-1]), BAD, today)
        assert age.since == (NOON - timedelta(days=200)).date()
        assert age.device_since == today - timedelta(days=39)
        assert age_of(connection, THEN, BAD, today).device_since is None


# The reports


def test_the_report_orders_by_what_is_certain_and_its_csv_has_all_columns(app_context: AppContext) -> None:
    page = fine(drawn("reports", MANAGER, app_context, of="problems"))
    table = next(table for table in tables_of(page) if "At least" in table.columns)
    assert table.loc[0, "Printer"] == "Library 1"
    assert table.loc[0, "Per 10,000 pages"] == "8.0"
    assert table.loc[0, "Most often"] == "Jam"
    assert "Library 1 stops far more often than others" in parsed(html_of(page)).text
    assert "the median of 9 printers is 0.7" in " ".join(each.value for each in page.caption)
    with reading(app_context.engine) as connection:
        known = known_printers(connection)
    csv = frame_to_csv(scores_frame(scorecard_now(app_context, HINT_DAYS), known)).decode("utf-8-sig")
    assert csv.splitlines()[1].startswith('Library 1,bad-1,"Library, floor 1",Model X,12,15000,8.0,')


def test_without_pages_the_report_is_ordered_by_number_and_says_so(app_context: AppContext) -> None:
    class Away(PaperSeries):
        def days(
            self, since: date, until: date, printer_ids: Collection[str] | None = None
        ) -> Iterator[PrinterDay]:
            raise TimeSeriesUnavailable("the time series does not answer.")

        def months(self, since: date, until: date) -> Iterator[PrinterMonth]:
            raise TimeSeriesUnavailable("the time series does not answer.")

    away = replace(app_context, series=Away())
    page = fine(drawn("reports", MANAGER, away, of="problems"))
    assert "Ordered by number" in " ".join(each.value for each in page.caption)
    table = next(table for table in tables_of(page) if "At least" in table.columns)
    assert (table.loc[0, "Printer"], table.loc[0, "At least"]) == ("Library 1", "–")
    fine(drawn("printer", TECHNICIAN, away, id=BAD))


def test_paper_is_told_by_weekday_and_hour_and_by_printer(app_context: AppContext) -> None:
    began = (NOW - timedelta(days=1)).replace(hour=10, minute=5)
    for week in range(3):
        at = began - timedelta(days=7 * week)
        put(
            app_context.engine,
            flag(BAD, "no_paper", "warning", since_at=at, cleared_at=at + timedelta(hours=1)),
        )
    page = fine(drawn("reports", MANAGER, app_context, of="paper"))
    hours, printers = tables_of(page)
    day = f"{began:%a}"
    assert hours.to_numpy().tolist() == [[day, "10:00", "3"]]
    first = printers.iloc[0].to_dict()
    assert (first["Printer"], first["Times"]) == ("Library 1", "3")
    assert first["Most often on"] == f"{day} (3 of 3)"
    assert first["Mostly between"] == "08:00 to 11:00 (3 of 3)"
    chosen = fine(drawn("reports", MANAGER, app_context, of="paper", paper=BAD))
    assert tables_of(chosen)[0].loc[0, "Times"] == "3"


def test_a_period_without_stops_and_empty_trays_says_so(app_context: AppContext, tmp_path: Path) -> None:
    none = replace(app_context, engine=open_database(DatabaseSettings(data_dir=tmp_path / "none")))
    assert "No printer ran out of paper" in html_of(fine(drawn("reports", MANAGER, none, of="paper")))
    put(none.engine, flag("x", "supply_low", "warning"))
    st.cache_resource.clear()
    assert "No printer stopped" in html_of(fine(drawn("reports", MANAGER, none, of="problems")))


# The hints


def test_the_printer_and_its_issue_say_it_to_those_who_call_the_vendor(app_context: AppContext) -> None:
    said = "12 stops in 30 days, most often: jam, 8 per 10,000 pages; others of this model: 0.7"
    wait_until_scored(app_context)
    for path, query in (("printer", BAD), ("issue", "2")):
        page = html_of(fine(drawn(path, TECHNICIAN, app_context, id=query)))
        assert said in parsed(page).text
        assert f'href="/service-sheet/{BAD}"' in page
    well = html_of(fine(drawn("printer", TECHNICIAN, app_context, id=OTHERS[0])))
    assert "far more often" not in well
    assert f'href="/service-sheet/{OTHERS[0]}"' in well
    strange = html_of(fine(drawn("printer", ANONYMOUS, app_context, id=BAD)))
    assert "far more often" not in strange
    assert "service-sheet" not in strange


def test_a_slow_time_series_holds_up_no_page_and_the_hint_comes_with_a_later_refresh(
    app_context: AppContext,
) -> None:
    answers = Event()

    class Slow(PaperSeries):
        def months(self, since: date, until: date) -> Iterator[PrinterMonth]:
            answers.wait(PATIENCE_SECONDS)
            return super().months(since, until)

    slow = replace(app_context, series=Slow(given_days=printed(30, NOW)))
    assert "far more often" not in html_of(fine(drawn("printer", TECHNICIAN, slow, id=BAD)))
    answers.set()
    wait_until_scored(slow)
    assert "far more often" in html_of(fine(drawn("printer", TECHNICIAN, slow, id=BAD)))


def test_a_scorecard_that_cannot_be_read_anew_is_shown_for_a_day_and_no_longer(
    app_context: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, clock = KeptScorecard(app_context), time.monotonic
    until = clock() + PATIENCE_SECONDS
    while (card := kept.latest()) is None:
        assert clock() < until

    def away(*_: object) -> Scorecard:
        raise OSError("the database is away")

    monkeypatch.setattr("dashboard.features.stoppages.kept.scorecard_now", away)
    for hours, seen in ((1, card), (23, card), (25, None), (49, None)):
        monkeypatch.setattr(time, "monotonic", lambda hours=hours: clock() + 3600 * hours)
        assert kept.latest() is seen
        while kept._reading is not None:
            assert clock() < until


# The sheet


def test_the_sheet_says_who_it_is_what_is_wrong_and_what_was_tried(app_context: AppContext) -> None:
    answer = get(app_context, f"/service-sheet/{BAD}")
    assert answer.status == 200
    assert answer.headers["cache-control"] == "no-store"
    shown = " ".join(parsed(answer.body).text.split())
    for words in (
        *("Model X", "SN-4711", "JETX firmware 2.41.7", "10.0.0.5:161", "Library, floor 1"),
        *("81,234 pages", "(200 days)", "Paper is jammed.", "prtAlertCode.1.3 = 8", "Clear jam Tray 2"),
        *(
            "12 stops in 90 days",
            "others of this model: 0.7",
            "In the last 30 days",
            "It stood still for 4 h",
        ),
        *("Paper is jammed at Tray 2.", "20 min", "Black Toner TN-1, 4 % was left, 6,100 pages"),
        *(
            "Jams on every tenth page",
            "resolved",
            "Rollers cleaned, did not help",
            "The rollers were replaced",
        ),
    ):
        assert words in shown, words
    for name in ("Noah", "noah@", "Tom", "tom"):
        assert name not in shown, "names of people are nobody's business"


def test_the_text_says_the_same_a_line_for_each_thing(app_context: AppContext) -> None:
    answer = get(app_context, f"/service-sheet/{BAD}/text")
    assert answer.headers["content-type"].startswith("text/plain")
    lines = answer.body.splitlines()
    assert lines[0].startswith("SERVICE SHEET: Library 1, ")
    assert "Serial number: SN-4711" in lines
    assert "- This printer: stops 12, pages 15,000, per 10,000 pages 8" in lines
    assert "- Jam: 12 times" in lines
    assert sum(line.endswith("20 min: Paper is jammed at Tray 2.") for line in lines) == 12
    assert any("Rollers cleaned" in line for line in lines)


@pytest.mark.parametrize("ending", ["", "/text"])
def test_internal_notes_are_left_out_where_that_is_asked_for(app_context: AppContext, ending: str) -> None:
    body = get(app_context, f"/service-sheet/{BAD}{ending}?notes=no").body
    assert "Rollers cleaned" not in body
    assert "The rollers were replaced" in body


@pytest.mark.parametrize("ending", ["", "/text"])
def test_nobody_sees_it_without_signing_in(app_context: AppContext, ending: str) -> None:
    answer = get(app_context, f"/service-sheet/{BAD}{ending}", name="")
    assert answer.status in {303, 401, 403}
    assert "SN-4711" not in answer.body


def test_of_a_printer_that_is_not_there_nothing_is_made(app_context: AppContext) -> None:
    assert get(app_context, "/service-sheet/nowhere").status == 404
    assert get(app_context, "/service-sheet/nowhere/text").status == 404


def test_a_printer_that_never_stopped_or_was_never_read_has_a_sheet_too(app_context: AppContext) -> None:
    for printer_id in ("fine", "new", "gone"):
        shown = parsed(get(app_context, f"/service-sheet/{printer_id}").body).text
        assert "Stops in 90 days" in shown
        assert "Latest stops" not in shown


def test_hostile_words_are_text_and_one_line_of_text(app_context: AppContext) -> None:
    with writing(app_context.engine) as connection:
        connection.execute(
            update(PRINTERS).where(PRINTERS.c.printer_id == BAD).values(name=f"{SCRIPT}\nWRONG NOW")
        )
        connection.execute(update(ISSUES).values(title=f"{SCRIPT}\nSTOPS"))
    body = get(app_context, f"/service-sheet/{BAD}").body
    assert SCRIPT not in body
    lines = get(app_context, f"/service-sheet/{BAD}/text").body.splitlines()
    assert lines.count("WRONG NOW") == 1
    assert not [line for line in lines if line.startswith("STOPS") and "DAYS" not in line]
