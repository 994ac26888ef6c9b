"""The past of a printer as charts, drawn when somebody chooses how far back."""

from collections.abc import Callable
from typing import Final

import streamlit as st

from core.timeseries.reader import TimeSeriesUnavailable
from dashboard.features.printer import levels_chart, pages_chart
from dashboard.features.printer.past import Past
from dashboard.features.printer.queries import PrinterView
from dashboard.features.shared.cached import history, printer_days
from dashboard.page_context import PageContext
from dashboard.ui.charts import is_dark

CHARTS: Final[tuple[Callable[[Past], None], ...]] = (levels_chart.draw, pages_chart.draw)
"""Each draws one chart below its own heading, or says why there is none; a new one is added here."""

_RANGES: Final = {7: "7 days", 30: "30 days", 90: "90 days", 365: "1 year"}
_USUAL: Final = 30


@st.fragment
def show_past(context: PageContext, view: PrinterView) -> None:
    """Draw all charts; a choice of the time redraws only them."""
    st.header("History", anchor="over-time")
    chosen = st.segmented_control(
        "Period",
        _RANGES,
        format_func=_RANGES.__getitem__,
        default=_USUAL,
        required=True,
        key="days",
        label_visibility="collapsed",
    )
    days = chosen or _USUAL
    try:
        with st.skeleton(height=320):
            points = history(context.app, view.printer_id, days)
            day_sums = printer_days(context.app, view.printer_id, days)
    except TimeSeriesUnavailable:
        st.warning("The history cannot be read just now. Everything else on this page is up to date.")
        return
    past = Past(points, day_sums, days, view, context.settings.rules, is_dark())
    for draw in CHARTS:
        draw(past)
