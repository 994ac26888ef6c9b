"""Signing in and out as people do, in a real browser: what they see, and what a page of theirs may not do."""

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import update

from core.storage.core_tables import ATTEMPTS, USERS
from core.storage.database import reading, writing
from core.storage.user_rows import UserRow
from core.storage.users import edit_user, find_user, revoke_sessions
from dashboard.web.sign_in.sessions import COOKIE
from dashboard.web.streamlit_assets import chart_modules
from tests.browser.seeing import PageAs, faults, settled, visit
from tests.dashboard.harness import PASSWORD
from tests.dashboard.served import Server

LOGIN = re.compile(r"/login(\?|$)")


@pytest.fixture(autouse=True)
def nobody_has_tried_yet(server: Server) -> None:
    with writing(server.engine) as connection:
        connection.execute(ATTEMPTS.delete())


def sign_in(page: Page, name: str, password: str = PASSWORD) -> None:
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_a_link_leads_through_the_login_to_what_it_meant(page_as: PageAs, server: Server) -> None:
    page = page_as("anonymous")
    foreign, refused = [], []
    page.on(
        "request", lambda request: foreign.append(request.url) if _is_foreign(request.url, server) else None
    )
    page.on("console", lambda said: refused.append(said.text) if "Content Security" in said.text else None)
    page.goto("/printer?id=low")
    expect(page).to_have_url(re.compile(r"/login\?next=%2Fprinter%3Fid%3Dlow"))
    assert faults(page) == []
    sign_in(page, "maya", "wrong password")
    expect(page.get_by_role("alert")).to_have_text("That username and password do not belong together.")
    expect(page.get_by_label("Username")).to_have_value("maya")
    expect(page.get_by_label("Password")).to_be_focused()
    sign_in(page, "maya")
    expect(page).to_have_url(re.compile(r"/printer\?id=low"))
    settled(page)
    expect(page.get_by_role("link", name="Maya Lindqvist")).to_be_visible()
    assert page.title() == "Printer · Printers"
    assert foreign == []
    assert refused == []


def _is_foreign(url: str, server: Server) -> bool:
    return not url.startswith((server.url, "data:", "blob:"))


def test_the_session_is_out_of_reach_of_scripts_and_survives_a_reload(page_as: PageAs) -> None:
    page = page_as("anonymous")
    page.goto("/system")
    sign_in(page, "maya")
    settled(page)
    (cookie,) = [one for one in page.context.cookies() if one["name"] == COOKIE]
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, "Lax", "/")
    assert COOKIE not in str(page.evaluate("document.cookie"))
    page.reload()
    settled(page)
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def test_signing_out_ends_every_page_of_the_session_and_the_cookie(page_as: PageAs) -> None:
    page = page_as("manager")
    page.goto("/system")
    settled(page)
    other = page.context.new_page()
    other.goto("/fleet")
    settled(other)
    stolen = _cookie(page)
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile(r"/login\?out=1"))
    expect(page.get_by_role("status")).to_have_text("You are signed out.")
    other.bring_to_front()
    expect(other).to_have_url(LOGIN, timeout=30_000)
    expect(other).to_have_url(re.compile("next=%2Ffleet"))
    answer = page.request.get("/session", headers={"cookie": stolen})
    assert answer.status == 401


def _cookie(page: Page) -> str:
    return next(f"{one['name']}={one['value']}" for one in page.context.cookies() if one["name"] == COOKIE)


def test_a_session_that_is_ended_elsewhere_ends_the_open_page(page_as: PageAs, server: Server) -> None:
    page = page_as("technician")
    page.goto("/account")
    settled(page)
    _end_sessions(server, "tom")
    expect(page).to_have_url(re.compile(r"/login\?next=%2Faccount"), timeout=30_000)


def _end_sessions(server: Server, name: str) -> None:
    user = _user(server, name)
    with writing(server.engine) as connection:
        revoke_sessions(connection, user.id, now=datetime.now(UTC))


def _user(server: Server, name: str) -> UserRow:
    with reading(server.engine) as connection:
        found = find_user(connection, name)
    assert found is not None
    return found


