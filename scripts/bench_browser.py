"""Measure in a browser for bench_dashboard.py: from clicks to words and charts, layout shift, first views."""

import importlib.util
import shutil
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from dashboard.web.sign_in.sessions import COOKIE
from scripts.bench_fleet import NAME, PASSWORD

_TIMES: Final = 7
_PATIENCE_MILLISECONDS: Final = 60_000
_PRINTER: Final = "/printer?id=bench-00000"
_PATHS: Final = ("/fleet", _PRINTER, "/issues", "/attention", "/supplies", "/reports", "/system")
_SHIFTS: Final = """window.benchShift = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.benchShift += entry.value;
}).observe({ type: 'layout-shift', buffered: true })"""
_OPEN: Final = """(link) => new Promise((done) => {
  const name = link.textContent;
  const began = performance.now();
  const passed = () => performance.now() - began;
  let words = 0;
  const look = () => {
    const heading = document.querySelector('[data-testid="stMain"] h1');
    if (!words && heading?.textContent === name && document.querySelector('.headline')) words = passed();
    const chart = document.querySelector('[data-testid="stVegaLiteChart"] :is(canvas, svg)');
    if ((words && chart) || passed() > 10000) done([words, chart ? passed() : null]);
    else setTimeout(look, 4);
  };
  link.click();
  look();
})"""
"""Clicks a printer of the list; the milliseconds until its words and its first chart are there."""


def measure_browser(url: str, token: str, typing_seconds: float) -> dict[str, float]:
    """Measure all of it; nothing where there is no browser, which is said."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None or importlib.util.find_spec("playwright") is None:
        sys.stderr.write("No figures of a browser: they need chromium and playwright.\n")
        return {}
    with _chromium(program) as playwright_browser:
        return (
            _first_paint(playwright_browser, url, typing_seconds)
            | _cold(playwright_browser, url, token)
            | _clicks(playwright_browser, url, token)
        )


@contextmanager
def _chromium(program: str) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        try:
            yield browser
        finally:
            browser.close()


def _first_paint(browser: Any, url: str, typing_seconds: float) -> dict[str, float]:
    """Measure from the click on `Sign in`, in a browser that has nothing of ours, until the list is there."""
    paints = []
    for _ in range(3):
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"{url}/login?next=/fleet", wait_until="load")
        page.get_by_label("Username").fill(NAME)
        page.get_by_label("Password").fill(PASSWORD)
        page.wait_for_timeout(1000 * typing_seconds)
        began = time.perf_counter()
        page.get_by_role("button", name="Sign in").click()
        _until_rows(page)
        paints.append(1000 * (time.perf_counter() - began))
        context.close()
    return {"first_paint_ms": round(statistics.median(paints))}


def _cold(browser: Any, url: str, token: str) -> dict[str, float]:
    """Measure pages opened by their address in a browser that has nothing of ours."""
    views, shifts = [], []
    for path in ("/fleet", "/fleet", *_PATHS):
        context = _signed_in(browser, url, token)
        page = context.new_page()
        page.add_init_script(_SHIFTS)
        began = time.perf_counter()
        page.goto(path, wait_until="commit")
        if path == "/fleet":
            _until_rows(page)
            views.append(1000 * (time.perf_counter() - began))
        page.wait_for_selector("html.drawn", state="attached", timeout=_PATIENCE_MILLISECONDS)
        page.wait_for_timeout(500)
        shifts.append(page.evaluate("window.benchShift"))
        context.close()
    return {"cold_view_ms": round(statistics.median(views)), "layout_shift": round(max(shifts), 3)}


def _clicks(browser: Any, url: str, token: str) -> dict[str, float]:
    """Measure printers opened from the list; the first one of a tab by itself, since it loads the charts."""
    context = _signed_in(browser, url, token)
    page = context.new_page()
    page.goto("/fleet?find=bench-00000")
    _until_rows(page)
    page.wait_for_timeout(3000)  # what charts need is fetched while somebody reads
    words, charts = [], []
    for _ in range(_TIMES):
        opened = page.locator("table.fleet tbody a").first.evaluate(_OPEN)
        words.append(opened[0])
        charts.append(opened[1])
        page.go_back()
        _until_rows(page)
        page.wait_for_timeout(500)
    context.close()
    drawn = [each for each in charts[1:] if each is not None]
    figures: dict[str, float] = {"click_to_words_ms": round(statistics.median(words))}
    if charts[0] is not None:
        figures["click_to_first_chart_ms"] = round(charts[0])
    if drawn:
        figures["click_to_chart_ms"] = round(statistics.median(drawn))
    return figures


def _signed_in(browser: Any, url: str, token: str) -> Any:
    context = browser.new_context(base_url=url, viewport={"width": 1280, "height": 720})
    context.add_cookies([{"name": COOKIE, "value": token, "url": url}])
    return context


def _until_rows(page: Any) -> None:
    rows = page.locator("html.drawn table.fleet tbody tr")
    rows.first.wait_for(timeout=_PATIENCE_MILLISECONDS)
