"""The manager's pages as they are drawn: with data and with none, with hostile strings, worked with."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update
from streamlit import cache_resource

from core.domain.mail_kinds import MailKind
from core.runtime.settings import DatabaseSettings
from core.storage.core_tables import MAILS, PRINTERS, TRIAGE
from core.storage.database import open_database, reading, writing
from core.storage.issues import NewIssue, open_issue
from core.storage.mail_outbox import NewMail, enqueue
from core.storage.tables import RefusedPoint
from core.timeseries.counters import CounterDay
from core.timeseries.reader import PrinterDay, TimeSeriesUnavailable
from dashboard.app_context import AppContext
from dashboard.features.attention.flag_rows import ACKNOWLEDGE, OPEN, TAKE
from dashboard.features.reports.frames import counters_frame, printers_frame
from dashboard.features.reports.periods import Period, period
from dashboard.features.reports.queries import usage
from dashboard.features.reports.tables import frame_to_csv
from tests.builders import printer, put, snapshot
from tests.dashboard.drawing import fine, html_of, said, stored_issue, tables_of
from tests.dashboard.harness import (
    MANAGER,
    TECHNICIAN,
    PaperSeries,
    add_people,
    drawn,
    open_college,
)
from tests.dashboard.manager_fleet import HOSTILE_NAME, HOSTILE_PLACE, NOW, flag, state, toner

PAGES = ("attention", "supplies", "reports", "system", "issues")


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_drawn_with_data_and_with_none(
    path: str, app_context: AppContext, tmp_path: Path
) -> None:
    assert html_of(fine(drawn(path, MANAGER, app_context)))
    nothing = open_college(tmp_path / "none", empty=True)
    words = {
        "attention": "Nothing needs attention",
        "supplies": "Nothing to order",
        "reports": "No reading in this period",
        "system": "No service has sent a heartbeat yet",
        "issues": "No open issue is yours or unassigned",
    }
    assert words[path] in html_of(fine(drawn(path, MANAGER, nothing)))


def test_technicians_work_issues(app_context: AppContext) -> None:
    assert "Prints are pale" in html_of(fine(drawn("issues", TECHNICIAN, app_context)))


def test_a_flag_is_acknowledged_and_the_undo_brings_it_back(app_context: AppContext) -> None:
    test = fine(drawn("attention", MANAGER, app_context))
    assert "Tray 2 is out of paper" in html_of(test)
    fine(test.menu_button(key="act-3").click(ACKNOWLEDGE).run())
    assert "Tray 2 is out of paper" not in html_of(test)
    assert "Lib-2: acknowledged" in said(test)
    fine(test.button(key="attention.undo").click().run())
    assert "Tray 2 is out of paper" in html_of(test)


def test_a_flag_is_taken_and_an_issue_is_opened_from_it(app_context: AppContext) -> None:
    test = fine(drawn("attention", MANAGER, app_context))
    fine(test.menu_button(key="act-4").click(TAKE).run())
    assert "Assigned to <strong>Maya Lindqvist</strong>" in html_of(test)
    fine(test.menu_button(key="act-4").click(OPEN).run())
    assert stored_issue(app_context, 3).assignee == "maya"
    assert OPEN not in test.menu_button(key="act-4").options


def test_all_flags_of_a_place_are_snoozed_at_once(app_context: AppContext) -> None:
    test = fine(drawn("attention", MANAGER, app_context))
    fine(test.menu_button(key="all-1").click("Snooze for a week").run())
    assert "3 flags: snoozed" in said(test)
    with reading(app_context.engine) as connection:
        assert len(connection.execute(select(TRIAGE)).all()) == 3
    aside = fine(drawn("attention", MANAGER, app_context, pile="aside"))
    assert "snoozed until" in html_of(aside)


def test_filters_are_read_from_the_address(app_context: AppContext) -> None:
    test = fine(drawn("attention", MANAGER, app_context, severity="critical", whose="nobody"))
    assert "Paper is jammed" in html_of(test)
    assert "is low" not in html_of(test)
    issues = fine(drawn("issues", TECHNICIAN, app_context, kind="device", status="open", priority="high"))
    assert "Paper is jammed" in html_of(issues)
    assert "Prints are pale" not in html_of(issues)
    nonsense = fine(drawn("issues", TECHNICIAN, app_context, kind="x", status="y", assignee="z", view="?"))
    assert "Prints are pale" in html_of(nonsense)


def test_failed_checks_have_their_own_list(app_context: AppContext) -> None:
    html = html_of(fine(drawn("attention", MANAGER, app_context, pile="failed")))
    assert "gym-1 did not answer." in html
    assert "flagged if the next reading fails, too" in html


def test_hostile_strings_are_text_on_every_page(app_context: AppContext) -> None:
    evil = state("evil", supplies=(toner(1, description=HOSTILE_NAME),))
    put(app_context.engine, printer("evil", name=HOSTILE_NAME, location=HOSTILE_PLACE))
    put(app_context.engine, snapshot("evil", evil, stale_at=NOW + timedelta(days=1), lowest_supply_percent=1))
    put(app_context.engine, flag("evil", "jam", "critical", message=HOSTILE_NAME))
    with writing(app_context.engine) as connection:
        new = NewIssue("evil", HOSTILE_NAME, HOSTILE_NAME, reporter=HOSTILE_NAME, contact=HOSTILE_NAME)
        issue_id = open_issue(connection, new, actor=HOSTILE_NAME, now=NOW)
        mail = NewMail("k", MailKind.SUMMARY, HOSTILE_NAME, HOSTILE_NAME, "x")
        enqueue(connection, [mail], domain="x", now=NOW)
        connection.execute(update(MAILS).values(status="failed", last_error=HOSTILE_NAME))
    for path, query in (
        ("attention", {}),
        ("supplies", {}),
        ("system", {}),
        ("issues", {}),
        ("issues", {"view": "table", "printer": HOSTILE_NAME}),
        ("issue", {"id": str(issue_id)}),
    ):
        test = fine(drawn(path, MANAGER, app_context, **query))
        assert "<script>" not in html_of(test)
        assert all("<script>" not in title.value for title in test.title)


def test_a_failed_message_is_sent_again_from_the_page(app_context: AppContext) -> None:
    with writing(app_context.engine) as connection:
        mail = NewMail("k", MailKind.SUMMARY, "maya@college.example", "Printers", "x")
        enqueue(connection, [mail], domain="x", now=NOW)
        connection.execute(update(MAILS).values(status="failed", last_error="550 no such user"))
    test = fine(drawn("system", MANAGER, app_context))
    assert "550 no such user" in html_of(test)
    fine(test.button(key="send-1").click().run())
    with reading(app_context.engine) as connection:
        assert connection.execute(select(MAILS.c.status)).scalar_one() == "due"


def test_refused_points_are_shown_by_reason_with_the_command_that_sends_them_again(
    app_context: AppContext,
) -> None:
    put(app_context.engine, *(RefusedPoint(payload="{}", reason="too old", at=NOW) for _ in range(2)))
    test = fine(drawn("system", MANAGER, app_context))
    assert "printers history resend-refused" in html_of(test)
    reasons = tables_of(test)[0]
    assert (reasons.loc[0, "Points"], reasons.loc[0, "Reason"]) == ("2", "too old")


def test_reports_are_drawn_from_the_time_series(app_context: AppContext) -> None:
    assert isinstance(app_context.series, PaperSeries)
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    app_context.series.given_days.append(PrinterDay("lib-1", yesterday, 100, 50, 0, 90, 90))
    test = fine(drawn("reports", MANAGER, app_context, period="7d"))
    assert {metric.label: metric.value for metric in test.metric}["Pages"] == "90"
    printers = tables_of(test)[0]
    assert (printers.loc[0, "Printer"], printers.loc[0, "Availability"]) == ("Lib-1", "50.0 %")
    for which in ("answers", "problems", "issues"):
        fine(drawn("reports", MANAGER, app_context, period="7d", of=which))


@pytest.mark.parametrize(
    "days_read",
    [range(8, 13), (13, 8)],
    ids=["its history begins within the days before", "most of the days before were not observed"],
)
def test_figures_are_compared_with_no_days_that_are_not_wholly_known(
    app_context: AppContext, days_read: Collection[int]
) -> None:
    read_days(app_context, {1: 1_200, **dict.fromkeys(days_read, 100)})
    test = fine(drawn("reports", MANAGER, app_context, period="7d"))
    assert {metric.delta for metric in test.metric} == {""}
    assert ", before: " not in test.caption[0].value


def test_figures_of_a_report_have_those_of_as_many_days_before(app_context: AppContext) -> None:
    read_days(app_context, {1: 1_200, **dict.fromkeys(range(7, 14), 100)})
    today = datetime.now(UTC).date()
    test = fine(drawn("reports", MANAGER, app_context, period="7d"))
    shown = {metric.label: (metric.value, metric.delta) for metric in test.metric}
    assert shown["Pages"] == ("1,200", "before: 700")
    assert shown["Availability"] == ("90.0 %", "before: 90.0 %")
    assert shown["Problems"][1] == "before: 0"
    before = Period(today - timedelta(days=13), today - timedelta(days=6))
    assert f", before: {before.words()}. Days" in test.caption[0].value


def read_days(app_context: AppContext, pages: Mapping[int, int]) -> None:
    """Readings of the only printer on these days, by how long ago they were."""
    assert isinstance(app_context.series, PaperSeries)
    today = datetime.now(UTC).date()
    with writing(app_context.engine) as connection:
        connection.execute(update(PRINTERS).values(created_at=NOW - timedelta(days=300)))
        connection.execute(delete(PRINTERS).where(PRINTERS.c.printer_id != "lib-1"))
    app_context.series.given_days += [
        PrinterDay("lib-1", today - timedelta(days=ago), 100, 90, 0, printed, printed)
        for ago, printed in pages.items()
    ]


def test_reports_add_pages_up_by_cost_center_where_the_inventory_has_them(app_context: AppContext) -> None:
    assert isinstance(app_context.series, PaperSeries)
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    app_context.series.given_days.append(PrinterDay("lib-1", yesterday, 100, 50, 0, 90, 90))
    test = fine(drawn("reports", MANAGER, app_context, period="30d"))
    assert not any("Cost center" in table.columns for table in tables_of(test))
    with writing(app_context.engine) as connection:
        connection.execute(update(PRINTERS).where(PRINTERS.c.printer_id == "lib-1").values(cost_center="Law"))
    centers, printers = tables_of(fine(drawn("reports", MANAGER, app_context, period="7d")))[:2]
    assert centers.to_numpy()[0].tolist() == ["Law", "1", "90"]  # nobody tells mono and color apart
    assert printers.set_index("Printer").loc["Lib-1", "Cost center"] == "Law"


def test_what_to_replace_lists_all_printers_with_their_age_warranty_and_contract(
    app_context: AppContext,
) -> None:
    cache_resource.clear()
    blank = tables_of(fine(drawn("reports", MANAGER, app_context, of="replace")))[0]
    assert not {"In use since", "Contract", "Asset tag"} & set(blank.columns)
    cache_resource.clear()
    today = datetime.now(UTC).date()
    values = {
        **{"in_use_since": today - timedelta(days=731), "asset_tag": "A-0042"},
        **{"contract": "Ricoh lease 4711", "contract_until": today + timedelta(days=80)},
    }
    with writing(app_context.engine) as connection:
        connection.execute(update(PRINTERS).where(PRINTERS.c.printer_id == "lib-1").values(values))
    table = tables_of(fine(drawn("reports", MANAGER, app_context, of="replace")))[0]
    row = table.set_index("Printer").loc["Lib-1"]
    assert (row["Years"], row["Contract"], row["Asset tag"]) == ("2", "Ricoh lease 4711", "A-0042")
    assert len(table) == len(blank)
    (only,) = tables_of(fine(drawn("reports", MANAGER, app_context, of="replace", ends="90d")))
    assert list(only["Printer"]) == ["Lib-1"]
    none = fine(drawn("reports", MANAGER, app_context, of="replace", ends="60d"))
    assert "No warranty or contract ends then." in html_of(none)


def test_reports_show_mono_and_color_by_month_where_makers_count_them(app_context: AppContext) -> None:
    assert isinstance(app_context.series, PaperSeries)
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    app_context.series.given_days.append(PrinterDay("lib-1", yesterday, 100, 50, 0, 90, 90))
    none = fine(drawn("reports", MANAGER, app_context, period="30d"))
    assert "No printer told mono and color apart" in html_of(none)
    for day, (mono, color) in ((yesterday - timedelta(days=1), (100, 10)), (yesterday, (160, 30))):
        for counter, value in (("mono", mono), ("color", color)):
            app_context.series.given_counters.append(CounterDay("lib-1", counter, day, 0, value, 7))
    test = fine(drawn("reports", MANAGER, app_context, period="7d"))
    months = next(table for table in tables_of(test) if "Mono" in table.columns)
    assert sum(map(int, months["Mono"])) == 60
    assert sum(map(int, months["Color"])) == 20
    assert "Scans" not in months.columns  # no printer counts them


def test_what_has_no_count_before_it_is_a_dash_in_reports_and_an_empty_cell_in_their_csv(
    app_context: AppContext,
) -> None:
    assert isinstance(app_context.series, PaperSeries)
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    app_context.series.given_days.append(PrinterDay("lib-1", yesterday, 1, 1, 90, 90, None))
    begun, going = CounterDay("lib-1", "color", yesterday, 0, 700, 7), timedelta(days=1)
    counted = [
        CounterDay(name, counter, yesterday - ago * going, 0, 90 - ago, 7)
        for name, counter in (("lib-1", "mono"), ("lib-2", "color"))
        for ago in (1, 0)
    ]
    app_context.series.given_counters += [*counted, begun]
    test = fine(drawn("reports", MANAGER, app_context, period="7d"))
    assert {metric.label: metric.value for metric in test.metric}["Pages"] == "–"
    shown = tables_of(test)
    assert shown[0].set_index("Printer").loc["Lib-1", "Pages"] == "–"
    by_month = next(table for table in shown if "Color" in table.columns)
    assert by_month.set_index("Printer").loc["Lib-1", "Color"] == "–"
    assert set(by_month["Month"]) == {f"{yesterday:%b %Y}"}
    today = datetime.now(UTC).date()
    found = usage(app_context.series, {}, period("7d", today), today, {})
    assert b"lib-1,lib-1,,,," in frame_to_csv(printers_frame(found, {}))
    assert b",0" not in frame_to_csv(counters_frame(found)).partition(b"lib-1")[2]


def test_a_printer_has_the_same_pages_on_its_own_page_as_in_the_reports(app_context: AppContext) -> None:
    assert isinstance(app_context.series, PaperSeries)
    today = datetime.now(UTC).date()
    app_context.series.given_days += [
        PrinterDay("lib-1", today - timedelta(days=day), 100, 100, 0, 90, pages)
        for day, pages in ((29, 1000), (1, None), (0, 234))
    ]
    report = fine(drawn("reports", MANAGER, app_context, period="30d"))
    assert {metric.label: metric.value for metric in report.metric}["Pages"] == "1,234"
    page = fine(drawn("printer", MANAGER, app_context, id="lib-1"))
    assert "1,234 pages in 2 days" in " ".join(caption.value for caption in page.caption)


def test_a_time_series_that_is_away_is_a_sentence_and_the_rest_is_shown(app_context: AppContext) -> None:
    class Away(PaperSeries):
        def days(
            self, since: date, until: date, printer_ids: Collection[str] | None = None
        ) -> Iterator[PrinterDay]:
            raise TimeSeriesUnavailable("the time series does not answer: start it, or look at INFLUXDB_URL.")

    away = replace(app_context, series=Away())
    assert "does not answer" in said(fine(drawn("reports", MANAGER, away)))
    assert tables_of(fine(drawn("reports", MANAGER, away, of="problems")))


def test_a_list_of_ten_thousand_flags_is_paged(tmp_path: Path) -> None:
    engine = open_database(DatabaseSettings(data_dir=tmp_path / "many"))
    add_people(engine, NOW)
    app_context = open_college(tmp_path / "other", empty=True)
    many = replace(app_context, engine=engine)
    names = [f"p{number}" for number in range(500)]
    put(engine, *(printer(name, location=f"Place {name[-1]}, floor 1") for name in names))
    put(engine, *(flag(name, code, "warning") for name in names for code in ("jam", "no_paper")))
    test = fine(drawn("attention", MANAGER, many, sheet="40"))
    assert html_of(test).count('class="flag"') == 25
    assert len(fine(drawn("attention", MANAGER, many, sheet="4000")).menu_button) > 0
