"""A browser for the pages: one dashboard per test file, and a page signed in as whom a test wants.

    def test_the_fleet_is_shown(page_as: PageAs) -> None:
        page = page_as("manager")
        visit(page, "/fleet")
        expect(page.get_by_role("heading", name="Printers")).to_be_visible()

`page_as(role, **context)` takes anonymous, technician, manager or admin, and what Playwright's new_context
takes besides (viewport, color_scheme, accept_downloads ...). `server` has url, engine, log and process.
A test file may define SETTINGS (environment variables of its dashboard), REFRESH_SECONDS (how often its pages
look again) and `seed(engine)` (what is in the database; tests/dashboard/served.seed_college if not: five
printers, an issue, Tom, Maya and Ada).
`visit` is in tests/browser/seeing.py, and so is what finds faults of accessibility.
"""

import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any, Final, Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect, sync_playwright

from dashboard.web.sign_in.sessions import COOKIE
from tests.brokers import free_port
from tests.browser.seeing import PATIENCE_MILLISECONDS, PageAs
from tests.dashboard.served import Server, seed_college, serving

_ARGUMENTS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--in-process-gpu",
    "--process-per-site",
    # A page of a test ends before code that was optimized for it pays: a sixth of what a page takes.
    "--js-flags=--no-opt --no-maglev",
)
_SMALL: Final = "/healthz"
_WINDOW: Final[ViewportSize] = {"width": 1280, "height": 720}


@pytest.fixture(scope="package")
def port() -> int:
    """Where the dashboards of all files are served, one after the other: browsers keep what they compiled."""
    return free_port()


@pytest.fixture(scope="module")
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, port: int
) -> Iterator[Server]:
    """This file's dashboard."""
    module: ModuleType = request.module
    folder: Path = tmp_path_factory.mktemp("dashboard")
    seed = getattr(module, "seed", seed_college)
    settings, often = getattr(module, "SETTINGS", None), getattr(module, "REFRESH_SECONDS", None)
    with serving(folder, seed, settings, port, refresh_seconds=often) as running:
        yield running


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, without a window: one for all files, closed before other tests need a loop."""
    program = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if program is None:
        pytest.skip("chromium is not installed")
    expect.set_options(timeout=PATIENCE_MILLISECONDS)  # pages look again every ten seconds
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=_ARGUMENTS)
        yield started
        started.close()


class _Contexts:
    """The contexts of all files, each with one page: to load into it takes less than into a new one.

    What a page holds for the reader (cookies, storage, routes) is emptied after each test. What stays are
    scripts that a test adds to every document: such a test opens a page of its own in its context.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._free: dict[str, list[BrowserContext]] = {}
        self._used: list[tuple[str, BrowserContext]] = []
        self._lasting: list[tuple[str, BrowserContext]] = []

    def page(
        self,
        server: Server,
        role: str,
        viewport: ViewportSize | None = None,
        color_scheme: Literal["light", "dark"] | None = None,
        **options: Any,
    ) -> Page:
        """The page of a context that no other of this test is in."""
        key = repr(sorted(options.items()))
        free = self._free.setdefault(key, [])
        context = free.pop() if free else self._opened(server, **options)
        self._used.append((key, context))
        if role != "anonymous":
            context.add_cookies([{"name": COOKIE, "value": server.token(role), "url": server.url}])
        page = context.pages[0]
        page.set_viewport_size(viewport or _WINDOW)
        page.emulate_media(media="null", color_scheme=color_scheme or "null")
        return page

    def lasting_page(self, server: Server, role: str, **options: Any) -> Page:
        """A page that stays open until the file ends."""
        page = self.page(server, role, **options)
        self._lasting.append(self._used.pop())
        return page

    def _opened(self, server: Server, **options: Any) -> BrowserContext:
        context = self._browser.new_context(base_url=server.url, **options)
        context.set_default_timeout(PATIENCE_MILLISECONDS)
        context.new_page().goto(_SMALL)
        return context

    def tidy(self) -> None:
        """Leave this test's pages as a new reader would find them."""
        for key, context in self._used:
            page, *others = context.pages
            for other in others:
                other.close()
            page.unroute_all(behavior="ignoreErrors")
            page.goto(_SMALL)  # before: a page whose session has ended goes to the sign-in
            context.clear_cookies()
            page.evaluate("localStorage.clear(); sessionStorage.clear()")
            self._free[key].append(context)
        self._used.clear()

    def end_file(self) -> None:
        """Leave the pages that lasted like those of tests."""
        self._used += self._lasting
        self._lasting.clear()
        self.tidy()


@pytest.fixture(scope="package")
def contexts(browser: Browser) -> _Contexts:
    """The contexts of all files; the browser closes them."""
    return _Contexts(browser)


@pytest.fixture(scope="module")
def lasting_page_as(contexts: _Contexts, server: Server) -> Iterator[PageAs]:
    """Pages for all tests of a file, which go from page to page of ours by `visit`."""
    yield partial(contexts.lasting_page, server)
    contexts.end_file()


@pytest.fixture
def page_as(contexts: _Contexts, server: Server) -> Iterator[PageAs]:
    """Pages for one test, closed at its end."""
    yield partial(contexts.page, server)
    contexts.tidy()
