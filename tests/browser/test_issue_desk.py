"""The issue board in a real browser: what technicians start with, a tap or key for each step, its sizes."""

import re
from datetime import timedelta
from io import BytesIO
from typing import Any, Final

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import Engine, update

from core.storage.core_tables import ISSUES
from core.storage.database import reading, writing
from core.storage.issues import VENDOR_FIELDS, IssueRow, NewIssue, change_issue, issue_row, open_issue
from core.storage.tables import IssueKind, Outage
from tests.browser.seeing import PageAs, faults, settled, visit
from tests.builders import printer, put, snapshot
from tests.dashboard.harness import add_people
from tests.dashboard.manager_fleet import NOW, ago, flag, state, trouble
from tests.dashboard.served import Server

LONG_TITLE: Final = (
    "The second tray takes no envelopes, whatever one does, and says that paper of another size is in it"
)
CHEMISTRY: Final = tuple(f"chem-{number}" for number in range(1, 7))
OUTAGE_TITLE: Final = "Chemistry: 6 of 6 printers do not answer"


def seed(engine: Engine) -> None:
    """The college in trouble, an outage, and reports of which some are another technician's."""
    trouble(engine)
    add_people(engine, NOW)
    for printer_id in CHEMISTRY:
        silent = state(
            printer_id, reachable=False, state="unreachable", severity="critical", error="no answer"
        )
        put(engine, printer(printer_id, location="Chemistry, lab 1"))
        put(engine, snapshot(printer_id, silent, stale_at=NOW + timedelta(days=1)))
        put(engine, flag(printer_id, "unreachable", "critical", message="The printer does not answer."))
    with writing(engine) as connection:
        parent = _opened(connection, "", OUTAGE_TITLE, system="outage", attention_subject="place:Chemistry")
        for printer_id in CHEMISTRY:
            _opened(connection, printer_id, "The printer does not answer.", system="unreachable")
        below = update(ISSUES).where(ISSUES.c.printer_id.in_(CHEMISTRY))
        connection.execute(below.values(parent_id=parent))
        _opened(connection, "lib-2", LONG_TITLE, priority="urgent")
        _opened(connection, "law-1", "It is loud", status="in_progress", assignee="tom")
        _opened(connection, "law-1", "Maya has it", assignee="maya")
        _opened(connection, "lib-1", "Scans arrive nowhere", status="waiting")
        _opened(connection, "lib-1", "Over since today", status="resolved")
        _opened(connection, "lib-1", "To be closed by a key")
        _opened(connection, "lib-1", "To be assigned in place")
        overdue = {"vendor": "Ricoh", "vendor_case": "RX-12345", "vendor_visit_on": "2026-01-05"}
        _opened(connection, "lib-1", "Rollers are worn", status="waiting", **overdue)
    outage = Outage(
        scope="place", name="Chemistry", silent=6, printers=6, began_at=ago(hours=1), issue_id=parent
    )
    put(engine, outage)


def _opened(connection: Any, printer_id: str, title: str, *, system: str = "", **values: str) -> int:
    edit: dict[str, str] = {n: values.pop(n) for n in ("status", "assignee", *VENDOR_FIELDS) if n in values}
    kind = IssueKind.DEVICE if system else IssueKind.PERSON
    new = NewIssue(printer_id, title, kind=kind, attention_code=system, **values)
    issue_id = open_issue(connection, new, actor="somebody", now=ago(minutes=30))
    row = issue_row(connection, issue_id)
    assert row is not None
    change_issue(connection, row, edit, actor="tom", now=NOW)
    return issue_id


def desk(page: Page, path: str = "/issues") -> Page:
    visit(page, path)
    expect(page.get_by_role("heading", name="People's reports")).to_be_visible()
    return page


def card(page: Page, title: str) -> Locator:
    return page.locator('[class*="st-key-card-"]').filter(has_text=title)


def plain(page: Page) -> Locator:
    """The cards of issues that no vendor has: such a card has up to two lines more."""
    return page.locator('[class*="st-key-card-"]').filter(has_not_text=re.compile("With (Acme|Ricoh)"))


def stored(server: Server, title: str) -> IssueRow:
    with reading(server.engine) as connection:
        numbers = connection.execute(ISSUES.select().where(ISSUES.c.title == title)).all()
        row = issue_row(connection, numbers[0].id)
    assert row is not None
    return row


