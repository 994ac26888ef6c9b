"""The button that downloads a CSV; the file is made when it is pressed."""

from collections.abc import Callable

import streamlit as st

from core.runtime.wall_clock import utc_now


def csv_button(name: str, make: Callable[[], bytes], *, words: str = "") -> None:
    """Draw a CSV button. `name` is that of the file, which today's date is added to.

    `make` checks the viewer by itself.
    """
    st.download_button(
        "CSV",
        make,
        key=f"csv-{name}",
        file_name=f"{name}-{utc_now():%Y-%m-%d}.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        help=words or "A table for a spreadsheet",
    )
