"""Charts as a real Chromium draws them: all of a time at once, nothing cut, readable by everybody."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import Engine

from core.runtime.settings import HistorySettings
from core.storage.core_tables import PRINTERS
from core.storage.database import writing
from core.timeseries.reader import PrinterDay
from core.timeseries.stores import open_store
from dashboard.ui.theme import PAGE
from tests.browser.seeing import PageAs, faults, visit
from tests.builders import put
from tests.dashboard.colors import contrast
from tests.dashboard.manager_fleet import flag
from tests.dashboard.past_of_color import REPLACED_DAYS_AGO, TONERS, add_color_printer
from tests.dashboard.served import Server, seed_college

PHONE: Final = {"width": 390, "height": 844}
PRINTER: Final = "/printer?id=color"
REPORTS: Final = (
    "/reports?of=pages",
    "/reports?of=answers",
    "/reports?of=problems",
    "/reports?of=paper",
    "/reports?of=issues&kind=all",
)

ON_THE_PAGE: Final = {path for path in REPORTS if path != "/reports?of=paper"}
"""Charts whose words all stand on the color of the page, and on nothing drawn."""
READABLE: Final = 4.5
INKS: Final = """(texts) => texts.filter((text) => text.textContent.trim()).map((text) => {
  const [red, green, blue] = getComputedStyle(text).fill.match(/[0-9]+/g).map(Number);
  return "#" + [red, green, blue].map((part) => part.toString(16).padStart(2, "0")).join("");
})"""
"""The colors of words, which axe does not look at in a drawing."""

CUT: Final = """(chart) => {
  const outer = chart.getBoundingClientRect();
  return [...chart.querySelectorAll("svg text")].filter((text) => {
    const inner = text.getBoundingClientRect();
    if (!inner.width || getComputedStyle(text).opacity === "0") return false;
    return inner.left < outer.left - 0.5 || inner.right > outer.right + 0.5
      || inner.top < outer.top - 0.5 || inner.bottom > outer.bottom + 0.5;
  }).map((text) => text.textContent);
}"""
"""Which words of a chart lie outside of it."""

OVERLAPPING: Final = """(chart) => {
  const labels = [...chart.querySelectorAll("svg .role-axis-label text")]
    .filter((text) => text.textContent && text.getAttribute("opacity") !== "0")
    .map((text) => [text.textContent, text.getBoundingClientRect()]);
  const over = [];
  labels.forEach(([one, first], place) => labels.slice(place + 1).forEach(([other, second]) => {
    if (first.left < second.right && second.left < first.right
      && first.top < second.bottom && second.top < first.bottom) over.push(one + " and " + other);
  }));
  return over;
}"""
"""Which labels of its axes lie over each other."""


def seed(engine: Engine) -> None:
    """The college, a printer with a past, and its answers of a month: never below 97 %."""
    seed_college(engine)
    add_color_printer(engine)
    with writing(engine) as connection:  # one that was never read is not observed on any day
        connection.execute(PRINTERS.delete().where(PRINTERS.c.printer_id == "new"))
    at = datetime.now(UTC) - timedelta(days=2)
    put(engine, flag("fine", "no_paper", "warning", since_at=at, cleared_at=at + timedelta(minutes=20)))
    today = datetime.now(UTC).date()
    writer = open_store(HistorySettings(data_dir=_folder(engine))).open_writer()
    names = ("color", "fine", "low", "jammed", "old")
    writer.write_days(
        [
            PrinterDay(name, today - timedelta(days=day), 100, 97 + day % 4, 1000, 1100, 100)
            for name in names
            for day in range(40)
        ]
    )
    writer.close()


def _folder(engine: Engine) -> Path:
    return Path(str(engine.url.database)).parent


def charts(page: Page, path: str) -> Locator:
    """The charts of a page, drawn."""
    visit(page, path)
    found = page.get_by_test_id("stVegaLiteChart")
    expect(found.first.locator("svg")).to_be_visible()
    return found


def pointed(page: Page, chart: Locator, part: float) -> Locator:
    """The tooltip at that part of a chart's width."""
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    assert box is not None
    for step in range(2):
        page.mouse.move(box["x"] + part * box["width"] + step, box["y"] + box["height"] / 2)
    tooltip = page.locator("#vg-tooltip-element.visible")
    expect(tooltip).to_be_visible()
    return tooltip


def test_pointing_at_a_time_tells_every_supply_at_once(page_as: PageAs) -> None:
    page = page_as("technician")
    tooltip = pointed(page, charts(page, PRINTER).first, 0.3)
    for name in TONERS:
        expect(tooltip).to_contain_text(name)
    assert len(re.findall(r"\d+ %", tooltip.inner_text())) == len(TONERS)
    expect(tooltip).to_contain_text(re.compile(r"\w{3} \d{1,2} \w{3} \d{4}, \d\d:\d\d"))


