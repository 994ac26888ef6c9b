"""CSV for spreadsheets: readable by Excel, no formula in it."""

import csv
import io
from datetime import UTC, datetime

import pandas as pd
import pytest

from core.domain.spreadsheets import to_csv
from dashboard.features.reports.tables import frame_to_csv


def _read(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(1)", "\tx", "\r=x", ' =HYPERLINK("x")', "\n=1", "\xa0=1"]
)
def test_a_cell_that_could_be_a_formula_is_defused(text: str) -> None:
    assert _read(to_csv(["A"], [[text]]))[1] == [f"'{text}"]


@pytest.mark.parametrize(
    "text", ["Library", "a=b", "12-3", "Müller, Ö", 'say "hi"', "two\nlines", "<script>", ""]
)
def test_any_other_text_is_as_it_was(text: str) -> None:
    assert _read(to_csv(["A", "B"], [[text, "x"]]))[1] == [text, "x"]


def test_a_spreadsheet_sees_utf_8_and_a_name_is_defused_too() -> None:
    data = to_csv(["=A"], [])
    assert data.startswith(b"\xef\xbb\xbf")
    assert _read(data) == [["'=A"]]


def test_numbers_times_and_nothing_are_written_plainly() -> None:
    row = [-3, 2.5, None, datetime(2026, 11, 28, 7, tzinfo=UTC)]
    assert _read(to_csv(["a", "b", "c", "d"], [row]))[1] == ["-3", "2.5", "", "2026-11-28T07:00:00+00:00"]


def test_a_frame_becomes_the_same_with_its_gaps_empty() -> None:
    frame = pd.DataFrame({"n": pd.array([1, None], dtype="Int64"), "t": ["=x", None]})
    assert _read(frame_to_csv(frame)) == [["n", "t"], ["1", "'=x"], ["", ""]]
