"""The places as a tree, with how many printers each holds and how they are; found by words."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from core.domain.units import counted
from dashboard.features.places.assignee import empty_places
from dashboard.features.places.parts import places_html
from dashboard.features.places.tree import (
    PlaceNode,
    PlaceTree,
    TreeLine,
    need_attention,
    place_tree,
    shown_lines,
)
from dashboard.features.shared.cached import the_fleet
from dashboard.page_context import PageContext
from dashboard.ui.empty import nothing
from dashboard.ui.paging import chosen_page
from dashboard.ui.refreshing import STATES_SECONDS
from dashboard.ui.search import find_field
from dashboard.ui.text import sentences
from dashboard.ui.way_back import keep_address

_AT_ONCE: Final = 60
"""Lines of one page; and so deep the tree is shown that it has no more."""
_FEW: Final = 8
"""Places that are seen at a glance, without a search."""


def page(context: PageContext) -> None:
    """Draw the page."""
    tree = place_tree(the_fleet(context.app))
    words = ""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="strip"):
        st.title("Places", anchor=False, width="content")
        if len(tree.places) > _FEW:
            words = find_field("Find places", "Building, floor or room")
    empty_places(context, tree)
    st.fragment(_listed, run_every=STATES_SECONDS)(context, words)


def _listed(context: PageContext, words: str) -> None:
    tree = place_tree(the_fleet(context.app))
    if not any(place.location for place in tree.places.values()):
        why = "Write the place of each printer into the inventory: building, floor, room."
        nothing("No printer has a place yet.", why)
        return
    found = tree.find(words) if words.strip() else tree.top
    lines = [TreeLine(place, 0) for place in found] if words.strip() else shown_lines(found, _AT_ONCE)
    if not lines:
        nothing("No place is called that.", "Look for fewer words, or for a part of its name.")
        return
    st.caption(_summary(tree, found, words))
    table, shown = chosen_page(lines, _AT_ONCE, words)
    table.html(places_html(shown, whole_names=bool(words.strip())))
    keep_address("/places")


def _summary(tree: PlaceTree, found: Sequence[PlaceNode], words: str) -> str:
    if words.strip():
        return f"{len(found):,} of {counted(len(tree.places), 'place')}"
    printers, troubled = (
        sum(getattr(place, name) for place in tree.top) for name in ("printers", "troubled")
    )
    said = f"{counted(printers, 'printer')} in {counted(len(tree.places), 'place')}"
    return sentences((said, need_attention(troubled) or "none needs attention"))
