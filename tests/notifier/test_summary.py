"""What a summary says: what is wrong, once, the worst first; nothing that is known of."""

from collections.abc import Iterator
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from core.contract.messages import PrinterState, Supply
from core.storage.database import reading, writing
from core.storage.tables import Issue, ServiceRow, SupplyForecast
from core.storage.users import NewUser, add_user
from notifier.summary.queries import read_facts
from notifier.summary.summary import Section, Summary, summarise
from notifier.windows import Window
from tests.builders import printer, put, snapshot
from tests.notifier.making import LINKS, NOON, flag, flag_ids, store, triage
from tests.postgres import DATABASES

DAY = timedelta(days=1)
WINDOW = Window("2026-03-10", NOON - DAY, NOON)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with store("sqlite", tmp_path) as (engine, _):
        yield engine


def report(engine: Engine, include_closed: bool = False) -> Summary:
    with reading(engine) as connection:
        facts = read_facts(connection, WINDOW, NOON, UTC, days=7, include_closed=include_closed)
    return summarise(facts, WINDOW, NOON, ZoneInfo("Europe/Berlin"), LINKS)


def section(summary: Summary, heading: str) -> Section:
    return next(one for one in summary.sections if one.heading.startswith(heading))


def add_printer(engine: Engine, printer_id: str, /, **state: Any) -> None:
    base: dict[str, Any] = {"taken_at": NOON, "answered_at": NOON, "reachable": True, "state": "idle"}
    values = PrinterState(printer_id=printer_id, **(base | state))
    put(engine, printer(printer_id, name=f"Name of {printer_id}", location="Room 1"))
    put(engine, snapshot(printer_id, values))


def issue(printer_id: str, title: str, **values: Any) -> Issue:
    base: dict[str, Any] = {"kind": "person", "opened_at": NOON - 3 * DAY, "updated_at": NOON}
    return Issue(printer_id=printer_id, title=title, **(base | values))


@pytest.mark.parametrize("kind", DATABASES)
def test_an_issue_has_printer_place_status_age_assignee_and_what_the_printer_says(
    kind: str, tmp_path: Path
) -> None:
    with store(kind, tmp_path) as (engine, _):
        add_printer(engine, "lib-1", state="stopped", console_text="Open tray 2")
        put(engine, flag("lib-1", "jam", message="Paper is jammed."))
        put(engine, issue("lib-1", "Eats paper", status="in_progress", assignee="maya", priority="urgent"))
        with writing(engine) as connection:
            add_user(connection, NewUser("maya", full_name="Maya Lindqvist"), actor="test", now=NOON)
        line = section(report(engine), "Open issues").lines[0]
    assert line.title == "#1 Eats paper"
    assert line.where == "Name of lib-1 · lib-1 · Room 1"
    assert line.facts == ("in progress, open for 3 days", "assigned to Maya Lindqvist", "urgent priority")
    assert line.says == "Stopped: Paper is jammed. Panel: “Open tray 2”"
    assert (line.url, line.is_new) == ("https://print.example.edu/issue?id=1", False)


def test_the_subject_says_it_all(engine: Engine) -> None:
    for name in ("a", "b"):
        add_printer(engine, name)
    add_printer(engine, "c", reachable=False, state="unreachable")
    put(engine, flag("a", "jam"), flag("a", "door_open"), flag("b", "supply_low", "warning"))
    put(engine, issue("a", "One"), issue("b", "Two"), issue("b", "Old", status="closed", closed_at=NOON))
    put(engine, issue("b", "Done", status="resolved", resolved_at=NOON - DAY / 2))
    summary = report(engine)
    assert summary.subject == "1 critical, 2 open - 1 not answering, 1 resolved"
    assert summary.fleet == "3 printers: 1 needs attention, 1 critical, 1 not answering."
    assert [one.heading for one in summary.sections] == [
        "Open issues",
        "Printers that need attention",
        "Failed SNMP checks",
        "Resolved since Mon 9 Mar, 13:00",
    ]


def test_what_an_issue_is_about_is_not_listed_again_as_needing_attention(engine: Engine) -> None:
    add_printer(engine, "lib")
    put(engine, flag("lib", "jam", subject="1.1"), flag("lib", "door_open"))
    put(engine, issue("lib", "Jam", kind="device", attention_code="jam", attention_subject="1.1"))
    lines = section(report(engine), "Printers that need attention").lines
    assert [line.says for line in lines] == ["Door open."]


