"""The dialogs of a shelf: count it, take from it, see its history; and a shelf for another part."""

from collections.abc import Mapping, Sequence
from typing import Final

import streamlit as st

from core.domain.parts import CatalogPart
from core.domain.permissions import Permission
from core.domain.supply_parts import COLORS, KINDS, SupplyPart
from core.domain.units import moment
from core.runtime.wall_clock import utc_now
from core.storage.database import reading
from core.storage.full_names import full_names
from core.storage.parts import read_catalog
from core.storage.stock import Movement, StockLine, can_undo, movements
from core.storage.store_rooms import StoreRoom
from dashboard.features.shared.manager_cached import parts_in_use
from dashboard.features.shared.outcomes import perform_and_close
from dashboard.features.stock import actions
from dashboard.features.stock.actions import TypedPart
from dashboard.page_context import PageContext
from dashboard.ui.issue_parts import who
from dashboard.ui.templates import render
from dashboard.ui.text import in_markdown
from dashboard.ui.word_select import word_select

AREA: Final = "stock"
_HISTORY_SHOWN: Final = 12
_ANOTHER: Final = TypedPart("", "")
_CHANGES: Final = {
    "counted": "counted {on_hand:,} ({pieces:+,})",
    "arrived": "{pieces:,} arrived, {on_hand:,} then",
    "taken": "{taken:,} taken, {on_hand:,} left",
    "undone": "undone ({pieces:+,}), {on_hand:,} then",
    "corrected": "corrected by {pieces:+,} to {on_hand:,}",
}


@st.dialog("Shelf")
def shelf_dialog(context: PageContext, line: StockLine) -> None:
    """Draw the actions for a shelf; the dialog closes when one was done."""
    st.markdown(f"**{in_markdown(line.part.title)}** in {in_markdown(line.room_name)}")
    key = f"{line.shelf.part_id}-{line.shelf.room_id}"
    _count(context, line, key)
    _take(context, line, key)
    with st.expander("Adjust count or minimum"):
        _correct(context, line, key)
        if context.viewer.may(Permission.ORDER_SUPPLIES):
            _minimum(context, line, key)
    _history(context, line)


def _count(context: PageContext, line: StockLine, key: str) -> None:
    with (
        st.form(f"count-form-{key}", border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        pieces = st.number_input("Pieces on the shelf", value=line.shelf.on_hand, step=1)
        sent = st.form_submit_button("Save the count", type="primary")
    if sent:
        perform_and_close(AREA, context, actions.count, line.shelf, pieces)


def _take(context: PageContext, line: StockLine, key: str) -> None:
    if st.button("Take one", key=f"take-{key}", icon=":material/remove:"):
        perform_and_close(AREA, context, actions.take, line.shelf, 1)


def _correct(context: PageContext, line: StockLine, key: str) -> None:
    with st.form(f"correct-form-{key}", border=False):
        pieces = st.number_input("How many more (or, with a minus, fewer)", value=0, step=1)
        reason = st.text_input("Why", placeholder="Two were damaged")
        sent = st.form_submit_button("Correct")
    if sent:
        perform_and_close(AREA, context, actions.correct, line.shelf, pieces, reason or "")


def _minimum(context: PageContext, line: StockLine, key: str) -> None:
    with (
        st.form(f"minimum-form-{key}", border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        pieces = st.number_input("Minimum", value=line.shelf.minimum, step=1)
        sent = st.form_submit_button("Save the minimum")
    if sent:
        perform_and_close(AREA, context, actions.set_minimum, line.shelf, pieces)


def _history(context: PageContext, line: StockLine) -> None:
    with reading(context.engine) as connection:
        history = movements(connection, line.shelf.part_id, line.shelf.room_id)
        names = full_names(connection)
    now = utc_now()
    for movement in history[:_HISTORY_SHOWN]:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.html(movement_html(context, movement, names))
            if movement.purchase_id is None and can_undo(movement, history, now):
                _undo(context, movement)


def _undo(context: PageContext, movement: Movement) -> None:
    if st.button("Undo", key=f"undo-{movement.id}", icon=":material/undo:", type="tertiary"):
        perform_and_close(AREA, context, actions.undo, movement)


def movement_html(context: PageContext, movement: Movement, names: Mapping[str, str]) -> str:
    """Return a movement: what happened, who did it, when and why."""
    template = _CHANGES.get(movement.change, "{pieces:+,}")
    words = template.format(pieces=movement.pieces, taken=-movement.pieces, on_hand=movement.on_hand)
    if movement.change == "taken" and not movement.pieces:
        words = "a replacement was seen, and none should have been here"
    return render(
        "stock/movement",
        words=words,
        who="automatically" if movement.event_id else who(movement.actor, names),
        at=moment(movement.at, context.settings.zone),
        printer=movement.printer_id,
        note=movement.note,
    )


@st.dialog("Add a shelf")
def new_shelf_dialog(context: PageContext, rooms: Sequence[StoreRoom]) -> None:
    """Draw the choice of a part and a store room, and the count."""
    room = st.selectbox("Store room", rooms, format_func=lambda one: one.name)
    offered = _offered(context)
    what = st.selectbox(
        "Part",
        offered,
        index=None,
        format_func=_label,
        placeholder="Type a name, a number or a model",
    )
    if what == _ANOTHER:
        what = _typed()
    pieces = st.number_input("Pieces on the shelf", value=0, step=1)
    asked = st.button("Save the count", type="primary", disabled=what is None)
    if asked and what is not None:
        chosen = what
        perform_and_close(AREA, context, actions.fill_shelf, room, chosen, pieces)


def _offered(context: PageContext) -> list[CatalogPart | SupplyPart | TypedPart]:
    """Return stored parts, those that printers hold besides, and (where allowed) a part of another name."""
    catalog = context.read(read_catalog)
    stored = sorted(catalog.parts.values(), key=lambda part: part.title.casefold())
    held = [each for each in parts_in_use(context.app) if catalog.part_of(each) is None]
    another = [_ANOTHER] if context.viewer.may(Permission.ORDER_SUPPLIES) else []
    return [*stored, *held, *another]


def _label(what: CatalogPart | SupplyPart | TypedPart) -> str:
    match what:
        case CatalogPart():
            return what.title
        case SupplyPart():
            return f"{what.called} · {what.model}"
        case _:
            return "Another part …"


def _typed() -> TypedPart:
    name = st.text_input("Name")
    number = st.text_input("Part number")
    with st.container(horizontal=True):
        kind = word_select("Kind", KINDS)
        color = st.selectbox("Color", ["", *COLORS], format_func=lambda one: one or "none")
    return TypedPart(number, name, color, kind)
