"""Issues: which are listed in which order, what people do to them, who is told when two do."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, update

from core.contract.errors import Conflict, UserError
from core.storage.core_tables import ISSUES
from core.storage.database import reading, writing
from core.storage.issues import NewIssue, add_event, hold_issues, issue_row, merge_issue, open_issue
from core.storage.tables import IssueKind
from core.storage.users import NewUser, add_user
from dashboard.actor import Actor
from dashboard.features.issues import actions
from dashboard.features.issues.actions import Comment
from dashboard.features.issues.duplicates import merge
from dashboard.features.issues.issue_queries import Event, theirs, view
from dashboard.features.issues.merging import Merge
from dashboard.features.issues.queries import (
    IssueFilter,
    count_by_priority,
    count_by_status,
    issue_lines,
    people,
    read_board,
)
from dashboard.features.issues.table import issues_csv
from dashboard.features.issues.wording import event_words
from dashboard.page_context import PageContext
from dashboard.undoing import undo
from dashboard.viewer import Forbidden
from tests.builders import printer, put
from tests.dashboard.harness import ADMIN, ANONYMOUS, MANAGER, PASSWORD, TECHNICIAN, open_college
from tests.dashboard.manager_fleet import HOSTILE_NAME, HOSTILE_PLACE, NOW, opened
from tests.postgres import DATABASES, at_once

LATER = NOW + timedelta(minutes=5)


@pytest.fixture(params=DATABASES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with opened(request.param, tmp_path) as engine:
        yield engine


def _row(engine: Engine, issue_id: int = 2) -> Any:
    with reading(engine) as connection:
        return issue_row(connection, issue_id)


def _found(engine: Engine, wanted: IssueFilter) -> list[int]:
    with reading(engine) as connection:
        return [line.issue_id for line in issue_lines(connection, wanted)]


def test_the_most_urgent_of_a_status_comes_first(engine: Engine) -> None:
    actions.change(Actor(engine, TECHNICIAN, LATER), _row(engine), {"priority": "urgent"})
    assert _found(engine, IssueFilter()) == [2, 1]
    actions.change(Actor(engine, TECHNICIAN, LATER), _row(engine), {"status": "waiting"})
    assert _found(engine, IssueFilter()) == [1, 2]


def test_every_filter_finds_and_leaves_out(engine: Engine) -> None:
    actions.change(Actor(engine, TECHNICIAN, LATER), _row(engine), {"assignee": "tom"})
    found = {
        "status": IssueFilter(statuses=("open", "waiting")),
        "priority": IssueFilter(priorities=("high",)),
        "category": IssueFilter(categories=("quality",)),
        "mine": IssueFilter(assignee="tom"),
        "nobody's": IssueFilter(assignee=""),
        "printer": IssueFilter(printer_id="lib-1"),
        "kind": IssueFilter(kind="device"),
        "words": IssueFilter(text="PALE"),
        "place": IssueFilter(text="law school"),
        "number": IssueFilter(text="#2"),
        "a sign": IssueFilter(text="%"),
    }
    assert {name: _found(engine, wanted) for name, wanted in found.items()} == {
        "status": [1, 2],
        "priority": [1],
        "category": [2],
        "mine": [2],
        "nobody's": [1],
        "printer": [1],
        "kind": [1],
        "words": [2],
        "place": [2],
        "number": [2],
        "a sign": [],
    }


def test_counts_tell_what_another_status_or_priority_would_show(engine: Engine) -> None:
    actions.change(Actor(engine, TECHNICIAN, LATER), _row(engine), {"status": "resolved"})
    with reading(engine) as connection:
        by_status = count_by_status(connection, IssueFilter(statuses=("open",)))
        by_priority = count_by_priority(connection, IssueFilter(priorities=("low",)))
        found = read_board(connection, IssueFilter(), NOW)
    assert {status: number for status, number in by_status.items() if number} == {"open": 1, "resolved": 1}
    assert by_priority == {"high": 1}
    assert {status: len(lines) for status, lines in found.columns.items()} == {
        "open": 0, "in_progress": 0, "waiting": 0,
    }  # fmt: skip
    assert [line.issue_id for line in found.machines] == [1]
    assert ([line.issue_id for line in found.ended], found.ended_total) == ([2], 1)


def test_the_board_of_a_status_or_an_origin_shows_that_alone(engine: Engine) -> None:
    actions.change(Actor(engine, TECHNICIAN, LATER), _row(engine), {"status": "resolved"})
    with reading(engine) as connection:
        resolved = read_board(connection, IssueFilter(statuses=("resolved",)), NOW)
        systems = read_board(connection, IssueFilter(kind="device"), NOW)
        yesterdays = read_board(connection, IssueFilter(), LATER + timedelta(days=1))
    assert [line.issue_id for line in resolved.columns["resolved"]] == [2]
    assert (resolved.machines, resolved.ended) == ([], [])
    assert (systems.columns, [line.issue_id for line in systems.machines]) == ({}, [1])
    assert yesterdays.ended == []


def test_mine_and_unassigned_leaves_out_what_others_have(engine: Engine) -> None:
    actions.change(Actor(engine, TECHNICIAN, LATER), _row(engine), {"assignee": "maya"})
    mine = IssueFilter(assignee="tom", or_nobody=True)
    assert _found(engine, mine) == [1]
    actions.change(Actor(engine, TECHNICIAN, LATER), _row(engine, 1), {"assignee": "tom"})
    assert _found(engine, mine) == [1]


def test_what_hangs_below_an_outage_is_found_by_words_and_printer_only(engine: Engine) -> None:
    with writing(engine) as connection:
        new = NewIssue("", "Chemistry: 3 of 3 printers do not answer", kind=IssueKind.DEVICE)
        parent = open_issue(connection, replace(new, attention_code="outage"), actor="processor", now=NOW)
        connection.execute(update(ISSUES).where(ISSUES.c.id == 1).values(parent_id=parent))
    assert _found(engine, IssueFilter(kind="device", folded=True)) == [parent]
    assert _found(engine, IssueFilter(printer_id="lib-1", folded=True)) == [1]
    assert _found(engine, IssueFilter(text="jammed", folded=True)) == [1]
    with reading(engine) as connection:
        outage, single = (view(connection, number, sees_addresses=True) for number in (parent, 1))
    assert outage is not None
    assert single is not None
    assert [member.printer_id for member in outage.members] == ["lib-1"]
    assert single.outage is not None
    assert single.outage.issue_id == parent
    actions.change(Actor(engine, TECHNICIAN, LATER), _row(engine, parent), {"status": "closed"})
    assert _found(engine, IssueFilter(kind="device", statuses=("open",), folded=True)) == [1]


def test_an_issue_is_opened_by_who_works_on_issues(engine: Engine) -> None:
    new = NewIssue("lib-1", " The lid is broken ", priority="low")
    done = actions.open_one(Actor(engine, TECHNICIAN, LATER), new, "tom")
    row = _row(engine, 3)
    assert (row.title, row.priority, row.assignee, row.reporter) == (
        *("The lid is broken", "low", "tom", "Tom Adeyemi"),
    )
    undo(Actor(engine, TECHNICIAN, LATER), done)
    assert _row(engine, 3).status == "closed"
    for wrong in (
        NewIssue("nowhere", "x"),
        NewIssue("lib-1", " "),
        NewIssue("lib-1", "x", category="nonsense"),
        NewIssue("lib-1", "x", priority="nonsense"),
    ):
        with pytest.raises(UserError):
            actions.open_one(Actor(engine, TECHNICIAN, LATER), wrong, "")
    with pytest.raises(UserError):
        actions.open_one(Actor(engine, TECHNICIAN, LATER), NewIssue("lib-1", "x"), "nobody-there")
    with pytest.raises(Forbidden):
        actions.open_one(Actor(engine, ANONYMOUS, LATER), NewIssue("lib-1", "x"), "")


def reported(engine: Engine, title: str) -> int:
    with writing(engine) as connection:
        return open_issue(connection, NewIssue("law-1", title, reporter="Zoe"), actor="", now=NOW)


def test_a_duplicate_is_closed_and_goes_with_the_issue_that_stays(engine: Engine) -> None:
    second, third = reported(engine, "Pale, too"), reported(engine, "Pale again")
    merge(Actor(engine, TECHNICIAN, LATER), _row(engine, third), second)
    done = merge(Actor(engine, TECHNICIAN, LATER), _row(engine, second), 2)
    assert [(_row(engine, n).status, _row(engine, n).merged_into) for n in (2, second, third)] == [
        ("open", None),
        ("closed", 2),
        ("closed", 2),
    ]
    with reading(engine) as connection:
        found = view(connection, 2, sees_addresses=True)
    assert found is not None
    assert [row.id for row in found.duplicates] == [second, third]
    undo(Actor(engine, TECHNICIAN, LATER), done)
    assert [(_row(engine, n).status, _row(engine, n).merged_into) for n in (second, third)] == [
        ("open", None),
        ("closed", second),
    ]


def test_a_duplicate_that_is_opened_again_stands_by_itself(engine: Engine) -> None:
    second = reported(engine, "Pale, too")
    merge(Actor(engine, TECHNICIAN, LATER), _row(engine, second), 2)
    actions.change(Actor(engine, TECHNICIAN, LATER), _row(engine, second), {"status": "open"})
    assert _row(engine, second).merged_into is None


def test_only_an_open_report_is_merged_and_only_into_an_open_issue(engine: Engine) -> None:
    second = reported(engine, "Pale, too")
    for number, into in ((second, second), (second, 99), (1, 2)):  # 1 is the system's
        with pytest.raises(UserError):
            merge(Actor(engine, TECHNICIAN, LATER), _row(engine, number), into)
    stale = _row(engine, second)
    actions.change(Actor(engine, TECHNICIAN, LATER), stale, {"priority": "low"})
    with pytest.raises(Conflict):
        merge(Actor(engine, TECHNICIAN, LATER), stale, 2)
    with pytest.raises(Forbidden):
        merge(Actor(engine, ANONYMOUS, LATER), _row(engine, second), 2)
    actions.change(Actor(engine, TECHNICIAN, LATER), _row(engine), {"status": "closed"})
    with pytest.raises(UserError):
        merge(Actor(engine, TECHNICIAN, LATER), _row(engine, second), 2)


def test_nothing_is_merged_into_an_issue_that_is_being_merged_itself(engine: Engine) -> None:
    second, third = reported(engine, "Pale, too"), reported(engine, "Pale again")

    def merge_the_target(connection: Connection) -> None:
        merge_issue(connection, _row(engine, second), 2, actor="tom", now=LATER)

    with pytest.raises(UserError):
        at_once(
            engine,
            merge_the_target,
            lambda: merge(Actor(engine, TECHNICIAN, LATER), _row(engine, third), second),
        )
    assert [_row(engine, n).merged_into for n in (second, third)] == [2, None]


def test_what_is_merged_into_an_issue_at_the_last_moment_goes_with_it(engine: Engine) -> None:
    second, third = reported(engine, "Pale, too"), reported(engine, "Pale again")

    def merge_into_it(connection: Connection) -> None:
        seen = hold_issues(connection, second, third)[third]
        merge_issue(connection, seen, second, actor="tom", now=LATER)

    done = at_once(
        engine, merge_into_it, lambda: merge(Actor(engine, TECHNICIAN, LATER), _row(engine, second), 2)
    )
    assert [_row(engine, n).merged_into for n in (second, third)] == [2, 2]
    undo(Actor(engine, TECHNICIAN, LATER), done)
    assert [_row(engine, n).merged_into for n in (second, third)] == [None, second]


def test_an_issue_of_a_printer_that_is_gone_stays(engine: Engine) -> None:
    with writing(engine) as connection:
        issue_id = open_issue(connection, NewIssue("never-there", "Where is it?"), actor="tom", now=NOW)
    with reading(engine) as connection:
        found = view(connection, issue_id, sees_addresses=True)
        (line,) = issue_lines(connection, IssueFilter(text="Where"))
    assert found is not None
    assert found.printer is None
    assert line.printer_name == "never-there"


def test_the_page_of_an_issue_tells_what_the_printer_says_now(engine: Engine) -> None:
    with writing(engine) as connection:
        open_issue(connection, NewIssue("lib-1", "It squeaks, too"), actor="tom", now=NOW)
    with reading(engine) as connection:
        found = view(connection, 1, sees_addresses=True)
    assert found is not None
    assert found.printer is not None
    assert found.printer.reports_fault
    assert [severity for severity, _ in found.printer.flags] == ["warning", "critical"]
    assert [line.seen.title for line in found.others] == ["It squeaks, too"]


def test_an_edit_with_a_comment_is_one_step_in_the_timeline_and_undone(engine: Engine) -> None:
    wanted = {"status": "resolved", "assignee": "tom"}
    done = actions.change(
        Actor(engine, TECHNICIAN, LATER), _row(engine), wanted, comment=Comment("New drum.")
    )
    with reading(engine) as connection:
        found = view(connection, 2, sees_addresses=True)
    assert found is not None
    assert [event_words(event, {"tom": "Tom Adeyemi"}) for event in found.events[1:]] == [
        "resolved it",
        "took it",
        "wrote a note",
    ]
    undo(Actor(engine, TECHNICIAN, LATER), done)
    assert (_row(engine).status, _row(engine).assignee) == ("open", "")


def test_two_editors_the_second_is_told_what_the_first_changed(engine: Engine) -> None:
    seen = _row(engine)
    actions.change(Actor(engine, MANAGER, LATER), seen, {"status": "waiting", "priority": "high"})
    actions.comment(Actor(engine, ADMIN, LATER), 2, Comment("I only say something."))
    with pytest.raises(Conflict):
        actions.change(Actor(engine, TECHNICIAN, LATER), seen, {"status": "resolved"})
    with reading(engine) as connection:
        found = theirs(connection, seen, sees_addresses=True)
    assert found is not None
    assert found.actors == ("maya",)
    assert found.changes == {"status": ("open", "waiting"), "priority": ("normal", "high")}
    assert _row(engine).status == "waiting"


def test_who_merged_an_issue_meanwhile_is_named_as_who_changed_it(engine: Engine) -> None:
    second = reported(engine, "Pale, too")
    seen = _row(engine, second)
    merge(Actor(engine, MANAGER, LATER), seen, 2)
    with reading(engine) as connection:
        found = theirs(connection, seen, sees_addresses=True)
    assert found is not None
    assert found.actors == ("maya",)


def test_namesakes_are_told_apart(engine: Engine) -> None:
    with writing(engine) as connection:
        new = NewUser("tom2", full_name=TECHNICIAN.full_name, password=PASSWORD)
        add_user(connection, new, actor="console", now=NOW)
    with reading(engine) as connection:
        names = people(connection)
    assert (names["tom"], names["tom2"]) == ("Tom Adeyemi (tom)", "Tom Adeyemi (tom2)")
    assert names["maya"] == "Maya Lindqvist"


def test_a_comment_never_conflicts_and_is_never_empty(engine: Engine) -> None:
    actions.change(Actor(engine, MANAGER, LATER), _row(engine), {"status": "waiting"})
    actions.comment(Actor(engine, TECHNICIAN, LATER), 2, Comment("  Seen it.\n"))
    with reading(engine) as connection:
        found = view(connection, 2, sees_addresses=True)
    assert found is not None
    assert found.events[-1].details == {"text": "Seen it."}
    with pytest.raises(UserError, match="empty"):
        actions.comment(Actor(engine, TECHNICIAN, LATER), 2, Comment(" \n"))


def test_many_are_changed_and_one_that_changed_meanwhile_is_left_alone(engine: Engine) -> None:
    rows = [_row(engine, 1), _row(engine, 2)]
    actions.change(Actor(engine, MANAGER, LATER), rows[0], {"assignee": "maya"})
    done = actions.change_many(Actor(engine, TECHNICIAN, LATER), rows, {"priority": "low"})
    assert done.said == "Issue 2 is saved"
    assert done.refused == ("Issue 1 was changed by somebody else in the meantime and is left alone.",)
    assert (_row(engine, 1).priority, _row(engine, 2).priority) == ("high", "low")
    undo(Actor(engine, TECHNICIAN, LATER), done)
    assert _row(engine, 2).priority == "normal"


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"status": "done"}, "no status"),
        ({"priority": "yesterday"}, "no priority"),
        ({"category": "<b>"}, "no category"),
        ({"assignee": "ghost"}, "no active account"),
        ({"title": "  "}, "1 to 200"),
        ({"title": "x" * 201}, "1 to 200"),
    ],
)
def test_what_a_browser_should_not_send_is_refused(wanted: Any, words: str, tmp_path: Path) -> None:
    with opened("sqlite", tmp_path) as engine:
        with pytest.raises(UserError, match=words):
            actions.change(Actor(engine, TECHNICIAN, LATER), _row(engine), wanted)
        assert _row(engine).version == 1


def test_what_an_issue_has_already_may_stay(tmp_path: Path) -> None:
    with opened("sqlite", tmp_path) as engine:
        with writing(engine) as connection:
            old = NewIssue("lib-1", "Old", category="toner")
            issue_id = open_issue(connection, old, actor="import", now=NOW)
        wanted = {"category": "toner", "status": "waiting"}
        actions.change(Actor(engine, TECHNICIAN, LATER), _row(engine, issue_id), wanted)
        assert _row(engine, issue_id).status == "waiting"


def test_issues_are_not_for_everybody(tmp_path: Path) -> None:
    app_context = open_college(tmp_path / "data")
    seen = _row(app_context.engine, 1)
    for act in (
        lambda: actions.change(Actor(app_context.engine, ANONYMOUS, NOW), seen, {"status": "closed"}),
        lambda: actions.change_many(Actor(app_context.engine, ANONYMOUS, NOW), [seen], {"status": "closed"}),
        lambda: actions.comment(Actor(app_context.engine, ANONYMOUS, NOW), 1, Comment("x")),
        lambda: issues_csv(PageContext(ANONYMOUS, app_context), IssueFilter(), {}),
    ):
        with pytest.raises(Forbidden):
            act()
    assert _row(app_context.engine, 1).version == 1


def test_the_csv_has_all_and_no_formula(tmp_path: Path) -> None:
    app_context = open_college(tmp_path / "data")
    put(app_context.engine, printer("evil", name=HOSTILE_NAME, location=HOSTILE_PLACE))
    with writing(app_context.engine) as connection:
        new = NewIssue("evil", "@SUM(1+1)", "-2+3", reporter="+49 30")
        open_issue(connection, new, actor="x", now=NOW)
        names = people(connection)
    text = issues_csv(PageContext(TECHNICIAN, app_context), IssueFilter(), names).decode("utf-8-sig")
    evil = next(line for line in text.splitlines() if "evil" in line)
    assert "'@SUM(1+1)" in evil
    assert "'=HYPERLINK(" in evil
    assert "'+49 30" in evil
    assert HOSTILE_NAME in evil  # text is text in a spreadsheet
    assert "Jams – again" in text


def test_events_are_told_in_words() -> None:
    def words(change: str, actor: str = "tom", **details: Any) -> str:
        return event_words(Event(NOW, actor, change, details), {"maya": "Maya Lindqvist"})

    assert words("assigned", to="maya") == "assigned it to Maya Lindqvist"
    assert words("assigned", to="tom") == "took it"
    assert words("assigned", to="") == "unassigned it"
    assert words("in_progress") == "set it to In progress"
    assert words("edited", priority=["normal", "high"]) == "changed Priority: Normal → High"
    assert "reports the fault as gone (Paper is jammed)" in words("fault_gone", message="Paper is jammed.")
    assert words("invented_later") == "invented later"


def test_a_fault_that_is_gone_is_in_the_timeline(engine: Engine) -> None:
    with writing(engine) as connection:
        details = {"message": "Paper is jammed."}
        add_event(connection, 2, "fault_gone", actor="processor", now=LATER, details=details)
    with reading(engine) as connection:
        found = view(connection, 2, sees_addresses=True)
    assert found is not None
    assert found.events[-1].change == "fault_gone"


def test_a_merge_keeps_both_and_names_what_is_contested() -> None:
    seen = {"status": "open", "priority": "normal", "title": "a"}
    current = {"status": "waiting", "priority": "high", "title": "a"}
    mine = {"status": "resolved", "priority": "normal", "title": "b"}
    merge = Merge(seen, current, mine)
    assert merge.touched == ("status", "title")
    assert merge.theirs == ("status", "priority")
    assert merge.contested == ("status",)
    assert merge.together == {"status": "resolved", "priority": "high", "title": "b"}