@pytest.mark.parametrize("width", [390, 1366])
def test_an_issue_is_given_to_a_vendor_who_was_never_called_before(
    page_as: PageAs, server: Server, width: int
) -> None:
    title, number = "Scans arrive nowhere", f"AC-{width}"
    page = page_as("technician", viewport={"width": width, "height": 800})
    visit(page, f"/issue?id={stored(server, title).id}")
    case = page.get_by_label("Case number")
    if not case.is_visible():
        page.get_by_text("Vendor case", exact=True).click()
    company = page.get_by_role("combobox", name="Vendor or leasing company")
    company.fill(f"Acme {width}")
    company.press("Enter")
    settled(page)
    case.fill(number)
    page.get_by_role("spinbutton", name="year, Visit expected").click()
    page.keyboard.type("20260106")
    page.keyboard.press("Escape")
    settled(page)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text(f"With Acme {width}, case {number}")).to_be_visible()
    row = stored(server, title)
    assert (row.vendor, row.vendor_case, str(row.vendor_visit_on)) == (f"Acme {width}", number, "2026-01-06")
    assert faults(page) == []
    desk(page, "/issues?vendor=overdue")
    expect(card(page, title)).to_contain_text(f"Visit was due Tue 6 Jan With Acme {width}, case {number}")
    expect(card(page, "Prints are pale")).to_have_count(0)


def test_one_starts_with_what_is_mine_or_unassigned_and_can_look_at_all(page_as: PageAs) -> None:
    page = desk(page_as("technician"))
    expect(page.get_by_label("Assigned to")).to_have_value("Mine and unassigned")
    expect(card(page, LONG_TITLE)).to_be_visible()
    expect(card(page, "Maya has it")).to_have_count(0)
    page.get_by_label("Assigned to").click()
    page.get_by_role("option", name="Anybody's").click()
    settled(page)
    expect(page).to_have_url(re.compile("assignee=all"))
    expect(card(page, "Maya has it")).to_be_visible()


def test_an_issue_is_taken_by_one_tap_and_given_back_by_undo(page_as: PageAs, server: Server) -> None:
    page = desk(page_as("technician"))
    card(page, "Prints are pale").get_by_role("button", name="Take").click()
    expect(page.get_by_text(re.compile(r"Issue \d+ is saved\."))).to_be_visible()
    expect(card(page, "Prints are pale").get_by_role("button", name="Take")).to_have_count(0)
    assert stored(server, "Prints are pale").assignee == "tom"
    page.get_by_role("button", name="Undo").click()
    expect(card(page, "Prints are pale").get_by_role("button", name="Take")).to_be_visible()
    assert stored(server, "Prints are pale").assignee == ""


def test_an_issue_is_assigned_in_its_place(page_as: PageAs, server: Server) -> None:
    page = desk(page_as("technician"), "/issues?assignee=all")
    card(page, "To be assigned in place").get_by_role("button", name="Assign").click()
    page.get_by_role("menuitem", name="Maya Lindqvist").click()
    expect(card(page, "To be assigned in place")).to_contain_text("Maya Lindqvist")
    assert stored(server, "To be assigned in place").assignee == "maya"


def test_a_key_presses_the_button_of_the_card_that_has_the_focus(page_as: PageAs, server: Server) -> None:
    page = desk(page_as("technician"))
    card(page, "To be closed by a key").get_by_role("link", name="To be closed by a key").focus()
    page.keyboard.press("s")
    expect(card(page, "To be closed by a key").get_by_role("button", name="Start")).to_have_count(0)
    card(page, "To be closed by a key").get_by_role("link", name="To be closed by a key").focus()
    page.keyboard.press("e")
    expect(card(page, "To be closed by a key")).to_have_count(0)
    assert stored(server, "To be closed by a key").status == "resolved"


