"""Pages that redraw themselves: the reader's place, focus and selection stay while they do."""

import re
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from playwright.sync_api import Page, Route, WebSocket, expect
from sqlalchemy import Engine, update
from streamlit.proto.BackMsg_pb2 import BackMsg

from core.contract.messages import Attention, PrinterState
from core.domain.links import follow_token
from core.storage.core_tables import ATTENTION, PRINTERS, SERVICES, SNAPSHOTS
from core.storage.database import writing
from core.storage.issues import NewIssue, open_issue
from dashboard.pages import PAGES
from tests.browser.seeing import PageAs, beside, settled
from tests.builders import printer, put, snapshot
from tests.dashboard.manager_fleet import flag, toner
from tests.dashboard.served import Server, seed_college
from tests.paths import ROOT
from tests.patience import PATIENCE_SECONDS

KEY: Final = "a key of the tests, long enough for anybody"
SETTINGS: Final = {"SECRET_KEY": KEY}
REFRESH_SECONDS: Final = 2.0
REFRESHES: Final = 2
MANY: Final = 30
SMALL: Final = {"width": 1100, "height": 420}
"""So that pages are longer than the window."""
TIMED: Final = re.compile(r"run_every=(?!None\b)")
PATHS: Final = {
    "fleet/page.py": ("technician", "/fleet"),
    "printer/page.py": ("technician", "/printer?id=p-03"),
    "attention/page.py": ("manager", "/attention"),
    "issues/page.py": ("technician", "/issues"),
    "issues/issue_page.py": ("technician", "/issue?id=2"),
    "round/page.py": ("technician", "/round"),
    "places/page.py": ("technician", "/places"),
    "places/place_page.py": ("technician", "/place?location=Hall"),
    "system/page.py": ("manager", "/system"),
    "report/follow_page.py": ("technician", f"/follow?token={follow_token(KEY.encode(), 2)}"),
}
"""Pages that redraw themselves for ever, by the file that says so."""
SHORT: Final = {"/places"}
"""Of this college these fit on the screen."""
FOR_A_WHILE: Final = {"printer/refresh_button.py", "inventory/find.py", "settings/trial_view.py"}
"""These redraw a button or a progress bar, until the answer is there."""

ARRANGE: Final = """() => {
  const main = document.querySelector('[data-testid="stMain"]');
  main.scrollTop = 250;
  const edge = main.getBoundingClientRect();
  const seen = (element) => {
    const box = element.getBoundingClientRect();
    return box.height > 0 && box.top > edge.top + 60 && box.bottom < edge.bottom;
  };
  const stays = (element) => !element.href.includes('room');  // stir() moves the printers from room to room
  const link = [...main.querySelectorAll('.stHtml a[href]')].filter(stays).find(seen);
  if (link) link.focus({ preventScroll: true });
  const words = link || [...main.querySelectorAll('.stHtml *')].find(
    (element) => seen(element) && !element.children.length && /^[A-Z][a-z ]{3,}$/.test(element.textContent));
  if (words) document.getSelection().selectAllChildren(words);
  return new Promise((done) => setTimeout(() => done(window.printersPlace()), 50));
}"""
PLACE: Final = """window.printersPlace = () => ({
  top: Math.round(document.querySelector('[data-testid="stMain"]').scrollTop),
  focus: document.activeElement === document.body ? '' : document.activeElement.getAttribute('href') || '',
  text: document.getSelection().toString(),
})"""


def seed(engine: Engine) -> None:
    """So many printers, flags and issues that pages have to be scrolled."""
    seed_college(engine)
    now = datetime.now(UTC)
    for number in range(MANY):
        put(engine, printer(f"p-{number:02}", location="Hall, room 0"), _snapshot(f"p-{number:02}", now))
        put(engine, flag(f"p-{number:02}", "supply_low", "warning", message="Black toner is low."))
    with writing(engine) as connection:
        for number in range(MANY):
            title = f"Toner of printer {number} is low"
            open_issue(connection, NewIssue(f"p-{number:02}", title), actor="tom", now=now)


