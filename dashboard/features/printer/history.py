"""The past of a printer: levels over time and pages per day, drawn when somebody chooses how far back."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import streamlit as st

from core.contract.messages import Supply
from core.contract.printer_mib import RECEPTACLE
from core.domain.part_names import supply_name
from core.timeseries.reader import TimeSeriesUnavailable
from dashboard.app_context import AppContext
from dashboard.features.printer.charts import (
    levels_chart,
    levels_in_words,
    pages_chart,
    pages_in_words,
)
from dashboard.features.shared.cached import history
from dashboard.ui.empty import nothing
from dashboard.ui.text import clean

_RANGES: Final = {7: "7 days", 30: "30 days", 90: "90 days", 365: "1 year"}
_USUAL: Final = 30


def show_past(app_context: AppContext, printer_id: str, supplies: Sequence[Supply]) -> None:
    """Draw both charts; a choice of the time redraws only them."""
    st.fragment(_past)(app_context, printer_id, supplies)


def _past(app_context: AppContext, printer_id: str, supplies: Sequence[Supply]) -> None:
    st.header("Over time", anchor="over-time")
    days = st.segmented_control(
        "How far back",
        _RANGES,
        format_func=_RANGES.__getitem__,
        default=_USUAL,
        required=True,
        key="days",
        label_visibility="collapsed",
    )
    names = supply_names(supplies)
    try:
        with st.skeleton(height=320):
            past = history(app_context, printer_id, days or _USUAL, names)
    except TimeSeriesUnavailable:
        st.warning("The history cannot be read just now. Everything else on this page is up to date.")
        return
    levels, pages = st.columns([3, 2])
    with levels:
        st.subheader("Levels")
        if past.levels.empty:
            nothing("No levels in this time.", "Either it was not read, or it gives no percentages.")
        else:
            dark = st.context.theme.type == "dark"
            colorants = {names[one.index]: one.colorant for one in supplies if one.index in names}
            st.altair_chart(
                levels_chart(past.levels, colorants, dark=dark), alt=clean(levels_in_words(past.levels), 2000)
            )
            st.caption("A triangle marks a refill. A line is open where no reading was taken.")
    with pages:
        st.subheader("Pages per day")
        if past.pages.empty:
            nothing("No pages counted in this time.", "It needs the counter of two days in a row.")
        else:
            st.altair_chart(pages_chart(past.pages), alt=pages_in_words(past.pages))
            st.caption(f"{past.pages['pages'].sum():,} pages in {len(past.pages)} days, by UTC days.")


def supply_names(supplies: Sequence[Supply]) -> Mapping[str, str]:
    """Return a unique name for each supply that runs down, by index; of two alike with its number."""
    consumed = [supply for supply in supplies if supply.supply_class != RECEPTACLE]
    said = {supply.index: clean(supply_name(supply), 60) for supply in consumed}
    often = Counter(said.values())
    return {
        index: name if often[name] == 1 else f"{name} ({index.rpartition('.')[2]})"
        for index, name in said.items()
    }
