"""The purchase list: what is needed when, what is ordered, what has come."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Final

import streamlit as st

from core.domain.permissions import Permission
from core.domain.purchase_list import (
    ACTING,
    ARRIVED,
    CANCELED,
    NEEDED,
    ORDERED,
    OVERDUE,
    OrderFilter,
    PurchaseLine,
    matching,
)
from core.domain.purchase_words import needed_by, purchase_csv, where, why
from core.domain.supply_parts import money
from core.domain.units import calendar_day, counted
from core.runtime.wall_clock import utc_now
from core.storage.database import reading
from core.storage.full_names import full_names
from core.storage.purchase_list import purchase_list
from dashboard.features.shared.manager_cached import listed_purchases
from dashboard.features.shared.outcomes import show_outcome
from dashboard.features.supplies.dialogs import AREA, add_dialog, arrived_dialog, order_dialog
from dashboard.page_context import PageContext
from dashboard.ui.downloads import csv_button
from dashboard.ui.empty import nothing
from dashboard.ui.issue_parts import who
from dashboard.ui.manager_style import manager_style
from dashboard.ui.paging import chosen_sheet
from dashboard.ui.query_choice import choice
from dashboard.ui.search import search_field
from dashboard.ui.templates import render
from dashboard.ui.theme import ink_of
from dashboard.ui.wording import StateStyle

_PER_SHEET: Final = 25
_PLACES_SHOWN: Final = 6
_SUPPLIES_SHOWN: Final = 40
_OVER: Final = "over"
_SHOWN: Final = {NEEDED: ACTING, ORDERED: (OVERDUE, ORDERED), _OVER: (ARRIVED, CANCELED)}
"""The states of each of the page's lists. What is overdue is in two: somebody is to act on it."""
_LOOKS: Final = {
    OVERDUE: StateStyle("Overdue", "warning", "triangle"),
    ARRIVED: StateStyle("Arrived", "ok", "circle"),
    CANCELED: StateStyle("Canceled", "quiet", "square"),
}


def page(context: PageContext) -> None:
    """Draw the page."""
    manager_style()
    st.title("Purchase list", anchor=False)
    text, wanted = _filter(context)
    lines = matching(listed_purchases(context.app, wanted), text)
    _head(context, lines, text, wanted)
    show_outcome(AREA, context)
    shown = _shown(lines)
    found = [line for line in lines if line.state in _SHOWN[shown]]
    if not found:
        _none(shown, text, wanted)
        return
    names = context.read(full_names)
    for line in chosen_sheet(found, _PER_SHEET, "parts"):
        _row(context, line, names)


def _filter(context: PageContext) -> tuple[str, OrderFilter]:
    default = context.settings.order_filter
    with st.container(horizontal=True, vertical_alignment="bottom", key="filters"):
        text = search_field("part", "Part, model, printer, place")
        percent = st.number_input(
            "At or below (%)", 0, 100, default.percent, key="percent", bind="query-params"
        )
        days = st.number_input(
            "Or runs out within (days)", 0, 365, default.days, key="days", bind="query-params"
        )
    return text, OrderFilter(int(percent), int(days))


def _head(context: PageContext, lines: Sequence[PurchaseLine], text: str, wanted: OrderFilter) -> None:
    counts = Counter(line.state for line in lines)
    pieces = sum(line.quantity for line in lines if line.state == NEEDED)
    said = [f"{counted(pieces, 'piece')} of {counted(counts[NEEDED], 'part')} to order"]
    said += [f"{counts[OVERDUE]:,} overdue"] if counts[OVERDUE] else []
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.caption("; ".join([*said, *_sum(context, lines)]))
        with st.container(horizontal=True, width="content"):
            hint = "Paper, staples: what no printer asks for"
            may_order = context.viewer.may(Permission.ORDER_SUPPLIES)
            if may_order and st.button("Add a line", icon=":material/add:", help=hint):
                add_dialog(context)
            csv_button("purchases", _csv_of(context, text, wanted), words="CSV for a buyer")


def _sum(context: PageContext, lines: Sequence[PurchaseLine]) -> list[str]:
    """Return the cost of all that is to be ordered, as far as prices are known."""
    totals = [line.total for line in lines if line.state == NEEDED and line.total is not None]
    cost = money(sum(totals, start=Decimal(0)), context.settings.orders.currency)
    return [f"{cost} by known prices"] if totals else []


