"""The dialogs of the purchase list: how something was ordered, what has come, a line by hand."""

from datetime import timedelta
from typing import Final

import streamlit as st

from core.domain.permissions import Permission
from core.domain.places import place_of
from core.domain.purchase_list import PurchaseLine
from core.storage.store_rooms import StoreRoom, read_rooms, room_for
from dashboard.features.shared.outcomes import perform_and_close
from dashboard.features.supplies import actions
from dashboard.features.supplies.actions import LineEntry, OrderEntry
from dashboard.page_context import PageContext
from dashboard.ui.text import in_markdown

AREA: Final = "purchases"
_USUAL_DELIVERY: Final = timedelta(days=7)


@st.dialog("Ordered")
def order_dialog(context: PageContext, line: PurchaseLine) -> None:
    """Draw quantity, reference and date of an order; the dialog closes when that is stored."""
    st.markdown(f"**{in_markdown(line.title)}**")
    today = context.today
    with st.form(f"order-form-{line.key}", border=False):
        quantity = st.number_input("Quantity", value=line.quantity, step=1)
        reference = st.text_input("Reference", placeholder="Order number, supplier")
        expected = st.date_input("Expected by", today + _USUAL_DELIVERY, format="YYYY-MM-DD")
        sent = st.form_submit_button("Mark as ordered", type="primary")
    if sent:
        entry = OrderEntry(quantity, reference or "", expected)
        perform_and_close(AREA, context, actions.order, line, entry)
    if line.purchase is not None:
        _cancel(context, line, "Remove from the list")


@st.dialog("Arrived")
def arrived_dialog(context: PageContext, line: PurchaseLine) -> None:
    """Draw a delivery and its store room; for managers also another day, or the end of the order."""
    st.markdown(f"**{in_markdown(line.title)}**")
    rooms = context.read(read_rooms)
    with st.form(f"arrived-form-{line.key}", border=False):
        quantity = st.number_input("Quantity received", value=line.quantity, step=1)
        room = _room(rooms, line) if line.part is not None else None
        sent = st.form_submit_button("Mark as arrived", type="primary")
    if sent:
        room_id = room.id if room is not None else None
        perform_and_close(AREA, context, actions.arrived, line, quantity, room_id)
    if context.viewer.may(Permission.ORDER_SUPPLIES):
        _another_day(context, line)
        _cancel(context, line, "Cancel the order")


def _room(rooms: list[StoreRoom], line: PurchaseLine) -> StoreRoom | None:
    """Choose the store room; that of the place that needs most of it stands first."""
    usual = room_for(rooms, place_of(line.due[0].location)) if line.due else None
    return st.selectbox(
        "Into which store room",
        rooms,
        index=rooms.index(usual) if usual is not None else 0,
        format_func=lambda room: room.name,
        placeholder="There is no store room yet",
    )


def _another_day(context: PageContext, line: PurchaseLine) -> None:
    expected = line.purchase.expected_by if line.purchase is not None else None
    with (
        st.form(f"expect-form-{line.key}", border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        day = st.date_input("Expected by", expected or context.today + _USUAL_DELIVERY, format="YYYY-MM-DD")
        sent = st.form_submit_button("Change the day")
    if sent and day is not None:
        perform_and_close(AREA, context, actions.expect, line, day)


def _cancel(context: PageContext, line: PurchaseLine, label: str) -> None:
    if st.button(label, key=f"cancel-{line.key}", type="tertiary", icon=":material/delete:"):
        perform_and_close(AREA, context, actions.cancel, line)


@st.dialog("Add a line")
def add_dialog(context: PageContext) -> None:
    """Draw the form for a line that no printer asks for."""
    with st.form("add-line", border=False):
        text = st.text_input("Item", placeholder="Paper A4 80 g, boxes of 5 reams")
        quantity = st.number_input("Quantity", value=1, step=1)
        needed = st.date_input("Needed by", None, format="YYYY-MM-DD")
        whom = st.text_input("For", placeholder="A place or a person")
        sent = st.form_submit_button("Add", type="primary")
    if sent:
        entry = LineEntry(text or "", quantity, needed, whom or "")
        perform_and_close(AREA, context, actions.add_line, entry)
