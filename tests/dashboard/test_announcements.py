"""Announcements: made, changed and ended on both databases, and the pages on which everybody reads them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from core.contract.errors import Conflict, UserError
from core.storage.announcements import (
    Announcement,
    NewAnnouncement,
    about_place,
    add_announcement,
    read_announcements,
    shown_announcements,
)
from core.storage.core_tables import AUDIT
from core.storage.database import reading, writing
from dashboard.actor import Actor
from dashboard.app_context import AppContext
from dashboard.features.announcements import actions
from dashboard.features.announcements.shown import announcements_html, forget_announcements
from dashboard.features.shared import cached, manager_cached
from dashboard.features.wall.view import KeptWalls
from dashboard.undoing import undo
from dashboard.viewer import Forbidden, Viewer
from tests.dashboard.harness import ANONYMOUS, MANAGER, TECHNICIAN, drawn, open_college
from tests.dashboard.html_text import parsed
from tests.dashboard.manager_fleet import NOW, opened
from tests.dashboard.portal import SCRIPT, html, said
from tests.postgres import DATABASES

DAY = timedelta(days=1)
SAID = "No printing on Saturday"


@pytest.fixture(params=DATABASES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with opened(request.param, tmp_path) as engine:
        yield engine
    forget_announcements()


@pytest.fixture
def college(tmp_path: Path) -> Iterator[AppContext]:
    yield open_college(tmp_path)
    for kept in (cached, manager_cached):
        kept.forget()
    forget_announcements()


def new(
    text: str = SAID, location: str = "", *, days: int | None = None, begins: datetime = NOW
) -> NewAnnouncement:
    return NewAnnouncement(text, location, begins, None if days is None else NOW + days * DAY)


def announce(college: AppContext, text: str = SAID, location: str = "") -> None:
    now = datetime.now(UTC)
    with writing(college.engine) as connection:
        add_announcement(connection, NewAnnouncement(text, location, now, None), actor="maya", now=now)
    forget_announcements()


def every(engine: Engine) -> list[Announcement]:
    with reading(engine) as connection:
        return read_announcements(connection)


def shown(engine: Engine, now: datetime = NOW) -> list[str]:
    with reading(engine) as connection:
        return [one.text for one in shown_announcements(connection, now)]


def words(college: AppContext, page: str, viewer: Viewer, **asked: str) -> str:
    found = drawn(page, viewer, college, **asked)
    assert not found.exception
    return parsed(said(found)).text


def test_it_is_shown_from_its_first_to_its_last_moment(engine: Engine) -> None:
    actions.announce(Actor(engine, MANAGER, NOW), new(days=3, begins=NOW + DAY))
    assert [shown(engine, NOW + days * DAY) for days in (0, 1, 2, 3)] == [[], [SAID], [SAID], []]


def test_what_is_made_changed_and_ended_can_be_undone(engine: Engine) -> None:
    made = actions.announce(Actor(engine, MANAGER, NOW), new())
    (one,) = every(engine)
    changed = actions.edit(Actor(engine, MANAGER, NOW), one, new("The library is closed", "Library"))
    assert shown(engine) == ["The library is closed"]
    with pytest.raises(Conflict):
        actions.end(Actor(engine, MANAGER, NOW), one)
    undo(Actor(engine, MANAGER, NOW), changed)
    (one,) = every(engine)
    ended = actions.end(Actor(engine, MANAGER, NOW), one)
    assert shown(engine) == []
    undo(Actor(engine, MANAGER, NOW), ended)
    assert shown(engine) == [SAID]
    with pytest.raises(Conflict):
        undo(Actor(engine, MANAGER, NOW), made)
    again = actions.announce(Actor(engine, MANAGER, NOW), new("Another"))
    undo(Actor(engine, MANAGER, NOW), again)
    assert shown(engine) == [SAID]
    with reading(engine) as connection:
        audit = select(AUDIT.c.action).where(AUDIT.c.action.like("announcement.%")).order_by(AUDIT.c.id)
        done = [action.removeprefix("announcement.") for action in connection.execute(audit).scalars()]
    assert done == ["made", "edited", "edited", "ended", "edited", "made", "ended"]


def test_what_nobody_could_read_is_refused_and_so_is_who_may_not(engine: Engine) -> None:
    wrong = {
        "empty": new("  "),
        "500 characters": new("x" * 501),
        "over before": new(days=0),
        "long name": new(location="x" * 301),
    }
    for said_of_it, one in wrong.items():
        with pytest.raises(UserError, match=said_of_it):
            actions.announce(Actor(engine, MANAGER, NOW), one)
    for viewer in (TECHNICIAN, ANONYMOUS):
        with pytest.raises(Forbidden):
            actions.announce(Actor(engine, viewer, NOW), new())
    assert every(engine) == []


def test_it_is_stored_without_what_cannot_be_seen_or_stored(engine: Engine) -> None:
    actions.announce(
        Actor(engine, MANAGER, NOW), new("Closed\0\u202e now\r\n\u200bby order ", " Library\0 ,floor 1")
    )
    assert [(one.text, one.location) for one in every(engine)] == [
        ("Closed now\nby order", "Library, floor 1")
    ]
    with pytest.raises(UserError, match="empty"):
        actions.announce(Actor(engine, MANAGER, NOW), new("\0\u200b"))


def test_of_those_that_are_over_a_hundred_are_kept(engine: Engine) -> None:
    with writing(engine) as connection:
        for number in range(101):
            begins = NOW - (number + 2) * DAY
            wanted = NewAnnouncement(str(number), "", begins, begins + DAY)
            add_announcement(connection, wanted, actor="maya", now=begins)
    actions.announce(Actor(engine, MANAGER, NOW), new())
    found = [one.text for one in every(engine)]
    assert (found[0], found[-1], len(found)) == (SAID, "98", 100)


def test_the_page_says_where_no_printer_is_any_more(college: AppContext) -> None:
    announce(college, "Closed", "Room 12")
    announce(college, "Moved")
    assert "no printer is there" not in words(college, "announcements", MANAGER)
    announce(college, "Closed, too", "Room 13")
    assert words(college, "announcements", MANAGER).count("no printer is there") == 1


def test_it_is_about_its_place_and_what_lies_in_it(engine: Engine) -> None:
    for place in ("", "Library", "Library, floor 1", "Lib"):
        actions.announce(Actor(engine, MANAGER, NOW), new(place or "all", place))
    found = every(engine)
    on_floor_2 = {one.text for one in about_place(found, "Library, floor 2")}
    assert on_floor_2 == {"all", "Library"}
    assert {one.text for one in about_place(found, "Library", within=True)} == on_floor_2 | {
        "Library, floor 1"
    }
    assert {one.text for one in about_place(found, "", within=True)} == {one.text for one in found}
    assert {one.text for one in about_place(found, "")} == {"all"}


def test_everybody_reads_it_where_they_look_for_a_printer(college: AppContext) -> None:
    announce(college, f"Closed {SCRIPT}", "Room 12")
    announce(college)
    for page, asked in (
        ("fleet", {}),
        ("printer", {"id": "low"}),
        ("report", {"printer": "low"}),
        ("report", {}),
    ):
        text = words(college, page, ANONYMOUS, **asked)
        assert SAID in text
        assert f"Closed {SCRIPT}" in text
    elsewhere = words(college, "printer", ANONYMOUS, id="jammed")
    assert SAID in elsewhere
    assert "Closed" not in elsewhere
    assert SCRIPT not in html(drawn("fleet", ANONYMOUS, college))
    place = words(college, "place", ANONYMOUS, location="Room 12")
    assert "Closed" in place


def test_its_place_is_named_where_one_is_not_there_anyway(engine: Engine) -> None:
    actions.announce(Actor(engine, MANAGER, NOW), new(location="Library, floor 1"))
    found = every(engine)
    assert f"Library, floor 1: {SAID}" in parsed(announcements_html(found, "Library")).text
    assert f"Library, floor 1: {SAID}" not in parsed(announcements_html(found, "Library, floor 1, desk")).text


def test_one_that_ends_at_midnight_is_said_to_last_until_the_day_before(engine: Engine) -> None:
    midnight = datetime(2030, 12, 6, tzinfo=UTC)
    actions.announce(Actor(engine, MANAGER, NOW), NewAnnouncement(SAID, "", NOW, midnight))
    shown_as = parsed(announcements_html(every(engine), "")).text
    assert "5 Dec 2030, 23:59" in shown_as
    assert "6 Dec" not in shown_as


def test_a_wall_shows_it_and_is_drawn_anew_for_it(college: AppContext) -> None:
    walls = KeptWalls()
    before = walls.draw(college, "", "1")
    announce(college)
    after = walls.draw(college, "", "1")
    assert SAID not in before.html
    assert SAID in after.html
    assert after.version != before.version


def test_the_page_lists_what_is_shown_what_is_planned_and_what_was(college: AppContext) -> None:
    assert "Nothing is announced" in words(college, "announcements", MANAGER)
    now = datetime.now(UTC)
    announce(college)
    with writing(college.engine) as connection:
        later = NewAnnouncement("Later", "Room 12", now + 2 * DAY, now + 3 * DAY)
        add_announcement(connection, later, actor="maya", now=now)
        past = NewAnnouncement("Before", "", now - 3 * DAY, now - 2 * DAY)
        add_announcement(connection, past, actor="maya", now=now - 3 * DAY)
    text = words(college, "announcements", MANAGER)
    assert "shown until somebody ends it" in text
    assert "planned from" in text
    assert "Past announcements" not in html(drawn("announcements", MANAGER, college))
    assert "Before" in text
    page = drawn("announcements", MANAGER, college)
    (button,) = [each for each in page.button if (each.key or "").startswith("announcement-1-1-end")]
    button.click().run()
    assert SAID not in [one.text for one in every(college.engine) if one.is_shown(datetime.now(UTC))]