def test_pointing_ahead_tells_what_is_expected_and_of_what_nothing_is_known(page_as: PageAs) -> None:
    page = page_as("technician")
    tooltip = pointed(page, charts(page, PRINTER).first, 0.85)
    expect(tooltip).to_contain_text(re.compile(r"Cyan toner\s*about \d+ %"))
    expect(tooltip).to_contain_text(re.compile(r"Black toner\s*no forecast"))


def test_thresholds_forecast_and_replacements_are_drawn(page_as: PageAs) -> None:
    chart = charts(page_as("technician", timezone_id="UTC"), PRINTER).first
    day = datetime.now(UTC).replace(minute=0) - timedelta(days=REPLACED_DAYS_AGO)
    for words in ("Low 15 %", "Critical 5 %", "Forecast", f"{day.day} {day:%b}"):
        expect(chart.locator("svg text", has_text=words).first).to_be_visible()
    assert chart.locator("svg .mark-area path").count() >= 2
    assert chart.locator("svg .mark-symbol path").count() == 1


def test_the_key_is_a_table_that_says_the_same(page_as: PageAs) -> None:
    page = page_as("technician", timezone_id="UTC")
    charts(page, PRINTER)
    key = page.get_by_role("table", name="What the chart of levels shows")
    expect(key.get_by_role("row")).to_have_count(1 + len(TONERS))
    black, yellow = (key.get_by_role("row").filter(has_text=name) for name in ("Black", "Yellow"))
    expect(black).to_contain_text(re.compile(r"30\s%.*78\s%.*\d{4}, \d\d:00.*no forecast", re.DOTALL))
    expect(yellow).to_contain_text(re.compile(r"about \d+\s\w+ \d{4} \(\d+\s\w+ \d{4} to \d+\s\w+ \d{4}\)"))


@pytest.mark.parametrize("viewport", [PHONE, {"width": 1280, "height": 720}], ids=["phone", "laptop"])
def test_nothing_of_a_chart_is_cut_and_no_labels_lie_over_each_other(
    page_as: PageAs, viewport: dict[str, int]
) -> None:
    page = page_as("manager", viewport=viewport)
    for path in (PRINTER, *REPORTS):
        found = charts(page, path)
        for place in range(found.count()):
            assert found.nth(place).evaluate(CUT) == [], path
            assert found.nth(place).evaluate(OVERLAPPING) == [], path
        assert page.locator("[data-testid=stMain]").evaluate("e => e.scrollWidth - e.clientWidth") <= 0


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/Los_Angeles"])
def test_a_day_of_the_reports_is_that_day_in_every_time_zone(page_as: PageAs, zone: str) -> None:
    page = page_as("manager", timezone_id=zone)
    found = charts(page, "/reports?of=pages&period=7d").first
    told = [
        text
        for text in found.locator("svg .role-axis-label text").all_text_contents()
        if re.search(r"[A-Z][a-z]{2}$", text)
    ]
    today = datetime.now(UTC).date()
    days = [today - timedelta(days=day) for day in range(8)]
    assert told
    assert set(told) <= {f"{day:%a} {day.day} {day:%b}" for day in days}
    assert f"{today:%a} {today.day} {today:%b}" in told


def test_availability_above_ninety_begins_there(page_as: PageAs) -> None:
    found = charts(page_as("manager"), "/reports?of=answers&period=7d").first
    shares = [text for text in found.locator("svg text").all_text_contents() if text.endswith("%")]
    assert {"90 %", "100 %"} <= set(shares)
    assert min(int(share.removesuffix(" %")) for share in shares) == 90


def test_pointing_at_a_bar_tells_all_of_its_parts(page_as: PageAs) -> None:
    page = page_as("manager")
    tooltip = pointed(page, charts(page, "/reports?of=answers").first, 0.5)
    for name in ("Answered", "Did not answer", "Not observed"):
        expect(tooltip).to_contain_text(re.compile(rf"{name}\s*\d+\.\d\s%"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_the_pages_with_charts(page_as: PageAs, scheme: str) -> None:
    page = page_as("manager", color_scheme=scheme)
    for path in (PRINTER, *REPORTS):
        charts(page, path)
        assert faults(page) == [], path
        if path in ON_THE_PAGE:
            inks = set(page.locator("svg.marks text[fill]:not([opacity='0'])").evaluate_all(INKS))
            assert {ink for ink in inks if contrast(ink, getattr(PAGE, scheme)) < READABLE} == set(), path


def test_charts_run_no_eval_and_break_no_rule_of_the_content_security_policy(
    page_as: PageAs, server: Server
) -> None:
    page = page_as("manager")
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    pointed(page, charts(page, PRINTER).first, 0.5)
    for path in REPORTS:
        charts(page, path)
    assert [line for line in said if "Content Security Policy" in line or "WARN" in line] == []
    policy = page.request.get(f"{server.url}/printer").headers["content-security-policy"]
    assert "unsafe-eval" not in policy