def _snapshot(printer_id: str, now: datetime) -> Any:
    flags = tuple(
        Attention(code=code, severity="warning", message=f"{code}.", since_at=now)
        for code in ("supply_low", "paper_low", "maintenance_due")
    )
    state = PrinterState(
        printer_id=printer_id,
        taken_at=now,
        answered_at=now,
        reachable=True,
        state="idle",
        severity="warning",
        attention=flags,
        supplies=(toner(9),),
    )
    return snapshot(printer_id, state, stale_at=now + timedelta(days=1), lowest_supply_percent=9)


def stir(engine: Engine, number: int) -> None:
    """Change what every page shows, so that none is left as it was drawn."""
    now = datetime.now(UTC)
    with writing(engine) as connection:
        connection.execute(update(PRINTERS).values(location=f"Hall, room {number}"))
        connection.execute(
            update(SNAPSHOTS).values(taken_at=now, received_at=now, lowest_supply_percent=number % 50)
        )
        connection.execute(update(ATTENTION).values(message=f"Black toner is low ({number} %)."))
        connection.execute(update(SERVICES).values(seen_at=now, counters={"readings": number}))


SHIFTS: Final = """if (window.printersShift === undefined) {
  window.printersShift = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.printersShift += entry.value;
  }).observe({ type: 'layout-shift', buffered: true });
}"""
"""Once a document, also where two tests add it to the same page."""
MOST_SHIFT: Final = 0.1
FIELD: Final = '[data-testid="stMain"] :is(textarea, input[type="text"], input[type="search"]):visible'
MENU: Final = '[data-testid="stMain"] [data-testid="stSelectbox"] :is(input, button)'


@dataclass
class Reader:
    """Somebody in the middle of a page."""

    page: Page
    refreshes: int = 0
    place: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.page = beside(self.page)
        self.page.on("websocket", self._listen)
        self.page.add_init_script(PLACE)
        self.page.add_init_script(SHIFTS)

    def open(self, path: str) -> None:
        self.page.goto(path)
        settled(self.page)
        self.place = self.page.evaluate(ARRANGE)
        self.page.evaluate("window.printersShift = 0")
        self.refreshes = 0

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framesent", self._count)

    def _count(self, frame: bytes | str) -> None:
        message = BackMsg()
        message.ParseFromString(frame if isinstance(frame, bytes) else frame.encode())
        self.refreshes += message.rerun_script.is_auto_rerun


def readers_of(page_as: PageAs, **context: Any) -> dict[str, Reader]:
    """One for each role, who goes from page to page: ten pages at once would keep the machine busy."""
    return {role: Reader(page_as(role, **context)) for role in {role for role, _ in PATHS.values()}}


