"""Pages per day, by what the counter rose."""

from collections.abc import Iterable
from typing import Final

import altair as alt
import pandas as pd
import streamlit as st

from core.domain.units import counted
from core.timeseries.reader import PrinterDay, whole_days
from dashboard.features.printer.past import Past
from dashboard.ui import charts
from dashboard.ui.empty import nothing

PAGE_COLUMNS: Final = ["day", "pages"]


def draw(past: Past) -> None:
    """Draw it, with their sum."""
    st.subheader("Pages per day", anchor=False)
    frame = pages_frame(past.day_sums)
    if frame.empty:
        nothing(
            "No pages counted in this time.",
            "It needs two readings of its counter. Days are added up hourly.",
        )
        return
    charts.draw(pages_chart(frame), pages_in_words(frame))
    days = counted(len(frame), "day")
    st.caption(f"{frame['pages'].sum():,} pages in {days}, by UTC days, added up once an hour.")


def pages_frame(days: Iterable[PrinterDay]) -> pd.DataFrame:
    """Return pages of each UTC day, also those printed since the newest count before.

    A day has no bar where nobody knows: its count has none before it to subtract.
    """
    rows = [(day.day, day.pages) for day in whole_days(days) if day.pages is not None]
    frame = pd.DataFrame(rows, columns=PAGE_COLUMNS)
    frame["day"] = pd.to_datetime(frame["day"])
    return frame.astype({"pages": "int64"})


def pages_chart(frame: pd.DataFrame) -> alt.Chart:
    """Return pages per day as bars."""
    chart: alt.Chart = (
        alt.Chart(frame)
        .mark_bar(cornerRadiusTopLeft=2, cornerRadiusTopRight=2)
        .encode(
            x=alt.X("yearmonthdate(day):T", title=None, axis=charts.day_axis(frame["day"])),
            y=alt.Y("pages:Q", title=None, axis=charts.COUNT_AXIS),
            tooltip=[
                alt.Tooltip("day:T", title="Day", format=charts.DAY),
                alt.Tooltip("pages:Q", title="Pages", format=",d"),
            ],
        )
        .properties(height=charts.HEIGHT)
    )
    return chart


def pages_in_words(frame: pd.DataFrame) -> str:
    """Return what the chart of pages shows, for those who cannot see it."""
    if frame.empty:
        return "No pages counted"
    pages = frame["pages"]
    days = counted(len(frame), "day")
    return f"Pages per day: {pages.sum():,} in {days}, at most {pages.max():,} in a day"
