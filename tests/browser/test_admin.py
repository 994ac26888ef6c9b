"""The administrator's pages in a real browser: forms that open over the page, by day and by night."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.seeing import PageAs, faults, settled, visit


def _add_user(page: Page) -> None:
    page.get_by_label("Username").fill("nina")
    page.get_by_role("button", name="Add", exact=True).click()


def _make_token(page: Page) -> None:
    page.get_by_label("Used by").fill("Grafana")
    page.get_by_role("button", name="Create", exact=True).click()


@pytest.mark.parametrize(
    ("path", "opener", "fill", "scheme"),
    [("/users", "Add a user", _add_user, "light"), ("/tokens", "Create a token", _make_token, "dark")],
)
def test_the_form_can_be_read_and_does_not_hide_the_secret_that_it_makes(
    path: str, opener: str, fill: Callable[[Page], None], scheme: str, page_as: PageAs
) -> None:
    page = page_as("admin", color_scheme=scheme)
    visit(page, path)
    page.get_by_role("button", name=opener).click()
    form = page.get_by_test_id("stPopoverBody")
    expect(form).to_be_visible()
    settled(page)
    assert faults(page) == []
    fill(page)
    expect(page.get_by_text("Shown only once")).to_be_visible()
    expect(form).to_be_hidden()
    page.get_by_role("button", name="I have saved it").click()
    expect(page.get_by_text("Shown only once")).to_be_hidden()
