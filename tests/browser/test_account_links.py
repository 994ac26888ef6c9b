"""Links for accounts in a real browser: the first admin's way in, an invitation, and a wrong link."""

import re
from datetime import UTC, datetime
from typing import Final, Literal

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine

from core.domain.permissions import ROLES
from core.storage.account_links import Invitation, first_admin_link, invite_somebody
from core.storage.database import writing
from tests.browser.seeing import PageAs, faults, settled
from tests.dashboard.served import Server

PHONE: Final = {"width": 390, "height": 844}
GOOD: Final = "lantern walrus teapot canyon"


def seed(_engine: Engine) -> None:
    """A first start: nobody is there."""


def first_link(server: Server) -> str:
    with writing(server.engine) as connection:
        token = first_admin_link(connection, datetime.now(UTC))
    assert token is not None
    return token


def invitation(server: Server, email: str) -> str:
    with writing(server.engine) as connection:
        wanted = Invitation(ROLES["technician"], email)
        return invite_somebody(connection, wanted, actor="ada", now=datetime.now(UTC))


def opened(page: Page, token: str) -> Page:
    page.goto(f"/login/link#{token}")
    expect(page.get_by_role("textbox", name="Username")).to_be_visible()
    return page


def fill(page: Page, name: str, full_name: str) -> None:
    page.get_by_label("Your name").fill(full_name)
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password", exact=True).fill(GOOD)
    page.get_by_label("Password once more").fill(GOOD)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_the_form_also_on_a_phone(
    scheme: Literal["light", "dark"], page_as: PageAs, server: Server
) -> None:
    page = opened(
        page_as("anonymous", viewport=PHONE, color_scheme=scheme),
        invitation(server, f"{scheme}@college.example"),
    )
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    expect(page.get_by_label("Your name")).to_be_focused()


def test_a_wrong_link_and_half_a_link_say_what_to_do(page_as: PageAs) -> None:
    page = page_as("anonymous")
    page.goto("/login/link#guessed")
    expect(page.get_by_role("alert")).to_contain_text("Ask an administrator for another one.")
    assert page.url.endswith("/login/link")
    assert faults(page) == []
    page.goto("/login")
    expect(page.get_by_role("status")).to_contain_text("Nobody can administer this system yet.")
    page.goto("/login/link")
    expect(page.get_by_text("Open the whole link that you were given")).to_be_visible()


def test_without_the_server_the_token_goes_back_into_the_address(page_as: PageAs) -> None:
    page = page_as("anonymous")
    page.route("**/login/link/token", lambda route: route.abort())
    page.goto("/login/link#kept")
    expect(page.get_by_role("alert")).to_contain_text("The server cannot be reached just now.")
    assert page.url.endswith("/login/link#kept")


def test_the_first_admin_comes_in_and_invites_the_next_who_comes_in_too(
    page_as: PageAs, server: Server
) -> None:
    token = first_link(server)
    page = page_as("anonymous")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    opened(page, token)
    assert page.url == f"{server.url}/login/link"
    assert not any(token in url.partition("#")[0] for url in asked)
    assert page.evaluate("document.cookie") == ""
    fill(page, "ada", "Ada Okafor")
    page.get_by_role("button", name="Make account and sign in").click()
    settled(page)
    page.goto("/users")
    settled(page)
    page.get_by_role("button", name="Invite").click()
    page.get_by_label("Mail address").fill("noor@college.example")
    page.get_by_test_id("stFormSubmitButton").get_by_role("button", name="Invite").click()
    link = page.get_by_test_id("stCode").get_by_text(re.compile("/login/link#"))
    expect(link).to_be_visible()
    address = link.inner_text().strip()
    expect(page.get_by_text("Invited as Technician").first).to_be_visible()
    guest = page_as("anonymous")
    opened(guest, address.partition("#")[2])
    expect(guest.get_by_text("Ada Okafor has invited you as Technician.")).to_be_visible()
    fill(guest, "noor", "Noor Haddad")
    guest.get_by_role("button", name="Make account and sign in").click()
    settled(guest)
    expect(guest).to_have_url(re.compile("/issues|/fleet"))
    late = page_as("anonymous")
    late.goto(address)
    expect(late.get_by_role("alert")).to_contain_text("was used already")
    assert token not in server.log
    assert address.partition("#")[2] not in server.log
