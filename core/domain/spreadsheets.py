"""CSV for spreadsheets: UTF-8 that Excel recognizes, and no cell that it would take for a formula."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

FORMULA: Final = re.compile(r"['\s]*[=+\-@\t\r＝＋－＠]")
"""How text begins that a spreadsheet calculates, also after blanks, which it trims."""
_MARK: Final = "\ufeff"

Cell = str | int | float | bool | Decimal | datetime | None


def to_csv(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return a file with a line of column names; numbers stay numbers, times are ISO 8601, None is empty."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([defused(name) for name in columns])
    writer.writerows([_cell(value) for value in row] for row in rows)
    return (_MARK + text.getvalue()).encode("utf-8", errors="replace")


def defused(text: str) -> str:
    """Return a text for a cell: with an apostrophe before what would be a formula."""
    return f"'{text}" if FORMULA.match(text) else text


def _cell(value: Cell) -> Cell:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, Decimal):
        return f"{value:f}"  # never 1E+3
    return defused(value) if isinstance(value, str) else value
