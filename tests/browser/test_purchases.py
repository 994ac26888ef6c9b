"""The whole task in a real browser: needed, ordered, arrived, counted, replaced, low."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import Engine

from core.domain.supply_events import SupplyEvent
from core.storage.database import writing
from core.storage.stock import Taken, take_for_replacement
from core.storage.store_rooms import add_room
from tests.browser.seeing import PageAs, faults, settled, visit
from tests.dashboard.harness import add_people
from tests.dashboard.manager_fleet import NOW, trouble
from tests.dashboard.served import Server

TONER = "Black Toner TN-1"


def seed(engine: Engine) -> None:
    """The college in trouble (three printers need one toner), and a store room."""
    trouble(engine)
    add_people(engine, NOW)
    with writing(engine) as connection:
        add_room(connection, "Library store", ["Library"])


def go(page: Page, path: str) -> Page:
    visit(page, path)
    return page


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).first.click()
    settled(page)


def shelf(page: Page) -> Locator:
    return page.locator('[class*="st-key-shelf-"]').filter(has_text=TONER)


def test_a_toner_is_needed_ordered_arrives_is_counted_and_replaced(page_as: PageAs, server: Server) -> None:
    manager = go(page_as("manager"), "/supplies")
    line = manager.locator('[class*="st-key-line-"]').filter(has_text=TONER)
    expect(line).to_contain_text("Library: 2; Law School: 1")
    press(manager, "Ordered")
    dialog = manager.get_by_role("dialog")
    dialog.get_by_label("Quantity").fill("0")
    dialog.get_by_role("button", name="Mark as ordered").click()
    expect(dialog.get_by_text("The quantity is 1 or more; 0 cannot be.")).to_be_visible()
    dialog.get_by_label("Quantity").fill("4")
    dialog.get_by_label("Reference").fill("PO-17")
    dialog.get_by_role("button", name="Mark as ordered").click()
    expect(manager.get_by_text(f"4 × {TONER}: ordered")).to_be_visible()
    expect(manager.get_by_text("Nothing to order.")).to_be_visible()

    technician = go(page_as("technician", viewport={"width": 390, "height": 844}), "/supplies?show=ordered")
    expect(technician.get_by_role("button", name="Add a line")).to_have_count(0)
    press(technician, "Arrived")
    technician.get_by_role("dialog").get_by_role("button", name="Mark as arrived").click()
    expect(technician.get_by_text(f"4 × {TONER}: arrived")).to_be_visible()

    go(technician, "/stock")
    press(technician, "Count")
    dialog = technician.get_by_role("dialog")
    dialog.get_by_label("Pieces on the shelf").fill("3")
    dialog.get_by_role("button", name="Save the count").click()
    expect(technician.get_by_text(f"{TONER}: 3 counted (-1)")).to_be_visible()
    expect(shelf(technician)).to_contain_text("counted by Tom Adeyemi")

    event = SupplyEvent(
        printer_id="lib-1",
        supply_index="1.1",
        at=datetime.now(UTC) + timedelta(seconds=1),
        not_before=None,
        model="Model X",
        supply_type="toner",
        color="black",
        description=TONER,
        event_id=1,
    )
    with writing(server.engine) as connection:
        assert take_for_replacement(connection, event) == Taken.TAKEN
    go(technician, "/stock")
    expect(shelf(technician)).to_have_text(re.compile(r"^\s*2"), use_inner_text=True)
    press(technician, "Count")
    dialog = technician.get_by_role("dialog")
    expect(dialog.get_by_text("1 taken, 2 left · automatically")).to_be_visible()
    dialog.get_by_role("button", name="Undo").click()
    expect(technician.get_by_text(f"{TONER}: undone, 3 on hand")).to_be_visible()


def test_low_stock_asks_on_the_page_of_attention(page_as: PageAs) -> None:
    manager = go(page_as("manager"), "/stock")
    press(manager, "Count")
    dialog = manager.get_by_role("dialog")
    dialog.get_by_text("Adjust count or minimum").click()
    dialog.get_by_label("Minimum", exact=True).fill("9")
    dialog.get_by_role("button", name="Save the minimum").click()
    expect(manager.get_by_text(f"{TONER}: minimum 9")).to_be_visible()
    go(manager, "/attention")
    manager.get_by_role("link", name="Stock is low").click()
    settled(manager)
    expect(manager.locator(".badge", has_text="Low")).to_be_visible()


@pytest.mark.parametrize("path", ["/supplies", "/supplies?show=over", "/stock", "/stock?show=parts"])
def test_the_pages_fit_a_phone_and_can_be_used_by_everybody(path: str, page_as: PageAs) -> None:
    page = go(page_as("technician", viewport={"width": 390, "height": 844}), path)
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
    assert faults(page) == []
