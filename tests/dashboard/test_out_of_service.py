"""Taking a printer out of service on its page, and what everybody sees of it then."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.storage.database import reading, writing
from core.storage.out_of_service import take_out_of_service
from dashboard.actor import Actor
from dashboard.app_context import AppContext
from dashboard.features.attention import queries
from dashboard.features.attention.queries import FlagFilter, Pile
from dashboard.features.printer.actions import put_back, take_out
from dashboard.features.printer.nearby import alternatives
from dashboard.features.printer.queries import PrinterView, read_printer
from dashboard.features.shared import cached, manager_cached
from dashboard.viewer import Forbidden
from tests.dashboard.harness import ANONYMOUS, MANAGER, TECHNICIAN, drawn, open_college
from tests.dashboard.html_text import parsed
from tests.dashboard.portal import SCRIPT, html, said

NOW = datetime.now(UTC)


@pytest.fixture
def college(tmp_path: Path) -> Iterator[AppContext]:
    yield open_college(tmp_path)
    cached.forget()
    manager_cached.forget()


def out(college: AppContext, *printer_ids: str, why: str = "Waiting for a fuser") -> None:
    with writing(college.engine) as connection:
        for printer_id in printer_ids:
            until = NOW + timedelta(days=3)
            take_out_of_service(connection, printer_id, until=until, why=why, actor="tom", now=NOW)
    cached.forget_states()


def view(college: AppContext, printer_id: str = "jammed") -> PrinterView:
    with reading(college.engine) as connection:
        found = read_printer(connection, printer_id, TECHNICIAN, datetime.now(UTC))
    assert found is not None
    return found


def words(page: AppTest) -> str:
    assert not page.exception
    return parsed(said(page)).text


def test_a_technician_takes_it_out_with_a_reason_and_puts_it_back(college: AppContext) -> None:
    take_out(Actor(college.engine, TECHNICIAN, datetime.now(UTC)), view(college), "Waiting for a fuser", None)
    page = drawn("printer", TECHNICIAN, college, id="jammed")
    assert "Out of service until further notice: Waiting for a fuser" in words(page)
    page.button(key="in-service").click().run()
    assert "Out of service" not in words(page)
    assert "Jammed is back in service" in words(page)


def test_who_may_not_work_on_issues_has_no_button_and_is_refused(college: AppContext) -> None:
    page = drawn("printer", ANONYMOUS, college, id="jammed")
    assert not [button for button in page.button if "service" in (button.key or "")]
    with pytest.raises(Forbidden):
        take_out(Actor(college.engine, ANONYMOUS, NOW), view(college), "repair", None)
    with pytest.raises(Forbidden):
        put_back(Actor(college.engine, ANONYMOUS, NOW), view(college))


def test_the_list_tells_why_and_shows_it_after_what_needs_somebody(college: AppContext) -> None:
    out(college, "jammed", why=f"{SCRIPT} & more")
    page = drawn("fleet", ANONYMOUS, college)
    shown = html(page)
    assert SCRIPT not in shown
    text = parsed(shown).text
    assert f"{SCRIPT} & more" in text
    assert "Paper jam" not in text
    assert text.index("Low") < text.index("Jammed") < text.index("Fine [1]")
    only = drawn("fleet", ANONYMOUS, college, health="out")
    assert html(only).count('href="/printer?id=') == 1


def test_its_flags_are_set_aside_with_the_reason(college: AppContext) -> None:
    out(college, "jammed")
    with reading(college.engine) as connection:
        assert queries.flags(connection, FlagFilter(), now=NOW) == []
        (aside,) = queries.flags(connection, FlagFilter(), now=NOW, pile=Pile.SET_ASIDE)
        counts = queries.counts(connection, FlagFilter(), now=NOW)
    assert (aside.printer_id, aside.out_of_service) == ("jammed", "Waiting for a fuser")
    assert (counts.now, counts.aside, counts.critical) == (0, 1, 0)
    page = drawn("attention", MANAGER, college, pile="aside")
    assert "out of service: Waiting for a fuser" in words(page)


def test_who_reports_a_problem_is_told_first_and_led_elsewhere(college: AppContext) -> None:
    out(college, "jammed")
    shown = words(drawn("report", ANONYMOUS, college, printer="jammed"))
    assert "Waiting for a fuser" in shown
    assert "Out of service until" in shown


def test_nobody_is_sent_to_a_printer_out_of_service(college: AppContext) -> None:
    fleet = cached.the_fleet(college)
    row = fleet.by_id["fine"]._replace(location="Hall", printer_id="near")
    own = fleet.by_id["jammed"]._replace(location="Hall")
    offered = type(fleet)([row, own])
    assert [one.printer_id for one in alternatives(offered, "jammed")] == ["near"]
    resting = type(fleet)([row._replace(health="out"), own])
    assert alternatives(resting, "jammed") == []


def test_the_list_does_not_call_all_of_them_well(college: AppContext) -> None:
    out(college, "jammed", "old", "low")
    assert "Nothing is wrong today: 1 of 5 printers are OK." in words(drawn("fleet", ANONYMOUS, college))


def test_a_printer_out_of_service_says_nothing_of_the_collector(college: AppContext) -> None:
    assert "is the collector running?" in words(drawn("attention", MANAGER, college))
    out(college, "old")
    assert "is the collector running?" not in words(drawn("attention", MANAGER, college))


def test_a_flag_says_so_only_for_as_long_as_it_is_true(college: AppContext) -> None:
    out(college, "jammed")
    with reading(college.engine) as connection:
        (found,) = queries.flags(connection, FlagFilter(), now=NOW + timedelta(days=4))
    assert (found.printer_id, found.out_of_service) == ("jammed", "")
