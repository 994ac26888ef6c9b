"""The inventory: which printers are watched; added one by one, or taken over from a spreadsheet."""

from typing import Final

import streamlit as st

from dashboard.features.inventory.find import find_printers
from dashboard.features.inventory.form import add_printer
from dashboard.features.inventory.import_file import import_printers
from dashboard.features.inventory.printer_list import list_printers
from dashboard.page_context import PageContext
from dashboard.ui.query_choice import choice

_VIEWS: Final = {"list": "Printers", "add": "Add one", "import": "Import", "find": "Find"}
_DRAW: Final = {
    "list": list_printers,
    "add": add_printer,
    "import": import_printers,
    "find": find_printers,
}


def page(context: PageContext) -> None:
    """Draw it."""
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        st.title("Inventory", anchor=False)
        view = choice("view", "View", _VIEWS, as_="segments", hide_label=True)
    _DRAW[view](context)
