"""The second factor and the confirmation in a real browser, where nothing that was typed is lost."""

import re
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import delete, update

from core.storage.core_tables import ATTEMPTS, RECOVERY_CODES, SESSIONS, USERS
from core.storage.database import writing
from tests.browser.seeing import PageAs, faults, settled, visit
from tests.dashboard.harness import PASSWORD
from tests.dashboard.served import Server


@pytest.fixture(autouse=True)
def nobody_has_a_second_factor(server: Server) -> None:
    with writing(server.engine) as connection:
        connection.execute(delete(ATTEMPTS))
        connection.execute(delete(RECOVERY_CODES))
        connection.execute(update(USERS).values(second_factor="", second_factor_step=0))


def set_up(page: Page) -> str:
    """Set up a second factor by the key that the page shows; returns the key."""
    visit(page, "/account")
    page.get_by_role("button", name="Set up").click()
    picture = page.get_by_role("img", name="QR code for the authenticator app")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.complete && image.naturalWidth > 100")
    page.get_by_text("I cannot scan it").click()
    key = page.get_by_test_id("stCode").locator("code")
    expect(key).to_be_visible()
    secret = key.inner_text().replace(" ", "")
    settled(page)
    assert faults(page) == []
    page.get_by_label("Code", exact=True).fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Turn on").click()
    expect(page.get_by_text("Your recovery codes")).to_be_visible()
    settled(page)
    return secret


def test_a_second_factor_is_set_up_and_signed_in_with(page_as: PageAs) -> None:
    page = page_as("manager", color_scheme="dark")
    secret = set_up(page)
    codes = re.findall(r"(?:[A-Z2-7]{4}-){3}[A-Z2-7]{4}", page.get_by_test_id("stCode").inner_text())
    assert len(codes) == 10
    assert faults(page) == []
    page.get_by_role("button", name="I have saved it").click()
    expect(page.get_by_text("10 of 10 recovery codes are left")).to_be_visible()
    for code in ("", codes[3]):  # of the app, and instead of it
        page.get_by_role("button", name="Sign out", exact=True).click()
        page.get_by_label("Username").fill("maya")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(page).to_have_url(re.compile("/login/code$"))
        expect(page.get_by_label("Code")).to_be_focused()
        page.get_by_label("Code").fill("wrong")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("That code is wrong")
        assert faults(page) == []
        # The code of now may be the one that is used up: the next one counts half a minute before its time.
        soon = datetime.now(UTC) + timedelta(seconds=30)
        page.get_by_label("Code").fill(code or pyotp.TOTP(secret).at(soon))
        page.keyboard.press("Enter")
        expect(page.get_by_role("link", name="Maya Lindqvist")).to_be_visible()
        settled(page)
    page.goto("/account")
    expect(page.get_by_text("9 of 10 recovery codes are left")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_who_has_to_confirm_loses_nothing_that_was_typed(
    scheme: str, page_as: PageAs, server: Server
) -> None:
    page = page_as("admin", color_scheme=scheme, viewport={"width": 390, "height": 800})
    with writing(server.engine) as connection:
        hour_ago = datetime.now(UTC) - timedelta(hours=1)
        connection.execute(update(SESSIONS).values(confirmed_at=hour_ago))
    visit(page, "/users?user=tom")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert faults(page) == []
    page.get_by_label("Full name").last.fill("Thomas Adeyemi")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Confirm that it is you at the top of this page")).to_be_visible()
    settled(page)
    page.get_by_label("Your password").fill("wrong")
    page.get_by_role("button", name="Confirm", exact=True).click()
    expect(page.get_by_text("That is not your password.")).to_be_visible()
    settled(page)
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm", exact=True).click()
    expect(page.get_by_text("Confirmed: you can make changes")).to_be_visible()
    expect(page.get_by_label("Your password")).to_have_count(0)
    expect(page.get_by_label("Full name").last).to_have_value("Thomas Adeyemi")
    settled(page)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("tom is saved")).to_be_visible()
