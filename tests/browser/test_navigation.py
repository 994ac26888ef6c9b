"""Pages that open without loading the application anew: the way there and back, and what one may open."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import Engine, update

from core.domain.tokens import hashed
from core.storage.core_tables import USERS
from core.storage.database import writing
from dashboard.web.sign_in.sessions import COOKIE, end_session
from tests.brokers import free_port
from tests.browser.seeing import PageAs, settled, visit
from tests.builders import printer, put, snapshot
from tests.dashboard.manager_fleet import state, toner
from tests.dashboard.served import Server, seed_college, serving

MANY: Final = 130
NEAR: Final = 40
"""Pixels that a page may be away from where it was left."""
WINDOW: Final = {"width": 1280, "height": 600}


def seed(engine: Engine) -> None:
    """The college, and three pages of printers in one hall."""
    seed_college(engine)
    now = datetime.now(UTC)
    names = [f"hall-{number:03}" for number in range(MANY)]
    for name in names:
        reading = state(name, supplies=(toner(50),))
        put(engine, printer(name, name=name.title(), location="Hall"))
        put(
            engine,
            snapshot(name, reading, taken_at=now, stale_at=now + timedelta(days=1), lowest_supply_percent=50),
        )


def opened(page: Page, path: str) -> Page:
    """The page of a path, marked so that a load of the document would be noticed."""
    visit(page, path)
    page.evaluate("window.sameDocument = true")
    return page


def is_same_document(page: Page) -> bool:
    return bool(page.evaluate("window.sameDocument === true"))


def top(page: Page) -> int:
    return int(page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop"))


def scroll(page: Page, pixels: int) -> None:
    page.evaluate(f"document.querySelector('[data-testid=stMain]').scrollTop = {pixels}")
    page.wait_for_function(f"document.querySelector('[data-testid=stMain]').scrollTop === {pixels}")
    page.wait_for_timeout(100)  # the browser tells of it a frame later


def heading(page: Page, name: str) -> None:
    expect(page.get_by_role("heading", name=name, exact=True, level=1)).to_be_visible()


def rows(page: Page) -> Locator:
    return page.locator("table.fleet tbody tr")


def test_a_click_anywhere_in_a_row_opens_its_printer_and_the_link_stays_a_link(page_as: PageAs) -> None:
    page = opened(page_as("technician"), "/fleet?place=Hall")
    rows(page).nth(2).locator("td.supply").click()
    heading(page, "Hall-002")
    expect(page).to_have_url(re.compile(r"/printer\?id=hall-002$"))
    expect(page).to_have_title(re.compile("Printer"))
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    assert is_same_document(page)

    page.go_back()
    link = rows(page).nth(3).get_by_role("link")
    expect(link).to_have_attribute("href", "/printer?id=hall-003")
    link.focus()
    page.keyboard.press("Enter")
    heading(page, "Hall-003")
    assert is_same_document(page)
    page.go_back()
    for click in ({"modifiers": ["Control"]}, {"button": "middle"}):
        for place in ("a", "td.supply"):
            with page.context.expect_page() as tab:
                rows(page).nth(4).locator(place).click(**click)
            expect(tab.value).to_have_url(re.compile(r"/printer\?id=hall-004$"))
            tab.value.close()
    expect(page).to_have_url(re.compile("/fleet"))


def test_text_in_a_row_can_be_selected(page_as: PageAs) -> None:
    page = opened(page_as("technician"), "/fleet?place=Hall")
    box = rows(page).nth(2).get_by_text("Ready", exact=True).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 1, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + box["height"] / 2)
    page.mouse.up()
    assert page.evaluate("getSelection().toString()").strip() == "Ready"
    expect(page).to_have_url(re.compile("/fleet"))


@pytest.mark.parametrize("way", ["back", "link"])
def test_the_way_back_leads_to_the_filters_the_page_and_the_place_that_were_left(
    page_as: PageAs, way: str
) -> None:
    page = opened(page_as("technician", viewport=WINDOW), "/fleet")
    page.get_by_label("Find printers").fill("hall")
    page.get_by_label("Find printers").press("Enter")
    expect(page).to_have_url(re.compile("find=hall"))
    settled(page)
    page.get_by_role("button", name=re.compile("OK")).click()
    expect(page).to_have_url(re.compile("health=ok"))
    settled(page)
    page.get_by_label("Order").click()
    page.get_by_role("option", name="By place").click()
    expect(page).to_have_url(re.compile("find=hall.*health=ok.*order=location"))
    page.get_by_role("button", name="Page 2", exact=True).click()
    expect(rows(page).first).to_contain_text("Hall-050")
    expect(page).to_have_url(re.compile("page=2"))
    settled(page)
    address = page.url
    rows(page).nth(40).scroll_into_view_if_needed()
    page.wait_for_timeout(100)
    left = top(page)
    assert left > NEAR
    rows(page).nth(40).click()
    heading(page, "Hall-090")
    if way == "back":
        page.go_back()
    else:
        page.get_by_role("link", name="← All printers").click()
    expect(rows(page).first).to_contain_text("Hall-050")
    expect(rows(page).nth(40).get_by_role("link")).to_be_focused()
    settled(page)
    assert abs(top(page) - left) <= NEAR
    assert page.url == address
    expect(page.get_by_role("button", name=re.compile("OK"))).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_label("Find printers")).to_have_value("hall")
    assert is_same_document(page)


def test_issues_open_from_their_cards_and_the_way_back_keeps_the_filter(page_as: PageAs) -> None:
    page = opened(page_as("technician"), "/issues?assignee=nobody")
    page.locator(".card").first.click(position={"x": 5, "y": 30})
    expect(page).to_have_url(re.compile(r"/issue\?id=\d+$"))
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    page.get_by_role("link", name="← All issues").click()
    expect(page).to_have_url(re.compile(r"/issues\?assignee=nobody$"))
    expect(page.locator(".card").first).to_be_visible()
    assert is_same_document(page)


def test_the_menu_leads_to_the_top_of_a_page_and_its_heading(page_as: PageAs) -> None:
    page = opened(page_as("technician", viewport=WINDOW), "/fleet")
    scroll(page, 400)
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Issues").click()
    heading(page, "Issues")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    assert top(page) == 0
    page.go_back()
    heading(page, "Printers")
    expect(rows(page)).to_have_count(50)
    settled(page)
    assert abs(top(page) - 400) <= NEAR
    assert is_same_document(page)


def test_on_a_phone_the_menu_goes_when_a_page_is_opened_and_does_not_come_back(page_as: PageAs) -> None:
    page = opened(page_as("technician", viewport={"width": 390, "height": 844}), "/fleet")
    menu = page.get_by_test_id("stSidebar")
    page.get_by_test_id("stExpandSidebarButton").click()
    expect(menu).to_have_attribute("data-collapsed", "false")
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Places").click()
    expect(page.get_by_role("heading", level=1, name="Places")).to_be_visible()
    expect(menu).to_have_attribute("data-collapsed", "true")
    page.get_by_test_id("stExpandSidebarButton").click()
    expect(menu).to_have_attribute("data-collapsed", "false")
    opened(page, "/issues")
    expect(menu).to_have_attribute("data-collapsed", "true")
    expect(menu.get_by_test_id("stSidebarNavLink").first, "nor can it be reached by Tab").to_be_hidden()


def test_what_is_no_page_of_ours_is_loaded_by_the_browser(page_as: PageAs) -> None:
    page = opened(page_as("technician"), "/printer?id=low")
    page.get_by_role("link", name="Label with QR code").click()
    expect(page.get_by_role("heading", name="Low")).to_be_visible()
    assert not is_same_document(page)


def go(page: Page, path: str) -> None:
    """A navigation as a script would forge it."""
    page.evaluate(f"history.pushState({{}}, '', '{path}'); dispatchEvent(new PopStateEvent('popstate'))")


def test_a_forged_navigation_shows_nothing_that_is_not_open(page_as: PageAs) -> None:
    page = opened(page_as("technician"), "/fleet")
    go(page, "/users")
    expect(page.get_by_text("This needs the role admin")).to_be_visible()
    expect(page.get_by_text("ada@college.example")).to_have_count(0)
    go(page, "/printer?id=nowhere")
    heading(page, "No such printer")


def test_a_role_lowered_while_a_page_is_open_counts_from_the_next_click(
    page_as: PageAs, server: Server
) -> None:
    page = opened(page_as("manager"), "/attention")
    with writing(server.engine) as connection:
        connection.execute(update(USERS).where(USERS.c.name == "maya").values(role="technician"))
    try:
        page.get_by_test_id("stSidebarNav").get_by_role("link", name="Reports").click()
        expect(page.get_by_text("This needs the role manager")).to_be_visible()
        expect(page.get_by_role("heading", name="Reports", level=1)).to_have_count(0)
    finally:
        with writing(server.engine) as connection:
            connection.execute(update(USERS).where(USERS.c.name == "maya").values(role="manager"))


def test_a_session_that_has_ended_leads_to_the_login_and_on_to_what_was_wanted(
    page_as: PageAs, server: Server
) -> None:
    page = opened(page_as("technician"), "/fleet?place=Hall")
    token = next(str(one["value"]) for one in page.context.cookies() if one["name"] == COOKIE)
    with writing(server.engine) as connection:
        end_session(connection, hashed(token), datetime.now(UTC))
    rows(page).nth(2).click()
    expect(page).to_have_url(re.compile(r"/login\?next="))
    expect(page.get_by_text("Hall-002")).to_have_count(0)


def test_while_the_server_is_away_a_quiet_line_says_so_and_nothing_is_lost(
    browser: Browser, tmp_path: Path
) -> None:
    port = free_port()
    with serving(tmp_path, port=port) as server:
        context = browser.new_context(base_url=server.url)
        context.add_cookies([{"name": COOKIE, "value": server.token("technician"), "url": server.url}])
        page = opened(context.new_page(), "/fleet")
        page.get_by_label("Find printers").press_sequentially("o")
        expect(page.get_by_text("Reconnecting")).to_have_count(0)
    expect(page.get_by_text(re.compile("Reconnecting"))).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    address = page.url
    rows(page).first.click()
    expect(rows(page).first).to_be_visible()
    assert page.url == address
    with serving(tmp_path, lambda _engine: None, port=port):
        expect(page.get_by_text(re.compile("Reconnecting"))).to_have_count(0)
        expect(page.get_by_label("Find printers")).to_have_value("o")
        settled(page)
        opened(context.new_page(), "/printer?id=jammed").close()  # a new server's first page takes longest
        page.bring_to_front()
        rows(page).first.click()
        expect(page.get_by_role("heading", level=1)).to_be_focused()
        assert is_same_document(page)
        context.close()


def test_where_nothing_comes_of_a_click_the_browser_loads_the_page(page_as: PageAs) -> None:
    page = page_as("technician").context.new_page()
    page.add_init_script("addEventListener('popstate', (event) => event.stopImmediatePropagation(), true)")
    opened(page, "/fleet?place=Hall")
    rows(page).nth(2).click()
    heading(page, "Hall-002")
    assert not is_same_document(page)


@pytest.mark.parametrize("path", ["/nosuchpage", "/fleet/nothing"])
def test_an_address_of_no_page_says_so_and_leads_to_the_printers(page_as: PageAs, path: str) -> None:
    page = page_as("technician")
    answer = page.goto(path)
    assert answer is not None and answer.status == 404
    expect(page.get_by_role("alert")).to_have_text("There is no such page.")
    page.get_by_role("link", name="All printers").click()
    expect(page.get_by_role("heading", name="Printers")).to_be_visible()
