"""The list of printers as it is drawn: with printers, without, filtered, by the address, for each viewer."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import delete, update
from streamlit.testing.v1 import AppTest

from core.storage.core_tables import PRINTERS, SNAPSHOTS
from core.storage.database import writing
from dashboard.app_context import AppContext
from dashboard.features.fleet.queries import PAGE_ROWS
from dashboard.features.shared import cached
from dashboard.viewer import Viewer
from tests.builders import printer, put
from tests.dashboard.harness import ADMIN, ANONYMOUS, TECHNICIAN, drawn, open_college
from tests.dashboard.html_text import parsed
from tests.dashboard.portal import FORMULA, SCRIPT, add_hostile, html, said


@pytest.fixture
def college(tmp_path: Path) -> Iterator[AppContext]:
    yield open_college(tmp_path)
    cached.forget()


def names(page: AppTest) -> list[str]:
    """The printers of the list, in order."""
    return [part.split('">')[0] for part in html(page).split('href="/printer?id=')[1:]]


def chips(page: AppTest, *health: str) -> None:
    """Choose these and no others."""
    group = page.button_group(key="chips-health")
    group.set_value(list(health)).run()


def test_all_are_listed_the_worst_first(college: AppContext) -> None:
    page = drawn("fleet", TECHNICIAN, college)
    assert not page.exception
    assert names(page) == ["jammed", "old", "low", "new", "fine"]
    text = parsed(html(page)).text
    assert "Paper jam in tray 2" in text
    assert "+1 more" in text
    assert "No data" in text
    assert "9 %" in text
    assert "Not reached yet" in text


def test_the_table_has_a_name_and_headings(college: AppContext) -> None:
    drawn_html = html(drawn("fleet", TECHNICIAN, college))
    assert "<caption" in drawn_html
    assert drawn_html.count('<th scope="col"') == 8


def test_chips_filter_and_stand_in_the_address(college: AppContext) -> None:
    page = drawn("fleet", TECHNICIAN, college)
    chips(page, "critical")
    assert names(page) == ["jammed"]
    assert page.query_params["health"] == "critical"
    chips(page)
    assert "health" not in page.query_params
    assert len(names(page)) == 5


def test_the_address_filters(college: AppContext) -> None:
    page = drawn("fleet", TECHNICIAN, college, health="warning", state="idle", find="low", order="name")
    assert names(page) == ["low"]
    assert "1 of 5 printers" in said(page)
    assert page.text_input(key="find").value == "low"


@pytest.mark.parametrize("query", [{"health": "invented"}, {"state": SCRIPT}, {"order": "x"}, {"page": "-1"}])
def test_an_address_that_means_nothing_shows_everything(college: AppContext, query: dict[str, str]) -> None:
    page = drawn("fleet", TECHNICIAN, college, **query)
    assert not page.exception
    assert len(names(page)) == 5


def test_what_nobody_is_like_is_said(college: AppContext) -> None:
    page = drawn("fleet", TECHNICIAN, college, find="no such printer")
    assert "No printer matches these filters." in said(page)


def test_an_empty_fleet_says_who_can_change_that(tmp_path: Path) -> None:
    empty = open_college(tmp_path, empty=True)
    assert "An administrator adds them" in said(drawn("fleet", TECHNICIAN, empty))
    cached.forget()
    assert 'href="/inventory"' in said(drawn("fleet", ADMIN, empty))
    cached.forget()


def test_a_day_when_nothing_is_wrong_is_told_as_one(college: AppContext) -> None:
    with writing(college.engine) as connection:
        connection.execute(delete(PRINTERS).where(PRINTERS.c.printer_id.not_in(["fine"])))
    assert "Nothing is wrong today" in said(drawn("fleet", TECHNICIAN, college))


def test_before_the_first_readings_nothing_is_called_right_or_wrong(college: AppContext) -> None:
    with writing(college.engine) as connection:
        connection.execute(delete(PRINTERS).where(PRINTERS.c.printer_id.not_in(["new"])))
    text = said(drawn("fleet", TECHNICIAN, college))
    assert "No printer has been reached yet" in text
    assert "Nothing is wrong" not in text


def test_many_printers_come_in_pages(college: AppContext) -> None:
    put(college.engine, *(printer(f"p{n:03}", name=f"Printer {n:03}") for n in range(PAGE_ROWS + 10)))
    page = drawn("fleet", TECHNICIAN, college, order="name")
    assert len(names(page)) == PAGE_ROWS
    second = drawn("fleet", TECHNICIAN, college, order="name", page="2")
    assert len(names(second)) == 15
    assert not set(names(page)) & set(names(second))
    second.text_input(key="find").set_value("Printer").run()
    assert names(second)[0] == "p000"
    assert "page" not in second.query_params


@pytest.mark.parametrize("viewer", [ANONYMOUS, TECHNICIAN])
def test_hostile_words_are_shown_as_text(college: AppContext, viewer: Viewer) -> None:
    add_hostile(college.engine)
    page = drawn("fleet", viewer, college)
    found = parsed(html(page))
    assert "script" not in found.tags
    assert SCRIPT in found.text
    assert FORMULA in found.text


def test_strangers_see_no_address_and_find_none(college: AppContext) -> None:
    with writing(college.engine) as connection:
        connection.execute(update(PRINTERS).values(host="10.77.0.1", serial="SER-9"))
    assert names(drawn("fleet", ANONYMOUS, college, find="10.77")) == []
    assert "10.77" not in said(drawn("fleet", ANONYMOUS, college))
    assert len(names(drawn("fleet", TECHNICIAN, college, find="ser-9"))) == 5


def test_a_stale_printer_is_marked_whatever_it_said_last(college: AppContext) -> None:
    with writing(college.engine) as connection:
        connection.execute(update(SNAPSHOTS).values(stale_at=datetime(2026, 1, 1, tzinfo=UTC)))
    text = parsed(html(drawn("fleet", TECHNICIAN, college))).text
    assert "As last seen" in text
    assert "Asleep" not in text
