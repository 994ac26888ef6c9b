"""The mails as a browser draws them: at any width, light and dark, whatever printers and people say."""

import functools
import json
import re
import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from core.mails.changes import Told
from core.mails.clean_text import one_line
from core.mails.lines import Section, SummaryItem
from core.mails.part_lines import PartLine
from core.mails.places import PlaceCounts
from core.mails.render import Letterhead, Words, render
from core.mails.summary import Summary, SummaryLink
from tests.notifier.making import LINKS

HOSTILE = (
    "<script>document.title='owned'</script>",
    '"><img src=x onerror="document.title=\'owned\'">',
    "{{ 7 * 7 }}{% for x in y %}",
    "invoice\u202egpj.exe",
    "a" * 500,
    "&lt;b&gt; & </td></table>",
)


def summary(texts: tuple[str, ...] = ("Paper is jammed.",), **values: Any) -> Summary:
    lines = tuple(
        SummaryItem(
            title=one_line(text),
            url="https://print.example.edu/issue?id=1",
            where=one_line(text),
            facts=(one_line(text), "open for 3 days"),
            says=one_line(text),
            severity="critical",
            tag="new",
        )
        for text in texts
    )
    base: dict[str, Any] = {
        "headline": "1 new since yesterday",
        "fleet": "40 printers: 39 OK, 1 critical.",
        "critical": 1,
        "open_issues": 1,
        "period": "Mon 9 Mar, 12:00 to Tue 10 Mar, 12:00",
        "late": "",
        "notes": ("The collector of the site annex has been silent for 1 day.",),
        "more_notes": 0,
        "fresh": Section(len(lines), lines, "https://print.example.edu/attention"),
        "places": tuple(PlaceCounts(one_line(text, 60), LINKS.place(text), 1, 2, 0, 3) for text in texts),
        "more_places": 7,
        "parts": tuple(
            PartLine(one_line(text, 80), one_line(text, 40), "in 3 days", 4, True, LINKS.supplies)
            for text in texts
        ),
        "more_parts": 2,
        "endings": tuple(SummaryLink(one_line(text, 80), LINKS.supplies) for text in texts),
        "more_endings": 3,
        "new_endings": True,
        "stock": (SummaryLink("1 order is overdue", LINKS.supplies),),
        "resolved": one_line(" ".join(texts)),
        "resolved_count": 3,
        "links": LINKS,
        "has_news": True,
        "told": Told({}, frozenset(), {}, frozenset()),
        "assigned": {"maya": lines},
    }
    return Summary(**(base | values))


def drawn(one: Summary) -> Words:
    return render(
        "summary",
        letterhead=Letterhead(),
        subject=one.subject,
        summary=one,
        mine=one.issues_of("maya"),
        why="Because.",
        choose=LINKS.account,
        unsubscribe=LINKS.unsubscribe("maya"),
    )


class Shape(HTMLParser):
    """The tags of a document, in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_changes_the_document(text: str) -> None:
    harmless, hostile = (Shape(drawn(summary((words,))).html) for words in ("Harmless", text))
    assert hostile.tags == harmless.tags
    assert not any(name.startswith("on") for name in hostile.attributes)


def test_the_document_has_nothing_that_outlook_or_gmail_drop() -> None:
    html = drawn(summary()).html
    assert not re.search(r"display:\s*(flex|grid)|<script|<link|<svg|position:\s*(absolute|fixed)", html)
    assert len(html.encode()) < 100_000
    assert "<!--[if mso]>" in html


def test_text_is_not_escaped_and_says_the_same() -> None:
    text = drawn(summary(("Tray <2> & cover",), late="It comes late.")).text
    assert "Tray <2> & cover (new)" in text
    assert "! It comes late." in text
    assert "https://print.example.edu/issue?id=1" in text
    assert max(map(len, text.splitlines())) < 120


def test_a_number_and_its_unit_are_never_broken_over_two_lines() -> None:
    said = f"{'x' * 57} Black is low (7 %), after 12 min."
    words = drawn(summary(late=said))
    assert "low (7\xa0%), after 12\xa0min." in words.html
    assert "\xa0" not in words.text
    assert "low\n  (7 %), after 12 min." in words.text


@functools.cache
def chromium() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = chromium()
    if program is None:
        pytest.skip("chromium is not installed")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield opened
        opened.close()


def open_mail(browser: Browser, path: Path, html: str, **options: Any) -> Page:
    path.write_text(html, encoding="utf-8")
    page = browser.new_page(**options)
    page.goto(path.as_uri())
    return page


CONTRASTS = """
() => {
  const parse = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = rgb => rgb.slice(0, 3).map(v => v / 255)
    .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = node => {
    for (; node; node = node.parentElement) {
      const rgb = parse(getComputedStyle(node).backgroundColor);
      if (rgb.length === 3 || rgb[3] > 0) return rgb;
    }
    return [255, 255, 255];
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    const node = text.parentElement;
    if (!text.data.trim() || node.closest('[style*="max-height:0"]')) continue;
    if (!node.getClientRects().length) continue;
    const pair = [light(parse(getComputedStyle(node).color)), light(behind(node))].sort((a, b) => b - a);
    found.push([text.data.trim().slice(0, 40), (pair[0] + 0.05) / (pair[1] + 0.05)]);
  }
  return JSON.stringify(found);
}
"""


@pytest.mark.processes
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 375, 800])
def test_it_fits_its_width_and_can_be_read(browser: Browser, tmp_path: Path, width: int, scheme: Any) -> None:
    html = drawn(summary(HOSTILE)).html
    options = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}
    page = open_mail(browser, tmp_path / "mail.html", html, **options)
    assert page.title() == summary().subject
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    contrasts = json.loads(page.evaluate(CONTRASTS))
    assert len(contrasts) > 20
    assert [pair for pair in contrasts if pair[1] < 4.5] == []
    page.close()


@pytest.mark.processes
def test_dark_is_dark(browser: Browser, tmp_path: Path) -> None:
    page = open_mail(browser, tmp_path / "mail.html", drawn(summary()).html, color_scheme="dark")
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert max(map(int, re.findall(r"\d+", background))) < 64
    page.close()
