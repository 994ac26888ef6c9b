"""Pictures of every page, on a desktop, on a phone and in the dark, made from a demo that this starts.

    python scripts/screenshots.py pictures
    python scripts/screenshots.py pictures --url http://127.0.0.1:8501 --password PASSWORD --only fleet

The second takes a demo that runs already; its banner tells the password. Needs the test lock and Chromium.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from dashboard.pages import PAGES  # noqa: E402 (the project's folder comes first)

ADMIN: Final = "ada"
DEVICES: Final[dict[str, dict[str, Any]]] = {
    "desktop": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light", "device_scale_factor": 2},
}
SETTLE_SECONDS: Final = 45
"""What a demo needs until every printer has been read and the first summary is out."""
_LONGEST_START: Final = 180


@dataclass(frozen=True)
class Demo:
    """Address of a demo, and the password of its accounts."""

    url: str
    password: str


@contextmanager
def own_demo(printers: int) -> Iterator[Demo]:
    """Run a demo in a temporary folder, ended and removed afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "console", "demo", "--plain", "--dir", folder]
        process = subprocess.Popen(
            [*command, "--printers", str(printers)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )
        try:
            yield _announced(process)
        finally:
            process.terminate()
            process.communicate()


def _announced(process: "subprocess.Popen[str]") -> Demo:
    """Return what the banner says, once the pages are served and there is something to see."""
    found: dict[str, str] = {}
    deadline = time.monotonic() + _LONGEST_START
    for line in process.stdout or ():
        for name, pattern in (("url", r"^Pages\s+(http\S+)"), ("password", r"^Password (\S+)")):
            if match := re.match(pattern, line):
                found[name] = match[1]
        if "dashboard: serving" in line:
            time.sleep(SETTLE_SECONDS)
            return Demo(found["url"], found["password"])
        if time.monotonic() > deadline:
            break
    raise SystemExit("error: the demo did not begin to serve its pages; start `printers demo` to see why.")


def sign_in(page: Page, demo: Demo) -> None:
    """Sign in as the administrator, who may open every page."""
    page.goto(f"{demo.url}/login")
    page.get_by_label("Username").fill(ADMIN)
    page.get_by_label("Password", exact=True).fill(demo.password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(re.compile(r"/(?!login)"))


def addresses(page: Page, demo: Demo) -> dict[str, str]:
    """Return every page by name, those about one printer or one issue with the worst there is."""

    def ask(path: str) -> Any:
        return page.request.get(f"{demo.url}/api/v1/{path}").json()

    worst = ask("printers?health=critical&state=stopped&limit=1")["printers"] or ask("printers")["printers"]
    printer, issue = worst[0]["printer_id"], ask("issues?limit=1")["issues"][0]["number"]
    place = quote(worst[0]["location"].partition(",")[0])
    queries = {
        "printer": f"?id={printer}",
        "place": f"?location={place}",
        "issue": f"?id={issue}",
        "report": f"?printer={printer}",
    }
    named = {
        spec.path: f"/{spec.path}{queries.get(spec.path, '')}" for spec in PAGES if spec.path != "follow"
    }
    sheets = {"round-sheet": "/round-sheet", "service-sheet": f"/service-sheet/{printer}"}
    return {**named, **sheets, "wall": "/wall", "label": f"/label/{printer}"}


def take(browser: Browser, demo: Demo, out: Path, only: list[str]) -> None:
    """Take all pictures, named page-device.png."""
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{demo.url}/login")
        page.screenshot(path=out / "login-desktop.png")
    for device, looks in DEVICES.items():
        with browser.new_context(**looks) as context:
            page = context.new_page()
            sign_in(page, demo)
            for name, path in addresses(page, demo).items():
                if not only or name in only:
                    page.goto(f"{demo.url}{path}")
                    _at_rest(page)
                    page.screenshot(path=out / f"{name}-{device}.png", full_page=True)
                    print(f"{name}-{device}.png", flush=True)


def _at_rest(page: Page) -> None:
    if page.url.endswith("/wall"):
        page.locator(".tile").first.wait_for()
        return
    app = page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]')
    if page.get_by_test_id("stApp").count() or not re.search("/label/|-sheet", page.url):
        app.wait_for(timeout=60_000)
        page.wait_for_timeout(2_500)  # charts draw themselves after the page has come to rest


def main(arguments: list[str] | None = None) -> int:
    """Parse the command line and take the pictures; returns the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path, help="the folder for the pictures")
    parser.add_argument("--printers", type=int, default=60, help="of the demo that is started")
    parser.add_argument("--url", help="a demo that runs already")
    parser.add_argument("--password", help="its password")
    parser.add_argument("--only", action="append", default=[], help="a page's name; can be repeated")
    options = parser.parse_args(arguments)
    program = shutil.which("chromium")
    if program is None:
        parser.error("Chromium is not installed: `apt install chromium`.")
    if bool(options.url) != bool(options.password):
        parser.error("--url and --password go together.")
    options.out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        if options.url:
            take(browser, Demo(options.url.rstrip("/"), options.password), options.out, options.only)
        else:
            with own_demo(options.printers) as demo:
                take(browser, demo, options.out, options.only)
    return 0


if __name__ == "__main__":
    sys.exit(main())
