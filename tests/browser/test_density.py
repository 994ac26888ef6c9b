"""The list of printers at a glance: how many are seen at once, and that it looks as its reader wants it."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine, update

from core.contract.messages import Attention
from core.storage.core_tables import ATTENTION
from core.storage.database import writing
from core.storage.out_of_service import take_out_of_service
from tests.browser.seeing import PageAs, faults, settled, visit
from tests.builders import printer, put, snapshot
from tests.dashboard.manager_fleet import state, toner
from tests.dashboard.served import Server, seed_college

SETTINGS: Final = {"PORTAL_PUBLIC": "true"}
LAPTOP: Final = {"width": 1280, "height": 720}
PHONE: Final = {"width": 390, "height": 844}
AT_ONCE: Final = 25
KINDS: Final = ("stopped", "printing", "asleep", "idle", "unreachable", "warming_up")


def seed(engine: Engine) -> None:
    """The college, and sixty printers of every kind."""
    seed_college(engine)
    now = datetime.now(UTC)
    for number in range(60):
        name, kind = f"lib-{number:02}", KINDS[number % len(KINDS)]
        flags: tuple[Attention, ...] = ()
        if kind in {"stopped", "printing"}:
            severity: Any = "critical" if kind == "stopped" else "warning"
            words = "Paper is jammed in the duplex unit, behind the rear cover."
            since = now - timedelta(hours=3)
            flags = (
                Attention(code="jam", severity=severity, message=words, since_at=since, fixer="technician"),
            )
        reading = state(name, state=kind, severity=flags[0].severity if flags else None, attention=flags)
        reading = reading.model_copy(update={"supplies": (toner(number + 20),)})
        where = printer(
            name,
            name=f"Library {number:02}",
            location=f"Library, floor {number % 4}, room {number}",
            model="LaserJet Enterprise M608",
        )
        row = snapshot(
            name, reading, stale_at=now + timedelta(days=1), lowest_supply_percent=number + 20, taken_at=now
        )
        put(engine, where, row)
    put_odd_ones(engine, now)


def put_odd_ones(engine: Engine, now: datetime) -> None:
    """Three whose cells have the longest words: out of service, silent for days, not measured."""
    later, days_ago = now + timedelta(days=1), now - timedelta(days=27)
    inkless = toner(50).model_copy(update={"level_percent": None, "level_state": "some_remaining"})
    for name, changed in (
        ("annex-out", {}),
        ("annex-silent", {"reachable": False, "answered_at": days_ago}),
        ("annex-some-left", {"supplies": (inkless,)}),
    ):
        reading = state(name, state="unreachable" if "reachable" in changed else "idle")
        where = printer(name, name=name, location="Annex")
        put(engine, where, snapshot(name, reading.model_copy(update=changed), taken_at=now, stale_at=later))
    with writing(engine) as connection:
        why = "Waits for a fuser."
        take_out_of_service(connection, "annex-out", until=None, why=why, actor="tom", now=now)


def opened(page: Page, path: str = "/fleet") -> Page:
    visit(page, path)
    expect(page.locator("html.drawn")).to_have_count(1)
    return page


VISIBLE: Final = """() => [...document.querySelectorAll('table.fleet tbody tr')].filter((row) => {
  const box = row.getBoundingClientRect();
  const top = document.elementFromPoint(box.left + 40, box.top + box.height / 2);
  return box.top >= 0 && box.bottom <= innerHeight && row.contains(top);
}).length"""


def visible(page: Page) -> int:
    """How many printers can be seen without scrolling."""
    return int(page.evaluate(VISIBLE))


def test_a_laptop_shows_twenty_five_printers_at_once(page_as: PageAs) -> None:
    page = opened(page_as("technician", viewport=LAPTOP))
    assert visible(page) >= AT_ONCE


CUT: Final = """() => [...document.querySelectorAll('table.fleet td:is(.health, .when, .supply)')]
  .filter((cell) => cell.scrollWidth > cell.clientWidth).map((cell) => cell.innerText)"""


def test_the_longest_health_last_answer_and_supply_stand_whole(page_as: PageAs) -> None:
    page = opened(page_as("technician", viewport=LAPTOP), "/fleet?place=Annex")
    for words in ("Out of service", "27 days ago", "some left"):
        expect(page.locator("table.fleet").get_by_text(words)).to_be_visible()
    assert page.evaluate(CUT) == []


def test_a_phone_shows_printers_without_scrolling(page_as: PageAs) -> None:
    page = opened(page_as("technician", viewport=PHONE))
    assert visible(page) >= 3
    main = "document.querySelector('[data-testid=stMain]')"
    assert page.evaluate(f"{main}.scrollWidth - {main}.clientWidth") <= 0


def test_comfortable_rows_and_chosen_columns_are_remembered(page_as: PageAs) -> None:
    page = opened(page_as("technician", viewport=LAPTOP))
    before = visible(page)
    page.get_by_text("View", exact=True).click()
    page.get_by_label("Comfortable").check()
    page.get_by_role("checkbox", name="Place").uncheck()
    with page.expect_response("**/list-view") as kept:
        page.get_by_role("checkbox", name="Model").check()
    assert kept.value.status == 204
    page.keyboard.press("Escape")
    expect(page.get_by_label("Comfortable")).to_be_hidden()
    expect(page.get_by_role("columnheader", name="Place")).to_have_count(0)
    page.reload()
    settled(page)
    expect(page.get_by_role("columnheader", name="Place")).to_have_count(0)
    expect(page.get_by_role("columnheader", name="Model")).to_be_visible()
    assert visible(page) < before
    page = opened(page_as("technician", viewport=LAPTOP))  # another browser of the same account
    page.get_by_text("View", exact=True).click()
    expect(page.get_by_label("Comfortable")).to_be_checked()
    expect(page.get_by_role("checkbox", name="Place")).not_to_be_checked()
    page.get_by_label("Compact").check()
    page.get_by_role("checkbox", name="Place").check()
    expect(page.get_by_role("columnheader", name="Place")).to_be_visible()
    assert visible(page) >= AT_ONCE


def test_without_an_account_the_browser_remembers_how_the_list_looks(page_as: PageAs) -> None:
    page = opened(page_as("anonymous", viewport=LAPTOP))
    page.get_by_text("View", exact=True).click()
    page.get_by_label("Comfortable").check()
    page.reload()
    settled(page)
    assert visible(page) < AT_ONCE
    assert page.request.put("/list-view", data="compact").status == 401
    other = opened(page_as("anonymous", viewport=LAPTOP))
    assert visible(other) >= AT_ONCE


@pytest.mark.parametrize("words", ["", "large", "compact Model", "compact  model", "compact " + "x" * 30])
def test_only_what_a_list_can_look_like_is_kept(page_as: PageAs, words: str) -> None:
    page = page_as("manager")
    assert page.request.put("/list-view", data=words).status == 422


def test_the_menu_says_how_much_waits_to_whom_it_concerns(page_as: PageAs, server: Server) -> None:
    page = opened(page_as("manager"), "/system")
    menu = page.get_by_test_id("stSidebarNav")
    expect(menu.get_by_role("link", name="Attention 1")).to_be_visible()
    expect(menu.get_by_role("link", name="Issues 1")).to_be_visible()
    expect(menu.locator("a[data-count]")).to_have_count(2)
    with writing(server.engine) as connection:
        connection.execute(update(ATTENTION).values(cleared_at=datetime.now(UTC)))
    expect(menu.get_by_role("link", name="Attention 1")).to_have_count(0)
    expect(menu.locator("a[data-count]")).to_have_count(1)

    technician = opened(page_as("technician"), "/fleet")
    expect(technician.get_by_test_id("stSidebarNav").locator("a[data-count]")).to_have_count(1)
    anonymous = page_as("anonymous").request.get("/session")
    assert anonymous.json()["counts"] == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("window", [LAPTOP, PHONE])
def test_everybody_can_use_the_list_and_its_menu(
    page_as: PageAs, scheme: str, window: dict[str, int]
) -> None:
    page = opened(page_as("technician", color_scheme=scheme, viewport=window))
    page.get_by_text("View", exact=True).click()
    expect(page.get_by_label("Comfortable")).to_be_visible()
    assert faults(page) == []
