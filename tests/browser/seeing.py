"""What tests look for on a page: that it has come to rest, and that everybody can use it."""

from typing import Any, Final, Protocol

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped] # it has no types
from playwright.sync_api import Page, expect

PATIENCE_MILLISECONDS: Final = 30_000
_AXE: Final = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"],
    "resultTypes": ["violations"],  # what passed is not described
    "preload": False,  # no rule of these needs the style sheets fetched again
}

_OURS: Final = {"exclude": [["[data-testid=stSidebarNavItems]"]]}
"""Streamlit's menu is a list of what is no list item."""


class PageAs(Protocol):
    """A new page of a new browser context, signed in."""

    def __call__(self, role: str, **context: Any) -> Page: ...


_FOLLOWED: Final = """(path) => {
  const link = document.createElement("a");
  link.href = path;
  document.body.append(link);
  link.click();
  link.remove();
}"""
_READING: Final = "dispatchEvent(new Event('wheel'))"
"""From now on the reader moves, and navigate.js does not any more."""
_DRAWN: Final = "(before) => (document.getElementById('printers-drawn')?.dataset.run ?? before) !== before"


def visit(page: Page, path: str) -> None:
    """Go to a page as by a link, which takes a quarter of loading it; load it where nothing is shown yet."""
    marker = page.locator("#printers-drawn")
    if marker.count() == 0:
        page.goto(path)
    else:
        drawn = marker.get_attribute("data-run")
        page.evaluate(_FOLLOWED, path)
        page.wait_for_function(_DRAWN, arg=drawn, timeout=PATIENCE_MILLISECONDS)
    settled(page)
    page.evaluate(_READING)


def beside(page: Page) -> Page:
    """Another page of its context and size: scripts that are added to its documents end with the test."""
    other = page.context.new_page()
    if page.viewport_size is not None:
        other.set_viewport_size(page.viewport_size)
    return other


def settled(page: Page) -> None:
    """Wait until Streamlit has drawn the page and runs nothing."""
    app = page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]')
    expect(app).to_be_visible(timeout=PATIENCE_MILLISECONDS)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=PATIENCE_MILLISECONDS)


def faults(page: Page, *ignored: str) -> list[str]:
    """Faults of accessibility (WCAG 2.1 AA, by axe) as lines; `ignored` are rules that Streamlit breaks.

    A page of Streamlit comes to rest first: while it runs, what it may replace is paler.
    """
    if page.get_by_test_id("stApp").count():
        settled(page)
    found = Axe().run(page, context=_OURS, options=_AXE).response["violations"]
    return [
        f"{fault['id']}: {node['html'][:200]}"
        for fault in found
        if fault["id"] not in ignored
        for node in fault["nodes"]
    ]
