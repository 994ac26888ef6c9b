"""Firmware on the pages: found in the list of printers, compared by model, for those who see addresses."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import Engine

from core.contract.messages import PrinterState
from core.storage.core_tables import SNAPSHOTS
from core.storage.database import reading, writing
from dashboard.app_context import AppContext
from dashboard.features.fleet.kept_fleet import KeptFleet
from dashboard.features.fleet.queries import Fleet, FleetFilter
from dashboard.features.reports.firmware import firmware_by_model
from dashboard.features.shared import cached
from tests.builders import NOW, printer, put, snapshot
from tests.dashboard.harness import ADMIN, ANONYMOUS, MANAGER, TECHNICIAN, drawn, open_college
from tests.dashboard.html_text import parsed
from tests.dashboard.listed import listed
from tests.dashboard.portal import html

FLEET: Final = {
    "a": ("Ricoh IM C3000", "1.10"),
    "b": ("Ricoh IM C3000", "1.9"),
    "c": ("Ricoh IM C3000", "1.9"),
    "d": ("Ricoh IM C3000", ""),
    "e": ("Kyocera ECOSYS", "2TP_S000.003.402"),
    "f": ("Kyocera ECOSYS", "2TP_S000.004.001"),
    "g": ("Lexmark MS622de", "MSNGW.075.272"),
    "h": ("Sharp MX-3071", ""),
}


@pytest.fixture
def college(tmp_path: Path) -> Iterator[AppContext]:
    college = open_college(tmp_path, empty=True)
    for printer_id, told in FLEET.items():
        add(college.engine, printer_id, *told)
    yield college
    cached.forget()


def add(engine: Engine, printer_id: str, model: str, firmware: str) -> None:
    state = PrinterState(printer_id=printer_id, model=model, firmware=firmware or None, reachable=True)
    put(engine, printer(printer_id), snapshot(printer_id, state, model=model, firmware=firmware))


def names(page_html: str) -> list[str]:
    return [part.split('">')[0] for part in page_html.split('href="/printer?id=')[1:]]


def test_versions_of_a_model_are_compared_where_they_can_be() -> None:
    rows = [listed(name, model=model, firmware=firmware) for name, (model, firmware) in FLEET.items()]
    ricoh, kyocera, lexmark = firmware_by_model(rows)
    assert (ricoh.model, ricoh.newest, ricoh.older) == ("Ricoh IM C3000", "1.10", 2)
    assert [ricoh.standing(version) for version in ("1.10", "1.9")] == ["newest", "older"]
    assert (kyocera.newest, kyocera.older, kyocera.standing("2TP_S000.003.402")) == (None, 0, "unordered")
    assert lexmark.standing("MSNGW.075.272") == "only"


def test_the_report_leads_to_the_printers_of_each_version(college: AppContext) -> None:
    page = drawn("reports", MANAGER, college, of="firmware")
    assert not page.exception
    text = parsed(html(page)).text
    assert "2 printers run an older version" in " ".join(each.value for each in page.caption)
    assert "6 of 8 printers tell their firmware" in " ".join(each.value for each in page.caption)
    for words in ("Older", "Newest seen", "2 versions", "Not told"):
        assert words in text
    assert "Sharp" not in text
    assert "/fleet?model=Ricoh+IM+C3000&amp;firmware=1.9" in html(page)
    there = drawn("fleet", TECHNICIAN, college, model="Ricoh IM C3000", firmware="1.9")
    assert sorted(names(html(there))) == ["b", "c"]


def test_a_fleet_that_tells_none_says_so(tmp_path: Path) -> None:
    page = drawn("reports", MANAGER, open_college(tmp_path, empty=True), of="firmware")
    assert not page.exception
    assert "No printer has told its firmware." in html(page)
    cached.forget()


def test_printers_are_found_by_their_firmware(college: AppContext) -> None:
    page = drawn("fleet", TECHNICIAN, college, find="firmware 1.9")
    assert sorted(names(html(page))) == ["b", "c"]


def test_an_update_is_seen_with_the_reading_that_tells_it(college: AppContext) -> None:
    kept, news = KeptFleet(), NOW + timedelta(seconds=10)
    with reading(college.engine) as connection:
        before = kept.read(connection, NOW).by_id["b"]
    with writing(college.engine) as connection:
        updated = SNAPSHOTS.update().where(SNAPSHOTS.c.printer_id == "b")
        connection.execute(updated.values(firmware="1.10", received_at=news))
    with reading(college.engine) as connection:
        after = kept.read(connection, news).by_id["b"]
    assert (before.firmware, after.firmware) == ("1.9", "1.10")
    assert "firmware 1.10" in after.private


def test_who_sees_no_addresses_finds_no_firmware(college: AppContext) -> None:
    page = drawn("fleet", ANONYMOUS, college, model="Ricoh IM C3000", firmware="1.9")
    assert sorted(names(html(page))) == ["a", "b", "c", "d"]
    assert "1.9" not in html(page)
    fleet = Fleet([listed("a", firmware="1.9", model="M")])
    assert not fleet.find(FleetFilter(firmware="1.9"), False).rows
    assert "Firmware" not in html(drawn("printer", ANONYMOUS, college, id="b"))


def test_the_page_of_a_printer_and_the_inventory_tell_it(college: AppContext) -> None:
    assert "2TP_S000.003.402" in html(drawn("printer", TECHNICIAN, college, id="e"))
    assert "2TP_S000.003.402" in html(drawn("inventory", ADMIN, college))
