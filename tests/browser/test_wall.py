"""The wall view in a real browser: 200 printers without scrolling, refreshed without flicker, by a link."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import Engine, delete, select, update

from core.contract.messages import Attention, PrinterState
from core.storage.core_tables import PRINTERS as PRINTER_ROWS
from core.storage.core_tables import SNAPSHOTS, WALL_LINKS
from core.storage.database import writing
from core.storage.wall_links import add_wall_link, revoke_wall_link
from tests.browser.seeing import PageAs, faults
from tests.builders import printer, put, snapshot
from tests.dashboard.harness import add_people
from tests.dashboard.served import Server

PRINTERS: Final = 200
WALL: Final = {"width": 1920, "height": 1080}
PHONE: Final = {"width": 390, "height": 844}
NEW_PRINTERS_MILLISECONDS: Final = 120_000
"""The fleet is read as a whole once a minute."""
NONE_IS_CUT: Final = """() => [...document.querySelectorAll('.tile b')].every(
  (name) => name.scrollHeight <= name.clientHeight + 1
)"""
"""Once the page's font is there."""


def seed(engine: Engine) -> None:
    """200 printers in two places: jammed, low on toner, silent for hours, fine; Tom, Maya and Ada."""
    now = datetime.now(UTC)
    add_people(engine, now)
    rows: list[Any] = []
    for number in range(PRINTERS):
        name, place = f"p{number:03d}", "Library" if number < 60 else "Chemistry"
        flags: tuple[Attention, ...] = ()
        since = now - timedelta(minutes=number + 5)
        if number % 50 == 7:
            flags = (Attention(code="jam", severity="critical", message="Paper jam", since_at=since),)
        elif number % 50 == 9:
            flags = (
                Attention(code="supply_low", severity="warning", message="Black is low", since_at=since),
            )
        taken = now - timedelta(hours=3) if number % 70 == 11 else now
        state = PrinterState(
            printer_id=name,
            taken_at=taken,
            answered_at=taken,
            stale_at=taken + timedelta(hours=1),
            reachable=True,
            state="idle",
            severity=flags[0].severity if flags else None,
            attention=flags,
        )
        location = f"{place}, floor {number % 4}"
        rows += [
            printer(name, name=f"{place[:3].upper()}-{number:03d}", location=location),
            snapshot(name, state),
        ]
    put(engine, *rows)


def opened(page: Page, path: str = "/wall") -> Page:
    page.goto(path)
    expect(page.locator(".tile").first).to_be_visible()
    return page


def make_link(server: Server, name: str, location: str = "") -> str:
    with writing(server.engine) as connection:
        return add_wall_link(connection, name, location, actor="ada", now=datetime.now(UTC))


def hears(page: Page) -> int:
    """Wait for an answer to the page's next question; its status."""
    with page.expect_response(re.compile("/wall/tiles")) as answered:
        pass
    return answered.value.status


@contextmanager
def cut_off(page: Page) -> Iterator[None]:
    """As if the server were away."""

    def abort(route: Route) -> None:
        route.abort()

    page.route("**/wall/tiles*", abort)
    yield
    page.unroute("**/wall/tiles*", abort)


def test_200_printers_fit_a_screen_with_their_names_whole(page_as: PageAs) -> None:
    page = opened(page_as("technician", viewport=WALL))
    expect(page.locator(".tile")).to_have_count(PRINTERS)
    cut = page.evaluate(
        """() => {
          const inside = (tile) => {
            const box = tile.getBoundingClientRect();
            const name = tile.querySelector("b");
            const whole = name.scrollHeight <= name.clientHeight + 1;
            return whole && box.bottom <= innerHeight && box.right <= innerWidth;
          };
          return [...document.querySelectorAll(".tile")].filter((tile) => !inside(tile)).length;
        }"""
    )
    assert cut == 0
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    sizes = page.locator(".trouble .what").evaluate_all(
        "all => all.map(each => parseFloat(getComputedStyle(each).fontSize))"
    )
    assert len(sizes) == 8
    assert min(sizes) >= 22  # 13 mm on a screen of 50 inches: read from three metres
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(16, 21, 27)"


@pytest.mark.parametrize("path", ["/wall", "/wall?theme=light", "/wall?location=Library"])
def test_everybody_can_read_it(path: str, page_as: PageAs) -> None:
    page = opened(page_as("technician", viewport=WALL), path)
    assert faults(page) == []


