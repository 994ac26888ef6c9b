"""One's own mails and the daily summary as a browser shows them, on a phone, light and dark."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import select, update

from core.domain.links import Links
from core.storage.core_tables import MAILS, PRINTERS, USERS
from core.storage.database import reading, writing
from notifier.summary.composer import Composer
from tests.browser.seeing import PageAs, faults, settled, visit
from tests.dashboard.served import Server
from tests.notifier.making import make_settings

LOOKS: list[dict[str, Any]] = [
    {"color_scheme": "light", "viewport": {"width": 1280, "height": 800}},
    {"color_scheme": "dark", "viewport": {"width": 1280, "height": 800}},
    {"color_scheme": "light", "viewport": {"width": 390, "height": 844}},
]


def test_one_chooses_ones_mails_by_keyboard_and_finds_them_chosen(page_as: PageAs, server: Server) -> None:
    page = page_as("technician")
    visit(page, "/account")
    group = page.get_by_role("radiogroup", name="Daily summary")
    group.get_by_role("radio", name="As the settings say").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(group.get_by_role("radio", name="Only when something has changed")).to_be_checked()
    page.get_by_role("radiogroup", name="Notices, sent at once").get_by_text("Critical", exact=True).click()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Your mails are chosen")).to_be_visible()
    with reading(server.engine) as connection:
        query = select(USERS.c.summary, USERS.c.notices).where(USERS.c.name == "tom")
        assert tuple(connection.execute(query).one()) == ("changed", "critical")
    page.reload()
    settled(page)
    expect(group.get_by_role("radio", name="Only when something has changed")).to_be_checked()


@pytest.mark.parametrize("look", LOOKS)
def test_everybody_can_use_the_choices(look: dict[str, Any], page_as: PageAs) -> None:
    page = page_as("technician", **look)
    visit(page, "/account")
    expect(page.get_by_role("radiogroup", name="Daily summary")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= look["viewport"]["width"]
    assert faults(page) == []


@pytest.fixture(scope="module")
def sent(server: Server, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The subject of a summary that was sent."""
    folder: Path = tmp_path_factory.mktemp("notifier")
    now = datetime.now(UTC)
    with writing(server.engine) as connection:
        connection.execute(update(PRINTERS).values(created_at=now - timedelta(days=30)))
    settings = make_settings(folder, issue_summary_recipient="lead@example.org")
    assert Composer(server.engine, settings, Links(server.url, b"key"), "test").step(now)
    with reading(server.engine) as connection:
        return str(connection.execute(select(MAILS.c.subject).limit(1)).scalar_one())


@pytest.mark.parametrize("look", LOOKS)
def test_the_last_summary_is_shown_as_it_was_sent(look: dict[str, Any], page_as: PageAs, sent: str) -> None:
    page = page_as("manager", **look)
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text) if message.type == "error" else None)
    visit(page, "/summary")
    expect(page.get_by_text(sent, exact=True)).to_be_visible()
    mail = page.frame_locator('iframe[title="The last daily summary"]')
    headline = sent.removeprefix("Late: ").partition(" - ")[0]
    expect(mail.get_by_role("heading", name=headline)).to_be_visible()
    expect(mail.get_by_role("link", name="Open the dashboard")).to_have_attribute("href", f"{page.url[:-7]}")
    assert page.evaluate("document.documentElement.scrollWidth") <= look["viewport"]["width"]
    assert faults(page) == []
    assert told == []


def test_the_next_summary_is_shown_and_its_links_open_beside_it(page_as: PageAs, sent: str) -> None:
    page = page_as("manager")
    visit(page, "/summary")
    page.get_by_text("Next", exact=True).click()
    mail = page.frame_locator('iframe[title="The next daily summary"]')
    link = mail.get_by_role("link", name="Open the dashboard")
    expect(link).to_be_visible()
    with page.expect_popup() as opened:
        link.click()
    settled(opened.value)
    assert opened.value.url.startswith(page.url.partition("/summary")[0])
    expect(mail.get_by_role("link", name="Open the dashboard")).to_be_visible()


def test_the_mail_runs_no_script_even_where_one_gets_into_it(
    page_as: PageAs, server: Server, sent: str
) -> None:
    with writing(server.engine) as connection:
        script = "<script>top.document.title='owned'</script>"
        body = f"<html><head></head><body><h1>It is shown</h1>{script}</body></html>"
        connection.execute(update(MAILS).values(body_html=body))
    page = page_as("manager")
    visit(page, "/summary")
    mail = page.frame_locator('iframe[title="The last daily summary"]')
    expect(mail.get_by_role("heading", name="It is shown")).to_be_visible()
    assert page.title() != "owned"
    assert sent
