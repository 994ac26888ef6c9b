"""The printers, worst first: found by words, place, model and state; the list looks again by itself."""

from dataclasses import replace
from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.domain.health import HEALTHS
from core.domain.permissions import Permission
from dashboard.features.announcements.shown import announcements_box
from dashboard.features.fleet.listed import for_everybody
from dashboard.features.fleet.queries import PAGE_ROWS, Fleet, FleetFilter, FleetMatches
from dashboard.features.fleet.table import COLUMNS, fleet_table
from dashboard.features.shared.cached import listed_details, the_fleet
from dashboard.page_context import PageContext
from dashboard.ui.chips import chips, chosen
from dashboard.ui.empty import nothing
from dashboard.ui.paging import chosen_page
from dashboard.ui.query_choice import choice
from dashboard.ui.refreshing import STATES_SECONDS
from dashboard.ui.search import find_field
from dashboard.ui.templates import render
from dashboard.ui.way_back import keep_address
from dashboard.ui.wording import HEALTH, STATE_LOOKS, TROUBLE
from dashboard.viewer import Viewer

_ORDERS: Final = {
    "worst": "Worst first",
    "name": "By name",
    "location": "By place",
    "supply": "Lowest supply first",
}
_NARROW: Final = 126
_STATES: Final = {state: look for state, look in STATE_LOOKS.items() if state != "stale"}


def page(context: PageContext) -> None:
    """Draw it."""
    st.fragment(_listing)(context)


def _listing(context: PageContext) -> None:
    """Draw the filters and the list; only the list refreshes itself, since filters cost as much to draw."""
    fleet = the_fleet(context.app)
    sees_addresses = context.viewer.sees_addresses
    wanted = FleetFilter()
    with _line("strip"):
        st.title("Printers", anchor=False, width="content")
        if fleet.rows:
            fields = (
                "Name, place, model, address, serial, asset tag, firmware"
                if sees_addresses
                else "Name, place or model"
            )
            wanted = FleetFilter(words=find_field("Find printers", fields))
        with _line("filters"):
            if fleet.rows:
                wanted = _chosen(fleet, wanted, sees_addresses)
            run_every = STATES_SECONDS if _is_live() else None
            _view(context.viewer)
    if fleet.rows:
        st.fragment(_matches, run_every=run_every)(context, wanted)
    else:
        st.fragment(_until_there_are_some, run_every=run_every)(context)


def _view(viewer: Viewer) -> None:
    """The menu of how the list looks: list_view.js keeps what is chosen in the browser, and in an account."""
    view = render("fleet/view", columns=COLUMNS, kept=viewer.list_view, account=not viewer.is_anonymous)
    st.html(view, width="content")


def _is_live() -> bool:
    return st.toggle(
        "Live",
        value=True,
        key="live",
        bind="query-params",
        help="The list refreshes every few seconds. Turn this off to read it undisturbed.",
        width="content",
    )


def _until_there_are_some(context: PageContext) -> None:
    if the_fleet(context.app).rows:
        st.rerun()
    _no_printers(context.viewer)


def _matches(context: PageContext, wanted: FleetFilter) -> None:
    fleet, sees_addresses = the_fleet(context.app), context.viewer.sees_addresses
    wanted = replace(wanted, health=chosen("health", HEALTH), states=chosen("state", _STATES))
    found = fleet.find(wanted, sees_addresses)
    announcements_box(context.app, wanted.location, within=True)
    with _line("chips-line"):
        _summary(fleet, found)
        if wanted.location:
            st.html(render("fleet/about_place", place=wanted.location), width="content")
        chips("health", "Health", HEALTH, found.by_health)
        chips("state", "State", _STATES, found.by_state)
    if found.rows:
        _table(context, found, wanted)
    else:
        nothing("No printer matches these filters.", "Remove a filter, or search for fewer words.")
    keep_address("/fleet")


def _no_printers(viewer: Viewer) -> None:
    if viewer.may(Permission.MANAGE_INVENTORY):
        nothing("There are no printers yet.", "Add the first one, or import a spreadsheet.", link=_INVENTORY)
    else:
        nothing("There are no printers yet.", "An administrator adds them; then they are here.")


_INVENTORY: Final = ("Open the inventory", "/inventory")


def _line(key: str) -> DeltaGenerator:
    """What stands in a line (look.css says by its key what happens where there is no room)."""
    return st.container(horizontal=True, vertical_alignment="center", gap="small", key=key)


def _chosen(fleet: Fleet, wanted: FleetFilter, sees_addresses: bool) -> FleetFilter:
    """All but the chips, which have counts; every one of them is in the address."""
    place = _choice("Place", "place", fleet.places, "Everywhere")
    model = _choice("Model", "model", fleet.models, "Every model")
    versions = fleet.firmware_of(model) if model and sees_addresses else []
    return replace(
        wanted,
        location=place,
        model=model,
        firmware=_choice("Firmware", "firmware", versions, "Every firmware") if versions else "",
        order=choice("order", "Order", _ORDERS, hide_label=True, width=_NARROW),
    )


def _choice(label: str, key: str, options: list[str], everything: str) -> str:
    chosen_one = st.selectbox(
        label,
        options,
        index=None,
        key=key,
        bind="query-params",
        placeholder=everything,
        filter_mode="contains",
        label_visibility="collapsed",
        width=_NARROW,
    )
    return str(chosen_one or "")


def _summary(fleet: Fleet, found: FleetMatches) -> None:
    """Draw the counts; and, where nobody has to do anything, a sentence that says so."""
    if len(found.rows) < len(fleet.rows):
        said = f"{len(found.rows):,} of {len(fleet.rows):,} printers"
    elif not any(found.by_health.get(health) for health in TROUBLE):
        well, total = found.by_health.get("ok", 0), len(fleet.rows)
        those = f"all {total:,}" if well == total else f"{well:,} of {total:,}"
        said = f"Nothing is wrong today: {those} printers are {HEALTHS['ok']}."
        if not well and found.by_health.get("new"):
            said = "No printer has been reached yet: first readings come within a few minutes."
    else:
        said = f"{len(fleet.rows):,} printers"
    st.caption(said, width="content")


def _table(context: PageContext, found: FleetMatches, wanted: FleetFilter) -> None:
    table, rows = chosen_page(found.rows, PAGE_ROWS, wanted)
    details = listed_details(context.app, [row.printer_id for row in rows])
    if not context.viewer.sees_addresses:
        details = for_everybody(details)
    table.html(fleet_table(rows, details))
