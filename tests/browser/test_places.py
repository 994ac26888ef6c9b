"""Places as the browser shows them: the tree, the page of one, the way up and on."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine

from core.storage.audit import note
from core.storage.database import writing
from core.storage.issues import NewIssue, open_issue
from core.storage.tables import IssueKind
from tests.browser.seeing import PageAs, faults, visit
from tests.builders import printer, put, snapshot
from tests.dashboard.manager_fleet import state, toner
from tests.dashboard.served import Server, seed_college

SETTINGS: Final = {"PORTAL_PUBLIC": "true"}
PHONE: Final = {"width": 390, "height": 844}
LAPTOP: Final = {"width": 1280, "height": 720}
FLOORS: Final = 3


def seed(engine: Engine) -> None:
    """The college, a library of three floors with nine printers, and a hall that has no floors."""
    seed_college(engine)
    now = datetime.now(UTC)
    for number in range(9):
        name, percent = f"lib-{number}", 4 if number == 0 else 60
        where = printer(
            name,
            name=f"Library {number}",
            location=f"Library, floor {number % FLOORS}, room {number}",
            host=f"10.20.30.{number}",
        )
        reading = state(name, supplies=(toner(percent),), severity="warning" if number == 0 else None)
        later = now + timedelta(days=1)
        row = snapshot(name, reading, taken_at=now, stale_at=later, lowest_supply_percent=percent)
        put(engine, where, row)
    put(
        engine,
        *(printer(f"hall-{number}", name=f"Hall {number}", location="Great Hall") for number in range(2)),
    )
    with writing(engine) as connection:
        issue = NewIssue(printer_id="lib-4", title="Streaks on paper", kind=IssueKind.PERSON)
        open_issue(connection, issue, actor="kim", now=now)


def opened(page: Page, path: str) -> Page:
    visit(page, path)
    page.evaluate("window.sameDocument = true")
    return page


def heading(page: Page, name: str) -> None:
    expect(page.get_by_role("heading", name=name, exact=True, level=1)).to_be_visible()


def sideways(page: Page) -> int:
    """By how much the page is wider than its window."""
    main = "document.querySelector('[data-testid=stMain]')"
    inner = page.evaluate(f"{main}.scrollWidth - {main}.clientWidth")
    return max(int(inner), int(page.evaluate("document.documentElement.scrollWidth - innerWidth")))


def test_the_tree_leads_down_to_a_place_and_the_crumbs_lead_up_again(page_as: PageAs) -> None:
    page = opened(page_as("technician", viewport=LAPTOP), "/fleet")
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Places").click()
    heading(page, "Places")
    tree = page.get_by_role("table", name=re.compile("Places, with how many"))
    library = tree.get_by_role("row").filter(has=page.get_by_role("link", name="Library", exact=True))
    expect(library).to_contain_text("9")
    expect(library).to_contain_text("Warning 1")
    tree.get_by_role("link", name="floor 1").click()
    heading(page, "floor 1")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    expect(page).to_have_url(re.compile(r"/place\?location=Library%2C%20floor%201$"))
    expect(page.locator("table.fleet tbody tr")).to_have_count(3)
    expect(page.get_by_role("link", name="Streaks on paper")).to_be_visible()
    crumbs = page.get_by_role("navigation", name="Places around this one")
    expect(crumbs.locator("[aria-current=page]")).to_have_text("floor 1")
    crumbs.get_by_role("link", name="Library").click()
    heading(page, "Library")
    expect(page.locator("table.fleet tbody tr")).to_have_count(9)
    expect(page.get_by_text("1 × ")).to_be_visible()
    page.locator("table.fleet").get_by_role("link", name="Library 4").click()
    heading(page, "Library 4")
    page.get_by_role("link", name="room 4", exact=True).click()
    heading(page, "room 4")
    assert page.evaluate("window.sameDocument === true")
    page.go_back()
    page.go_back()
    heading(page, "Library")


def test_the_numbers_of_a_place_are_those_of_its_printers(page_as: PageAs) -> None:
    page = opened(page_as("manager"), "/place?location=Library")
    figures = page.locator("dl.figures > div")
    expect(figures).to_have_count(5)
    expect(figures.nth(0)).to_contain_text("9")
    expect(figures.nth(1)).to_contain_text("1")
    expect(figures.nth(2)).to_contain_text("1")
    for name, address in (("In the list", "/fleet"), ("Wall view", "/wall"), ("Labels", "/labels")):
        link = page.locator("a.button", has_text=name)
        expect(link).to_have_attribute("href", re.compile(f"^{address}\\?(place|location)=Library$"))
    page.locator("a.button", has_text="In the list").click()
    heading(page, "Printers")
    expect(page.locator("table.fleet tbody tr")).to_have_count(9)
    page.get_by_role("link", name="About this place").click()
    heading(page, "Library")


def test_a_place_without_floors_and_printers_without_a_place_have_their_pages(page_as: PageAs) -> None:
    page = opened(page_as("technician"), "/places")
    page.get_by_role("link", name="Great Hall").click()
    heading(page, "Great Hall")
    expect(page.get_by_text("Places within")).to_have_count(0)
    page.get_by_role("link", name="All places").click()
    page.get_by_role("link", name="No place").click()
    heading(page, "No place")
    expect(page.locator("table.fleet").get_by_role("link", name="Jammed")).to_be_visible()
    page.reload()
    heading(page, "No place")


def test_places_are_searched_by_words(page_as: PageAs) -> None:
    page = opened(page_as("technician"), "/places")
    page.get_by_label("Find places").fill("floor 2 libr")
    lines = page.locator("table.places tbody tr")
    expect(lines).to_have_count(4)
    expect(lines.first).to_contain_text("Library, floor 2")
    expect(page).to_have_url(re.compile("find=floor"))
    page.get_by_label("Find places").fill("nowhere")
    expect(page.get_by_text("No place is called that.")).to_be_visible()


def test_labels_of_a_place_are_those_of_everything_in_it(page_as: PageAs) -> None:
    page = page_as("technician")
    page.goto("/labels?location=Library, floor 0")
    expect(page.locator(".label")).to_have_count(3)
    page.goto("/labels?location=Library")
    expect(page.locator(".label")).to_have_count(9)


def test_a_viewer_without_rights_sees_no_addresses_words_or_stock(page_as: PageAs) -> None:
    page = opened(page_as("anonymous"), "/place?location=Library")
    expect(page.locator("table.fleet tbody tr")).to_have_count(9)
    expect(page.get_by_text("10.20.30.")).to_have_count(0)
    expect(page.get_by_text("Streaks on paper")).to_have_count(0)
    expect(page.get_by_text("Supplies to bring")).to_have_count(0)
    expect(page.locator("a.button", has_text="Labels")).to_have_count(0)
    expect(page.locator('a[href^="/issue?"]')).to_have_count(0)


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/places", "/place?location=Library"])
def test_the_pages_can_be_used_by_everybody(page_as: PageAs, path: str, color_scheme: str) -> None:
    page = opened(page_as("technician", color_scheme=color_scheme), path)
    assert faults(page) == []


@pytest.mark.parametrize("path", ["/places", "/place?location=Library", "/place?location=Library, floor 1"])
def test_a_phone_shows_them_without_scrolling_sideways(page_as: PageAs, path: str) -> None:
    page = opened(page_as("technician", viewport=PHONE, has_touch=True), path)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert sideways(page) <= 0


def test_a_refresh_of_a_place_moves_nothing_and_keeps_the_focus(page_as: PageAs, server: Server) -> None:
    page = opened(page_as("technician", viewport={"width": 1280, "height": 500}), "/place?location=Library")
    page.locator("table.fleet").get_by_role("link", name="Library 7").focus()
    main = "document.querySelector('[data-testid=stMain]')"
    page.evaluate(f"{main}.scrollTop = 150")
    assert int(page.evaluate(f"{main}.scrollTop")) == 150
    put(server.engine, printer("lib-new", name="Library new", location="Library, floor 1"))
    with writing(server.engine) as connection:
        note(connection, "printer.added", "lib-new", actor="ada", now=datetime.now(UTC))
    expect(page.locator("table.fleet tbody tr")).to_have_count(10)
    expect(page.locator("table.fleet").get_by_role("link", name="Library 7")).to_be_focused()
    assert abs(int(page.evaluate(f"{main}.scrollTop")) - 150) <= 2
