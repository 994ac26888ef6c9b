"""The palette and the single keys, as they are used: by keyboard, on a phone, by who may do little."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import Engine

from core.storage.database import writing
from core.storage.issues import NewIssue, open_issue
from core.storage.tables import IssueKind
from tests.browser.seeing import PageAs, faults, settled, visit
from tests.builders import printer, put, snapshot
from tests.dashboard.manager_fleet import state, toner
from tests.dashboard.served import seed_college

SETTINGS: Final = {"PORTAL_PUBLIC": "true"}
PHONE: Final = {"width": 390, "height": 844}


def seed(engine: Engine) -> None:
    """The college, and a library with twelve printers and an issue."""
    seed_college(engine)
    now = datetime.now(UTC)
    for number in range(12):
        name = f"lib-{number:02}"
        where = printer(
            name,
            name=f"Library {number:02}",
            location=f"Library, floor {number % 2}",
            host=f"10.20.30.{number}",
        )
        reading = state(name, supplies=(toner(60),))
        later = now + timedelta(days=1)
        row = snapshot(name, reading, taken_at=now, stale_at=later, lowest_supply_percent=60)
        put(engine, where, row)
    with writing(engine) as connection:
        issue = NewIssue(printer_id="lib-04", title="Streaks on paper", kind=IssueKind.PERSON)
        open_issue(connection, issue, actor="kim", now=now)


def opened(page: Page, path: str = "/fleet") -> Page:
    visit(page, path)
    expect(page.locator("html.drawn")).to_have_count(1)
    page.evaluate("window.sameDocument = true")
    return page


def palette(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Search and go")


def options(page: Page) -> Locator:
    return palette(page).get_by_role("option")


def ask(page: Page, words: str) -> None:
    """Open it by its keys and type."""
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name="Find a printer, place, issue or page")
    expect(field).to_be_focused()
    field.fill(words)


def chosen(page: Page) -> Locator:
    """What is chosen, as the field says to a screen reader."""
    field = palette(page).get_by_role("combobox")
    expect(field).to_have_attribute("aria-activedescendant", re.compile("printers-found-"))
    return page.locator(f"#{field.get_attribute('aria-activedescendant')}")


def heading(page: Page, name: str) -> None:
    expect(page.get_by_role("heading", name=name, exact=True, level=1)).to_be_visible()


def test_ctrl_k_finds_a_printer_and_opens_it_in_the_page(page_as: PageAs) -> None:
    page = opened(page_as("technician"))
    ask(page, "lib-07")
    expect(options(page).first).to_contain_text("Library 07")
    page.keyboard.press("Enter")
    heading(page, "Library 07")
    expect(palette(page)).to_be_hidden()
    expect(page).to_have_url(re.compile(r"/printer\?id=lib-07$"))
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    assert page.evaluate("window.sameDocument === true")
    page.go_back()
    heading(page, "Printers")


def test_enter_before_the_results_are_there_opens_the_first_of_them(page_as: PageAs) -> None:
    page = opened(page_as("technician"))
    page.keyboard.press("Control+k")
    page.keyboard.type("lib-08", delay=0)
    page.keyboard.press("Enter")
    heading(page, "Library 08")


def test_arrows_choose_and_begin_again_at_the_end(page_as: PageAs) -> None:
    page = opened(page_as("technician"))
    ask(page, "library 0")
    expect(options(page).nth(7)).to_be_visible()
    expect(chosen(page)).to_contain_text("Library 00")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(chosen(page)).to_contain_text("Library 02")
    expect(options(page).nth(2)).to_have_attribute("aria-selected", "true")
    expect(palette(page).locator('[aria-selected="true"]')).to_have_count(1)
    for _ in range(3):
        page.keyboard.press("ArrowUp")
    expect(options(page).last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    expect(chosen(page)).to_contain_text("Library 00")
    expect(palette(page).get_by_role("combobox")).to_be_focused()


@pytest.mark.parametrize("way", ["Escape", "button", "keys", "outside"])
def test_when_it_is_closed_the_focus_goes_back(page_as: PageAs, way: str) -> None:
    page = opened(page_as("technician"))
    link = page.locator("table.fleet").get_by_role("link", name="Library 03")
    link.focus()
    ask(page, "streaks")
    expect(options(page).first).to_contain_text("Streaks on paper")
    if way == "Escape":
        page.keyboard.press("Escape")
    elif way == "keys":
        page.keyboard.press("Control+k")
    elif way == "button":
        palette(page).get_by_role("button", name="Close").click()
    else:
        page.mouse.click(5, 5)
    expect(palette(page)).to_be_hidden()
    expect(link).to_be_focused()
    assert page.evaluate("window.sameDocument === true")
    heading(page, "Printers")


def test_the_focus_stays_in_it(page_as: PageAs) -> None:
    page = opened(page_as("technician"))
    ask(page, "library")
    expect(options(page).first).to_be_visible()
    inside = "document.querySelector('#printers-palette').contains(document.activeElement)"
    within_browser = (
        "document.activeElement === document.body"  # the browser's own bar is between last and first
    )
    for _ in range(6):
        page.keyboard.press("Tab")
        assert page.evaluate(f"{inside} || {within_browser}")


def test_issues_places_and_pages_are_found_too(page_as: PageAs) -> None:
    page = opened(page_as("manager"))
    for words, kind, found, name in (
        ("floor 1", "Place", "floor 1", "floor 1"),
        ("purchase", "Page", "Purchase list", "Purchase list"),
    ):
        ask(page, words)
        option = options(page).filter(has_text=kind).filter(has_text=found).first
        option.click()
        heading(page, name)
    ask(page, "streaks")
    expect(options(page).first).to_contain_text("Streaks on paper")
    options(page).first.click()
    expect(page).to_have_url(re.compile(r"/issue\?id=\d+"))
    assert page.evaluate("window.sameDocument === true")


def test_a_result_is_a_link_that_the_middle_button_opens_elsewhere(page_as: PageAs) -> None:
    page = opened(page_as("technician"))
    ask(page, "lib-05")
    expect(options(page).first).to_contain_text("Library 05")
    with page.context.expect_page() as tab:
        options(page).first.click(button="middle")
    expect(tab.value).to_have_url(re.compile(r"/printer\?id=lib-05$"))
    expect(page).to_have_url(re.compile("/fleet"))


def test_refresh_presses_the_button_of_the_printers_page_and_does_nothing_else(page_as: PageAs) -> None:
    page = opened(page_as("technician"))
    ask(page, "refresh library 06")
    expect(options(page).first).to_contain_text("Refresh Library 06")
    page.keyboard.press("Enter")
    heading(page, "Library 06")
    # There is no broker in this test: the button says so.
    expect(page.get_by_text("the message broker is not connected")).to_be_visible()
    ask(page, "new issue library 06")
    expect(options(page).first).to_contain_text("New issue for Library 06")
    page.keyboard.press("Enter")
    heading(page, "Report a problem")
    expect(page).to_have_url(re.compile(r"/report\?printer=lib-06"))


def test_what_is_not_there_and_a_server_that_is_away_are_said(page_as: PageAs) -> None:
    page = opened(page_as("technician"))
    ask(page, "nothing at all")
    expect(palette(page).get_by_role("status")).to_have_text("No results.")
    page.keyboard.press("Enter")
    expect(palette(page)).to_be_visible()
    page.route("**/find?*", lambda route: route.abort())
    palette(page).get_by_role("combobox").fill("library")
    expect(palette(page).get_by_role("status")).to_have_text("The server cannot be reached just now.")


def test_a_viewer_without_rights_finds_no_addresses_and_no_pages_of_others(page_as: PageAs) -> None:
    page = opened(page_as("anonymous"))
    ask(page, "10.20.30.7")
    expect(palette(page).get_by_role("status")).to_have_text("No results.")
    for words in ("users", "settings", "streaks", "inventory"):
        palette(page).get_by_role("combobox").fill(words)
        expect(palette(page).get_by_role("status")).to_have_text("No results.")
    palette(page).get_by_role("combobox").fill("lib-07")
    expect(options(page).first).to_contain_text("Library 07")
    expect(palette(page).get_by_text("10.20.30")).to_have_count(0)
    expect(palette(page).get_by_text("Snooze")).to_have_count(0)


def test_j_and_k_move_through_the_list_and_enter_opens(page_as: PageAs) -> None:
    page = opened(page_as("technician"), "/fleet?place=Library")
    links = page.locator("table.fleet tbody tr a")
    for _ in range(3):
        page.keyboard.press("j")
    expect(links.nth(2)).to_be_focused()
    page.keyboard.press("k")
    expect(links.nth(1)).to_be_focused()
    for _ in range(3):
        page.keyboard.press("k")
    expect(links.nth(0)).to_be_focused()
    name = links.nth(0).inner_text()
    page.keyboard.press("Enter")
    heading(page, name)
    assert page.evaluate("window.sameDocument === true")


def test_keys_do_nothing_while_somebody_types_or_holds_another_key(page_as: PageAs) -> None:
    page = opened(page_as("technician"), "/fleet?place=Library")
    field = page.get_by_label("Find printers")
    field.focus()
    page.keyboard.type("jk?r/")
    expect(field).to_have_value("jk?r/")
    expect(field).to_be_focused()
    expect(page.get_by_role("dialog")).to_have_count(0)
    field.fill("")
    settled(page)
    page.locator("h1").click()
    for keys in ("Alt+j", "Meta+j"):
        page.keyboard.press(keys)
    assert not page.evaluate("document.activeElement.closest('[data-opens]') !== null")
    page.keyboard.press("j")
    expect(page.locator("table.fleet tbody tr a").first).to_be_focused()


def test_keys_do_nothing_in_a_text_area_of_a_form(page_as: PageAs) -> None:
    page = opened(page_as("technician"), "/report?printer=lib-02")
    area = page.get_by_label(re.compile("What happens"))
    area.focus()
    page.keyboard.type("jerky? / r k")
    expect(area).to_have_value("jerky? / r k")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_the_slash_goes_to_the_search_of_the_page_or_else_to_the_palette(page_as: PageAs) -> None:
    page = opened(page_as("technician"))
    page.keyboard.press("/")
    expect(page.get_by_label("Find printers")).to_be_focused()
    expect(page.get_by_label("Find printers")).to_have_value("")
    page = opened(page_as("technician"), "/printer?id=lib-02")
    page.keyboard.press("/")
    expect(palette(page)).to_be_visible()


def test_r_asks_the_printer_or_looks_again(page_as: PageAs) -> None:
    page = opened(page_as("technician"), "/printer?id=lib-02")
    page.keyboard.press("r")
    expect(page.get_by_text("the message broker is not connected")).to_be_visible()
    page = opened(page_as("technician"))
    before = page.locator("#printers-drawn").get_attribute("data-run") or ""
    page.keyboard.press("r")
    expect(page.locator("#printers-drawn")).not_to_have_attribute("data-run", before)
    assert page.evaluate("window.sameDocument === true")


def test_the_keys_are_told_and_can_be_switched_off_for_good(page_as: PageAs) -> None:
    page = opened(page_as("technician"), "/fleet?place=Library")
    page.keyboard.press("?")
    told = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(told).to_be_visible()
    page.keyboard.press("j")
    told.get_by_label("Single keys are on").uncheck()
    page.keyboard.press("Escape")
    expect(told).to_be_hidden()
    page.reload()
    settled(page)
    expect(page.locator("html.drawn")).to_have_count(1)
    before = page.locator("#printers-drawn").get_attribute("data-run") or ""
    for key in ("j", "?", "r", "/"):
        page.keyboard.press(key)
    page.wait_for_timeout(500)
    assert not page.evaluate("document.activeElement.closest('[data-opens], input') !== null")
    expect(page.locator("#printers-drawn")).to_have_attribute("data-run", before)
    expect(told).to_be_hidden()
    ask(page, "lib")
    palette(page).get_by_role("button", name="All keys").click()
    expect(told).to_be_visible()
    told.get_by_label("Single keys are on").check()
    told.get_by_role("button", name="Close").click()
    page.keyboard.press("j")
    expect(page.locator("table.fleet tbody tr a").first).to_be_focused()


@pytest.mark.parametrize("size", [{"width": 1280, "height": 720}, PHONE, {"width": 390, "height": 500}])
def test_all_keys_are_in_reach_however_small_the_window(size: dict[str, int], page_as: PageAs) -> None:
    page = opened(page_as("technician", viewport=size), "/fleet")
    page.keyboard.press("?")
    told = page.get_by_role("dialog", name="Keyboard shortcuts")
    box = told.bounding_box()
    assert box is not None
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= size["height"]
    told.get_by_text("This browser remembers it.").scroll_into_view_if_needed()
    expect(told.get_by_text("This browser remembers it.")).to_be_in_viewport(ratio=1)
    expect(told.get_by_role("button", name="Close")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
def test_both_dialogs_can_be_used_by_everybody(page_as: PageAs, color_scheme: str) -> None:
    page = opened(page_as("manager", color_scheme=color_scheme), "/place?location=Library")
    ask(page, "library 0")
    expect(options(page).nth(5)).to_be_visible()
    assert faults(page) == []
    page.keyboard.press("Escape")
    expect(palette(page)).to_be_hidden()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    assert faults(page) == []


def test_a_phone_has_a_search_button_and_nothing_is_wider_than_it(page_as: PageAs) -> None:
    page = opened(page_as("technician", viewport=PHONE, has_touch=True))
    page.get_by_role("button", name="Search", exact=True).tap()
    palette(page).get_by_role("combobox").fill("library 0")
    expect(options(page).first).to_contain_text("Library 00")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    box = palette(page).bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE["width"]
    options(page).first.tap()
    heading(page, "Library 00")
    assert page.evaluate("window.sameDocument === true")


def test_the_search_button_of_the_side_bar_opens_it_and_gets_the_focus_back(page_as: PageAs) -> None:
    page = opened(page_as("technician", viewport={"width": 1280, "height": 720}))
    button = page.get_by_test_id("stSidebar").get_by_role("button", name="Search")
    button.click()
    expect(palette(page)).to_be_visible()
    page.keyboard.press("Escape")
    expect(button).to_be_focused()
