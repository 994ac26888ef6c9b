"""The round in a real browser: walked on a phone, ticked, confirmed by the printers' readings, printed."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import Engine, update

from core.domain.supply_parts import SupplyPart
from core.runtime.settings import RuleSettings
from core.storage.core_tables import SNAPSHOTS, TRIAGE
from core.storage.database import writing
from core.storage.issues import NewIssue, open_issue
from core.storage.parts import ensure_part
from core.storage.stock import count_shelf, make_shelf
from core.storage.store_rooms import add_room
from processor.batch.store import store
from tests.browser.seeing import PageAs, faults, visit
from tests.builders import printer, put, snapshot
from tests.dashboard.harness import add_people
from tests.dashboard.manager_fleet import NOW, flag, state, toner
from tests.dashboard.served import Server
from tests.patience import until
from tests.processor.making import JAMMED, NOTHING_WRONG, make_reading, received

REFRESH_SECONDS: Final = 1.0
PHONE: Final = {"width": 390, "height": 844}
TABLET: Final = {"width": 1000, "height": 700}
THUMB: Final = 44
WALKED: Final = ("lib-1", "lib-2", "lib-3")
"""Printers whose readings the processor stores."""


def seed(engine: Engine) -> None:
    """Three jammed printers in the library, two and twenty of the hall with low toner, and a report."""
    add_people(engine, NOW)
    for number, printer_id in enumerate(WALKED, 1):
        where = f"Library, floor {number}, reading room"
        put(engine, printer(printer_id, name=f"Library {number}", location=where))
        for reading in (1, 2):
            read(engine, printer_id, reading, bits=JAMMED)
    for number in range(22):
        name = f"hall-{number:02}"
        seen = state(name, severity="warning", supplies=(toner(4),))
        put(
            engine,
            printer(
                name, name=f"Great Hall {number}", location=f"Great Hall, floor {number // 8}, east wing"
            ),
        )
        put(
            engine,
            snapshot(name, seen, stale_at=NOW + timedelta(days=1), lowest_supply_percent=4, model="Model X"),
        )
        put(
            engine,
            flag(name, "supply_low", "warning", subject="1.1", message="Black Toner TN-1 is low (4 %)."),
        )
    put(
        engine,
        flag("hall-00", "service_requested", "critical", fixer="vendor", message="Service is needed: fuser."),
    )
    with writing(engine) as connection:
        held = SupplyPart("Model X", "Black Toner TN-1", "TN-1", "black", "toner")
        part, room = ensure_part(connection, held, now=NOW), add_room(connection, "Central store", [])
        count_shelf(connection, make_shelf(connection, part.id, room), 20, actor="tom", now=NOW)
        open_issue(connection, NewIssue("hall-01", "Streaks on every page"), actor="noah", now=NOW)


def read(engine: Engine, printer_id: str, number: int, *, bits: str, **values: Any) -> None:
    """Store a reading, as the processor does; each later than the one before, the last ones of just now."""
    taken_at = datetime.now(UTC) - timedelta(minutes=5) + timedelta(seconds=number)
    reading = make_reading(number, printer_id, bits=bits, taken_at=taken_at, **values)
    store(engine, received(reading), RuleSettings(), datetime.now(UTC))


def opened(page: Page, path: str = "/round") -> Page:
    visit(page, path)
    expect(page.get_by_role("heading", name="Round", exact=True)).to_be_visible()
    return page


def stop(page: Page, printer_id: str) -> Locator:
    return page.locator(f".st-key-stop-{printer_id}")


def test_a_round_is_walked_on_a_phone_and_confirmed_by_the_printers(page_as: PageAs, server: Server) -> None:
    tom = opened(page_as("technician", viewport=PHONE, has_touch=True), "/round?location=Library")
    maya = opened(page_as("manager", viewport=TABLET))
    names = tom.locator(".stop strong").all_inner_texts()
    assert names == ["Library 1", "Library 2", "Library 3"], "floor by floor"
    here = stop(tom, "lib-2")
    expect(here.get_by_text("Paper is jammed.")).to_be_visible()
    button = here.get_by_role("button", name="Done here")
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= THUMB
    assert box["width"] >= 3 * THUMB
    button.tap()
    expect(
        here.get_by_text(re.compile(r"Done by Tom Adeyemi \d\d:\d\d, waiting for the printer"))
    ).to_be_visible()
    expect(here.get_by_role("button", name="Undo")).to_be_visible()
    assert tom.locator(".stop strong").all_inner_texts() == names, "it stays in its place"
    expect(stop(maya, "lib-2").get_by_text("Done by Tom Adeyemi")).to_be_visible()
    expect(stop(maya, "lib-2").get_by_role("button", name="Done here")).to_have_count(0)

    read(server.engine, "lib-2", 10, bits=NOTHING_WRONG, refresh_id="asked")
    said = re.compile(r"Done by Tom Adeyemi \d\d:\d\d, confirmed by the printer \d\d:\d\d")
    expect(here.get_by_text(said)).to_be_visible()
    expect(here.get_by_role("button")).to_have_count(0)
    assert tom.locator(".stop strong").all_inner_texts() == names

    for number in (11, 12):  # somebody who ticks nothing
        read(server.engine, "lib-3", number, bits=NOTHING_WRONG)
    expect(stop(tom, "lib-3").get_by_text(re.compile(r"Confirmed by the printer \d\d:\d\d"))).to_be_visible()
    expect(tom.get_by_text("1 stop in 1 place · 2 done")).to_be_visible()


def test_a_tick_is_taken_back_with_a_tap(page_as: PageAs, server: Server) -> None:
    page = opened(page_as("technician", viewport=PHONE))
    here = stop(page, "hall-05")
    here.get_by_role("button", name="Done here").click()
    expect(here.get_by_text("waiting for the printer")).to_be_visible()
    here.get_by_role("button", name="Undo").click()
    expect(here.get_by_role("button", name="Done here")).to_be_visible()
    expect(here.get_by_text("Done by")).to_have_count(0)


def test_what_the_printer_still_reports_comes_back(page_as: PageAs, server: Server) -> None:
    page = opened(page_as("technician", viewport=PHONE))
    here = stop(page, "hall-07")
    here.get_by_role("button", name="Done here").click()
    expect(here.get_by_text("waiting for the printer")).to_be_visible()
    long_ago, now = datetime.now(UTC) - timedelta(minutes=31), datetime.now(UTC)
    with writing(server.engine) as connection:
        connection.execute(update(TRIAGE).where(TRIAGE.c.done_at.is_not(None)).values(done_at=long_ago))
        read_now = {"taken_at": now, "received_at": now, "stale_at": now + timedelta(minutes=10)}
        connection.execute(update(SNAPSHOTS).where(SNAPSHOTS.c.printer_id == "hall-07").values(**read_now))
    expect(here.get_by_text("but still reported")).to_be_visible()
    expect(here.get_by_role("button", name="Done here")).to_be_visible()


def test_a_report_is_resolved_where_it_stands(page_as: PageAs) -> None:
    page = opened(page_as("technician", viewport=PHONE))
    here = stop(page, "hall-01")
    expect(here.get_by_text("Streaks on every page")).to_be_visible()
    here.get_by_role("button", name="Resolve #").click()
    expect(here.get_by_text(re.compile(r"Resolved \d\d:\d\d"))).to_be_visible()
    here.get_by_role("button", name="Reopen #").click()
    expect(here.get_by_role("button", name="Resolve #")).to_be_visible()


def test_what_to_carry_stands_above_with_where_it_lies_and_what_the_vendor_mends_apart(
    page_as: PageAs,
) -> None:
    page = opened(page_as("technician"), "/round?location=Great Hall")
    carry = page.locator(".carry > li").first
    expect(carry).to_contain_text("Black Toner TN-1")
    expect(carry).to_contain_text("Central store: 20")
    page.get_by_text("Not for this round (1)").click()
    expect(page.get_by_text("Service is needed: fuser.")).to_be_visible()
    expect(page.get_by_text("For the vendor's service")).to_be_visible()


def test_a_place_is_chosen_and_kept_in_the_address(page_as: PageAs) -> None:
    page = opened(page_as("technician", viewport=TABLET))
    page.get_by_role("combobox", name="Place").click()
    page.get_by_role("option", name="Great Hall").click()
    expect(page.locator(".stop")).to_have_count(22)
    expect(page).to_have_url(re.compile(r"location=Great"))
    sheet = page.get_by_role("link", name="Print", exact=True)
    expect(sheet).to_have_attribute("href", "/round-sheet?location=Great%20Hall")


def test_the_reader_keeps_their_place_while_others_tick(page_as: PageAs, server: Server) -> None:
    tom = opened(page_as("technician", viewport=PHONE))
    tom.get_by_test_id("stMain").evaluate("each => { each.scrollTop = 2500; }")
    seen = stop(tom, "hall-15").evaluate("each => each.getBoundingClientRect().top")
    maya = opened(page_as("manager", viewport=TABLET))
    stop(maya, "hall-19").get_by_role("button", name="Done here").click()
    expect(stop(tom, "hall-19").get_by_text("Done by Maya Lindqvist")).to_be_visible()
    assert stop(tom, "hall-15").evaluate("each => each.getBoundingClientRect().top") == pytest.approx(
        seen, abs=2
    )
    assert tom.get_by_test_id("stMain").evaluate("each => each.scrollTop") == pytest.approx(2500, abs=2)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_it_also_on_a_phone(page_as: PageAs, scheme: str) -> None:
    page = opened(page_as("technician", viewport=PHONE, color_scheme=scheme))
    main = page.get_by_test_id("stMain")
    assert main.evaluate("each => each.scrollWidth <= each.clientWidth")
    found = [faults(page) for _ in range(3)]  # while it looks again, on a busy machine, Streamlit pales it
    assert [] in found, found[-1]
    page.goto("/round-sheet")
    expect(page.get_by_role("button", name="Print")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert faults(page) == []


def test_twenty_five_stops_are_printed_on_one_sheet_in_black_on_white(
    page_as: PageAs, server: Server
) -> None:
    with writing(server.engine) as connection:
        connection.execute(update(TRIAGE).values(done_by="", done_at=None))
    for number, printer_id in enumerate(WALKED, 100):
        for reading in (number, number + 10):
            read(server.engine, printer_id, reading, bits=JAMMED)
    page = page_as("technician", color_scheme="dark")

    def stops() -> int:
        page.goto("/round-sheet")  # a sheet stays as it was loaded, of what was read five seconds ago at most
        return page.locator("tbody tr").count()

    until(lambda: stops() == 25, "25 stops on the sheet")
    expect(page.locator("tbody .box")).to_have_count(25)
    pdf = page.pdf(format="A4", print_background=True)
    assert len(re.findall(rb"/MediaBox", pdf)) == 1
    assert len(re.findall(rb"/MediaBox", page.pdf(format="Letter"))) == 1
    page.emulate_media(media="print", color_scheme="dark")
    expect(page.get_by_role("button", name="Print")).to_be_hidden()
    colors = page.locator("tbody td").first.evaluate(
        "each => [getComputedStyle(each).color, getComputedStyle(each.closest('.paper')).backgroundColor]"
    )
    assert colors == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]


def test_the_print_button_prints(page_as: PageAs) -> None:
    page = page_as("technician")
    page.goto("/round-sheet?location=Library")
    expect(page.get_by_role("heading", name="Round: Library")).to_be_visible()
    page.evaluate("window.print = () => { window.asked = true; }")
    page.get_by_role("button", name="Print").click()
    assert page.evaluate("window.asked") is True


def test_it_is_found_from_places_attention_and_the_palette(page_as: PageAs) -> None:
    page = page_as("manager")
    for path, leads in (("/place?location=Library", "location=Library"), ("/attention", "/round$")):
        visit(page, path)
        page.get_by_test_id("stMain").get_by_role("link", name="Round", exact=True).click()
        expect(page.get_by_role("heading", name="Round", exact=True)).to_be_visible()
        expect(page).to_have_url(re.compile(leads))
    page.keyboard.press("Control+k")
    page.keyboard.type("carry")
    expect(page.get_by_role("option", name=re.compile("Round"))).to_be_visible()
