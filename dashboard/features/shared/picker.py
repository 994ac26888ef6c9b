"""Finding a printer by typing: its name, place, model or (for who sees them) address and serial number."""

from typing import Final

import streamlit as st

from dashboard.features.fleet.queries import FleetFilter
from dashboard.features.shared.cached import the_fleet
from dashboard.page_context import PageContext
from dashboard.ui.text import in_markdown

_OFFERED: Final = 8


def printer_picker(context: PageContext, key: str) -> str | None:
    """Draw a search field and a button for each printer it finds.

    Returns the id of the one that was just chosen.
    """
    words = st.text_input(
        "Find the printer",
        key=f"{key}-words",
        type="search",
        live=True,
        max_chars=100,
        placeholder="Name, building, room or model",
        icon=":material/search:",
    )
    found = (
        the_fleet(context.app)
        .find(FleetFilter(words=words or "", order="name"), context.viewer.sees_addresses)
        .rows
    )
    if not found:
        st.caption("No printer is called that. Its name is on its label; a room or a building will do, too.")
        return None
    if len(found) > _OFFERED and not words:
        return None
    chosen = None
    for row in found[:_OFFERED]:
        place = f" – {in_markdown(row.location, 80)}" if row.location else ""
        if st.button(
            f"**{in_markdown(row.name, 80)}**{place}", key=f"{key}-{row.printer_id}", width="stretch"
        ):
            chosen = row.printer_id
    if len(found) > _OFFERED:
        st.caption(f"And {len(found) - _OFFERED:,} more: type another word of its name or place.")
    return chosen
