"""Who looks after a place: whose the reports from there are, and how that is changed, on both databases."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, update

from core.contract.errors import Conflict, UserError
from core.storage.core_tables import AUDIT, EVENTS, ISSUES, PRINTERS, USERS
from core.storage.database import reading, writing
from core.storage.issues import NewIssue, issue_row, open_issue
from core.storage.place_assignees import PlaceAssignee, assign_by_place, place_assignee
from dashboard.actor import Actor
from dashboard.app_context import AppContext
from dashboard.features.issues.issue_queries import view
from dashboard.features.issues.queries import people
from dashboard.features.issues.wording import event_words
from dashboard.features.places.assignee import look_after
from dashboard.features.report.actions import ProblemReport, file_report
from dashboard.features.shared import cached, manager_cached
from dashboard.undoing import undo
from dashboard.viewer import Forbidden
from tests.dashboard.harness import ANONYMOUS, MANAGER, TECHNICIAN, drawn, open_college
from tests.dashboard.html_text import parsed
from tests.dashboard.manager_fleet import NOW, opened
from tests.dashboard.portal import said
from tests.postgres import DATABASES


@pytest.fixture(params=DATABASES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with opened(request.param, tmp_path) as engine:
        yield engine


@pytest.fixture
def college(tmp_path: Path) -> Iterator[AppContext]:
    yield open_college(tmp_path)
    cached.forget()
    manager_cached.forget()


def of(engine: Engine, location: str) -> PlaceAssignee | None:
    with reading(engine) as connection:
        return place_assignee(connection, location)


def reported(engine: Engine, printer_id: str = "lib-1") -> str:
    """Whose a new report is."""
    with writing(engine) as connection:
        number = open_issue(connection, NewIssue(printer_id, "It is loud"), actor="ada", now=NOW)
        assign_by_place(connection, number, now=NOW)
        row = issue_row(connection, number)
    assert row is not None
    return row.assignee


def test_the_innermost_place_counts_and_who_has_no_account_looks_after_nothing(engine: Engine) -> None:
    look_after(Actor(engine, MANAGER, NOW), "Library", "maya")
    look_after(Actor(engine, MANAGER, NOW), " Library ,floor 1", "tom")
    assert of(engine, "Library, floor 1, desk") == PlaceAssignee("Library, floor 1", "tom")
    assert of(engine, "Library, floor 2") == PlaceAssignee("Library", "maya")
    assert [of(engine, place) for place in ("Librarians", "")] == [None, None]
    with writing(engine) as connection:
        connection.execute(update(USERS).where(USERS.c.name == "tom").values(active=False))
    assert of(engine, "Library, floor 1, desk") == PlaceAssignee("Library", "maya")
    with pytest.raises(UserError, match="active account"):
        look_after(Actor(engine, MANAGER, NOW), "Library", "tom")


def test_a_change_can_be_undone_and_takes_a_manager(engine: Engine) -> None:
    look_after(Actor(engine, MANAGER, NOW), "Library", "maya")
    done = look_after(Actor(engine, MANAGER, NOW), "Library", "tom")
    undo(Actor(engine, MANAGER, NOW), done)
    assert of(engine, "Library") == PlaceAssignee("Library", "maya")
    undo(Actor(engine, MANAGER, NOW), look_after(Actor(engine, MANAGER, NOW), "Library", ""))
    assert of(engine, "Library") == PlaceAssignee("Library", "maya")
    look_after(Actor(engine, MANAGER, NOW), "Library", "")
    assert of(engine, "Library") is None
    with pytest.raises(UserError, match="Choose a place"):
        look_after(Actor(engine, MANAGER, NOW), " , ", "tom")
    for viewer in (TECHNICIAN, ANONYMOUS):
        with pytest.raises(Forbidden):
            look_after(Actor(engine, viewer, NOW), "Library", "tom")
    with reading(engine) as connection:
        audit = select(AUDIT.c.id).where(AUDIT.c.action == "place.assignee")
        assert len(connection.execute(audit).all()) == 6


def test_who_was_faster_is_not_overwritten(engine: Engine) -> None:
    done = look_after(Actor(engine, MANAGER, NOW), "Library", "tom", seen="")
    with pytest.raises(Conflict, match="who looks after Library"):
        look_after(Actor(engine, MANAGER, NOW), "Library", "ada", seen="")
    look_after(Actor(engine, MANAGER, NOW), "Library", "maya", seen="tom")
    with pytest.raises(Conflict):
        undo(Actor(engine, MANAGER, NOW), done)
    assert of(engine, "Library") == PlaceAssignee("Library", "maya")
    with writing(engine) as connection:
        connection.execute(update(USERS).where(USERS.c.name == "maya").values(active=False))
    look_after(Actor(engine, MANAGER, NOW), "Library", "tom", seen="")  # as the page shows it
    assert of(engine, "Library") == PlaceAssignee("Library", "tom")


def test_a_report_from_there_is_theirs_and_the_timeline_says_why(engine: Engine) -> None:
    assert reported(engine) == ""
    look_after(Actor(engine, MANAGER, NOW), "Library", "tom")
    assert reported(engine) == "tom"
    assert reported(engine, "law-1") == ""
    with reading(engine) as connection:
        issue = connection.execute(select(ISSUES.c.id).where(ISSUES.c.assignee == "tom")).scalar_one()
        names = people(connection)
        views = [view(connection, issue, sees_addresses=sees) for sees in (True, False)]
    for found in views:
        assert found is not None
        told = [event_words(event, names) for event in found.events]
        assert told == ["opened it", "assigned it to Tom Adeyemi, who looks after Library"]


def test_what_is_filed_on_the_portal_is_assigned_and_mailed_also_to_who_filed_it(college: AppContext) -> None:
    """The event is of nobody in particular: an assignee who does it themselves would not be told."""
    now = datetime.now(UTC)
    look_after(Actor(college.engine, MANAGER, now), "Room 12", "tom")
    report = ProblemReport("low", "jam", "", "", "", "", "")
    filed = file_report(Actor(college.engine, TECHNICIAN, now), college.settings, report, address="127.0.0.1")
    with reading(college.engine) as connection:
        events = select(EVENTS.c.change, EVENTS.c.actor).where(EVENTS.c.issue_id == filed.number)
        found = [(row.change, row.actor) for row in connection.execute(events.order_by(EVENTS.c.id))]
    assert found == [("opened", "tom"), ("assigned", "system")]


def test_the_page_of_a_place_says_it_to_those_who_work_on_issues(college: AppContext) -> None:
    def words(viewer: object) -> str:
        page = drawn("place", viewer, college, location="Room 12")  # type: ignore[arg-type]  # of the harness
        assert not page.exception
        return parsed(said(page)).text

    assert "assigned to nobody until somebody takes them" in words(TECHNICIAN)
    look_after(Actor(college.engine, MANAGER, datetime.now(UTC)), "Room 12", "tom")
    assert "Reports from here are assigned to" in words(MANAGER)
    assert "Tom Adeyemi" in words(TECHNICIAN)
    assert "Reports from here" not in words(ANONYMOUS)


def test_a_place_that_was_renamed_is_not_forgotten(college: AppContext) -> None:
    now = datetime.now(UTC)
    look_after(Actor(college.engine, MANAGER, now), "Room 12", "tom")
    assert "look after" not in parsed(said(drawn("places", MANAGER, college))).text
    with writing(college.engine) as connection:
        connection.execute(
            update(PRINTERS).where(PRINTERS.c.location == "Room 12").values(location="Hall 12")
        )
    cached.forget()
    told = parsed(said(drawn("places", MANAGER, college))).text
    assert "Room 12 (Tom Adeyemi)" in told
    assert "Room 12 (Tom Adeyemi)" not in parsed(said(drawn("places", TECHNICIAN, college))).text
    old = drawn("place", MANAGER, college, location="Room 12")
    assert "Reports from here are assigned to" in parsed(said(old)).text
    old.selectbox(key="looks-after-Room 12").select("")
    next(button for button in old.button if button.label == "Save").click().run()
    assert of(college.engine, "Room 12") is None
