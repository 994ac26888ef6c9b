"""Pages per day, by what the counter rose."""

from collections.abc import Iterable
from datetime import UTC, date, timedelta
from typing import Final

import altair as alt
import pandas as pd
import streamlit as st

from core.contract.messages import HistoryPoint
from core.timeseries.pages import believed_by_device
from dashboard.features.printer.past import Past
from dashboard.ui import charts
from dashboard.ui.empty import nothing

PAGE_COLUMNS: Final = ["day", "pages"]


def draw(past: Past) -> None:
    """Draw it, with their sum."""
    st.subheader("Pages per day")
    frame = pages_frame(past.points)
    if frame.empty:
        nothing("No pages counted in this time.", "It needs the counter of two days in a row.")
        return
    charts.draw(pages_chart(frame), pages_in_words(frame))
    st.caption(f"{frame['pages'].sum():,} pages in {len(frame)} days, by UTC days.")


def pages_frame(points: Iterable[HistoryPoint]) -> pd.DataFrame:
    """Return pages of each UTC day, also those printed since the last reading of the day before.

    Only days whose day before was counted, too; a reset of the counter or another device adds none.
    """
    points = list(points)
    counted = believed_by_device([(point.device, point.marker_life_count) for point in points], {})
    pages: dict[date, int] = {}
    for point, count in zip(points, counted, strict=True):
        if point.marker_life_count:
            day = point.taken_at.astimezone(UTC).date()
            pages[day] = pages.get(day, 0) + count.pages
    rows = [(day, number) for day, number in pages.items() if day - timedelta(days=1) in pages]
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
    days = "one day" if len(frame) == 1 else f"{len(frame)} days"
    return f"Pages per day: {pages.sum():,} in {days}, at most {pages.max():,} in a day"
