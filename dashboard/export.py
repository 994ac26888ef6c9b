"""CSV for spreadsheets: UTF-8 that Excel recognises, and no cell that a spreadsheet takes for a formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

import pandas as pd

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_BOM: Final = "\ufeff"

Cell = str | int | float | bool | datetime | None


def to_csv(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """A file with a line of column names; numbers stay numbers, times are ISO 8601."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([_defused(name) for name in columns])
    writer.writerows([_cell(value) for value in row] for row in rows)
    return (_BOM + text.getvalue()).encode("utf-8", errors="replace")


def _cell(value: Cell) -> Cell:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return _defused(value) if isinstance(value, str) else value


def _defused(text: str) -> str:
    """With an apostrophe before what would be a formula: also after blanks, which Excel trims."""
    return f"'{text}" if text.lstrip(" \n\xa0").startswith(_FORMULA) else text


def frame_to_csv(frame: pd.DataFrame) -> bytes:
    """The same of a data frame, whose missing values are empty cells."""
    plain = frame.astype(object).where(frame.notna(), None)
    return to_csv([str(name) for name in plain.columns], plain.itertuples(index=False, name=None))
