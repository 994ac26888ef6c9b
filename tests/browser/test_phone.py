"""Every page on a phone and on a laptop: nothing is read by scrolling sideways; on a phone rows are cards."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Page, ViewportSize, expect
from sqlalchemy import Engine, insert

from core.contract.messages import HistoryPoint, InputTray
from core.domain.page_prices import PriceEntry
from core.domain.supply_events import SupplyEvent
from core.domain.supply_parts import SupplyPart
from core.runtime.settings import HistorySettings
from core.storage.core_tables import SUPPLY_EVENTS
from core.storage.database import writing
from core.storage.issues import NewIssue, open_issue
from core.storage.page_prices import add_price
from core.storage.parts import ensure_part
from core.storage.stock import count_shelf, make_shelf
from core.storage.store_rooms import add_room
from core.storage.supply_events import event_values
from core.storage.tables import IssueKind, ServiceRow
from core.storage.users import NewUser, add_user
from core.timeseries.counters import CounterDay
from core.timeseries.reader import PrinterDay
from core.timeseries.stores import open_store
from dashboard.features.issues.table import COLUMNS
from dashboard.pages import PAGES
from tests.browser.seeing import PageAs, faults, settled, visit
from tests.builders import printer, put, snapshot
from tests.dashboard.harness import add_people
from tests.dashboard.manager_fleet import NOW, flag, state, toner, trouble

PHONE: Final = {"width": 390, "height": 844}
LAPTOP: Final[ViewportSize] = {"width": 1280, "height": 720}
ENLARGED: Final[ViewportSize] = {"width": 1024, "height": 576}
"""A laptop of 1280 pixels at 125 %; its menu is still open beside the page."""
LONG: Final = "Konica-Minolta-bizhub-C650i-OfficeJet-" * 3
UNBROKEN: Final = "9" * 40
FROM_RIGHT: Final = "طابعة المكتبة المركزية قاعة المطالعة رقم"
REPLACED: Final = 30
"""Of the cartridge ledger, more than a sheet of it."""
TABLES: Final = (
    "/issues?view=table",
    "/reports?of=pages",
    "/reports?of=charges",
    "/reports?of=answers",
    "/reports?of=problems",
    "/reports?of=issues",
    "/reports?of=cartridges",
    "/reports?of=replace",
    "/stock?show=parts",
    "/stock?show=rooms",
    "/summary?view=next",
    "/attention?pile=failed",
    "/supplies?show=ordered",
    "/inventory?view=find",
    "/inventory?view=import",
)
"""Pages of the menu with another choice, and so another table."""
DRAWN: Final = {"/users", "/audit", "/inventory", "/issues?view=table", *TABLES[1:5], *TABLES[6:8]}
"""Those of which it is known here that they have a table."""
ABOUT_ONE: Final = {"printer": "?id=lib-1", "place": "?location=Library", "issue": "?id=1"}
SCROLLS: Final = {
    ".st-key-chips-line": "the chips stand in one line, which is pushed",
    ".st-key-filters": "so do the filters above the list of printers",
    "[data-testid=stVegaLiteChart]": "a chart has an axis of its own",
    ".console": "what a printer's panel shows keeps its lines",
}
"""What may be pushed sideways, and why."""
PUSHED: Final = """(allowed) => [...document.querySelectorAll("[data-testid=stMain], [data-testid=stMain] *")]
  .filter((each) => each.scrollWidth > each.clientWidth + 1 && !allowed.some((name) => each.closest(name)))
  .filter((each) => /auto|scroll/.test(getComputedStyle(each).overflowX))
  .map((each) => `${each.tagName} ${each.className} ${each.scrollWidth} > ${each.clientWidth}`)"""


def seed(engine: Engine) -> None:
    """The college in trouble, a printer with a name that has no end, and something in each table."""
    trouble(engine)
    add_people(engine, NOW)
    put(engine, printer("long", name=LONG, location=LONG, model=LONG, serial=UNBROKEN, notes="A note. " * 40))
    put(engine, printer("right", name=FROM_RIGHT, location="المكتبة"))
    put(engine, flag("right", "jam", "critical", message="الورق عالق"))
    tray = InputTray(index="1.1", name="Tray 1", level=500, max_capacity=500, level_state="measured")
    told = state("long", supplies=(toner(1, description=LONG),), input_trays=(tray,))
    put(engine, snapshot("long", told, model=LONG))
    put(engine, flag("long", "jam", "warning", message=LONG))
    counters = {"unreachable": 2.0, "readings": 3.0}
    put(
        engine,
        ServiceRow(service="collector", instance=LONG, status="online", seen_at=NOW, counters=counters),
    )
    replaced = [
        SupplyEvent(
            "lib-1",
            "1.1",
            NOW - timedelta(days=2, hours=number),
            NOW - timedelta(days=2, hours=number + 1),
            model=LONG,
            part=LONG,
            part_number="TN-1",
            color="black",
            serial=UNBROKEN,
            old_percent=20,
            new_percent=100,
        )
        for number in range(REPLACED)
    ]
    with writing(engine) as connection:
        connection.execute(insert(SUPPLY_EVENTS), [event_values(each) for each in replaced])
        about = NewIssue("right", "الورق عالق في الدرج الثاني", kind=IssueKind.DEVICE, attention_code="jam")
        open_issue(connection, about, actor="processor", now=NOW)
        for each in ("Pale", "Smeared"):
            open_issue(connection, NewIssue("right", each, reporter="Noah"), actor="Noah", now=NOW)
        long_name = NewUser("bea", full_name=LONG[:50], email=f"{UNBROKEN}@college.example")
        add_user(connection, long_name, actor="console", now=NOW)
        room = add_room(connection, LONG[:60], ["Library"])
        part = ensure_part(connection, SupplyPart("Model X", LONG[:100], "TN-1", "black", "toner"), now=NOW)
        count_shelf(connection, make_shelf(connection, part.id, room), 3, actor="tom", now=NOW)
        for model in ("", LONG[:100]):
            price = PriceEntry(model, Decimal("0.0125"), None, date(2020, 1, 1))
            add_price(connection, price, actor="maya", now=NOW)
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    writer = open_store(HistorySettings(data_dir=Path(str(engine.url.database)).parent)).open_writer()
    writer.write([HistoryPoint(printer_id="lib-1", taken_at=NOW, reachable=True, state="idle")])
    writer.write_days([PrinterDay(name, yesterday, 100, 50, 0, 90, 90) for name in ("lib-1", "long")])
    writer.write_counters([CounterDay("lib-1", "color", yesterday, 0, 100, 7)])
    writer.close()


def opened(page: Page, path: str) -> Page:
    visit(page, path)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    return page


@pytest.fixture(scope="module")
def phone(lasting_page_as: PageAs) -> Page:
    """An administrator's, which goes from page to page."""
    return lasting_page_as("admin", viewport=PHONE, has_touch=True)