def _until_refreshed(reader: Reader, engine: Engine) -> None:
    """Until the page has redrawn itself often enough, with other contents each time."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while reader.refreshes <= REFRESHES:  # one more: the answer to the last one is drawn by then
        assert time.monotonic() < deadline, f"{reader.page.url} was redrawn {reader.refreshes} times"
        stir(engine, 10 + reader.refreshes)
        reader.page.wait_for_timeout(500)  # lets Playwright hear the websocket
    settled(reader.page)


@pytest.mark.timeout(600)
def test_the_place_the_focus_and_the_selection_stay_on_every_page_that_redraws_itself(
    page_as: PageAs, server: Server
) -> None:
    readers = readers_of(page_as, viewport=SMALL)
    for role, path in PATHS.values():
        reader = readers[role]
        stir(server.engine, 10)  # every page keeps its length, and no service falls silent in between
        reader.open(path)
        assert reader.place["top"] > 0 or path in SHORT, path
        _until_refreshed(reader, server.engine)
        assert reader.page.evaluate("window.printersPlace()") == reader.place, path
        assert reader.page.evaluate("window.printersShift") < MOST_SHIFT, path


REFRESH_NO_MORE: Final = """() => {
  for (let timer = setInterval(() => {}, 1e9); timer > 0; timer -= 1) clearInterval(timer);
}"""
HALF_DRAWN: Final = """(running) => {
  const app = document.querySelector('[data-test-script-state]');
  app.setAttribute('data-test-script-state', running ? 'running' : 'notRunning');
  return new Promise((done) => setTimeout(() => {
    const [page] = document.querySelectorAll('[data-testid="stMainBlockContainer"]');
    for (const part of page.children) part.style.display = running ? 'none' : '';
    requestAnimationFrame(() => requestAnimationFrame(() => done(window.printersPlace().top)));
  }));
}"""
"""A run of the script that has drawn nothing yet, and its end."""


def test_an_action_moves_nothing_and_is_told_at_the_foot_of_the_window(
    page_as: PageAs, server: Server
) -> None:
    reader = Reader(page_as("technician", viewport=SMALL))
    reader.open("/issues")
    page = reader.page
    first_card = "document.querySelector('.card').getBoundingClientRect().top"
    before = page.evaluate(first_card)
    take = page.get_by_role("button", name="Take", exact=True)
    take.first.evaluate("button => button.click()")  # Playwright would scroll to it
    told = page.get_by_text(re.compile(r"Issue \d+ is saved\."))
    expect(told).to_be_in_viewport()
    assert page.evaluate(first_card) == before
    assert page.evaluate("window.printersPlace().top") == reader.place["top"]
    page.get_by_role("button", name="Dismiss").click()
    expect(told).to_have_count(0)
    assert page.evaluate(first_card) == before
    page.evaluate(REFRESH_NO_MORE)
    settled(page)
    assert page.evaluate(HALF_DRAWN, True) == reader.place["top"]
    assert page.evaluate(HALF_DRAWN, False) == reader.place["top"]


LINE: Final = "getComputedStyle(document.documentElement, '::after').height"


def test_a_line_says_that_the_server_works_on_what_was_pressed_until_it_has(
    page_as: PageAs, server: Server
) -> None:
    reader = Reader(page_as("technician"))
    reader.open("/issues")
    page = reader.page
    page.evaluate(
        """() => new MutationObserver(() => (window.printersLines = (window.printersLines || 0) + 1)).observe(
          document.documentElement, { attributeFilter: ["data-working"] })"""
    )
    _until_refreshed(reader, server.engine)
    assert page.evaluate("window.printersLines || 0") == 0  # what refreshes by itself shows nothing
    with writing(server.engine):  # one at a time: the page waits
        page.get_by_role("button", name="Take", exact=True).first.click()
        expect(page.locator("html[data-working]")).to_have_count(1)
        assert page.evaluate(LINE) == "3px"
    expect(page.get_by_text(re.compile(r"Issue \d+ is saved\."))).to_be_visible()
    expect(page.locator("html[data-working]")).to_have_count(0)


SHORT_AT_ITS_END: Final = """() => {
  const app = document.querySelector('[data-test-script-state]');
  const [page] = document.querySelectorAll('[data-testid="stMainBlockContainer"]');
  const frames = (number, then) => number ? requestAnimationFrame(() => frames(number - 1, then)) : then();
  app.setAttribute('data-test-script-state', 'running');
  return new Promise((done) => setTimeout(() => {
    const held = page.style.minHeight;
    for (const part of page.children) part.style.cssText = 'height: 100px; flex: none; overflow: hidden';
    document.getElementById('printers-drawn').dataset.run = 'the next';
    app.setAttribute('data-test-script-state', 'notRunning');
    frames(4, () => done([held !== '', page.style.minHeight, window.printersPlace().top]));
  }));
}"""
"""A run of the script that makes a page short, as a form that thanks for what was sent."""


def test_a_page_that_becomes_short_is_seen_at_once(page_as: PageAs) -> None:
    reader = Reader(page_as("technician", viewport=SMALL))
    reader.open("/issues")
    reader.page.evaluate(REFRESH_NO_MORE)
    settled(reader.page)
    assert reader.page.evaluate(SHORT_AT_ITS_END) == [True, "", 0]


@pytest.mark.timeout(600)
def test_half_typed_text_and_open_menus_stay_on_every_page_that_redraws_itself(
    page_as: PageAs, server: Server
) -> None:
    readers = readers_of(page_as)
    typed, chosen = set(), set()
    for role, path in PATHS.values():
        reader = readers[role]
        reader.open(path)
        words, menu = reader.page.locator(FIELD).first, reader.page.locator(MENU).first
        if words.count():
            typed.add(path)
            words.click()  # scrolls there before: a scroll closes a menu
            words.press_sequentially("pr")
            _until_refreshed(reader, server.engine)
            expect(words, path).to_have_value("pr")
            expect(words, path).to_be_focused()
            words.fill("")
        if menu.count():
            chosen.add(path)
            menu.click()
            expect(reader.page.get_by_role("listbox"), path).to_be_visible()
            reader.refreshes = 0
            _until_refreshed(reader, server.engine)
            expect(reader.page.get_by_role("listbox"), path).to_be_visible()
    assert len(typed) > len(chosen) > 1


TYPE_AFTER_MARKING: Final = """(field) => {
  const words = [...document.querySelectorAll('[data-testid="stMain"] .stHtml *')].find(
    (element) => !element.children.length && /^[A-Z][a-z ]{3,}$/.test(element.textContent));
  const drawn = words.closest('.stHtml');
  window.redraw = () => { drawn.innerHTML = drawn.innerHTML; };
  document.getSelection().selectAllChildren(words);
  const soon = (act) => new Promise((done) => setTimeout(() => done(act()), 20));
  return soon(window.redraw).then(() => soon(() => field.focus())).then(() => soon(() => {}));
}"""


def test_what_is_typed_after_text_was_marked_stays_in_its_field(page_as: PageAs) -> None:
    page = page_as("technician")
    page.goto("/fleet")
    settled(page)
    field = page.locator(FIELD).first
    field.evaluate(TYPE_AFTER_MARKING)
    for letter in "pr":
        page.evaluate("window.redraw()")
        page.keyboard.press(letter)
    expect(field).to_have_value("pr")


def test_no_page_moves_while_it_is_opened(page_as: PageAs) -> None:
    page = beside(page_as("admin", viewport={"width": 1280, "height": 720}))
    page.add_init_script(SHIFTS)
    moved = {}
    paths = [f"/{spec.path}" for spec in PAGES if spec.path not in {"printer", "issue", "follow"}]
    for path in (*paths, *(path for _, path in PATHS.values())):
        page.goto(path)
        settled(page)
        expect(page.locator("html.drawn")).to_have_count(1)
        page.wait_for_timeout(300)
        moved[path] = page.evaluate("window.printersShift")
    assert {path: shift for path, shift in moved.items() if shift >= MOST_SHIFT} == {}


def test_every_page_that_redraws_itself_is_tried() -> None:
    folder = ROOT / "dashboard"
    timed = {
        path.relative_to(folder / "features").as_posix()
        for path in folder.rglob("*.py")
        if TIMED.search(path.read_text(encoding="utf-8"))
    }
    assert timed == set(PATHS) | FOR_A_WHILE


def test_nothing_that_redraws_itself_is_emptied_first() -> None:
    """`st.empty()` in a fragment draws the page short for a moment: the reader is at its top then."""
    folder = ROOT / "dashboard"
    emptied = [path for path in folder.rglob("*.py") if "st.empty(" in path.read_text(encoding="utf-8")]
    assert emptied == []


CODE_OF_FIELDS: Final = re.compile(r"/(Selectbox|TextInput|DateInput|ButtonGroup)\.")
FIELDS: Final = {
    "/round?location=Hall": {"Place": "Hall"},
    "/attention?whose=mine&pile=aside": {"Whose": "Mine"},
    "/issue?id=2": {
        "Title": "Toner of printer 0 is low",
        "Priority": "Normal",
        "Category": "Something else",
    },
}


def test_a_field_that_the_browser_draws_after_a_refresh_holds_what_it_is_to_hold(page_as: PageAs) -> None:
    """The code of fields comes late, as it does on a phone that opens a page for the first time."""
    late: list[Route] = []
    pages = {
        path: page_as("manager", has_touch=True) for path in FIELDS
    }  # no other test's: these know no code
    for path, page in pages.items():
        page.route(CODE_OF_FIELDS, lambda route: late.append(route))  # noqa: PLW0108 (it takes no built-in)
        page.goto(path)
        expect(page.get_by_test_id("stSkeleton").first).to_be_visible()
    for _ in range(2):
        for page in pages.values():
            page.wait_for_timeout(REFRESH_SECONDS * 1_000)
        while late:
            late.pop().continue_()
        for path, page in pages.items():
            for name, value in FIELDS[path].items():
                expect(page.get_by_label(name, exact=True)).to_have_value(value)
            expect(page).to_have_url(re.compile(re.escape(path)))
