"""Reports > Problems, printers by how often they stop; Reports > Paper, when and where it runs out."""

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Final

import streamlit as st

from core.domain.units import counted, number
from dashboard.features.reports import charts, stoppage_frames
from dashboard.features.reports.paper_outs import HOURS, by_hour, empty_printers
from dashboard.features.reports.periods import Period
from dashboard.features.reports.queries import KnownPrinter, printer_of
from dashboard.features.reports.tables import report_table
from dashboard.features.stoppages.hint import draw_hint
from dashboard.features.stoppages.rates import PER_PAGES
from dashboard.features.stoppages.scorecard import Scorecard
from dashboard.features.stoppages.stoppages import Stoppage
from dashboard.ui.charts import draw, is_dark
from dashboard.ui.empty import nothing
from dashboard.ui.query_choice import choice

_MOST_HINTS: Final = 3
"""The others are in the table, among the first."""
_MOST_CHOICES: Final = 50
_OFFICE_HOURS: Final = range(7, 19)
"""Shown in any case; more where paper ran out earlier or later."""


def show_stoppages(card: Scorecard, known: Mapping[str, KnownPrinter], chosen: Period) -> None:
    """Draw the printers by how often they stopped, those that stand out above the table."""
    st.subheader("Printers that stop most often", anchor=False)
    frame = stoppage_frames.scores_frame(card, known)
    if frame.empty:
        nothing("No printer stopped in this period.")
        return
    for score in card.chronic()[:_MOST_HINTS]:
        draw_hint(score, card, printer_of(known, score.printer_id).name)
    st.caption(_ordered(card))
    report_table("", frame, "stops-by-printer", chosen)
    st.caption(_COUNTED)


_COUNTED: Final = (
    "Counted are jams, covers, trays, full output, service calls and faults that kept a printer from "
    "printing until somebody came, all steps of one as one; neither what ran out nor what did not answer. "
    "*Hours stopped* are of stops that began in this period. *Before* is the rate in as many days before it, "
    "of printers that were read on at least half of them; a *trend* is more than chance."
)


def _ordered(card: Scorecard) -> str:
    """Return how the table is ordered, and what is usual in the fleet."""
    rate, middle = card.fleet.rate, card.median
    if rate is None or middle is None:
        return "Ordered by number: pages are not known just now."
    return (
        f"Stops per {PER_PAGES:,} pages: the median of {counted(card.counted, 'printer')} is "
        f"{number(middle)}, all together have {number(rate)}. Ordered by the rate that a printer has *at "
        "least*, with 95\N{NO-BREAK SPACE}% certainty: few pages say little, so that one jam on 30 pages "
        "does not lead."
    )


def show_paper_outs(
    outs: Sequence[Stoppage],
    known: Mapping[str, KnownPrinter],
    chosen: Period,
    zone: tzinfo,
    now: datetime,
) -> None:
    """Draw when and where paper runs out: a chart of weekdays and hours, and the printers."""
    st.subheader("When and where paper runs out", anchor=False)
    if not outs:
        nothing("No printer ran out of paper in this period.")
        return
    printers = empty_printers(outs, zone, now)
    names = {each.printer_id: printer_of(known, each.printer_id).name for each in printers[:_MOST_CHOICES]}
    which = choice("paper", "Printer", {"": "All printers", **names}, width=320)
    counts = by_hour((each for each in outs if which in {"", each.printer_id}), zone)
    seen = {hour for _, hour in counts} | set(_OFFICE_HOURS)
    hours = [hour for hour in HOURS if min(seen) <= hour <= max(seen)]
    fields = stoppage_frames.chart_frame(counts, hours)
    draw(charts.hours_chart(fields, dark=is_dark()), "How often paper ran out by weekday and hour")
    st.caption("When that began. Trays of a printer that are empty at the same time are one.")
    with st.expander("By weekday and hour"):
        report_table("", stoppage_frames.hours_frame(counts), "paper-by-hour", chosen)
    frame = stoppage_frames.empty_frame(printers, known)
    report_table("Printers that run out of paper", frame, "paper-by-printer", chosen)
