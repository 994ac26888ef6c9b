"""Printers found in the network: a site's collector sweeps, the page says what each one is to us."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import streamlit as st

from core.contract.discovery_messages import Discovered, FoundPrinter
from core.domain.inventory.discovery_plan import Sighting
from core.domain.units import counted
from core.runtime.wall_clock import utc_now
from dashboard.broker.finder import SweepSeen
from dashboard.features.inventory import actions
from dashboard.features.inventory.form import AREA
from dashboard.features.inventory.sweeps import SweepForm, begin_sweep, end_sweep
from dashboard.features.shared.outcomes import attempt, perform, show_outcome
from dashboard.page_context import PageContext
from dashboard.ui.empty import nothing
from dashboard.ui.table import Column, Row, forget_marks, html_table, marked
from dashboard.ui.text import in_markdown
from dashboard.undoing import Done

_SWEEP: Final = "find-sweep"
_PATIENCE: Final = timedelta(seconds=15)
_FIELDS: Final = ("networks", "ports", "site", "profile", "confirmed")
_STATUSES: Final = {
    "new": "New",
    "moved": "Known, at a different address",
    "known": "Known",
    "same": "Duplicate",
    "conflict": "Check it",
}


def find_printers(context: PageContext) -> None:
    """Draw the search."""
    show_outcome(AREA, context)
    sweep = context.app.finder.seen(st.session_state.get(_SWEEP, ""))
    _form(context)
    if sweep is not None:
        running = sweep.under_way
        st.fragment(_progress, run_every=1 if running else None)(context, running)


def _form(context: PageContext) -> None:
    st.text_area(
        "Networks",
        key="find-networks",
        placeholder="10.0.0.0/24, 10.0.1.17",
        help="Each address is asked once, slowly enough for the network.",
        height=70,
    )
    columns = st.columns(3, gap="medium")
    st.session_state.setdefault("find-ports", "161")
    st.session_state.setdefault("find-site", context.settings.common.site)
    st.session_state.setdefault("find-profile", "default")
    columns[0].text_input("Site", key="find-site", help="Its collector does the asking.")
    columns[1].text_input("Credential profile", key="find-profile", help="One of its SNMP_PROFILES")
    columns[2].text_input("SNMP ports", key="find-ports")
    st.checkbox("Yes, more addresses than a /16 has are meant", key="find-confirmed")
    st.button(
        "Start discovery",
        type="primary",
        icon=":material/search:",
        on_click=_begin,
        args=(context,),
    )


def _begin(context: PageContext) -> None:
    def act() -> Done:
        wanted = SweepForm(**{name: st.session_state[f"find-{name}"] for name in _FIELDS})
        st.session_state[_SWEEP] = begin_sweep(context.actor(), context.app.finder, wanted)
        return Done("")

    attempt(AREA, act)


def _stop(context: PageContext, sweep_id: str) -> None:
    end_sweep(context.actor(), context.app.finder, sweep_id)


def _progress(context: PageContext, was_running: bool) -> None:
    sweep = context.app.finder.seen(st.session_state.get(_SWEEP, ""))
    if sweep is None:
        return
    if was_running and not sweep.under_way:
        st.rerun()  # at rest now: no more looking every second
    if sweep.latest is None:
        _silence(sweep)
        return
    _told(sweep.latest, len(sweep.printers))
    if sweep.under_way:
        st.button("Stop", on_click=_stop, args=(context, sweep.request.id))
    elif not sweep.printers and sweep.latest.status == "done":
        nothing("No printer answered there.", "Is SNMP enabled on them, and is the profile theirs?")
    if sweep.printers:
        _found(context, sweep)


def _silence(sweep: SweepSeen) -> None:
    if utc_now() - sweep.request.requested_at < _PATIENCE:
        st.progress(0.0, text="Waiting for the collector")
    else:
        st.warning(
            f"No collector of site {in_markdown(sweep.site)} has answered. Is it running? "
            "The page System says more.",
            icon=":material/cloud_off:",
        )


def _told(latest: Discovered, printers: int) -> None:
    if latest.status == "refused":
        st.error(in_markdown(latest.error or "The collector refused to sweep."), icon=":material/block:")
        return
    devices = counted(latest.answering, "SNMP device", "SNMP devices")
    words = f"{counted(printers, 'printer', 'printers')} among {devices}"
    addresses = f"{latest.asked:,} of {latest.addresses:,} addresses asked"
    st.progress(min(1.0, latest.asked / max(1, latest.addresses)), text=f"{words}; {addresses}")
    if latest.error:
        st.info(in_markdown(latest.error), icon=":material/info:")


def _found(context: PageContext, sweep: SweepSeen) -> None:
    site, profile = sweep.site, sweep.request.profile
    made = actions.proposal(context.engine, context.viewer, sweep.printers, site=site, profile=profile)
    lines = [_row(sighting) for sighting in made.sightings]
    html_table("Printers found", _COLUMNS, lines, markable=not sweep.under_way)
    if sweep.under_way:
        return
    rows = [made.sightings[place] for place in marked(lines)]
    chosen = [sighting.found for sighting in rows or made.sightings]
    plan = made.plan
    if not (plan.added or plan.changed):
        st.caption("All of them are in the inventory as they are.")
        return
    label = f"Add or update the {len(rows)} selected" if rows else "Add what is new and update what has moved"
    st.button(label, type="primary", on_click=_take_over, args=(context, chosen, sweep))


def _take_over(context: PageContext, chosen: Sequence[FoundPrinter], sweep: SweepSeen) -> None:
    profile = sweep.request.profile
    if perform(AREA, context, actions.take_over, chosen, site=sweep.site, profile=profile):
        forget_marks()


_COLUMNS: Final = tuple(
    Column(title)
    for title in (
        "What it is",
        "Address",
        "Model",
        "Serial number",
        "Reported name",
        "Reported location",
        "Known as",
        "Note",
    )
)


def _row(sighting: Sighting) -> Row:
    found = sighting.found
    address = f"{found.host}:{found.port}"
    told = (found.model, found.serial_number, found.system_name, found.system_location)
    status = _STATUSES.get(sighting.status, sighting.status)
    return Row((status, address, *told, sighting.printer_id, sighting.note), mark=address)
