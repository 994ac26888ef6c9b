"""Finding a printer by typing: its name, place, model or (for who sees them) address and serial number."""

from typing import Final

import streamlit as st

from dashboard.cached import the_fleet
from dashboard.queries.fleet import Listed, Wanted
from dashboard.viewer import Viewer
from dashboard.widgets.text import clean
from dashboard.wiring import Wiring

_OFFERED: Final = 30


def printer_picker(viewer: Viewer, wiring: Wiring, key: str) -> str | None:
    """A search field and what it finds; the id of the printer that is chosen, None as long as none is."""
    fleet = the_fleet(wiring)
    words = st.text_input(
        "Find the printer",
        key=f"{key}-words",
        type="search",
        live=True,
        max_chars=100,
        placeholder="Name, building, room or model",
        icon=":material/search:",
    )
    found = fleet.find(Wanted(words=words or "", order="name"), viewer.sees_addresses).rows
    if not found:
        st.caption("No printer is called that. Its name is on its label; a room or a building will do, too.")
        return None
    chosen: str | None = st.selectbox(
        "Printer" if len(found) <= _OFFERED else f"Printer (the first {_OFFERED} of {len(found):,})",
        [row.printer_id for row in found[:_OFFERED]],
        index=0 if len(found) == 1 else None,
        format_func=lambda printer_id: printer_label(fleet.by_id.get(printer_id), printer_id),
        key=f"{key}-printer",
        placeholder="Choose one",
    )
    return chosen


def printer_label(row: Listed | None, printer_id: str) -> str:
    """Name and place in one line (options of a selectbox are plain text)."""
    if row is None:
        return clean(printer_id)
    return clean(f"{row.name} – {row.location}" if row.location else row.name)