def test_keys_are_letters_while_one_types(page_as: PageAs, server: Server) -> None:
    page = desk(page_as("technician"))
    card(page, LONG_TITLE).hover()
    search = page.get_by_role("searchbox", name="Search")
    search.focus()
    page.keyboard.type("tray")
    expect(search).to_have_value("tray")
    assert stored(server, LONG_TITLE).assignee == ""
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_keys_press_nothing_behind_the_dialog_of_keys_or_once_they_are_off(page_as: PageAs) -> None:
    page = desk(page_as("technician"))
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(keys).to_be_visible()
    page.keyboard.press("n")
    page.wait_for_timeout(500)
    keys.get_by_label("Single keys are on").uncheck()
    keys.get_by_role("button", name="Close").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("n")
    page.wait_for_timeout(500)
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_new_issue_is_opened_on_the_page(page_as: PageAs, server: Server) -> None:
    page = desk(page_as("technician"))
    page.keyboard.press("n")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Title").fill("The lid is broken")
    dialog.get_by_role("button", name="Create issue").click()
    expect(dialog.get_by_text("Choose the printer that this is about.")).to_be_visible()
    dialog.get_by_label("Printer").fill("All-1")
    page.get_by_role("option", name="All-1").click()
    dialog.get_by_role("button", name="Create issue").click()
    expect(page.get_by_text(re.compile(r"Issue \d+ is open\."))).to_be_visible()
    expect(card(page, "The lid is broken")).to_be_visible()
    row = stored(server, "The lid is broken")
    assert (row.printer_id, row.assignee, row.kind, row.reporter) == ("all-1", "tom", "person", "Tom Adeyemi")


def test_a_card_is_at_most_90_pixels_high_and_a_machine_line_one_or_on_a_phone_two(page_as: PageAs) -> None:
    for viewport, highest in (({"width": 1280, "height": 720}, 40), ({"width": 390, "height": 844}, 60)):
        page = desk(page_as("technician", viewport=viewport), "/issues?assignee=all")
        for cards, most in ((plain(page), 90), (card(page, "With Ricoh"), 114)):
            heights = [cards.nth(n).bounding_box()["height"] for n in range(cards.count())]  # type: ignore[index]
            assert heights
            assert max(heights) <= most, viewport
        machine = (
            page.locator('[class*="st-key-machine-"]').filter(has_text="Paper is jammed.").bounding_box()
        )
        assert machine is not None
        assert machine["height"] <= highest, viewport


def test_the_systems_issues_stand_apart_and_an_outage_unfolds_its_printers(page_as: PageAs) -> None:
    page = desk(page_as("technician"))
    expect(page.get_by_role("heading", name="Found by the system")).to_be_visible()
    machines = page.locator('[class*="st-key-machine-"]')
    expect(machines).to_have_count(2)
    outage = machines.filter(has_text=OUTAGE_TITLE)
    expect(outage.get_by_role("link", name="Chem-1")).not_to_be_visible()
    outage.get_by_text("What hangs below").click()
    expect(outage.get_by_role("link", name="Chem-1")).to_be_visible()
    expect(outage.locator("li")).to_have_count(len(CHEMISTRY))
    outage.get_by_role("button", name="Take").click()
    expect(page.get_by_text(re.compile(r"Issue \d+ is saved\."))).to_be_visible()
    expect(outage.get_by_role("link", name="Chem-1")).to_be_visible()


def test_what_was_resolved_today_is_folded(page_as: PageAs) -> None:
    page = desk(page_as("technician"), "/issues?assignee=all")
    ended = page.locator("details.ended")
    expect(ended.get_by_role("link", name="Over since today")).not_to_be_visible()
    ended.locator("summary").click()
    expect(ended.get_by_role("link", name="Over since today")).to_be_visible()


def test_an_outage_leads_to_its_printers_and_each_of_them_back(page_as: PageAs, server: Server) -> None:
    page = page_as("technician")
    visit(page, f"/issue?id={stored(server, OUTAGE_TITLE).id}")
    expect(page.get_by_role("link", name="Chem-3")).to_be_visible()
    page.get_by_role("link", name="Chem-3").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Chem-3")
    expect(page.get_by_text("Part of an outage")).to_be_visible()
    page.get_by_role("link", name=OUTAGE_TITLE).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(OUTAGE_TITLE)