@pytest.fixture(scope="module")
def laptop(lasting_page_as: PageAs) -> Page:
    """The same on a laptop, whose menu is open beside the page."""
    return lasting_page_as("admin", viewport=LAPTOP)


SMALL: Final = """() => [...document.querySelectorAll("button, summary, [data-testid=stRadioOption]")]
  .filter((each) => each.closest("[data-testid=stMain]") && !each.ariaLabel?.startsWith("Help for"))
  .filter((each) => !each.closest(".listed thead, .stSelectbox, .stMultiSelect, .stDateInput"))
  .map((each) => [each, each.getBoundingClientRect()])
  .filter(([each, box]) => box.width > 1 && box.height < 39.5)
  .map(([each, box]) => `${each.innerText || each.outerHTML.slice(0, 200)}: ${box.height}`)"""
"""What a finger hits only by luck; the field around the buttons in it is as high as any other."""

ALL_PAGES: Final = [*(f"/{page.path}" for page in PAGES if page.path != "follow"), *TABLES]


@pytest.mark.parametrize("path", ALL_PAGES)
def test_no_page_is_read_by_scrolling_sideways_and_all_can_be_hit_by_a_finger(path: str, phone: Page) -> None:
    held_against_the_window(phone, path)
    assert phone.evaluate(SMALL) == []


