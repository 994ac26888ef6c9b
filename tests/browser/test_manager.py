"""The manager's pages in a real browser: triage, two editors at once, downloads, and who may not come in."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Dialog, Page, expect
from sqlalchemy import Engine, select

from core.storage.core_tables import AUDIT
from core.storage.database import reading, writing
from core.storage.issues import NewIssue, issue_row, open_issue
from tests.browser.seeing import PageAs, faults, settled, visit
from tests.builders import printer, put, snapshot
from tests.dashboard.harness import add_people
from tests.dashboard.manager_fleet import (
    HOSTILE_NAME,
    HOSTILE_PLACE,
    NOW,
    flag,
    state,
    toner,
    trouble,
)
from tests.dashboard.served import Server

PAGES = ("/attention", "/supplies", "/reports", "/system")


def seed(engine: Engine) -> None:
    """The college in trouble, with a printer that says nasty things."""
    trouble(engine)
    add_people(engine, NOW)
    put(engine, printer("evil", name=HOSTILE_NAME, location=HOSTILE_PLACE))
    evil = state("evil", supplies=(toner(1, description=HOSTILE_NAME),))
    put(engine, snapshot("evil", evil, stale_at=NOW + timedelta(days=1), lowest_supply_percent=1))
    put(engine, flag("evil", "jam", "warning", message=HOSTILE_NAME))
    with writing(engine) as connection:
        new = NewIssue("evil", HOSTILE_NAME, HOSTILE_PLACE, reporter=HOSTILE_NAME)
        open_issue(connection, new, actor="x", now=NOW)


@pytest.fixture
def dialogs() -> Iterator[list[str]]:
    """What a script that got through would have opened; nothing may."""
    opened: list[str] = []
    yield opened
    assert opened == []


def _go(page: Page, path: str) -> Page:
    visit(page, path)
    return page


def _act(page: Page, words: str, choice: str) -> None:
    row = page.locator('[class*="st-key-flag-"]').filter(has_text=words)
    row.get_by_role("button", name="Actions").click()
    page.get_by_role("menuitem", name=choice).click()
    settled(page)


def test_a_flag_is_triaged_and_the_triage_undone(page_as: PageAs, server: Server) -> None:
    page = _go(page_as("manager"), "/attention")
    _act(page, "Tray 2 is out of paper", "Acknowledge")
    expect(page.get_by_text("Lib-2: acknowledged.")).to_be_visible()
    expect(page.get_by_text("Tray 2 is out of paper")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Tray 2 is out of paper")).to_be_visible()
    mine = select(AUDIT.c.action).where(AUDIT.c.actor == "maya").order_by(AUDIT.c.id)
    with reading(server.engine) as connection:
        actions = connection.execute(mine).scalars().all()
    assert list(actions) == ["attention.acknowledged", "attention.undone"]


def test_a_flag_is_given_to_somebody_with_a_note(page_as: PageAs) -> None:
    page = _go(page_as("manager"), "/attention")
    _act(page, "Black Toner is low (9 %)", "Assign, snooze until, note")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Note").fill("Spare on shelf 3")
    dialog.get_by_role("button", name="Save note").click()
    expect(page.get_by_text("“Spare on shelf 3”")).to_be_visible()
    _act(page, "Black Toner is low (9 %)", "Take")
    row = page.locator('[class*="st-key-flag-"]').filter(has_text="Black Toner is low (9 %)")
    expect(row).to_contain_text("Assigned to Maya Lindqvist")


def test_two_editors_the_second_is_told_and_overwrites_nothing(page_as: PageAs, server: Server) -> None:
    first, second = _go(page_as("manager"), "/issue?id=2"), _go(page_as("technician"), "/issue?id=2")
    title = second.get_by_label("Title")
    title.fill("Prints are very pale")
    title.press("Enter")
    settled(second)
    _choose(first, "Priority", "Urgent")
    first.get_by_role("button", name="Save", exact=True).click()
    expect(first.get_by_text("Issue 2 is saved.")).to_be_visible()
    expect(second.get_by_text("Maya Lindqvist changed this issue")).to_be_visible()
    expect(second.get_by_label("Title")).to_have_value("Prints are very pale")
    second.get_by_role("button", name="Keep both").click()
    save = second.get_by_role("button", name="Save", exact=True)
    expect(save).to_be_enabled()
    save.click()
    expect(second.get_by_text("Issue 2 is saved.")).to_be_visible()
    with reading(server.engine) as connection:
        row = issue_row(connection, 2)
    assert row is not None
    assert (row.title, row.priority) == ("Prints are very pale", "urgent")


def _choose(page: Page, label: str, option: str) -> None:
    page.get_by_label(label).click()
    page.get_by_role("option", name=option).click()
    settled(page)


def test_marked_rows_are_changed_together(page_as: PageAs, server: Server) -> None:
    page = _go(page_as("technician"), "/issues?view=table&text=jammed")
    page.get_by_label("Mark #1", exact=True).check()
    expect(page).to_have_url(re.compile("mark=1"))
    expect(page.get_by_label("Mark #1", exact=True)).to_be_focused()
    bulk = page.locator(".st-key-bulk")
    bulk.get_by_label("Assigned to").click()
    page.get_by_role("option", name="Tom Adeyemi").click()
    settled(page)
    bulk.get_by_role("button", name="Change 1").click()
    expect(page.get_by_text(re.compile(r"Issue \d+ is saved\."))).to_be_visible()
    expect(page.get_by_label("Mark #1", exact=True)).not_to_be_checked()
    with reading(server.engine) as connection:
        row = issue_row(connection, 1)
    assert row is not None
    assert row.assignee == "tom"


def test_a_table_is_sorted_by_its_heads_over_all_of_its_rows(page_as: PageAs) -> None:
    page = _go(page_as("technician"), "/issues?view=table")
    numbers = page.locator("table.listed tbody tr td:nth-child(2)")
    page.get_by_role("button", name="Issue", exact=True).click()
    expect(page).to_have_url(re.compile("sort=id"))
    expect(numbers.first).to_have_text("#1")
    expect(page.get_by_role("button", name="Issue", exact=True)).to_be_focused()
    page.get_by_role("button", name="Issue", exact=True).click()
    expect(page).to_have_url(re.compile("sort=-id"))
    expect(numbers.last).to_have_text("#1")
    page.locator("table.listed tbody tr").last.locator("td").nth(3).click()
    expect(page).to_have_url(re.compile(r"/issue\?id=1$"))


def test_the_filter_is_in_the_address_and_shared_by_it(page_as: PageAs) -> None:
    page = _go(page_as("technician"), "/issues?view=table&assignee=all")
    _choose(page, "Source", "Found by the system")
    expect(page).to_have_url(re.compile(r"(?=.*view=table)(?=.*assignee=all).*kind=device"))
    other = _go(page_as("manager"), page.url)
    expect(other.get_by_text("1 issue that is still to be done")).to_be_visible()


def test_a_csv_is_downloaded_without_a_formula(page_as: PageAs, tmp_path: Path) -> None:
    page = _go(page_as("manager", accept_downloads=True), "/issues?view=table")
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    target = tmp_path / "file.csv"
    download.value.save_as(target)
    rows = list(csv.DictReader(io.StringIO(target.read_text(encoding="utf-8-sig"))))
    evil = next(row for row in rows if row["Printer ID"] == "evil")
    assert evil["Printer"] == HOSTILE_NAME
    assert evil["Location"].startswith("'=HYPERLINK")


@pytest.mark.parametrize("path", [*PAGES, "/issues", "/issues?view=table", "/issue?id=3"])
def test_pages_can_be_used_by_everybody_and_run_no_script(
    path: str, page_as: PageAs, dialogs: list[str]
) -> None:
    page = page_as("manager")

    def opened(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", opened)
    _go(page, path)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert faults(page) == []


@pytest.mark.parametrize("role", ["technician", "anonymous"])
def test_lower_roles_are_refused(role: str, page_as: PageAs) -> None:
    page = page_as(role)
    for path in ("/attention", "/reports", "/system"):
        page.goto(path)
        if role == "anonymous":
            expect(page).to_have_url(re.compile("/login"))
        else:
            expect(page.get_by_text("This needs the role manager")).to_be_visible()
            expect(page.get_by_role("heading", level=1)).to_have_count(0)
