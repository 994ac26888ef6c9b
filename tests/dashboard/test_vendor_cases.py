"""Issues that a vendor has: noted, found, told of where its visit is overdue, and ended."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, update

from core.contract.errors import Conflict, UserError
from core.domain.assets import Asset
from core.domain.links import Follower, follow_token
from core.domain.permissions import Permission, Role
from core.storage.core_tables import PRINTERS
from core.storage.database import reading, writing
from core.storage.issues import NewIssue, change_status, issue_row, issues_of_case, open_issue, vendors_used
from core.storage.tables import IssueStatus
from dashboard.actor import Actor
from dashboard.app_context import AppContext
from dashboard.features.issues import actions
from dashboard.features.issues.board import card_html
from dashboard.features.issues.duplicates import merge
from dashboard.features.issues.issue_queries import Event, view
from dashboard.features.issues.queries import IssueFilter, count_by_status, issue_lines, read_board
from dashboard.features.issues.table import issues_csv
from dashboard.features.issues.wording import event_words
from dashboard.features.palette.search import FoundKind, find
from dashboard.features.printer.queries import read_printer
from dashboard.features.report.queries import read_followed
from dashboard.features.service_sheet.queries import serviced_issues
from dashboard.features.shared import manager_cached
from dashboard.page_context import PageContext
from dashboard.undoing import undo
from dashboard.viewer import Viewer
from tests.dashboard.drawing import fine, html_of, said, stored_issue, troubled
from tests.dashboard.harness import ANONYMOUS, MANAGER, TECHNICIAN, drawn
from tests.dashboard.html_text import parsed
from tests.dashboard.manager_fleet import NOW, opened
from tests.postgres import DATABASES

LATER = NOW + timedelta(minutes=5)
TODAY = NOW.date()
CASE = {
    "vendor": "Ricoh",
    "vendor_case": "RX-12345",
    "vendor_opened_on": TODAY.isoformat(),
    "vendor_visit_on": (TODAY + timedelta(days=2)).isoformat(),
}


@pytest.fixture(params=DATABASES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with opened(request.param, tmp_path) as engine:
        yield engine


@pytest.fixture
def app_context(tmp_path: Path) -> Iterator[AppContext]:
    manager_cached.forget()
    with troubled(tmp_path) as made:
        yield made
    manager_cached.forget()


def row(engine: Engine, issue_id: int = 2) -> Any:
    with reading(engine) as connection:
        return issue_row(connection, issue_id)


def give(engine: Engine, issue_id: int = 2, **values: str) -> Any:
    return actions.change(Actor(engine, TECHNICIAN, LATER), row(engine, issue_id), {**CASE, **values})


def found(engine: Engine, **wanted: Any) -> list[int]:
    with reading(engine) as connection:
        return [line.issue_id for line in issue_lines(connection, IssueFilter(**wanted))]


def history(engine: Engine, issue_id: int) -> list[str]:
    with reading(engine) as connection:
        shown = view(connection, issue_id, sees_addresses=False)
    assert shown is not None
    return [event_words(event, {}) for event in shown.events]


def test_a_case_is_noted_told_in_the_timeline_and_undone(engine: Engine) -> None:
    done = give(engine)
    stored = row(engine)
    assert (stored.vendor, stored.vendor_case) == ("Ricoh", "RX-12345")
    assert (stored.vendor_opened_on, stored.vendor_visit_on) == (TODAY, TODAY + timedelta(days=2))
    assert stored.status == "open", "it waits where somebody says so"
    with reading(engine) as connection:
        shown = view(connection, 2, sees_addresses=False)
    assert shown is not None
    last = shown.events[-1]
    assert (last.actor, last.change) == ("tom", "edited")
    assert "Vendor: none → Ricoh; Case number: none → RX-12345" in event_words(last, {})
    undo(Actor(engine, TECHNICIAN, LATER), done)
    assert row(engine).with_vendor is None
    assert (row(engine).vendor_opened_on, row(engine).vendor_visit_on) == (None, None)


def test_it_is_found_by_filter_number_and_company(engine: Engine) -> None:
    assert found(engine, vendor="with") == []
    give(engine)
    for wanted in ({"vendor": "with"}, {"text": "rx-123"}, {"text": "ricoh"}):
        assert found(engine, **wanted) == [2], wanted
    with reading(engine) as connection:
        assert count_by_status(connection, IssueFilter(vendor="with"))["open"] == 1
        assert [each.id for each in issues_of_case(connection, "rx-12345", 5)] == [2]
        assert issues_of_case(connection, "", 5) == []


def test_companies_that_were_called_before_are_proposed_the_most_usual_first(engine: Engine) -> None:
    with reading(engine) as connection:
        assert vendors_used(connection) == []
    give(engine, 1, vendor="Baird")
    give(engine, 2)
    actions.open_one(Actor(engine, TECHNICIAN, LATER), NewIssue("lib-1", "The lid is broken"), "")
    give(engine, 3)
    with reading(engine) as connection:
        assert vendors_used(connection) == ["Ricoh", "Baird"]


def test_an_issue_to_which_nobody_came_leads_until_it_has_ended(engine: Engine) -> None:
    actions.change(Actor(engine, TECHNICIAN, LATER), row(engine, 1), {"priority": "urgent"})
    give(engine, status="waiting")
    day = TODAY + timedelta(days=2)
    assert found(engine, today=day) == [1, 2]
    assert found(engine, vendor="overdue", today=day) == []
    late = day + timedelta(days=1)
    assert found(engine, today=late) == [2, 1]
    assert found(engine, vendor="overdue", today=late) == [2]
    with reading(engine) as connection:
        board = read_board(connection, IssueFilter(today=late), NOW)
    assert [line.issue_id for line in board.columns["waiting"]] == [2]
    actions.change(Actor(engine, TECHNICIAN, LATER), row(engine), {"status": "resolved"})
    assert found(engine, vendor="overdue", today=late) == []
    assert found(engine, vendor="with") == [2]


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"vendor_case": "12345"}, "Name the vendor"),
        ({"vendor_visit_on": "2026-12-02"}, "Name the vendor"),
        ({**CASE, "vendor": "x" * 81}, "at most 80"),
        ({**CASE, "vendor_case": "1" * 41}, "at most 40"),
        ({**CASE, "vendor": "Ri\ncoh"}, "one line"),
    ],
)
def test_a_case_that_says_too_little_or_too_much_is_refused(wanted: Any, words: str, tmp_path: Path) -> None:
    with opened("sqlite", tmp_path) as engine:
        with pytest.raises(UserError, match=words):
            actions.change(Actor(engine, TECHNICIAN, LATER), row(engine), wanted)
        assert row(engine).version == 1


def test_the_sheet_for_the_vendor_names_every_case_also_of_what_the_system_found(engine: Engine) -> None:
    give(engine, 1, vendor_case="J-1")
    since = NOW - timedelta(days=90)
    with reading(engine) as connection:
        (jam,) = serviced_issues(connection, "lib-1", since, with_notes=True)
    assert jam.vendor is not None
    assert jam.vendor.for_vendor().startswith("case J-1 of Ricoh, opened ")


def test_reporters_learn_that_a_service_company_has_it_and_not_which(engine: Engine) -> None:
    give(engine)
    with reading(engine) as connection:
        followed = read_followed(connection, Follower(2, reported=True), LATER)
        public = read_printer(connection, "law-1", ANONYMOUS, LATER)
        own = read_printer(connection, "law-1", TECHNICIAN, LATER)
    assert followed is not None
    assert public is not None
    assert own is not None
    for case in (followed.vendor, public.open_issues[0].vendor):
        assert case is not None
        assert case.words(TODAY).startswith("With a service company, visit ")
        assert (case.number, case.opened_on) == ("", None)
    assert own.open_issues[0].vendor == row(engine).with_vendor
    actions.change(Actor(engine, TECHNICIAN, LATER), row(engine), {"status": "resolved"})
    with reading(engine) as connection:
        ended = read_followed(connection, Follower(2, reported=True), LATER)
        past = read_printer(connection, "law-1", ANONYMOUS, LATER)
    assert ended is not None
    assert past is not None
    assert (ended.vendor, past.past_issues[0].vendor) == (None, None)


def test_a_case_goes_with_a_duplicate_and_comes_back_when_that_is_undone(engine: Engine) -> None:
    give(engine)
    done = merge(Actor(engine, TECHNICIAN, LATER), row(engine), 1)
    assert (row(engine, 1).vendor, row(engine, 1).vendor_case) == ("Ricoh", "RX-12345")
    assert row(engine, 1).vendor_visit_on == TODAY + timedelta(days=2)
    assert (row(engine).with_vendor, row(engine).vendor_visit_on) == (None, None)
    assert "merged it into issue #1, which has the vendor's case now" in history(engine, 2)
    assert "merged issue #2 into it, with its vendor's case" in history(engine, 1)
    assert any("Case number: none → RX-12345" in said for said in history(engine, 1))
    undo(Actor(engine, TECHNICIAN, LATER), done)
    assert row(engine, 1).with_vendor is None
    assert (row(engine).status, row(engine).vendor_case) == ("open", "RX-12345")


def test_a_case_that_somebody_has_changed_since_is_not_taken_back(engine: Engine) -> None:
    give(engine)
    done = merge(Actor(engine, TECHNICIAN, LATER), row(engine), 1)
    actions.change(Actor(engine, MANAGER, LATER), row(engine, 1), {"vendor_case": "RX-2"})
    with pytest.raises(Conflict):
        undo(Actor(engine, TECHNICIAN, LATER), done)
    assert (row(engine).status, row(engine, 1).vendor_case) == ("closed", "RX-2")


def test_a_case_stays_where_the_other_issue_has_one(engine: Engine) -> None:
    give(engine, 1, vendor="Baird", vendor_case="B-1")
    give(engine)
    done = merge(Actor(engine, TECHNICIAN, LATER), row(engine), 1)
    assert (row(engine, 1).vendor, row(engine).vendor) == ("Baird", "Ricoh")
    assert "merged it into issue #1, which has another vendor's case" in history(engine, 2)
    assert "merged issue #2 into it, whose vendor's case stays there" in history(engine, 1)
    undo(Actor(engine, TECHNICIAN, LATER), done)
    assert (row(engine, 1).vendor, row(engine).vendor, row(engine).status) == ("Baird", "Ricoh", "open")


def test_who_opens_an_issue_again_does_not_wait_for_a_visit_that_is_over(engine: Engine) -> None:
    give(engine, status="resolved")
    visit = row(engine).vendor_visit_on
    on_the_day, after = (NOW + timedelta(days=days) for days in (2, 3))
    actions.change(Actor(engine, TECHNICIAN, on_the_day), row(engine), {"status": "open"})
    assert row(engine).vendor_visit_on == visit, "it may still come today"
    actions.change(Actor(engine, TECHNICIAN, on_the_day), row(engine), {"status": "resolved"})
    every_field = {**row(engine).editable(), "status": "open"}  # as the page sends them
    done = actions.change(Actor(engine, TECHNICIAN, after), row(engine), every_field)
    assert (row(engine).vendor_case, row(engine).vendor_visit_on) == ("RX-12345", None)
    assert any("Visit expected: " in said and said.endswith("→ none") for said in history(engine, 2))
    assert found(engine, vendor="overdue", today=after.date()) == []
    undo(Actor(engine, TECHNICIAN, after), done)
    assert (row(engine).status, row(engine).vendor_visit_on) == ("resolved", visit)
    with writing(engine) as connection:  # as its reporter, or the processor
        change_status(connection, row(engine), IssueStatus.OPEN, actor="", now=after)
    assert (row(engine).status, row(engine).vendor_visit_on) == ("open", None)


def test_the_history_is_told_in_words() -> None:
    event = Event(NOW, "tom", "edited", {"vendor_visit_on": ["2026-12-02", ""], "vendor": ["", "Ricoh"]})
    assert event_words(event, {}) == "changed Visit expected: 2 Dec 2026 → none; Vendor: none → Ricoh"


def test_a_card_says_who_has_it_and_that_the_visit_was_due(engine: Engine) -> None:
    give(engine)
    with reading(engine) as connection:
        (line,) = issue_lines(connection, IssueFilter(vendor="with"))
    visit = row(engine).vendor_visit_on
    soon, late = (parsed(card_html(line, {}, visit + timedelta(days=n))).text for n in (0, 1))
    assert "With Ricoh, case RX-12345, visit " in soon
    assert "was due" not in soon
    assert "Visit was due " in late
    assert "With Ricoh, case RX-12345" in late


def test_the_csv_has_the_case(app_context: AppContext) -> None:
    give(app_context.engine)
    text = issues_csv(PageContext(TECHNICIAN, app_context), IssueFilter(), {}).decode("utf-8-sig")
    head, *lines = text.splitlines()
    assert head.endswith("Vendor,Vendor case,Opened with vendor,Visit expected")
    pale = next(line for line in lines if "pale" in line)
    assert pale.endswith(f"Ricoh,RX-12345,{CASE['vendor_opened_on']},{CASE['vendor_visit_on']}")


def test_the_palette_finds_an_issue_by_the_number_of_its_case_also_an_ended_one(
    app_context: AppContext,
) -> None:
    give(app_context.engine)
    manager_cached.forget()

    def paths(viewer: Viewer, words: str) -> list[str]:
        return [each.path for each in find(app_context, viewer, words) if each.kind == FoundKind.ISSUE]

    assert paths(TECHNICIAN, "rx-12") == ["/issue?id=2"]
    assert paths(ANONYMOUS, "rx-12345") == []
    done = {"status": "resolved"}
    actions.change(Actor(app_context.engine, TECHNICIAN, LATER), row(app_context.engine), done)
    manager_cached.forget()
    assert paths(TECHNICIAN, "RX-12345") == ["/issue?id=2"]
    assert paths(TECHNICIAN, "rx-12") == []
    worker = Viewer(Role("worker", "Worker", "issues", frozenset({Permission.WORK_ISSUES})), "wes")
    assert paths(worker, "rx-12345") == ["/issue?id=2"]


def test_the_page_takes_a_case_offers_to_wait_and_takes_it_back(app_context: AppContext) -> None:
    give(app_context.engine, 1)
    test = fine(drawn("issue", TECHNICIAN, app_context, id="2"))
    company = test.selectbox(key="issue-2-vendor")
    assert company.options == ["Ricoh"]
    company.select("Ricoh").run()
    assert test.date_input(key="issue-2-vendor_opened_on").value == datetime.now(UTC).date()
    test.text_input(key="issue-2-vendor_case").set_value(" 4711 ")
    test.date_input(key="issue-2-vendor_visit_on").set_value(date(2031, 12, 2)).run()
    assert test.selectbox(key="issue-2-status").value == "open"
    fine(test.button(key="issue-2-vendor-waits").click().run())
    assert stored_issue(app_context, 2).status == "open"
    fine(test.button(key="issue-2-save").click().run())
    stored = stored_issue(app_context, 2)
    assert (stored.status, stored.vendor, stored.vendor_case) == ("waiting", "Ricoh", "4711")
    assert "With Ricoh, case 4711, visit Tue 2 Dec" in html_of(test)
    test.text_input(key="issue-2-title").set_value("Very pale").run()
    fine(test.button(key="issue-2-vendor-ends").click().run())
    assert stored_issue(app_context, 2).with_vendor is None
    assert test.text_input(key="issue-2-title").value == "Very pale"
    assert test.selectbox(key="issue-2-vendor").value is None
    assert test.button(key="issue-2-save").disabled is False


def test_who_has_the_page_open_follows_what_another_one_notes(app_context: AppContext) -> None:
    test = fine(drawn("issue", TECHNICIAN, app_context, id="2"))
    actions.change(Actor(app_context.engine, MANAGER, datetime.now(UTC)), stored_issue(app_context, 2), CASE)
    fine(test.run())
    assert test.selectbox(key="issue-2-vendor").value == "Ricoh"
    assert test.date_input(key="issue-2-vendor_visit_on").value == TODAY + timedelta(days=2)
    assert "Case number: none → RX-12345" in said(test)


def test_the_pages_of_reporters_say_that_a_service_company_has_it(app_context: AppContext) -> None:
    give(app_context.engine, vendor_visit_on="2031-12-02")
    token = follow_token(app_context.settings.web.signing_key(), 2)
    pages = {"follow": {"token": token}, "report": {"printer": "law-1"}, "printer": {"id": "law-1"}}
    for name, query in pages.items():
        told = parsed(html_of(fine(drawn(name, ANONYMOUS, app_context, **query)))).text
        assert "With a service company, visit Tue 2 Dec" in told, name
        assert "Ricoh" not in told, name
        assert "RX-12345" not in told, name
    own = parsed(html_of(fine(drawn("printer", TECHNICIAN, app_context, id="law-1")))).text
    assert "With Ricoh, case RX-12345, visit Tue 2 Dec" in own


def test_the_desk_shows_those_with_a_vendor_alone(app_context: AppContext) -> None:
    give(app_context.engine, vendor_visit_on="2026-01-05")
    test = fine(drawn("issues", TECHNICIAN, app_context, vendor="with"))
    shown = parsed(html_of(test)).text
    assert "Prints are pale" in shown
    assert "Visit was due Mon 5 Jan" in shown
    assert "Paper is jammed" not in shown
    assert "1 visit of a vendor was due" in parsed(html_of(fine(drawn("issues", MANAGER, app_context)))).text
    table = fine(drawn("issues", TECHNICIAN, app_context, vendor="overdue", view="table"))
    assert "Prints are pale" in html_of(table)


def test_warranty_and_contract_stand_on_the_issue_for_who_sees_addresses(app_context: AppContext) -> None:
    until = datetime.now(UTC).date() + timedelta(days=400)
    values = {"warranty_until": until, "contract": "Ricoh lease 4711", "asset_tag": "A-0042"}
    with writing(app_context.engine) as connection:
        connection.execute(update(PRINTERS).where(PRINTERS.c.printer_id == "lib-1").values(values))
        issue_id = open_issue(connection, NewIssue("lib-1", "Torn"), actor="x", now=NOW)
    html = html_of(fine(drawn("issue", TECHNICIAN, app_context, id=str(issue_id))))
    assert "Under warranty until" in html
    assert "Contract: Ricoh lease 4711" in html
    facts = html_of(fine(drawn("printer", TECHNICIAN, app_context, id="lib-1")))
    assert "A-0042" in facts
    with reading(app_context.engine) as connection:
        seen = view(connection, issue_id, sees_addresses=False)
        anybody = read_printer(connection, "lib-1", ANONYMOUS, NOW)
    assert seen is not None
    assert seen.printer is not None
    assert anybody is not None
    assert seen.printer.asset == anybody.asset == Asset()
    printers = [
        each.path for each in find(app_context, TECHNICIAN, "a-0042") if each.kind == FoundKind.PRINTER
    ]
    assert printers == ["/printer?id=lib-1"]
    assert find(app_context, ANONYMOUS, "a-0042") == []