@pytest.mark.parametrize("path", [*TABLES, "/fleet", "/users", "/audit", "/inventory", "/system", "/summary"])
def test_no_table_is_read_by_scrolling_sideways_on_a_laptop(path: str, laptop: Page) -> None:
    held_against_the_window(laptop, path)


@pytest.mark.parametrize(
    "path",
    ["/fleet", "/printer?id=long", "/issues?view=table", "/inventory", "/users", "/reports?of=pages"],
)
def test_no_page_is_read_by_scrolling_sideways_at_125_percent(path: str, laptop: Page) -> None:
    laptop.set_viewport_size(ENLARGED)
    held_against_the_window(laptop, path)
    laptop.set_viewport_size(LAPTOP)


def test_the_words_of_a_stop_have_room_beside_its_buttons(laptop: Page) -> None:
    laptop.set_viewport_size(ENLARGED)
    visit(laptop, "/round")
    stop = laptop.locator("[class*=st-key-stop-]").filter(has_text=FROM_RIGHT)
    words, around = stop.locator(".stop").bounding_box(), stop.bounding_box()
    assert words is not None and around is not None
    assert words["width"] > around["width"] / 2
    expect(stop.get_by_role("button")).to_have_count(3)
    laptop.set_viewport_size(LAPTOP)


def test_all_that_can_be_done_with_an_issue_is_on_its_card(laptop: Page) -> None:
    laptop.set_viewport_size(ENLARGED)
    visit(laptop, "/issues")
    card = laptop.locator("[class*=st-key-card-]").filter(has_text="Smeared")
    around = card.bounding_box()
    buttons = [each.bounding_box() for each in card.get_by_role("button").all()]
    assert around is not None
    assert len(buttons) == len(["Take", "Start", "Wait", "Resolve", "Assign"])
    ends = [button["x"] + button["width"] for button in buttons if button is not None]
    assert max(ends) <= around["x"] + around["width"]
    laptop.set_viewport_size(LAPTOP)


def held_against_the_window(page: Page, path: str) -> None:
    """Open a page with all that is folded, and look for what is wider than the window."""
    visit(page, path + ABOUT_ONE.get(path.removeprefix("/"), ""))
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    for summary in page.locator("[data-testid=stExpander] summary").all():
        summary.click()
    settled(page)
    if path in DRAWN:
        expect(page.locator("table.listed:has(tbody tr)").first).to_be_visible()
    expect(page.get_by_text("could not be shown")).to_have_count(0)
    main = page.get_by_test_id("stMain")
    assert main.evaluate("each => each.scrollWidth <= each.clientWidth")
    for wide in page.locator(".wide").all():
        assert wide.evaluate("each => each.scrollWidth <= each.clientWidth"), wide.inner_text()[:200]
    assert page.evaluate(PUSHED, [*SCROLLS]) == []


def test_a_row_is_a_card_that_names_each_of_its_values(page_as: PageAs) -> None:
    page = opened(page_as("admin", viewport=PHONE), "/users")
    card = page.locator("table.listed tbody tr").filter(has_text="maya")
    labels = card.locator("td").evaluate_all(
        "all => all.map(each => getComputedStyle(each, '::before').content)"
    )
    assert labels[:3] == ["none", '"Full name"', '"Role"']
    tops = card.locator("td").evaluate_all("all => all.map(each => each.getBoundingClientRect().top)")
    assert tops[0] < tops[1] < tops[2]
    expect(page.get_by_role("columnheader", name="Full name")).to_have_count(1)
    expect(card.get_by_role("cell", name="Manager")).to_have_count(1)
    assert faults(page) == []


def test_what_the_heads_sort_by_is_chosen_from_a_list(page_as: PageAs) -> None:
    page = opened(page_as("admin", viewport=PHONE), "/users")
    page.get_by_label("Sort by").select_option("Username, descending")
    names = page.locator("table.listed tbody td:first-child")
    expect(names.first).to_have_text("tom")
    expect(page).to_have_url(re.compile("sort-users=-"))
    page.get_by_label("Sort by").select_option("The usual order")
    expect(names.first).to_have_text("ada")


