"""The page Settings in a real browser: a change, a wrong value, a lock, the logo; and what all of it does."""

import re
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from core.contract.messages import HistoryPoint, HistorySupply
from core.domain.logos import read_logo
from core.runtime.settings import HistorySettings
from core.storage.core_tables import AUDIT
from core.storage.database import reading
from core.storage.stored_settings import stored_texts
from processor.history.loading import load_history
from tests.browser.seeing import PageAs, faults, settled, visit
from tests.dashboard.served import Server
from tests.pictures import png

SETTINGS = {"SUMMARY_TIME": "06:15"}
PHONE: Final = {"viewport": {"width": 390, "height": 844}}
DARK = "rgb(16, 21, 27)"


def opened(page: Page) -> Page:
    visit(page, "/settings")
    return page


def save(page: Page, group: str) -> None:
    page.locator(f".st-key-save-{group} button").click()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_the_forms(scheme: str, page_as: PageAs) -> None:
    page = opened(page_as("admin", color_scheme=scheme))
    expect(page.get_by_role("textbox", name="A supply is low at (%)")).to_have_value("15")
    expect(page.get_by_text("picture of at most 200 kB")).to_be_visible()
    expect(page.get_by_text("1MB per file")).to_be_hidden()
    assert faults(page) == []


def test_a_threshold_is_changed_after_a_wrong_value_and_is_in_the_audit(
    page_as: PageAs, server: Server
) -> None:
    page = opened(page_as("admin"))
    low = page.get_by_role("textbox", name="A supply is low at (%)")
    low.fill("many")
    save(page, "thresholds")
    expect(page.get_by_role("alert").filter(has_text="A whole number is wanted.")).to_be_visible()
    expect(low).to_have_value("many")
    low.fill("25")
    save(page, "thresholds")
    expect(page.get_by_text("SUPPLY_LOW_PERCENT is changed.")).to_be_visible()
    expect(page.get_by_text("Changed by ada")).to_be_visible()
    expect(page.get_by_text("A whole number is wanted.")).to_have_count(0)
    with reading(server.engine) as connection:
        assert stored_texts(connection) == {"SUPPLY_LOW_PERCENT": "25"}
        changed = select(AUDIT.c.actor, AUDIT.c.details).where(AUDIT.c.action == "setting.changed")
        assert [tuple(row) for row in connection.execute(changed)] == [("ada", {"value": ["15", "25"]})]
    page.get_by_role("button", name="Undo").click()
    expect(low).to_have_value("15")


@pytest.mark.parametrize("look", [{"color_scheme": "light"}, {"color_scheme": "dark"}, PHONE])
def test_thresholds_are_tried_before_they_are_saved(
    look: dict[str, Any], page_as: PageAs, server: Server
) -> None:
    now = datetime.now(UTC)
    seen = {"1.1": HistorySupply(level=9, percent=9)}
    points = [
        HistoryPoint(
            printer_id="low", taken_at=now - timedelta(days=age), reachable=True, state="idle", supplies=seen
        )
        for age in (3, 2, 1)
    ]
    load_history(points, HistorySettings(data_dir=server.folder / "data"))
    page = opened(page_as("admin", **look))
    page.get_by_role("textbox", name="A supply is low at (%)").fill("8")
    page.get_by_role("button", name="Try on the last 30 days").click()
    trial = page.get_by_role("region", name="What these thresholds would have flagged")
    expect(trial.get_by_role("row", name="A supply is low at 15 % 8 %")).to_be_visible()
    expect(trial.get_by_role("row", name="Printers with a low supply 1 0")).to_be_visible()
    expect(trial.get_by_text("history begins on")).to_be_visible()
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert faults(page) == []
    with reading(server.engine) as connection:
        assert stored_texts(connection).get("SUPPLY_LOW_PERCENT") is None
    trial.get_by_role("link", name="Low").click()
    expect(page).to_have_url(re.compile(r"/printer\?id=low"))


def test_what_the_environment_sets_cannot_be_typed_over(page_as: PageAs) -> None:
    page = opened(page_as("admin"))
    field = page.get_by_role("textbox", name="Time", exact=True)
    expect(field).to_have_value("06:15")
    expect(field).to_be_disabled()
    expect(page.get_by_text("Locked: SUMMARY_TIME is set in the environment")).to_be_visible()


def test_a_manager_is_refused(page_as: PageAs) -> None:
    page = page_as("manager")
    page.goto("/settings")
    expect(page.get_by_text("This needs the role admin")).to_be_visible()
    expect(page.locator("[class*=st-key-save-]")).to_have_count(0)


def test_name_logo_and_theme_are_seen_by_everybody(page_as: PageAs, server: Server, tmp_path: Path) -> None:
    logo = read_logo(png())
    assert status(f"{server.url}/logo") == 404
    (tmp_path / "logo.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>", encoding="utf-8")
    (tmp_path / "logo.png").write_bytes(logo.octets)
    page = opened(page_as("admin"))
    refused: list[str] = []
    page.on("console", lambda told: refused.append(told.text) if "Content Security" in told.text else None)
    page.get_by_role("textbox", name="Names, separated by commas").fill("Hartwell College, HC")
    save(page, "organization")
    expect(page.locator(".organization")).to_have_text("Hartwell College")
    settled(page)
    files = page.get_by_test_id("stFileUploader").locator("input")
    files.set_input_files(tmp_path / "logo.svg")
    expect(page.get_by_text("logo.svg")).to_be_visible()
    save(page, "logo")
    expect(page.get_by_text("SVG pictures can hold scripts and are not taken")).to_be_visible()
    settled(page)
    files.set_input_files(tmp_path / "logo.png")
    expect(page.get_by_text("logo.png")).to_be_visible()
    save(page, "logo")
    shown = page.locator(".organization img")
    expect(shown).to_have_attribute("src", f"/logo?v={logo.version}")
    assert shown.evaluate("picture => picture.decode().then(() => picture.naturalWidth)") == logo.width
    with urllib.request.urlopen(f"{server.url}/logo?v={logo.version}") as answer:  # noqa: S310 (ours)
        assert answer.read() == logo.octets
        assert answer.headers["content-type"] == "image/png"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'self'" in answer.headers["content-security-policy"]
    settled(page)
    theme = page.get_by_role("combobox", name=re.compile("Theme"))
    theme.evaluate("field => field.scrollIntoView({block: 'center'})")  # a menu closes when the page scrolls
    settled(page)
    theme.click()
    page.get_by_role("option", name="Dark").click()
    save(page, "organization")
    expect(page.get_by_text("DASHBOARD_THEME is changed.")).to_be_visible()
    login = page_as("anonymous", color_scheme="light")
    login.goto("/login")
    expect(login.locator(".organization")).to_have_text("Hartwell College")
    assert login.evaluate("getComputedStyle(document.body).backgroundColor") == DARK
    fleet = page_as("technician", color_scheme="light")
    visit(fleet, "/fleet")
    expect(fleet.locator(".stApp")).to_have_css("background-color", DARK)
    expect(fleet.locator(".organization")).to_have_text("Hartwell College")
    assert faults(fleet) == []
    assert refused == []


def status(url: str) -> int:
    try:
        with urllib.request.urlopen(url) as answer:  # noqa: S310 (ours)
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
