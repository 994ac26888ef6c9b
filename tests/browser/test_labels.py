"""Labels in a real browser: chosen, seen before they are printed, and printed to the millimeter."""

import io
import re
from pathlib import Path
from typing import Final

import pytest
import segno
from PIL import Image
from playwright.sync_api import Page, expect
from sqlalchemy import Engine

from dashboard.features.labels.formats import FORMATS
from dashboard.web.sign_in.sessions import COOKIE
from tests.browser.seeing import PageAs, faults, settled
from tests.builders import printer, put
from tests.dashboard.served import seed_college, serving

SETTINGS: Final = {"DASHBOARD_URL": "http://printers.test:8501", "ALLOWED_HOSTS": "127.0.0.1"}
PHONE: Final = {"width": 390, "height": 844}
POINTS: Final = 72 / 25.4
LONG: Final = "A name of a printer that is as long as any that somebody has ever written down anywhere"


def seed(engine: Engine) -> None:
    """The college and a library of two floors, a room with blanks in its name, and a place beside it."""
    seed_college(engine)
    for printer_id, location in (
        ("lib-hall", "Library"),
        ("lib-1", "Library, floor 1"),
        ("lib-1-copy", "Library, floor 1, copy room"),
        ("lib-2", "Library ,floor 2"),
        ("annex", "Library annex"),
    ):
        put(engine, printer(printer_id, name=LONG if printer_id == "lib-hall" else "", location=location))


def sheet_pages(pdf: bytes) -> list[tuple[float, float]]:
    """Width and height of a PDF's pages in millimeters, as Chromium writes it."""
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    return [(float(width) / POINTS, float(height) / POINTS) for width, height in boxes]


def printed(page: Page, path: str) -> list[tuple[float, float]]:
    page.goto(path)
    return sheet_pages(page.pdf(prefer_css_page_size=True, print_background=True))


def test_a_place_is_everything_that_lies_in_it(page_as: PageAs) -> None:
    page = page_as("technician")
    page.goto("/labels?location=Library")
    names = page.locator(".label .id, .label h2").all_inner_texts()
    assert page.locator(".label").count() == 4
    assert not [name for name in names if "annex" in name]
    page.goto("/labels?location=Library, floor 1")
    assert page.locator(".label").count() == 2
    assert page.goto("/labels?location=Nowhere").status == 404  # type: ignore[union-attr]


@pytest.mark.parametrize("code", list(FORMATS))
def test_a_print_has_as_many_pages_as_sheets_and_their_size(page_as: PageAs, code: str) -> None:
    chosen, page = FORMATS[code], page_as("technician")
    pages = printed(page, f"/labels?format={code}&start={chosen.per_sheet}")
    labels = page.locator(".label").count()
    assert len(pages) == -(-(chosen.per_sheet - 1 + labels) // chosen.per_sheet)
    for width, height in pages:
        assert (width, height) == pytest.approx((chosen.paper.width, chosen.paper.height), abs=0.4)


@pytest.mark.parametrize("code", list(FORMATS))
def test_labels_lie_where_those_of_the_sheet_are_and_no_word_is_cut(page_as: PageAs, code: str) -> None:
    chosen, page = FORMATS[code], page_as("technician")
    page.goto(f"/labels?format={code}")
    page.emulate_media(media="print")
    sheet = page.locator(".sheet").first
    for place in range(min(chosen.per_sheet, sheet.locator(".label").count())):
        found = (
            sheet.locator(".label")
            .nth(place)
            .evaluate(
                "e => { const [a, b] = [e, e.parentElement].map((each) => each.getBoundingClientRect());"
                "return [a.left - b.left, a.top - b.top, a.width, a.height].map((at) => at / 96 * 25.4); }"
            )
        )
        assert found == pytest.approx([*chosen.corner(place), chosen.width, chosen.height], abs=0.05)
    cut = "list => list.filter((each) => each.scrollHeight > each.clientHeight + 1).length"
    assert page.locator(".label .words").evaluate_all(cut) == 0
    assert page.locator(".label p.do").evaluate_all(cut) == 0


def test_a_printed_code_is_the_code_of_its_address(page_as: PageAs) -> None:
    page = page_as("technician", device_scale_factor=4)
    page.goto("/labels?printer=lib-1&format=3657")
    page.emulate_media(media="print")
    shot = page.locator(".label .code svg").screenshot()
    made = segno.make("http://printers.test:8501/report?printer=lib-1", error="m", micro=False)
    matrix = [list(row) for row in made.matrix_iter(border=4)]
    side = len(matrix)
    picture = Image.open(io.BytesIO(shot)).convert("L").resize((side, side), Image.Resampling.BOX)
    gray = picture.tobytes()
    seen = [[gray[row * side + column] < 128 for column in range(side)] for row in range(side)]
    assert seen == [[bool(module) for module in row] for row in matrix]


def test_another_sheet_is_shown_as_soon_as_it_is_chosen(page_as: PageAs) -> None:
    page = page_as("technician", locale="en-US")
    page.goto("/labels?location=Library")
    expect(page.get_by_role("combobox", name="Sheet")).to_have_value("5163")
    page.get_by_role("combobox", name="Sheet").select_option("l7160")
    expect(page).to_have_url(re.compile("location=Library&format=l7160"))
    page.get_by_label("Begin at label").fill("20")
    page.get_by_label("Begin at label").press("Enter")
    expect(page.get_by_role("heading", name="4 labels on 2 sheets")).to_be_visible()
    expect(page.locator(".used")).to_have_count(19)
    page.evaluate("window.print = () => { window.asked = true; }")
    page.get_by_role("button", name="Print").click()
    assert page.evaluate("window.asked") is True


def test_marked_printers_of_the_inventory_get_labels(page_as: PageAs) -> None:
    page = page_as("admin")
    page.goto("/inventory?mark=lib-1&mark=annex")
    settled(page)
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Labels 2").click()
    labels = opened.value
    expect(labels.locator(".label")).to_have_count(2)
    expect(labels.get_by_role("alert")).to_have_count(0)


def test_codes_that_no_phone_can_open_are_warned_of(page_as: PageAs, tmp_path: Path) -> None:
    with serving(tmp_path / "own") as own:
        page = page_as("anonymous")
        page.context.add_cookies([{"name": COOKIE, "value": own.token("technician"), "url": own.url}])
        page.goto(f"{own.url}/labels")
        expect(page.get_by_role("alert")).to_contain_text("DASHBOARD_URL")
        page.emulate_media(media="print")
        expect(page.get_by_role("alert")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_it_also_on_a_phone(page_as: PageAs, scheme: str) -> None:
    page = page_as("technician", viewport=PHONE, color_scheme=scheme)
    page.goto("/labels?location=Library&start=3")
    expect(page.get_by_role("button", name="Print")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert faults(page) == []