def test_on_a_phone_nothing_moves_sideways(page_as: PageAs) -> None:
    page = opened(page_as("technician", viewport=PHONE))
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_a_refresh_changes_the_one_tile_that_differs_and_nothing_else(
    page_as: PageAs, server: Server
) -> None:
    page = opened(page_as("technician", viewport=WALL))
    page.evaluate(
        """() => {
          window.changed = [];
          new MutationObserver((all) => {
            for (const one of all) {
              for (const node of [...one.addedNodes, ...one.removedNodes]) {
                if (node.dataset?.key) window.changed.push(node.dataset.key);
              }
            }
          }).observe(document.querySelector("main"), { childList: true, subtree: true });
        }"""
    )
    assert [hears(page) for _ in range(2)] == [304, 304]
    assert page.evaluate("window.changed") == []
    now = datetime.now(UTC)
    with writing(server.engine) as connection:
        this = SNAPSHOTS.c.printer_id == "p100"
        connection.execute(update(SNAPSHOTS).where(this).values(severity="info", received_at=now))
    expect(page.locator('.tile[data-key="p100"]')).to_have_class(re.compile("tone-info"))
    assert set(page.evaluate("window.changed")) <= {"p100", "Note", "OK"}


def test_a_link_opens_the_wall_of_its_place_and_its_token_leaves_the_address(
    page_as: PageAs, server: Server
) -> None:
    token = make_link(server, "IT office", "Library")
    page = page_as("anonymous", viewport=WALL)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    opened(page, f"/wall#{token}")
    assert page.url == f"{server.url}/wall"
    assert not any(token in url.partition("#")[0] for url in asked)
    expect(page.locator("h1")).to_have_text("Library")
    expect(page.locator(".tile")).to_have_count(60)
    assert page.evaluate("document.cookie") == ""
    page.reload()
    expect(page.locator(".tile")).to_have_count(60)
    page.goto("/fleet")
    expect(page).to_have_url(re.compile("/login"))
    opened(page)
    with writing(server.engine) as connection:
        number = connection.execute(select(WALL_LINKS.c.id).where(WALL_LINKS.c.name == "IT office")).scalar()
        assert number is not None
        revoke_wall_link(connection, number, actor="ada", now=datetime.now(UTC))
    expect(page.get_by_text("Sign in, or open the link of this screen.")).to_be_visible()
    expect(page.locator(".tile")).to_have_count(0)


def test_a_wrong_link_and_no_link_say_what_to_do(page_as: PageAs) -> None:
    page = page_as("anonymous")
    page.goto("/wall")
    expect(page.get_by_role("alert")).to_have_text("Sign in, or open the link of this screen.")
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()
    page.goto("/wall#guessed")
    expect(page.get_by_role("alert")).to_contain_text("This link is not known, or was revoked")
    assert page.url.endswith("/wall")


def test_without_the_server_it_says_how_old_all_this_is_and_goes_on_by_itself(page_as: PageAs) -> None:
    page = opened(page_as("technician", viewport=WALL))
    line = page.get_by_role("status")
    with cut_off(page):
        expect(line).to_have_text(re.compile(r"^Reconnecting… What you see is \d+ s old\.$"))
        expect(page.locator(".tile")).to_have_count(PRINTERS)
    expect(line).to_be_hidden()


@pytest.fixture
def crowd(server: Server) -> Iterator[None]:
    """A hundred printers more, of one house."""
    more = [printer(f"adm-{n}", name=f"Admissions House {n + 100}", location="A") for n in range(100)]
    put(server.engine, *more)
    yield
    with writing(server.engine) as connection:
        connection.execute(delete(PRINTER_ROWS).where(PRINTER_ROWS.c.printer_id.like("adm-%")))


@pytest.mark.usefixtures("crowd")
def test_names_are_told_apart_on_a_wall_of_300(page_as: PageAs) -> None:
    page = opened(page_as("technician", viewport=WALL))
    expect(page.locator("#tiles.tiny .tile")).to_have_count(300, timeout=NEW_PRINTERS_MILLISECONDS)
    names = page.locator(".tile b").filter(has_text="Admissions House")
    expect(names).to_have_count(100)
    page.wait_for_function(NONE_IS_CUT)
    assert page.evaluate("document.scrollingElement.scrollHeight <= innerHeight")
