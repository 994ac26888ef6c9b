"""A role is one entry of core/domain/permissions.py: one is added here and walks all that asks for them."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from sqlalchemy import update
from starlette.applications import Starlette

from core.domain.permissions import ROLES, Permission, Role, role_of
from core.storage.api_tokens import NewToken, add_token
from core.storage.core_tables import PRINTERS
from core.storage.database import reading, writing
from core.storage.issues import NewIssue, open_issue
from core.storage.tables import IssueKind
from core.storage.users import NewUser, add_user
from dashboard.actor import Actor
from dashboard.app_context import AppContext
from dashboard.features.attention import actions as attention_actions
from dashboard.features.attention import queries as attention_queries
from dashboard.features.inventory import actions as inventory_actions
from dashboard.features.issues import actions as issue_actions
from dashboard.features.issues.queries import IssueFilter, issue_lines
from dashboard.features.printer.actions import confirm
from dashboard.features.report.actions import ProblemReport, file_report
from dashboard.features.system import actions as system_actions
from dashboard.features.tokens import actions as token_actions
from dashboard.features.users import actions as user_actions
from dashboard.page_context import PageContext
from dashboard.pages import PAGES
from dashboard.undoing import undo
from dashboard.viewer import Forbidden, Viewer
from dashboard.web.gate.gate import Gate
from dashboard.web.gate.sockets import OpenSockets
from dashboard.web.routes.failures import FAILURES
from dashboard.web.routes.routing import make_routes
from tests.console.cli import printers
from tests.dashboard.asgi import Visitor
from tests.dashboard.doors import college, sign_in
from tests.dashboard.drawing import html_of, tables_of
from tests.dashboard.harness import CONFIRMED_AT, PASSWORD, drawn

NAME = "student_worker"
HIDDEN = ("10.0.0.", "SN-HIDDEN", "kim@college.example")
"""Addresses, serial numbers and contacts of the college."""


@pytest.fixture(autouse=True)
def student_worker(monkeypatch: pytest.MonkeyPatch) -> Role:
    """The one entry."""
    role = Role(
        NAME,
        "Student worker",
        "printers and issues, no addresses",
        frozenset(
            {
                Permission.SEE_PRINTERS,
                Permission.REFRESH_PRINTERS,
                Permission.REPORT_PROBLEMS,
                Permission.WORK_ISSUES,
                Permission.OWN_ACCOUNT,
            }
        ),
    )
    monkeypatch.setitem(ROLES, NAME, role)
    return role


@pytest.fixture
def app_context(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[AppContext]:
    """The college with Sam, and with an issue of either kind that holds what Sam is not to see."""
    st.cache_data.clear()
    st.cache_resource.clear()
    made = college(monkeypatch, tmp_path)
    now = datetime.now(UTC)
    with writing(made.engine) as connection:
        add_user(connection, NewUser("sam", ROLES[NAME], "Sam", password=PASSWORD), actor="console", now=now)
        connection.execute(update(PRINTERS).values(serial="SN-HIDDEN"))
        device = NewIssue(
            printer_id="low",
            title="Another device answers at 10.0.0.5 (SN-HIDDEN)",
            details="serial SN-HIDDEN",
            category="offline",
            kind=IssueKind.DEVICE,
            attention_code="device_changed",
        )
        person = NewIssue(printer_id="low", title="Streaks", reporter="Kim", contact="kim@college.example")
        for issue in (device, person):
            open_issue(connection, issue, actor="someone", now=now)
    yield made
    made.engine.dispose()


@pytest.fixture
def sam(student_worker: Role) -> Viewer:
    return Viewer(
        student_worker, "sam", "Sam", "", 4, "s4", "c4", method="password", confirmed_at=CONFIRMED_AT
    )


@pytest.mark.parametrize("spec", PAGES, ids=lambda spec: spec.path)
def test_pages_are_open_by_permission_and_show_no_address(
    spec: Any, app_context: AppContext, sam: Viewer
) -> None:
    query: Mapping[str, str] = {
        "printer": {"id": "low"},
        "issue": {"id": "2"},
        "place": {"location": "Room 12"},
    }.get(spec.path, {})
    page = drawn(spec.path, sam, app_context, **query)
    refused = [one.value for one in page.exception]
    if not sam.may(spec.permission):
        assert "needs the role" in refused[0]
        return
    assert not refused
    words = [str(one.value) for one in (*page.text, *page.title, *page.markdown, *page.text_input)]
    shown = "\n".join((html_of(page), *words))
    assert [each for each in HIDDEN if each in shown] == []


def test_the_issues_as_a_table_and_a_file_show_none_either(app_context: AppContext, sam: Viewer) -> None:
    from dashboard.features.issues.table import issues_csv

    page = drawn("issues", sam, app_context, view="table")
    assert not page.exception
    (table,) = tables_of(page)
    assert list(table["Title"])[:2] != []
    wanted = IssueFilter(sees_addresses=False)
    exported = issues_csv(PageContext(sam, app_context), wanted, {}).decode()
    assert "Streaks" in exported
    assert [each for each in HIDDEN if each in exported + html_of(page)] == []


def test_words_of_printers_are_not_found_by_who_may_not_read_them(app_context: AppContext) -> None:
    with reading(app_context.engine) as connection:
        for text in ("SN-HIDDEN", "10.0.0.5"):
            assert issue_lines(connection, IssueFilter(text=text)) != []
            assert issue_lines(connection, IssueFilter(text=text, sees_addresses=False)) == []


def test_the_routes_are_open_by_permission(app_context: AppContext) -> None:
    with writing(app_context.engine) as connection:
        token = add_token(connection, NewToken("desk", ROLES[NAME]), actor="ada", now=datetime.now(UTC))
    who = _visitor(app_context)
    bearer = {"authorization": f"Bearer {token}"}
    answers = {path: who.get(f"/api/v1{path}", bearer) for path in ("/printers/low", "/issues", "/issues/2")}
    assert {path: answer.status for path, answer in answers.items()} == dict.fromkeys(answers, 200)
    assert [path for path, answer in answers.items() if any(each in answer.body for each in HIDDEN)] == []
    assert answers["/printers/low"].json["host"] == ""
    assert who.get("/api/v1/printers?text=10.0.0", bearer).json["total"] == 0
    assert who.get("/metrics", bearer).status == 403


def test_who_has_the_role_signs_in_and_is_offered_what_it_opens(app_context: AppContext) -> None:
    who = _visitor(app_context)
    sign_in(who, "sam")
    assert who.get("/session").json["role"] == NAME
    assert who.page("/").location == "/fleet"
    assert who.page("/labels").status == 403


def test_actions_ask_for_permissions(app_context: AppContext, sam: Viewer) -> None:
    engine, now = app_context.engine, datetime.now(UTC)
    with reading(engine) as connection:
        wanted = IssueFilter(text="Streaks", sees_addresses=False)
        (line,) = issue_lines(connection, wanted)
        flags = attention_queries.flags(
            connection, attention_queries.FlagFilter(), now=now, pile=attention_queries.Pile.NOW
        )
    done = issue_actions.change(Actor(engine, sam, now), line.seen, {"assignee": "sam"})
    undo(Actor(engine, sam, now), done)
    issue_actions.comment(Actor(engine, sam, now), line.issue_id, issue_actions.Comment("Cleaned it."))
    filed = file_report(
        Actor(engine, sam, now), app_context.settings, ProblemReport("low", "jam"), address="192.0.2.1"
    )
    assert filed.number > line.issue_id
    refused: tuple[Callable[[], object], ...] = (
        lambda: attention_actions.acknowledge(Actor(engine, sam, now), flags),
        lambda: inventory_actions.export(engine, sam),
        lambda: inventory_actions.remove(Actor(engine, sam, now), []),
        lambda: user_actions.add(Actor(engine, sam, now), NewUser("eve")),
        lambda: user_actions.sign_out(Actor(engine, sam, now), 3),
        lambda: token_actions.make(Actor(engine, sam, now), NewToken("x", ROLES["admin"])),
        lambda: system_actions.dismiss(Actor(engine, sam, now), "processor", "here"),
        lambda: confirm(Actor(engine, sam, now), "low"),
    )
    for act in refused:
        with pytest.raises(Forbidden):
            act()


def test_an_edit_leaves_what_the_editor_may_not_read(app_context: AppContext, sam: Viewer) -> None:
    engine, now = app_context.engine, datetime.now(UTC)
    with reading(engine) as connection:
        (line,) = issue_lines(connection, IssueFilter(kind="device", sees_addresses=False))
    everything = {name: getattr(line.seen, name) for name in ("title", "priority", "category", "assignee")}
    done = issue_actions.change(Actor(engine, sam, now), line.seen, {**everything, "status": "waiting"})
    undo(Actor(engine, sam, now), done)
    with reading(engine) as connection:
        (after,) = issue_lines(connection, IssueFilter(kind="device"))
    assert after.seen.title == "Another device answers at 10.0.0.5 (SN-HIDDEN)"


def test_the_command_line_knows_the_role(app_context: AppContext, tmp_path: Path) -> None:
    result = printers(
        *("users", "add", "lee", "--role", NAME, "--no-password"), env={"DATA_DIR": str(tmp_path)}
    )
    assert (result.exit_code, f"as {NAME}" in result.output) == (0, True)
    refused = printers("users", "add", "joe", "--role", "king", env={"DATA_DIR": str(tmp_path)})
    assert refused.exit_code == 2
    assert NAME in refused.output


def test_a_role_that_is_not_known_any_more_can_do_no_more_than_anybody() -> None:
    gone = role_of("gone")
    assert gone.may(Permission.OWN_ACCOUNT)
    assert not gone.may(Permission.SEE_ADDRESSES)
    assert not gone.may(Permission.WORK_ISSUES)


def test_a_role_that_shows_addresses_without_the_right_to_see_them_is_refused() -> None:
    with pytest.raises(ValueError, match="triage attention needs see addresses"):
        Role("odd", "Odd", "", frozenset({Permission.TRIAGE_ATTENTION}))


def _visitor(app_context: AppContext) -> Visitor:
    sockets = OpenSockets()
    app = Starlette(routes=make_routes(sockets, None), exception_handlers=FAILURES)
    return Visitor(Gate(app, app_context, sockets))
