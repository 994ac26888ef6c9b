"""The store rooms, and the places that each serves."""

from collections.abc import Sequence

import streamlit as st

from core.domain.permissions import Permission
from core.domain.places import place_of
from core.storage.store_rooms import StoreRoom
from dashboard.features.shared.cached import the_fleet
from dashboard.features.shared.outcomes import perform_and_close
from dashboard.features.stock import actions
from dashboard.features.stock.shelf_dialogs import AREA
from dashboard.page_context import PageContext
from dashboard.ui.empty import nothing
from dashboard.ui.templates import render


def rooms_list(context: PageContext, rooms: Sequence[StoreRoom]) -> None:
    """Draw each room with its places; managers add and change them."""
    may_edit = context.viewer.may(Permission.ORDER_SUPPLIES)
    if not rooms:
        who = "Add the first one." if may_edit else "A manager adds them."
        nothing("There is no store room yet.", f"Parts are counted in store rooms. {who}")
    for room in rooms:
        with st.container(horizontal=True, vertical_alignment="center", key=f"shelf-room-{room.id}"):
            serves = ", ".join(room.places) or "every place that no other store room serves"
            st.html(render("stock/room", room=room, serves=serves))
            if may_edit and st.button("Edit", key=f"room-{room.id}", help=f"Name and places of {room.name}"):
                room_dialog(context, room)
    if may_edit and st.button("Add a store room", icon=":material/add:"):
        room_dialog(context, None)


@st.dialog("Store room")
def room_dialog(context: PageContext, room: StoreRoom | None) -> None:
    """Draw the form of a room: its name, and the places whose printers it serves."""
    known = {place_of(row.location) for row in the_fleet(context.app).rows} - {""}
    own = room.places if room is not None else ()
    with st.form("room-form", border=False):
        name = st.text_input("Name", room.name if room is not None else "")
        places = st.multiselect(
            "Places it serves",
            sorted(known.union(own)),
            list(own),
            accept_new_options=True,
            help="None: every place that no other store room serves",
        )
        sent = st.form_submit_button("Save", type="primary")
    if sent:
        perform_and_close(AREA, context, actions.save_room, room, name or "", places)
