"""Every page on a phone: nothing is read by scrolling sideways, and a row of a table is a card."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine, insert

from core.contract.messages import HistoryPoint
from core.domain.supply_events import SupplyEvent
from core.domain.supply_parts import SupplyPart
from core.runtime.settings import HistorySettings
from core.storage.core_tables import SUPPLY_EVENTS
from core.storage.database import writing
from core.storage.parts import ensure_part
from core.storage.stock import count_shelf, make_shelf
from core.storage.store_rooms import add_room
from core.storage.supply_events import event_values
from core.storage.tables import ServiceRow
from core.timeseries.counters import CounterDay
from core.timeseries.reader import PrinterDay
from core.timeseries.stores import open_store
from dashboard.pages import PAGES
from tests.browser.seeing import PageAs, faults, settled, visit
from tests.builders import printer, put, snapshot
from tests.dashboard.harness import add_people
from tests.dashboard.manager_fleet import NOW, flag, state, toner, trouble

PHONE: Final = {"width": 390, "height": 844}
LONG: Final = "Konica-Minolta-bizhub-C650i-OfficeJet-" * 3
TABLES: Final = (
    "/issues?view=table",
    "/reports?of=pages",
    "/reports?of=answers",
    "/reports?of=problems",
    "/reports?of=issues",
    "/reports?of=cartridges",
    "/stock?show=parts",
    "/stock?show=rooms",
    "/summary?view=next",
    "/attention?pile=failed",
    "/supplies?show=ordered",
    "/inventory?view=find",
    "/inventory?view=import",
)
"""Pages of the menu with another choice, and so another table."""
DRAWN: Final = {"/users", "/audit", "/inventory", "/issues?view=table", *TABLES[1:4], TABLES[5]}
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
    put(engine, printer("long", name=LONG, location=LONG, model=LONG))
    put(engine, snapshot("long", state("long", supplies=(toner(1, description=LONG),)), model=LONG))
    put(engine, flag("long", "jam", "warning", message=LONG))
    counters = {"unreachable": 2.0, "readings": 3.0}
    put(
        engine,
        ServiceRow(service="collector", instance=LONG, status="online", seen_at=NOW, counters=counters),
    )
    replaced = SupplyEvent(
        "lib-1", "1.1", NOW - timedelta(days=2), None, model=LONG, part=LONG, new_percent=100
    )
    with writing(engine) as connection:
        connection.execute(insert(SUPPLY_EVENTS), [event_values(replaced)])
        room = add_room(connection, LONG[:60], ["Library"])
        part = ensure_part(connection, SupplyPart("Model X", LONG[:100], "TN-1", "black", "toner"), now=NOW)
        count_shelf(connection, make_shelf(connection, part.id, room), 3, actor="tom", now=NOW)
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    writer = open_store(HistorySettings(data_dir=Path(str(engine.url.database)).parent)).open_writer()
    writer.write([HistoryPoint(printer_id="lib-1", taken_at=NOW, reachable=True, state="idle")])
    writer.write_days([PrinterDay(name, yesterday, 100, 50, 0, 90, 90) for name in ("lib-1", "long")])
    writer.write_counters([CounterDay("lib-1", "color", yesterday, 0, 100, 7)])
    writer.close()


def opened(page: Page, path: str) -> Page:
    page.goto(path)
    settled(page)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    return page


@pytest.fixture(scope="module")
def phone(lasting_page_as: PageAs) -> Page:
    """An administrator's, which goes from page to page."""
    return lasting_page_as("admin", viewport=PHONE)


@pytest.mark.parametrize("path", [*(f"/{page.path}" for page in PAGES if page.path != "follow"), *TABLES])
def test_no_page_is_read_by_scrolling_sideways(path: str, phone: Page) -> None:
    page = phone
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


def test_a_wide_window_has_the_table(page_as: PageAs) -> None:
    page = opened(page_as("admin"), "/users")
    expect(page.get_by_label("Sort by")).to_be_hidden()
    tops = (
        page.locator("table.listed tbody tr")
        .first.locator("td")
        .evaluate_all("all => all.map(each => each.getBoundingClientRect().top)")
    )
    assert len(set(tops)) == 1
