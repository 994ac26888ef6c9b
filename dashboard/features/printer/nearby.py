"""Find where to print instead: printers that work, the nearest first."""

from collections.abc import Callable
from itertools import takewhile
from typing import Any, Final

import streamlit as st

from core.domain.places import parts_of, place_of
from dashboard.app_context import AppContext
from dashboard.features.fleet.queries import ORDERS, Fleet, Listed
from dashboard.features.fleet.table import printer_path
from dashboard.features.shared.cached import the_fleet
from dashboard.ui.templates import render

WORKING: Final = frozenset({"idle", "printing", "warming_up", "asleep"})
"""The states in which a printer prints."""
_OFFERED: Final = 3


def works(row: Listed) -> bool:
    """Return whether somebody can print on it now."""
    return row.state in WORKING and row.health not in ("critical", "out")


def alternatives(fleet: Fleet, printer_id: str) -> list[Listed]:
    """Return working printers in the same place, else in the same building."""
    own = fleet.by_id.get(printer_id)
    if own is None or not own.location:
        return []
    others = [row for row in fleet.rows if row.printer_id != printer_id and works(row)]
    near = [row for row in others if row.location == own.location]
    building = place_of(own.location).lower()
    around = [
        row for row in others if row.location != own.location and place_of(row.location).lower() == building
    ]
    return sorted(near, key=ORDERS["name"])[:_OFFERED] or sorted(around, key=_nearness(own))[:_OFFERED]


def _nearness(own: Listed) -> Callable[[Listed], Any]:
    """Return the nearness: the more of the location's words agree from the left, the nearer."""
    parts = parts_of(own.location.lower())

    def key(row: Listed) -> Any:
        theirs = parts_of(row.location.lower())
        same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(parts, theirs, strict=False)))
        return -same, row.folded

    return key


def print_instead(app_context: AppContext, printer_id: str) -> None:
    """Draw where to print instead of a printer; nothing where nothing is near."""
    others = alternatives(the_fleet(app_context), printer_id)
    if others:
        st.subheader("Print here instead", anchor=False)
        printers = [(row, printer_path(row.printer_id)) for row in others]
        st.html(render("printer/alternatives", printers=printers))