def _give_role(server: Server, name: str, role: str) -> None:
    user = _user(server, name)
    with writing(server.engine) as connection:
        edit_user(connection, user, {"role": role}, actor="ada", now=datetime.now(UTC))


def test_pages_above_ones_role_say_so(page_as: PageAs) -> None:
    for role, paths in (
        ("manager", ("/users", "/tokens", "/settings", "/audit", "/inventory")),
        ("technician", ("/attention", "/reports", "/system", "/users")),
    ):
        page = page_as(role)
        for path in paths:
            page.goto(path)
            expect(page.get_by_text(re.compile("This needs the role (manager|admin)"))).to_be_visible()
        expect(page.get_by_role("link", name="Users")).to_have_count(0)


def test_everybody_begins_where_their_work_is(page_as: PageAs) -> None:
    for role, path in (("technician", "/fleet"), ("manager", "/attention"), ("admin", "/attention")):
        page = page_as(role)
        page.goto("/", wait_until="commit")
        expect(page).to_have_url(re.compile(f"{path}$"))


def test_who_was_given_a_password_has_to_choose_one(page_as: PageAs, server: Server) -> None:
    with writing(server.engine) as connection:
        connection.execute(update(USERS).where(USERS.c.name == "tom").values(must_change_password=True))
    page = page_as("anonymous")
    page.goto("/fleet")
    sign_in(page, "tom")
    settled(page)
    page.goto("/issues")  # nowhere else to go
    settled(page)
    expect(page.get_by_text("Choose a password of your own")).to_be_visible()
    page.get_by_label("Current password").fill(PASSWORD)
    page.get_by_label(re.compile("New password .at least")).fill("a new horse of mine")
    page.get_by_label("New password again").fill("a new horse of mine")
    page.get_by_role("button", name="Change", exact=True).click()
    expect(page.get_by_text("Your password is changed")).to_be_visible()
    expect(page.get_by_role("link", name="Issues")).to_be_visible()


def test_a_new_role_is_asked_to_sign_in_anew(page_as: PageAs, server: Server) -> None:
    page = page_as("manager")
    page.goto("/system")
    settled(page)
    _give_role(server, "maya", "technician")
    try:
        expect(page).to_have_url(LOGIN, timeout=30_000)
    finally:
        _give_role(server, "maya", "manager")


def test_who_tries_too_often_is_told_how_long_to_wait(page_as: PageAs) -> None:
    page = page_as("anonymous")
    page.goto("/login")
    for number in range(6):
        sign_in(page, "maya", f"guess number {number}")
    expect(page.get_by_role("alert")).to_have_text(re.compile("Too many attempts. Try again in 15 minutes"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_login_is_readable_on_a_phone(scheme: str, page_as: PageAs) -> None:
    page = page_as("anonymous", viewport={"width": 360, "height": 640}, color_scheme=scheme)
    page.goto("/login?out=1")
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.keyboard.press("Tab")  # from the name, which has the focus, on to the password
    expect(page.get_by_label("Password")).to_be_focused()


def test_the_pages_of_an_administrator_are_usable_by_everybody(page_as: PageAs) -> None:
    page = page_as("admin")
    for path in ("/users?user=maya", "/tokens", "/settings", "/audit", "/account"):
        visit(page, path)
        assert faults(page) == [], path


def test_the_first_page_asks_for_nothing_of_the_bundle_any_more(page_as: PageAs) -> None:
    page = page_as("anonymous")
    page.goto("/login?next=/fleet", wait_until="networkidle")
    sign_in(page, "ada")
    expect(page).to_have_url(re.compile("/fleet"))
    settled(page)
    expect(page.get_by_role("heading", name="Printers")).to_be_visible()
    asked = {name.rpartition("/")[2] for name in page.evaluate(_SCRIPTS_FROM_THE_SERVER)}
    later = {path.rpartition("/")[2] for path in chart_modules()}  # once nothing else is to be done
    assert asked - later == set()


_SCRIPTS_FROM_THE_SERVER = """performance.getEntriesByType("resource")
    .filter((each) => each.name.includes("/static/js/") && each.transferSize > 0)
    .map((each) => each.name)"""
