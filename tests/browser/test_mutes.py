"""Muting in a real browser: from the page Attention and from a printer's, by keyboard and on a phone."""

from datetime import timedelta

from playwright.sync_api import Page, expect
from sqlalchemy import Engine

from core.contract.messages import Attention
from core.storage.database import reading
from core.storage.mutes import read_mutes
from tests.browser.seeing import PageAs, faults, settled
from tests.builders import printer, put, snapshot
from tests.dashboard.harness import add_people
from tests.dashboard.manager_fleet import NOW, flag, state, toner, trouble
from tests.dashboard.served import Server


def seed(engine: Engine) -> None:
    trouble(engine)
    add_people(engine, NOW)
    low = Attention(
        code="supply_low",
        subject="1.1",
        severity="warning",
        message="Black Toner is low (9 %).",
        parameters={"part": "Black Toner", "percent": "9"},
        since_at=NOW,
    )
    put(engine, printer("art-1", location="Art School"))
    shown = state("art-1", severity="warning", supplies=(toner(9),), attention=(low,))
    put(engine, snapshot("art-1", shown, stale_at=NOW + timedelta(days=1)))
    named = {"subject": "1.1", "parameters": dict(low.parameters or {}), "message": low.message}
    put(engine, flag("art-1", "supply_low", "warning", **named))
    tray = {"subject": "1.2", "parameters": {"part": "Tray 2"}, "message": "Tray 2 is out of paper."}
    put(engine, flag("art-1", "no_paper", "warning", **tray))


def muted(server: Server, printer_id: str) -> list[tuple[str, str]]:
    with reading(server.engine) as connection:
        known = read_mutes(connection, NOW, [printer_id]).get(printer_id, ())
    return [(each.mute.title, each.note) for each in known]


def _go(page: Page, path: str) -> Page:
    page.goto(path)
    settled(page)
    return page


def test_everything_of_a_part_is_muted_from_attention_and_listed_there(
    page_as: PageAs, server: Server
) -> None:
    page = _go(page_as("manager", viewport={"width": 390, "height": 844}), "/attention")
    row = page.locator('[class*="st-key-flag-"]').filter(has_text="Art-1").filter(has_text="Tray 2")
    row.get_by_role("button", name="Actions").click()
    page.get_by_role("menuitem", name="Mute").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Everything about").check(force=True)
    dialog.get_by_role("button", name="Mute", exact=True).click()
    expect(dialog.get_by_text("Say why it is muted")).to_be_visible()
    dialog.get_by_label("Reason").fill("Broken, stays empty")
    dialog.get_by_role("button", name="Mute", exact=True).click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_text("muted, its flag goes with the next reading")).to_be_visible()
    assert muted(server, "art-1") == [("Everything about Tray 2.", "Broken, stays empty")]
    _go(page, "/attention?pile=muted")
    expect(page.get_by_text("“Broken, stays empty”")).to_be_visible()
    assert faults(page) == []
    page.get_by_role("button", name="Unmute").click()
    expect(page.get_by_text("unmuted, what the next reading shows counts again")).to_be_visible()
    assert muted(server, "art-1") == []


def test_one_condition_is_muted_on_the_printers_page_and_that_undone(page_as: PageAs, server: Server) -> None:
    page = _go(page_as("manager"), "/printer?id=art-1")
    page.get_by_text("Why is this flagged?").first.click()
    page.get_by_role("button", name="Mute …").press("Enter")  # a click may hit nothing: the box still opens
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Only: Black Toner is low (9 %).")).to_be_visible()
    dialog.get_by_label("Reason").fill("Always says so")
    dialog.get_by_label("Reason").press("Enter")
    expect(page.get_by_text("“Always says so”")).to_be_visible()
    assert muted(server, "art-1") == [("Black Toner is low.", "Always says so")]
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("“Always says so”")).to_have_count(0)
    assert muted(server, "art-1") == []
