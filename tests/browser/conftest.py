"""A browser for the pages: one dashboard per test file, and a page signed in as whom a test wants.

    def test_the_fleet_is_shown(page_as: PageAs) -> None:
        page = page_as("manager")
        page.goto("/fleet")
        settled(page)
        expect(page.get_by_role("heading", name="Printers")).to_be_visible()

`page_as(role, **context)` takes anonymous, technician, manager or admin, and what Playwright's new_context
takes besides (viewport, color_scheme, accept_downloads ...). `server` has url, engine, log and process.
A test file may define SETTINGS (environment variables of its dashboard), REFRESH_SECONDS (how often its pages
look again) and `seed(engine)` (what is in the database; tests/dashboard/served.seed_college if not: five
printers, an issue, Tom, Maya and Ada).
`settled` is in tests/browser/seeing.py, and so is what finds faults of accessibility.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from dashboard.web.sign_in.sessions import COOKIE
from tests.browser.seeing import PATIENCE_MILLISECONDS, PageAs
from tests.dashboard.served import Server, seed_college, serving

_ARGUMENTS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--no-first-run",
)


@pytest.fixture(scope="module")
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """This file's dashboard."""
    module: ModuleType = request.module
    folder: Path = tmp_path_factory.mktemp("dashboard")
    seed = getattr(module, "seed", seed_college)
    settings, often = getattr(module, "SETTINGS", None), getattr(module, "REFRESH_SECONDS", None)
    with serving(folder, seed, settings, refresh_seconds=often) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    program = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if program is None:
        pytest.skip("chromium is not installed")
    expect.set_options(timeout=PATIENCE_MILLISECONDS)  # pages look again every ten seconds
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=_ARGUMENTS)
        yield started
        started.close()


@pytest.fixture
def page_as(browser: Browser, server: Server) -> Iterator[PageAs]:
    """Pages for one test, closed at its end."""
    contexts: list[BrowserContext] = []

    def make(role: str, **context: Any) -> Page:
        made = browser.new_context(base_url=server.url, **context)
        contexts.append(made)
        made.set_default_timeout(PATIENCE_MILLISECONDS)
        if role != "anonymous":
            made.add_cookies([{"name": COOKIE, "value": server.token(role), "url": server.url}])
        return made.new_page()

    yield make
    for context in contexts:
        context.close()
