"""Tables of the console on 80 columns: broken between words, nothing cut."""

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.text import Text

from console.discover.view import show
from console.tables import column_widths, word_table
from console.terminal import Fitting
from core.contract.discovery_messages import FoundPrinter
from core.domain.inventory.discovery_plan import propose
from tests.console.cli import printers

NARROW = {"COLUMNS": "80"}


def words_of(text: str) -> set[str]:
    return set(text.split())


def drawn(renderable: Any, width: int = 80) -> str:
    out = io.StringIO()
    Console(file=out, width=width).print(renderable)
    return out.getvalue()


@given(
    st.lists(
        st.lists(st.text("ab ", max_size=30).map(str.strip), min_size=3, max_size=3), min_size=1, max_size=4
    )
)
def test_no_word_is_broken_where_the_longest_of_each_column_fit(rows: list[list[str]]) -> None:
    console = Console(file=io.StringIO(), width=100)
    text = drawn(word_table(console, ("x", "y", "z"), [[Text(cell) for cell in row] for row in rows]), 100)
    wanted = {word for row in rows for cell in row for word in cell.split()} | {"x", "y", "z"}
    assert words_of(text) == wanted
    assert max(map(len, text.splitlines())) <= 100


def test_columns_get_what_they_want_then_their_words_then_less() -> None:
    assert column_widths([4, 6], [10, 30], room=50) == [10, 30]
    assert column_widths([4, 6], [10, 30], room=25) == [10, 15]
    assert column_widths([4, 6], [10, 30], room=11) == [5, 6]
    assert column_widths([20, 30], [20, 30], room=40) == [20, 20]
    assert sum(column_widths([9, 9, 9], [9, 9, 9], room=3)) >= 3


@pytest.mark.parametrize(
    ("room", "shown"), [(80, "one · two three · four"), (16, "one · two three"), (4, "one")]
)
def test_a_line_of_parts_has_as_many_as_fit_each_whole(room: int, shown: str) -> None:
    assert drawn(Fitting([Text("one"), Text("two three"), Text("four")]), room).strip() == shown


def test_people_and_programs_fit_80_columns() -> None:
    for name, full_name in (("maya", "Maya Lindqvist"), ("ada.okafor", "Ada Okafor-Nwosu")):
        about = ("--full-name", full_name, "--email", f"{name}@hartwell.example", "--role", "manager")
        done = printers("users", "add", name, *about, "--summary", "--no-password")
        assert done.exit_code == 0, done.output
    listed = printers("users", "list", env=NARROW).output
    for whole in ("maya@hartwell.example", "ada.okafor@hartwell.example", "Okafor-Nwosu", "manager"):
        assert whole in listed
    assert max(map(len, listed.splitlines())) <= 80
    assert printers("tokens", "add", "prometheus-exporter", "--role", "technician").exit_code == 0
    tokens = printers("tokens", "list", env=NARROW).output
    assert "prometheus-exporter" in tokens
    assert "technician" in tokens


def test_what_was_discovered_fits_80_columns() -> None:
    found = [
        FoundPrinter(
            host=f"192.0.2.{number}",
            port=161,
            model="HP Color LaserJet MFP M480f",
            serial_number=f"VNB3C0012{number}",
            system_location="Main Library, ground floor, room 12",
        )
        for number in (1, 2)
    ]
    out = io.StringIO()
    show(Console(file=out, width=80), propose(found, [], site="main", profile=""), added=False)
    text = out.getvalue()
    for whole in ("192.0.2.1:161", "VNB3C00121", "LaserJet", "Library,", "ground"):
        assert whole in text
    assert max(map(len, text.splitlines())) <= 80