@pytest.mark.parametrize(
    "known", [{"acknowledged_at": NOON, "acknowledged_by": "maya"}, {"snoozed_until": NOON + DAY}]
)
def test_what_is_acknowledged_or_snoozed_is_quiet(engine: Engine, known: dict[str, Any]) -> None:
    add_printer(engine, "lib")
    put(engine, flag("lib", "jam"))
    triage(engine, flag_ids(engine)["lib", "jam"], **known)
    summary = report(engine)
    assert summary.is_empty
    assert summary.subject == "All is well: the one printer is fine."


def test_a_snooze_that_is_over_is_heard_again(engine: Engine) -> None:
    add_printer(engine, "lib")
    put(engine, flag("lib", "jam"))
    triage(engine, flag_ids(engine)["lib", "jam"], snoozed_until=NOON - DAY)
    assert report(engine).subject.startswith("1 critical")


def test_a_failed_check_says_why_and_since_when(engine: Engine) -> None:
    error = "no answer within 3 s"
    add_printer(engine, "lib", reachable=False, answered_at=NOON - DAY / 4, error=error)
    line = section(report(engine), "Failed SNMP checks").lines[0]
    assert (line.says, line.facts) == (error, ("last answered 6 h ago",))


def test_a_silent_collector_is_one_note_not_a_line_for_each_of_its_printers(engine: Engine) -> None:
    for number in range(30):
        state = PrinterState(printer_id=f"p{number}", taken_at=NOON - DAY, reachable=True)
        put(engine, printer(f"p{number}", site="annex"), snapshot(f"p{number}", state))
    seen: dict[str, Any] = {"status": "online", "seen_at": NOON - DAY, "counters": {}}
    put(engine, ServiceRow(service="collector", instance="x", site="annex", **seen))
    summary = report(engine)
    silent = "The collector of the site annex has been silent for 1 day"
    assert summary.notes == (f"{silent}: 30 printers have not been looked at since.",)
    assert summary.sections == ()
    assert "a collector is silent" in summary.subject


def test_supplies_that_run_out_within_a_week_are_told_once_the_soonest_first(engine: Engine) -> None:
    supplies = (
        Supply(index="1.1", description="Black Toner", level_percent=9, level_state="measured"),
        Supply(index="1.2", description="Cyan Toner", level_percent=30, level_state="measured"),
    )
    add_printer(engine, "lib", supplies=supplies)
    put(engine, flag("lib", "supply_low", "warning", subject="1.1"))
    for index, days in (("1.1", 0.4), ("1.2", 5.2), ("1.3", 40.0)):
        put(engine, SupplyForecast(printer_id="lib", supply_index=index, days_left=days, computed_at=NOON))
    summary = report(engine)
    lines = section(summary, "Supplies").lines
    assert [line.title for line in lines] == [
        "Black Toner: runs out within a day",
        "Cyan Toner: runs out in about 5 days",
    ]
    assert [line.facts for line in lines] == [("now 9 %",), ("now 30 %",)]
    assert len(summary.sections) == 1


def test_closed_issues_are_listed_where_they_are_asked_for(engine: Engine) -> None:
    add_printer(engine, "lib")
    put(engine, issue("lib", "Closed", status="closed", closed_at=NOON - DAY / 2))
    assert report(engine).is_empty
    line = section(report(engine, include_closed=True), "Resolved").lines[0]
    assert line.facts == ("closed after 2 days",)


def test_urgent_ones_come_first_then_the_oldest(engine: Engine) -> None:
    add_printer(engine, "lib")
    ages = {
        "normal-old": ("normal", 9),
        "high": ("high", 1),
        "urgent": ("urgent", 0),
        "normal": ("normal", 2),
    }
    for title, (priority, days) in ages.items():
        put(engine, issue("lib", title, priority=priority, opened_at=NOON - days * DAY))
    lines = section(report(engine), "Open issues").lines
    assert [line.title.split()[1] for line in lines] == ["urgent", "high", "normal-old", "normal"]
    assert [line.severity for line in lines] == ["critical", "warning", "", ""]
    assert [line.is_new for line in lines] == [True, False, False, False]
