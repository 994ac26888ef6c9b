"""Supplies: what to order, by part, with how many and for where."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from core.domain.permissions import Permission
from core.domain.units import counted
from dashboard.features.shared.manager_cached import supplies_due
from dashboard.features.supplies.order_lists import order_csv, supplies_csv, where, why
from dashboard.features.supplies.queries import DueSupply, OrderedPart, OrderFilter, parts
from dashboard.page_context import PageContext
from dashboard.ui.downloads import csv_button
from dashboard.ui.empty import nothing
from dashboard.ui.manager_style import manager_style
from dashboard.ui.templates import render
from dashboard.ui.wording import StateStyle

_PER_SHEET: Final = 25
_PLACES_SHOWN: Final = 6
_SUPPLIES_SHOWN: Final = 40


def page(context: PageContext) -> None:
    """The page."""
    context.viewer.require(Permission.ORDER_SUPPLIES)
    manager_style()
    st.title("Supplies to order", anchor=False)
    wanted = _filter()
    due = supplies_due(context.app, wanted)
    found = parts(due)
    if not found:
        _none(wanted)
        return
    _summary(due, found)
    sheets = -(-len(found) // _PER_SHEET)
    sheet = min(sheets, st.pagination(sheets, key="parts", bind="query-params")) if sheets > 1 else 1
    for part in found[_PER_SHEET * (sheet - 1) : _PER_SHEET * sheet]:
        st.html(part_html(part))


def _filter() -> OrderFilter:
    default = OrderFilter()
    with st.container(horizontal=True, vertical_alignment="bottom", key="filters"):
        text = st.text_input(
            "Search",
            key="part",
            bind="query-params",
            type="search",
            max_chars=100,
            placeholder="Part, model, printer, place",
        )
        percent = st.number_input(
            "At or under (%)", 0, 100, default.percent, key="percent", bind="query-params"
        )
        days = st.number_input(
            "Or runs out within (days)", 0, 365, default.days, key="days", bind="query-params"
        )
    return OrderFilter(int(percent), int(days), text or "")


def _summary(due: Sequence[DueSupply], found: Sequence[OrderedPart]) -> None:
    printers = len({each.printer_id for each in due})
    empty = sum(part.empty for part in found)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        said = f"{len(due):,} supplies of {len(found):,} parts for {printers:,} printers"
        st.caption(f"{said}; {empty:,} are empty already" if empty else said)
        with st.container(horizontal=True, width="content"):
            csv_button("Order list", "order", lambda: order_csv(found), words="CSV: a line for each part")
            csv_button(
                "Every supply", "supplies", lambda: supplies_csv(due), words="CSV: a line for each supply"
            )


def part_html(part: OrderedPart) -> str:
    """How many of what, for where; opened, for which printers and why."""
    lowest, days = part.lowest_percent, part.soonest_days
    soon = [f"down to {lowest} %"] if lowest is not None else []
    soon += [f"first in {counted(round(days), 'day', 'days')}"] if days is not None else []
    return render(
        "supplies/part",
        part=part,
        empty_look=StateStyle(f"{part.empty} empty", "critical", "octagon"),
        where=where(part, _PLACES_SHOWN),
        soon=soon,
        supplies=[(due, why(due)) for due in part.supplies[:_SUPPLIES_SHOWN]],
        more=part.count - _SUPPLIES_SHOWN,
    )


def _none(wanted: OrderFilter) -> None:
    if wanted.text:
        nothing("Nothing to order is like that.", "Look for fewer words, or raise the level and the days.")
    else:
        words = f"No supply is at {wanted.percent} % or less, or runs out within {wanted.days} days."
        nothing("Nothing to order.", words)
