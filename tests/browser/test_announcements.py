"""Announcing something in a real browser: typed by a manager, read by whoever looks for a printer, ended."""

from playwright.sync_api import Page, expect

from tests.browser.seeing import PageAs, faults, settled

SETTINGS = {"PORTAL_PUBLIC": "true"}
SAID = "No printing on Saturday: the print server is being replaced."


def _go(page: Page, path: str) -> Page:
    page.goto(path)
    settled(page)
    return page


def test_what_a_manager_announces_is_read_by_strangers_until_it_is_changed_and_ended(page_as: PageAs) -> None:
    page = _go(page_as("manager"), "/announcements")
    page.get_by_role("button", name="Announce").click()
    page.get_by_label("What people are to know").fill(SAID)
    page.get_by_role("button", name="Announce").last.click()
    expect(page.get_by_text("It is announced.")).to_be_visible()
    assert faults(page) == []
    stranger = _go(page_as("anonymous", viewport={"width": 390, "height": 844}), "/fleet")
    expect(stranger.get_by_text(SAID)).to_be_visible()
    assert faults(stranger) == []
    page.get_by_role("button", name="Edit").click()
    page.get_by_label("What people are to know").last.fill("It is over already.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The announcement is saved.")).to_be_visible()
    expect(stranger.get_by_text("It is over already.")).to_be_visible()
    page.get_by_role("button", name="End now").click()
    expect(page.get_by_text("Nothing is announced.")).to_be_visible()
    expect(stranger.get_by_text("It is over already.")).to_have_count(0)
