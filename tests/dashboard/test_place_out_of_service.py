"""Taking all printers of a place out of service together, on both databases, and putting those back."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, func, select

from core.contract.errors import Conflict, UserError
from core.storage.core_tables import AUDIT
from core.storage.database import reading, writing
from core.storage.out_of_service import read_out_of_service, take_out_of_service
from dashboard.actor import Actor
from dashboard.app_context import AppContext
from dashboard.features.places.out_of_service import (
    TakenOut,
    put_place_back,
    take_place_out,
    taken_out_together,
)
from dashboard.features.shared import cached, manager_cached
from dashboard.undoing import undo
from dashboard.viewer import Forbidden, Viewer
from tests.builders import printer, put
from tests.dashboard.harness import ANONYMOUS, TECHNICIAN, drawn, open_college
from tests.dashboard.html_text import parsed
from tests.dashboard.manager_fleet import NOW, opened
from tests.dashboard.portal import said
from tests.postgres import DATABASES

GYM = ("gym-1", "gym-2")
LATER = NOW + timedelta(days=7)
CLOSED = "Closed for the holidays"


@pytest.fixture(params=DATABASES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with opened(request.param, tmp_path) as engine:
        yield engine


@pytest.fixture
def college(tmp_path: Path) -> Iterator[AppContext]:
    college = open_college(tmp_path)
    put(college.engine, printer("near", location="Room 12"))
    yield college
    cached.forget()
    manager_cached.forget()


def out(engine: Engine) -> dict[str, tuple[str, datetime | None]]:
    with reading(engine) as connection:
        found = read_out_of_service(connection, NOW)
    return {printer_id: (one.note, one.until_at) for printer_id, one in found.items()}


def retake(engine: Engine, printer_id: str, why: str) -> None:
    with writing(engine) as connection:
        take_out_of_service(connection, printer_id, until=None, why=why, actor="tom", now=NOW)


def together(engine: Engine) -> list[TakenOut]:
    with reading(engine) as connection:
        return taken_out_together(read_out_of_service(connection, NOW))


def test_those_that_are_out_already_keep_their_reason_and_stay_out(engine: Engine) -> None:
    with writing(engine) as connection:
        take_out_of_service(connection, "gym-1", until=None, why="new fuser", actor="tom", now=NOW)
    three = (*GYM, "lib-1")
    done = take_place_out(Actor(engine, TECHNICIAN, NOW), three, CLOSED, LATER)
    assert done.said == "2 printers are out of service"
    assert out(engine) == {"gym-1": ("new fuser", None), "gym-2": (CLOSED, LATER), "lib-1": (CLOSED, LATER)}
    (taken,) = together(engine)
    back = put_place_back(Actor(engine, TECHNICIAN, NOW), taken)
    assert out(engine) == {"gym-1": ("new fuser", None)}
    undo(Actor(engine, TECHNICIAN, NOW), back)
    assert out(engine)["gym-2"] == (CLOSED, LATER)


def test_it_can_be_undone(engine: Engine) -> None:
    done = take_place_out(Actor(engine, TECHNICIAN, NOW), GYM, CLOSED, None)
    undo(Actor(engine, TECHNICIAN, NOW), done)
    assert out(engine) == {}


def test_what_somebody_has_changed_since_stays_as_it_is(engine: Engine) -> None:
    done = take_place_out(Actor(engine, TECHNICIAN, NOW), GYM, CLOSED, LATER)
    (taken,) = together(engine)
    retake(engine, "gym-1", "new fuser")
    with pytest.raises(Conflict):
        undo(Actor(engine, TECHNICIAN, NOW), done)
    assert out(engine) == {"gym-1": ("new fuser", None), "gym-2": (CLOSED, LATER)}
    back = put_place_back(Actor(engine, TECHNICIAN, NOW), taken)
    assert back.said == "1 printer is back in service"
    with pytest.raises(UserError, match="for another reason"):
        put_place_back(Actor(engine, TECHNICIAN, NOW), taken)
    retake(engine, "gym-2", "moved")
    with pytest.raises(Conflict):
        undo(Actor(engine, TECHNICIAN, NOW), back)
    assert out(engine) == {"gym-1": ("new fuser", None), "gym-2": ("moved", None)}


def test_a_large_place_is_taken_out_and_put_back_by_few_statements(engine: Engine) -> None:
    ids = [f"big-{number:03}" for number in range(300)]
    put(engine, *(printer(name, location="Tower") for name in ids))
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    take_place_out(Actor(engine, TECHNICIAN, NOW), ids, CLOSED, LATER)
    (taken,) = together(engine)
    put_place_back(Actor(engine, TECHNICIAN, NOW), taken)
    assert len(asked) < 30
    assert out(engine) == {}
    with reading(engine) as connection:
        lines = select(func.count()).where(AUDIT.c.action == "printer.out_of_service")
        assert connection.execute(lines).scalar_one() == len(ids)


def test_where_it_cannot_be_nothing_is_changed(engine: Engine) -> None:
    with pytest.raises(UserError, match="Say why"):
        take_place_out(Actor(engine, TECHNICIAN, NOW), GYM, " ", None)
    with pytest.raises(UserError, match="no such printer"):
        take_place_out(Actor(engine, TECHNICIAN, NOW), (*GYM, "removed"), CLOSED, None)
    with pytest.raises(Forbidden):
        take_place_out(Actor(engine, ANONYMOUS, NOW), GYM, CLOSED, None)
    assert out(engine) == {}
    take_place_out(Actor(engine, TECHNICIAN, NOW), GYM, CLOSED, None)
    with pytest.raises(UserError, match="already"):
        take_place_out(Actor(engine, TECHNICIAN, NOW), GYM, "again", None)


def test_the_page_of_the_place_tells_it_and_puts_them_back(college: AppContext) -> None:
    def place(viewer: Viewer) -> tuple[str, list[str]]:
        page = drawn("place", viewer, college, location="Room 12")
        assert not page.exception
        return parsed(said(page)).text, [button.key or "" for button in page.button]

    assert "place-out-of-service" in place(TECHNICIAN)[1]
    assert "place-out-of-service" not in place(ANONYMOUS)[1]
    take_place_out(Actor(college.engine, TECHNICIAN, datetime.now(UTC)), ("low", "near"), CLOSED, None)
    text, buttons = place(TECHNICIAN)
    assert f"2 printers are out of service until further notice: {CLOSED}" in text
    assert "place-in-service-0" in buttons
    page = drawn("place", TECHNICIAN, college, location="Room 12")
    page.button(key="place-in-service-0").click().run()
    with reading(college.engine) as connection:
        assert read_out_of_service(connection, datetime.now(UTC)) == {}
