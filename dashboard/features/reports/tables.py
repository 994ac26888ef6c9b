"""A table of a report with its CSV."""

from datetime import timedelta
from typing import Final

import pandas as pd
import streamlit as st

from dashboard.features.reports.periods import Period
from dashboard.ui.data_frame_csv import frame_to_csv
from dashboard.ui.downloads import csv_button

_SHOWN_ROWS: Final = 1000


def report_table(title: str, frame: pd.DataFrame, name: str, chosen: Period) -> None:
    """The rows of a frame, its first ones where there are many; the CSV has all."""
    last = chosen.until - timedelta(days=1)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        if title:
            st.subheader(title, anchor=False)
        csv_button("CSV", f"{name}-{chosen.since}-to-{last}", lambda: frame_to_csv(frame))
    st.dataframe(
        frame.head(_SHOWN_ROWS),
        hide_index=True,
        alt=title or name,
        column_config={
            "Answered": st.column_config.NumberColumn("Answered", format="%.1f %%"),
            "Pages": st.column_config.NumberColumn(format="localized"),
            "Printer ID": None,
        },
    )
    if len(frame) > _SHOWN_ROWS:
        st.caption(f"The first {_SHOWN_ROWS:,} of {len(frame):,}; the CSV has all.")