def test_a_duplicate_is_merged_into_the_other_report_and_taken_out_again(
    page_as: PageAs, server: Server
) -> None:
    page = page_as("technician")
    duplicate, main = stored(server, "It is loud"), stored(server, "Scans arrive nowhere")
    visit(page, f"/issue?id={duplicate.id}")
    page.get_by_role("button", name="Merge as a duplicate").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("It is a duplicate of").fill("Scans")
    page.get_by_role("option", name=re.compile("Scans arrive nowhere")).click()
    dialog.get_by_role("button", name="Merge").click()
    said = f"Issue {duplicate.id} is merged into issue {main.id}."
    expect(page.get_by_text(said, exact=True)).to_be_visible()
    expect(page.get_by_text("A duplicate of")).to_be_visible()
    assert stored(server, "It is loud").merged_into == main.id
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("A duplicate of")).to_have_count(0)
    assert (stored(server, "It is loud").merged_into, stored(server, "It is loud").status) == (
        None,
        "in_progress",
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_it_in_both_themes(scheme: str, page_as: PageAs) -> None:
    page = desk(page_as("technician", color_scheme=scheme), "/issues?assignee=all")
    page.locator("details.ended summary").click()
    assert faults(page) == []


def test_it_fits_a_phone(page_as: PageAs, server: Server) -> None:
    page = page_as("technician", viewport={"width": 390, "height": 844})
    for path in ("/issues?assignee=all", f"/issue?id={stored(server, OUTAGE_TITLE).id}"):
        visit(page, path)
        width = page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth")
        assert width <= 390, path


RING: Final = (
    "each => { const look = getComputedStyle(each); return [look.outlineStyle, look.outlineWidth]; }"
)
MOVING: Final = """() => {
  const all = [...document.querySelectorAll('[role="dialog"], [role="dialog"] *')];
  const looks = all.map((each) => getComputedStyle(each));
  const moves = (look) => look.animationName !== 'none' || parseFloat(look.transitionDuration) > 0;
  return looks.filter(moves).length;
}"""


@pytest.fixture(scope="module")
def reader(lasting_page_as: PageAs) -> Page:
    """A technician's page for those who have the keyboard alone, or colors of their own."""
    return lasting_page_as("technician")


@pytest.mark.parametrize("colors", ["none", "active"])
def test_where_the_keyboard_is_can_be_seen(reader: Page, colors: Any) -> None:
    reader.emulate_media(forced_colors=colors)
    visit(reader, "/issues")
    for button in (
        reader.get_by_role("button", name="Take").first,
        reader.get_by_role("radio", name="Table"),
    ):
        reader.keyboard.press("Shift")  # the keyboard moves the focus
        button.focus()
        assert button.evaluate(RING) == ["solid", "2px"]
    visit(reader, "/fleet")
    reader.keyboard.press("Shift")
    reader.get_by_role("switch", name="Live").focus()
    assert reader.locator(".stCheckbox label").first.evaluate(RING) == ["solid", "2px"]
    reader.emulate_media(forced_colors="none")


def color_of(seen: Locator) -> Any:
    """Return what most of it is painted with."""
    picture = Image.open(BytesIO(seen.screenshot())).convert("RGB")
    return max(picture.getcolors(picture.width * picture.height) or [])[1]


def test_what_is_chosen_can_be_told_where_the_system_chooses_the_colors(reader: Page) -> None:
    reader.emulate_media(forced_colors="active")
    visit(reader, "/issues")
    board, table = reader.get_by_role("radio", name="Board"), reader.get_by_role("radio", name="Table")
    assert color_of(board) != color_of(table)
    visit(reader, "/fleet")
    track, page = reader.locator(".stCheckbox label > div").first, reader.get_by_role("heading", level=1)
    assert color_of(track) != color_of(page)
    reader.emulate_media(forced_colors="none")


def test_a_menu_is_left_by_tab_to_what_follows_its_button(reader: Page) -> None:
    visit(reader, "/issues")
    menu = reader.get_by_role("button", name="Assign").first
    menu.press("Enter")
    expect(reader.get_by_role("menu")).to_be_visible()
    reader.keyboard.press("Tab")
    expect(reader.get_by_role("menu")).to_have_count(0)
    within = reader.evaluate("document.activeElement.closest('[data-testid=stMain]') !== null")
    assert within, "the browser would begin at the top of the page"


def test_a_dialog_does_not_move_for_who_wants_no_motion(reader: Page) -> None:
    reader.emulate_media(reduced_motion="reduce")
    visit(reader, "/issues")
    reader.get_by_role("button", name="New issue").press("Enter")
    expect(reader.get_by_role("dialog")).to_be_visible()
    assert reader.evaluate(MOVING) == 0
    reader.keyboard.press("Escape")
    expect(reader.get_by_role("button", name="New issue")).to_be_focused()
    reader.emulate_media(reduced_motion="no-preference")
