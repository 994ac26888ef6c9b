"""The service sheet in a real browser: found where it is needed, printed on two pages, copied as text."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine

from core.contract.messages import Attention, Evidence
from core.runtime.settings import HistorySettings
from core.storage.database import writing
from core.storage.issues import NewIssue, comment, open_issue
from core.storage.supply_tables import SupplyEventRow
from core.timeseries.stores import open_store
from tests.browser.seeing import PageAs, faults, visit
from tests.builders import printer, put, snapshot
from tests.dashboard.chronic import BAD, printed, seed_chronic
from tests.dashboard.harness import add_people
from tests.dashboard.manager_fleet import flag, state, toner
from tests.dashboard.served import Server

NOW: Final = datetime.now(UTC)
PHONE: Final = {"width": 390, "height": 844}
FULL: Final = "full-1"
"""A printer of which there is more to say than a sheet has room for."""


def seed(engine: Engine) -> None:
    """A printer that jams again and again among others that do not, and FULL."""
    add_people(engine, NOW)
    seed_chronic(engine, NOW)
    writer = open_store(HistorySettings(data_dir=Path(str(engine.url.database)).parent)).open_writer()
    writer.write_days(printed(30, NOW))
    writer.close()
    words = "The feed rollers of the second tray were taken out, cleaned and put back. " * 12
    evidence = tuple(
        Evidence(
            object="prtAlertDescription",
            index=f"1.{row}",
            value="Paper jam in the second tray, open the front cover",
        )
        for row in range(6)
    )
    faults_now = tuple(
        Attention(
            code=code,
            severity="critical",
            message=f"{code}: {words}"[:120],
            since_at=NOW,
            evidence=evidence,
        )
        for code in ("jam", "door_open", "service_requested", "output_full", "offline", "tray_missing")
    )
    supplies = tuple(toner(9, index=f"1.{row}") for row in range(1, 9))
    seen = state(
        FULL,
        attention=faults_now,
        supplies=supplies,
        system_description=words[:250],
        model="Multifunction Model " * 3,
    )
    put(
        engine,
        printer(FULL, name="Reading room of the west wing " * 2, location="Library, " * 8),
        snapshot(FULL, seen),
    )
    for number in range(40):
        at = NOW - timedelta(days=2 * number, hours=1)
        cleared_at, told = at + timedelta(minutes=50), {"words": words[:72]}
        put(
            engine,
            flag(FULL, "jam", "critical", since_at=at, cleared_at=cleared_at, parameters=told),
            SupplyEventRow(
                printer_id=FULL,
                supply_index="1.1",
                at=at,
                part="Black Toner " * 4,
                old_percent=4,
                pages=6_100,
            ),
        )
    with writing(engine) as connection:
        for number in range(12):
            issue = open_issue(connection, NewIssue(FULL, f"{number}: {words[:72]}"), actor="x", now=NOW)
            for _ in range(8):
                comment(connection, issue, words, actor="tom", now=NOW)


def opened(page: Page, printer_id: str = BAD) -> Page:
    page.goto(f"/service-sheet/{printer_id}")
    expect(page.get_by_role("heading", name="Service sheet")).to_be_visible()
    return page


def test_it_is_found_from_the_printer_its_issue_and_the_report(page_as: PageAs) -> None:
    page = page_as("manager")
    for path in (f"/printer?id={BAD}", "/issue?id=1", "/reports?of=problems"):
        visit(page, path)
        hint = page.locator(".headline", has_text="stops far more often than others")
        expect(hint).to_contain_text("others of this model: 0.7")
        expect(hint.get_by_role("link", name="Service sheet")).to_have_attribute(
            "href", f"/service-sheet/{BAD}"
        )
    visit(page, f"/printer?id={BAD}")
    page.get_by_role("link", name="Service sheet").first.click()
    expect(page.get_by_role("heading", name="Service sheet: Library 1")).to_be_visible()
    page.get_by_role("link", name="As text").click()
    expect(page.locator("body")).to_contain_text("SERVICE SHEET: Library 1")


@pytest.mark.parametrize("printer_id", [BAD, FULL])
@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_it_is_printed_on_two_pages_at_most_in_black_on_white(
    page_as: PageAs, printer_id: str, paper: str
) -> None:
    page = opened(page_as("technician", color_scheme="dark"), printer_id)
    pages = len(re.findall(rb"/MediaBox", page.pdf(format=paper, print_background=True)))
    assert pages == (1 if printer_id == BAD else 2)
    page.emulate_media(media="print", color_scheme="dark")
    expect(page.get_by_role("button", name="Print")).to_be_hidden()
    colors = page.locator("tbody td").first.evaluate(
        "each => [getComputedStyle(each).color, getComputedStyle(each.closest('.paper')).backgroundColor]"
    )
    assert colors == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_read_it_also_on_a_phone(page_as: PageAs, scheme: str) -> None:
    page = page_as("technician", viewport=PHONE, color_scheme=scheme)
    for printer_id in (BAD, FULL):
        opened(page, printer_id)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        assert faults(page) == []


def test_notes_are_left_out_and_put_back(page_as: PageAs, server: Server) -> None:
    page = opened(page_as("technician"))
    note = page.get_by_text("Rollers cleaned, did not help")
    expect(note).to_be_visible()
    page.get_by_role("link", name="Without internal notes").click()
    expect(page.get_by_text("The rollers were replaced")).to_be_visible()
    expect(note).to_have_count(0)
    page.get_by_role("link", name="With internal notes").click()
    expect(note).to_be_visible()
    assert "Traceback" not in server.log
