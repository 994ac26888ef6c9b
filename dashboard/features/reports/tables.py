"""A table of a report with its CSV."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any, Final

import pandas as pd
import streamlit as st

from core.domain.spreadsheets import to_csv
from core.domain.wording import COUNTERS
from dashboard.features.fleet.table import printer_path
from dashboard.features.reports.cartridge_frames import COST
from dashboard.features.reports.periods import Period
from dashboard.ui.downloads import csv_button
from dashboard.ui.table import Column, Look, Row, sorted_table

_SHOWN: Final = {"Location": "Place", "Answered": "Availability"}
"""What a column of the file is called on the page."""
_MAKERS_COUNTERS: Final = frozenset(COUNTERS.values())
_PER_SHEET: Final = 25
"""Rows are cards on a phone: more of them hide what stands below."""
_LOOKS: Final[Mapping[str, Look]] = {
    "Availability": "percent",
    "Amount": "amount",
    COST: "amount",
    "From": "day",
    "Month": "month",
    "Replaced": "at",
    "Not before": "at",
    "In use since": "day",
    "Warranty until": "day",
    "Contract until": "day",
}


def report_table(  # noqa: PLR0913 (a table, its file, and what of it the page leaves out)
    title: str,
    frame: pd.DataFrame,
    name: str,
    chosen: Period,
    *,
    spare: Collection[str] = (),
    unshown: Collection[str] = (),
) -> None:
    """Draw the rows of a frame, a sheet at a time, without the `spare` columns where there is no room.

    Nor those that are `unshown`, or hold no text, no day, or a count of mono, color ... that no printer
    tells, in any row. The CSV has all of them.
    """
    last = chosen.until - timedelta(days=1)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        if title:
            st.subheader(title, anchor=False)
        csv_button(f"{name}-{chosen.since}-to-{last}", lambda: frame_to_csv(frame))
    ids = frame["Printer ID"].tolist() if "Printer ID" in frame else []
    shown = _without_blank_columns(frame.drop(columns=["Printer ID", *unshown], errors="ignore")).rename(
        columns=_SHOWN
    )
    paths = [printer_path(printer_id) for printer_id in ids] or [""] * len(shown)
    rows = [Row(line, path) for line, path in zip(_lines(shown), paths, strict=True)]
    sorted_table(
        title or name.replace("-", " ").capitalize(),
        _columns(shown, spare),
        rows,
        key=name,
        per_sheet=_PER_SHEET,
    )


def _without_blank_columns(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.drop(columns=[name for name in frame if len(frame) and _is_blank(frame[name])])


def _is_blank(column: pd.Series) -> bool:
    if column.name in _MAKERS_COUNTERS or _LOOKS.get(str(column.name)) == "day":
        return bool(column.isna().all())
    return all(isinstance(cell, str) and not cell for cell in column)


def frame_to_csv(frame: pd.DataFrame) -> bytes:
    """Return a line for each row; missing values are empty cells."""
    return to_csv([str(name) for name in frame.columns], _lines(frame))


def _lines(frame: pd.DataFrame) -> list[tuple[Any, ...]]:
    """Return the rows of a data frame; what is missing in it is None."""
    plain = frame.astype(object).where(frame.notna(), None)
    return list(plain.itertuples(index=False, name=None))


def _columns(frame: pd.DataFrame, spare: Collection[str]) -> list[Column]:
    """Return its columns; numbers are told by their type, `spare` are left out where there is no room."""
    names = [str(name) for name in frame.columns]
    numbers = {name for name in names if pd.api.types.is_numeric_dtype(frame[name])}
    return [
        Column(name, _LOOKS.get(name, "number" if name in numbers else "text"), spare=name in spare)
        for name in names
    ]
