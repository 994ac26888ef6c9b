"""The inventory: which printers are watched; added one by one, or taken over from a spreadsheet."""

from typing import Final

import streamlit as st

from dashboard.viewer import Rank, Viewer
from dashboard.widgets.address import choice
from dashboard.widgets.inventory_find import find_printers
from dashboard.widgets.inventory_form import add_printer
from dashboard.widgets.inventory_import import import_printers
from dashboard.widgets.inventory_list import list_printers
from dashboard.wiring import Wiring

_VIEWS: Final = {"list": "Printers", "add": "Add one", "import": "Import", "find": "Find"}
_DRAW: Final = {
    "list": list_printers,
    "add": add_printer,
    "import": import_printers,
    "find": find_printers,
}


def page(viewer: Viewer, wiring: Wiring) -> None:
    """Draw it."""
    viewer.require(Rank.ADMIN)
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        st.title("Inventory", anchor=False)
        view = choice("view", "View", _VIEWS, as_="segments", hide_label=True)
    _DRAW[view](viewer, wiring)
