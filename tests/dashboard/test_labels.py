"""Sheets of labels: where each label lies, what is on it, and where its code leads."""

from itertools import combinations

import pytest

from dashboard.features.labels.formats import FORMATS, LabelFormat, usual_format
from dashboard.features.labels.sheets import (
    Labelled,
    labels_path,
    leads_nowhere,
    look_of,
    report_url,
    sheets,
)

BASE = "https://printers.example.org/"
EVERY = pytest.mark.parametrize("chosen", FORMATS.values(), ids=list(FORMATS))


def printers(count: int) -> list[Labelled]:
    return [Labelled(f"p{number}", f"Printer {number}", "Library") for number in range(count)]


@EVERY
def test_the_labels_of_a_format_lie_on_its_paper_and_not_over_each_other(chosen: LabelFormat) -> None:
    corners = [chosen.corner(position) for position in range(chosen.per_sheet)]
    for left, top in corners:
        assert left >= 0
        assert top >= 0
        assert left + chosen.width <= chosen.paper.width + 0.01
        assert top + chosen.height <= chosen.paper.height + 0.01
    for (left, top), (other_left, other_top) in combinations(corners, 2):
        beside = abs(left - other_left) >= chosen.width - 0.01
        assert beside or abs(top - other_top) >= chosen.height - 0.01


@EVERY
def test_nothing_is_printed_where_printers_cannot_and_codes_are_large_enough(chosen: LabelFormat) -> None:
    look = look_of(chosen)
    left, top = chosen.corner(0)
    last_left, last_top = chosen.corner(chosen.per_sheet - 1)
    right, bottom = last_left + chosen.width, last_top + chosen.height
    assert left + look.padding_x >= 5
    assert top + look.padding_y >= 5
    assert chosen.paper.width - right + look.padding_x >= 4.99
    assert chosen.paper.height - bottom + look.padding_y >= 4.99
    assert look.code >= 18
    assert look.code + 2 * look.padding_y <= chosen.height + 0.01


@pytest.mark.parametrize(
    ("code", "grid", "begins", "pitch"),
    [
        ("l7163", (2, 7), (4.65, 15.15), 101.6),
        ("l7160", (3, 7), (7.25, 15.15), 66.0),
        ("3657", (4, 10), (8.0, 21.5), 48.5),
        ("5160", (3, 10), (4.7625, 12.7), 69.85),
        ("5163", (2, 5), (3.96875, 12.7), 106.3625),
    ],
)
def test_the_sheets_are_those_that_are_sold(
    code: str, grid: tuple[int, int], begins: tuple[float, float], pitch: float
) -> None:
    chosen = FORMATS[code]
    assert (chosen.columns, chosen.rows) == grid
    assert (chosen.left, chosen.top, chosen.pitch_x) == pytest.approx((*begins, pitch), abs=0.01)


def test_sheets_hold_from_one_to_forty_labels_on_either_paper() -> None:
    counts = {(each.paper.name, each.per_sheet) for each in FORMATS.values()}
    assert {("A4", 1), ("A4", 40), ("Letter", 1), ("Letter", 30)} <= counts


def test_a_used_sheet_is_filled_from_where_it_is_free() -> None:
    chosen = FORMATS["l7163"]
    made = sheets(printers(16), BASE, chosen, 14)
    assert [len(sheet.labels) for sheet in made] == [1, 14, 1]
    assert (made[0].labels[0].left, made[0].labels[0].top) == chosen.corner(13)
    assert (made[1].labels[0].left, made[1].labels[0].top) == chosen.corner(0)
    assert [len(sheet.used) for sheet in made] == [13, 0, 0]


@EVERY
@pytest.mark.parametrize("extra", [0, 1])
def test_a_full_sheet_makes_no_empty_one(chosen: LabelFormat, extra: int) -> None:
    made = sheets(printers(chosen.per_sheet + extra), BASE, chosen, 1)
    assert len(made) == 1 + extra
    assert all(sheet.labels for sheet in made)


def test_a_code_leads_to_the_report_of_its_printer() -> None:
    assert report_url(BASE, "a b&c") == "https://printers.example.org/report?printer=a%20b%26c"
    assert sheets(printers(1), BASE, FORMATS["5163"], 1)[0].labels[0].url == report_url(BASE, "p0")


@pytest.mark.parametrize(
    ("base", "nowhere"),
    [
        ("http://127.0.0.1:8501", True),
        ("http://localhost", True),
        ("http://[::1]:8501", True),
        ("http://0.0.0.0:8501", True),
        ("https://printers.example.org", False),
        ("http://10.0.0.5:8501", False),
    ],
)
def test_codes_that_lead_to_this_machine_alone_are_known(base: str, nowhere: bool) -> None:
    assert leads_nowhere(base) == nowhere


@pytest.mark.parametrize(
    ("languages", "paper"),
    [("en-US,en;q=0.9", "Letter"), ("de-DE,de", "A4"), ("en-GB", "A4"), ("fr-CA", "Letter"), ("", "A4")],
)
def test_the_paper_is_what_people_have_where_they_are(languages: str, paper: str) -> None:
    assert usual_format(languages).paper.name == paper


def test_the_way_to_labels_names_the_printers() -> None:
    assert labels_path([]) == "/labels"
    assert labels_path(["a", "b&c"]) == "/labels?printer=a&printer=b%26c"