def _csv_of(context: PageContext, text: str, wanted: OrderFilter) -> Callable[[], bytes]:
    def make() -> bytes:
        context.viewer.require(Permission.USE_STOCK)
        with reading(context.engine) as connection:
            lines = purchase_list(connection, wanted, utc_now(), context.settings.zone)
            names = full_names(connection)
        return purchase_csv(matching(lines, text), context.settings.orders.currency, names)

    return make


def _shown(lines: Sequence[PurchaseLine]) -> str:
    names = {NEEDED: "To do", ORDERED: "Ordered", _OVER: "Done"}
    counts = {name: sum(line.state in _SHOWN[name] for line in lines) for name in names}
    return choice("show", "What to show", names, as_="segments", counts=counts, hide_label=True)


def _row(context: PageContext, line: PurchaseLine, names: Mapping[str, str]) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"line-{line.key}"):
        st.html(line_html(line, context.settings.orders.currency, names))
        if line.state == NEEDED and context.viewer.may(Permission.ORDER_SUPPLIES):
            if st.button("Ordered", key=f"order-{line.key}", help=f"Say that {line.title} is ordered"):
                order_dialog(context, line)
        elif line.state in (ORDERED, OVERDUE) and st.button(
            "Arrived", key=f"arrived-{line.key}", help=f"Say that {line.title} has come"
        ):
            arrived_dialog(context, line)


def line_html(line: PurchaseLine, currency: str, names: Mapping[str, str]) -> str:
    """Return a line: how many of what, for when and where; opened, for which printers, why and by whom."""
    empty = StateStyle(f"{line.empty} empty", "critical", "octagon")
    looks = [*([_LOOKS[line.state]] if line.state in _LOOKS else []), *([empty] if line.empty else [])]
    return render(
        "supplies/line",
        line=line,
        ink=ink_of(line.color),
        looks=looks,
        facts=[", ".join(line.models), where(line, _PLACES_SHOWN), *_there(line)],
        soon=_soon(line, currency),
        history=_history(line, names),
        supplies=[(due, why(due)) for due in line.due[:_SUPPLIES_SHOWN]],
        more=len(line.due) - _SUPPLIES_SHOWN,
    )


def _there(line: PurchaseLine) -> list[str]:
    if line.part is None or line.state != NEEDED:
        return []
    said = [f"{line.in_stock.on_hand:,} in stock"]
    if line.in_stock.minimum:
        said.append(f"minimum {line.in_stock.minimum:,} there")
    return [*said, *([f"{line.on_order:,} on the list already"] if line.on_order else [])]


def _soon(line: PurchaseLine, currency: str) -> list[str]:
    said = []
    order = line.purchase
    if line.state in (ORDERED, OVERDUE) and order is not None and order.expected_by is not None:
        said.append(f"expected {calendar_day(order.expected_by)}")
    elif line.state == NEEDED:
        said.append(
            f"needed {needed_by(line.needed)}"
            if line.needed
            else "for the stock"
            if not line.due
            else "no forecast"
        )
    if line.price is not None and line.total is not None:
        said.append(money(line.total, currency))
    return said


def _history(line: PurchaseLine, names: Mapping[str, str]) -> list[str]:
    order = line.purchase
    if order is None:
        return []
    said = [f"added by {who(order.created_by, names)} on {calendar_day(order.created_at.date())}"]
    if order.ordered_at is not None:
        said = [f"ordered by {who(order.ordered_by, names)} on {calendar_day(order.ordered_at.date())}"]
        said += [f"reference {order.reference}"] if order.reference else []
    if order.arrived_at is not None:
        said.append(
            f"arrived on {calendar_day(order.arrived_at.date())}, says {who(order.arrived_by, names)}"
        )
    return said


def _none(shown: str, text: str, wanted: OrderFilter) -> None:
    if text:
        nothing("No line matches these filters.", "Search for fewer words, or raise the level and the days.")
    elif shown == NEEDED:
        level, days = wanted.percent, wanted.days
        words = f"No supply without a spare is at {level} % or less, or runs out within {days} days."
        nothing("Nothing to order.", words)
    elif shown == ORDERED:
        nothing("Nothing is ordered.", "What you mark as ordered waits here until it arrives.")
    else:
        nothing("Nothing has arrived yet.", "What has arrived, or was canceled, is listed here.")