def test_the_heads_come_into_sight_with_the_focus(page_as: PageAs) -> None:
    page = opened(page_as("admin", viewport=PHONE), "/inventory")
    heads = page.locator("table.listed thead")
    assert heads.evaluate("each => each.offsetHeight") == 1
    page.get_by_role("button", name="Place", exact=True).focus()
    assert heads.evaluate("each => each.offsetHeight") > 10


def test_all_rows_are_marked_above_the_cards(page_as: PageAs) -> None:
    page = opened(page_as("admin", viewport=PHONE), "/inventory")
    page.locator(".table-tools").get_by_label("Mark all", exact=True).check()
    expect(page).to_have_url(re.compile("mark=lib-1"))
    expect(page.get_by_label("Mark Lib-1", exact=True)).to_be_checked()


def test_what_a_laptop_has_no_room_for_is_shown_in_a_wider_window(laptop: Page) -> None:
    visit(laptop, "/issues?view=table")
    heads = laptop.locator("table.listed th[scope=col]:visible")
    expect(heads).to_have_text(
        ["Issue", "Title", "Status", "Priority", "Assigned to", "Printer", "Place", "Opened"]
    )
    laptop.set_viewport_size({"width": 1920, "height": 1080})
    expect(heads).to_have_count(len(COLUMNS) - 1)  # no issue is with a vendor
    laptop.set_viewport_size(LAPTOP)
    visit(laptop, "/inventory")
    serial = laptop.get_by_role("cell", name=UNBROKEN)
    assert serial.evaluate("each => each.offsetWidth") < 200
    row = laptop.locator("table.listed tbody tr").filter(has=serial)
    assert row.evaluate("each => each.offsetHeight") < 250


def test_a_report_is_short_on_a_phone_whatever_has_been_replaced(phone: Page) -> None:
    visit(phone, "/reports?of=cartridges")
    cards = phone.locator("table.listed tbody tr:visible")
    expect(phone.get_by_text(f"Replaced early, with more than 10 % left ({REPLACED})")).to_be_visible()
    expect(cards).to_have_count(25)
    labels = cards.first.locator("td:visible").evaluate_all("all => all.map(each => each.dataset.label)")
    assert labels == [
        "Replaced",
        "Printer",
        "Place",
        "Part",
        "Left in the old one (%)",
        "Pages",
        "Days in use",
        "Remark",
    ]
    phone.get_by_role("button", name="Page 2").click()
    expect(cards).to_have_count(REPLACED - 25)


def test_names_from_right_to_left_are_read_from_their_beginning(laptop: Page) -> None:
    visit(laptop, "/fleet")
    cell = laptop.locator("td.who").filter(has_text=FROM_RIGHT)
    assert cell.evaluate("each => getComputedStyle(each).direction") == "rtl"
    visit(laptop, "/issues")
    line = laptop.locator(".machine .line").filter(has_text=FROM_RIGHT).first
    title, printer = (box.bounding_box() for box in line.locator("a").all()[:2])
    assert title is not None and printer is not None
    assert title["x"] + title["width"] <= printer["x"], "a line goes from left to right"


def test_what_a_line_has_no_room_for_is_said_where_it_is_pointed_at(laptop: Page) -> None:
    visit(laptop, "/fleet")
    name = laptop.locator("td.who").filter(has_text=LONG)
    assert name.get_attribute("title") is None
    name.hover()
    expect(name).to_have_attribute("title", LONG)
    short = laptop.locator("td.who").filter(has_text="Lib-1")
    short.hover()
    assert short.get_attribute("title") is None


def test_a_wide_window_has_the_table(page_as: PageAs) -> None:
    page = opened(page_as("admin"), "/users")
    expect(page.get_by_label("Sort by")).to_be_hidden()
    tops = (
        page.locator("table.listed tbody tr")
        .first.locator("td")
        .evaluate_all("all => all.map(each => each.getBoundingClientRect().top)")
    )
    assert len(set(tops)) == 1
