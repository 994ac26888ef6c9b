"""Stock: how many of each part lie in which store room, the parts themselves, and the store rooms."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Final

import streamlit as st

from core.domain.parts import Catalog
from core.domain.units import calendar_day, counted
from core.storage.database import reading
from core.storage.full_names import full_names
from core.storage.parts import read_catalog
from core.storage.stock import StockLine, stock_lines
from core.storage.store_rooms import StoreRoom, read_rooms
from dashboard.features.shared.outcomes import show_outcome
from dashboard.features.stock.parts_list import parts_list
from dashboard.features.stock.rooms_list import rooms_list
from dashboard.features.stock.shelf_dialogs import AREA, new_shelf_dialog, shelf_dialog
from dashboard.page_context import PageContext
from dashboard.ui.empty import nothing
from dashboard.ui.issue_parts import who
from dashboard.ui.manager_style import manager_style
from dashboard.ui.paging import chosen_sheet
from dashboard.ui.query_choice import choice
from dashboard.ui.search import search_field
from dashboard.ui.templates import render
from dashboard.ui.text import in_markdown
from dashboard.ui.theme import ink_of
from dashboard.ui.wording import StateStyle

_SHELVES, _LOW, _PARTS, _ROOMS = "shelves", "low", "parts", "rooms"
_PER_SHEET: Final = 50
_MODELS: Final = 2
"""So many models are named of a part."""
_LOW_LOOK: Final = StateStyle("Low", "warning", "triangle")
_COUNT_LOOK: Final = StateStyle("Count this shelf", "stale", "ring")


def page(context: PageContext) -> None:
    """Draw the page."""
    manager_style()
    st.title("Stock", anchor=False)
    with reading(context.engine) as connection:
        rooms, lines, catalog = read_rooms(connection), stock_lines(connection), read_catalog(connection)
    show_outcome(AREA, context)
    shown = _shown(lines)
    if shown == _PARTS:
        parts_list(context)
    elif shown == _ROOMS or not rooms:
        rooms_list(context, rooms)
    else:
        _shelves(context, rooms, lines, catalog, low=shown == _LOW)


def _shown(lines: Sequence[StockLine]) -> str:
    names = {_SHELVES: "Shelves", _LOW: "Low", _PARTS: "Parts", _ROOMS: "Store rooms"}
    counts = {_SHELVES: len(lines), _LOW: sum(_asks(line) for line in lines)}
    return choice("show", "What to show", names, as_="segments", counts=counts, hide_label=True)


def _asks(line: StockLine) -> bool:
    return line.shelf.is_low or line.shelf.to_count


def _shelves(
    context: PageContext,
    rooms: Sequence[StoreRoom],
    lines: Sequence[StockLine],
    catalog: Catalog,
    *,
    low: bool,
) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", key="filters"):
        text = search_field("part", "Part, number, model")
        room = choice("room", "Store room", {"": "All", **{str(one.id): one.name for one in rooms}})
        if st.button("Add a shelf", icon=":material/add:", help="Count a part that has no shelf here yet"):
            new_shelf_dialog(context, rooms)
    words = text.strip().casefold()
    found = [
        line
        for line in lines
        if words in " ".join((line.part.title, line.part.color, *catalog.models_of(line.part.id))).casefold()
        and room in ("", str(line.shelf.room_id))
        and (_asks(line) or not low)
    ]
    if not found:
        _none(lines, low=low)
        return
    names = context.read(full_names)
    for name, own in groupby(chosen_sheet(found, _PER_SHEET, "sheet"), lambda line: line.room_name):
        st.subheader(in_markdown(name), anchor=False)
        for line in own:
            _row(context, line, catalog.models_of(line.part.id), names)


def _row(context: PageContext, line: StockLine, models: Sequence[str], names: Mapping[str, str]) -> None:
    key = f"{line.shelf.part_id}-{line.shelf.room_id}"
    with st.container(horizontal=True, vertical_alignment="center", key=f"shelf-{key}"):
        st.html(shelf_html(line, models, names))
        if st.button(
            "Count", key=f"count-{key}", help=f"Count or take {line.part.title} in {line.room_name}"
        ):
            shelf_dialog(context, line)


def shelf_html(line: StockLine, models: Sequence[str], names: Mapping[str, str]) -> str:
    """Return a shelf: how many of what for which models, when it was counted by whom, and what is wrong."""
    shelf = line.shelf
    looks = [*([_LOW_LOOK] if shelf.is_low else []), *([_COUNT_LOOK] if shelf.to_count else [])]
    if shelf.counted_at is not None:
        known = f"counted by {who(shelf.counted_by, names)} on {calendar_day(shelf.counted_at.date())}"
    else:
        known = "never counted"
    facts = [_fits(models), f"minimum {shelf.minimum:,}" if shelf.minimum else "", known]
    return render("stock/shelf", line=line, ink=ink_of(line.part.color), looks=looks, facts=facts)


def _fits(models: Sequence[str]) -> str:
    """Return what tells parts of one name apart: the models, of which few are named."""
    more = len(models) - _MODELS
    named = ", ".join(models[:_MODELS])
    return f"fits {named}{f' and {more:,} more' if more > 0 else ''}" if models else "fits no known model"


def _none(lines: Sequence[StockLine], *, low: bool) -> None:
    if not lines:
        nothing("No shelf has been counted yet.", "Add a shelf for each part that lies in a store room.")
    elif low:
        nothing("Nothing is low.", f"{counted(len(lines), 'shelf', 'shelves')}: each has its minimum.")
    else:
        nothing("No shelf matches these filters.", "Search for fewer words, or in all store rooms.")
