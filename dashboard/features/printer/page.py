"""One printer: what is wrong and what to do, what it reports, its supplies and its past."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from urllib.parse import quote

import streamlit as st

from core.contract.messages import Attention
from core.domain.conditions import DEVICE_CHANGED
from core.domain.mutes import is_supply_muted
from core.domain.permissions import Permission
from core.runtime.wall_clock import utc_now
from core.storage.full_names import full_names
from dashboard.app_context import AppContext
from dashboard.features.announcements.shown import announcements_box
from dashboard.features.mutes.dialog import ASKED, MutableFlag, may_mute, mute_dialog
from dashboard.features.mutes.muted import muted_box
from dashboard.features.mutes.suggestion import mute_suggestion
from dashboard.features.printer.actions import confirm
from dashboard.features.printer.history import show_past
from dashboard.features.printer.levels import output_tray_row, rows, supply_row, tray_row
from dashboard.features.printer.nearby import WORKING, print_instead
from dashboard.features.printer.out_of_service import out_of_service_box, service_button
from dashboard.features.printer.parts import (
    alerts_html,
    changes_html,
    counters_html,
    covers_html,
    evidence_html,
    facts_html,
    flag_html,
    issues_html,
    last_replacements,
    where_html,
)
from dashboard.features.printer.queries import PrinterView, read_printer
from dashboard.features.printer.refresh_button import refresh_now
from dashboard.features.shared.outcomes import press, show_outcome
from dashboard.features.stoppages.hint import chronic_hint, may_see_sheet, sheet_path
from dashboard.page_context import PageContext
from dashboard.ui.asked import asked_once
from dashboard.ui.empty import note, nothing
from dashboard.ui.headline import headline_box
from dashboard.ui.refreshing import STATES_SECONDS
from dashboard.ui.templates import render
from dashboard.ui.text import in_markdown
from dashboard.ui.way_back import way_back
from dashboard.ui.wording import headline, prints, sentence_of

_AREA: Final = "printer"


def page(context: PageContext) -> None:
    """Draw it; `?id=` says which."""
    printer_id = st.query_params.get("id", "")
    view = _read(context, printer_id)
    way_back("/fleet", "← All printers")
    if view is None:
        st.title("No such printer", anchor=False)
        nothing("There is no printer of that name.", "It may have been removed, or the link is incomplete.")
        return
    st.title(in_markdown(view.name, 120), anchor=False)
    st.html(where_html(view))
    _actions(context, view)
    with asked_once(ASKED) as (asked,):
        st.fragment(_now, run_every=STATES_SECONDS)(context, printer_id)
        show_past(context, view)
        if asked is not None:
            mute_dialog(context, _AREA, asked)


def _read(context: PageContext, printer_id: str) -> PrinterView | None:
    return context.read(read_printer, printer_id, context.viewer, utc_now())


def _actions(context: PageContext, view: PrinterView) -> None:
    given = quote(view.printer_id, safe="")
    with_label = context.viewer.may(Permission.PRINT_LABELS)
    with_edit = context.viewer.may(Permission.MANAGE_INVENTORY)
    sheet = sheet_path(view.printer_id) if may_see_sheet(context.viewer) else ""
    links = render(
        "printer/actions", printer_id=given, with_label=with_label, with_edit=with_edit, sheet=sheet
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.html(links, width="content")
        refresh_now(context, view.printer_id, view.site, _AREA)
        service_button(context, view, _AREA)


def _now(context: PageContext, printer_id: str) -> None:
    """Draw everything that a new reading changes; refreshed by itself."""
    if ASKED in st.session_state:
        st.rerun()  # the dialog belongs to the page: to draw this anew must not close it
    now = utc_now()
    view = _read(context, printer_id)
    if view is None:
        return
    announcements_box(context.app, view.location)
    _headline(view, now)
    chronic_hint(context.app, context.viewer, printer_id)
    main, side = st.columns([3, 2], gap="large")
    with main:
        _flags(view, context, now)
        _muted(view, context)
        _instead(context.app, view)
        _supplies(view)
        _issues(context, view)
        _reports(view)
    with side:
        _panel(view)
        _paper(view)
        _counters(view)
        st.subheader("Facts", anchor=False)
        st.html(facts_html(view, context.today))
        if view.changes:
            with st.expander("Changes of the device", key="device-changes"):
                st.html(changes_html(view.changes))


def _headline(view: PrinterView, now: datetime) -> None:
    if view.out_of_service:
        st.html(out_of_service_box(view.out_of_service))
    said = headline(view.state, stale=view.stale, now=now)
    off = "" if view.enabled else "It is disabled in the inventory and no longer polled."
    st.html(headline_box(said.health, said.sentence, said.advice, off))
    state = "stale" if view.stale else view.state.state
    st.html(render("printer/state", shown=state, state=view.state))


def _flags(view: PrinterView, context: PageContext, now: datetime) -> None:
    show_outcome(_AREA, context)
    if not view.state.attention:
        return
    st.subheader("What needs attention", anchor=False)
    for position, flag in enumerate(view.state.attention):
        with st.container(border=True):
            st.html(flag_html(flag, prints=prints(view.state)))
            mute_key = f"mute-{position}-{flag.code}"
            suggestion = mute_suggestion(context, view.printer_id, flag, now)
            if suggestion:
                note(suggestion)
                _mute_button(view, flag, mute_key)
            if flag.code == DEVICE_CHANGED and context.viewer.may(Permission.CONFIRM_DEVICES):
                _confirm(view, context)
            with st.expander("Why is this flagged?", type="compact", key=f"why-{position}-{flag.code}"):
                st.html(evidence_html(flag))
                if may_mute(context.viewer, flag.code) and not suggestion:
                    _mute_button(view, flag, mute_key)


def _mute_button(view: PrinterView, flag: Attention, key: str) -> None:
    part = (flag.parameters or {}).get("part", "")
    about = MutableFlag(view.printer_id, view.name, flag.code, flag.subject, sentence_of(flag), part)
    st.button(
        "Mute …",
        key=key,
        icon=":material/notifications_off:",
        help="For what this printer reports and nobody needs to be told of.",
        on_click=st.session_state.__setitem__,
        args=(ASKED, about),
    )


def _muted(view: PrinterView, context: PageContext) -> None:
    if view.muted:
        st.subheader("Muted", anchor=False)
        muted_box(context, _AREA, view.muted)


def _confirm(view: PrinterView, context: PageContext) -> None:
    if view.confirmed:
        note("It is confirmed: this note goes with the next readings.", small=True)
        return
    st.button(
        "Confirm the new device",
        key="confirm-device",
        icon=":material/verified:",
        help="Writes its serial number into the inventory.",
        on_click=press,
        args=(_AREA, context, confirm, view.printer_id),
    )


def _supplies(view: PrinterView) -> None:
    st.subheader("Supplies", anchor=False)
    if not view.state.supplies:
        nothing("It reports no supplies.", "Some printers do not; others only while they are awake.")
        return
    mutes = [known.mute for known in view.muted]
    muted = {one.index for one in view.state.supplies if is_supply_muted(mutes, one.index)}
    shown = (
        supply_row(one, view.forecasts.get(one.index), muted=one.index in muted)
        for one in view.state.supplies
    )
    st.html(rows(shown))
    if last := last_replacements(view.replacements):
        with st.expander("Last replacements", key="replacements"):
            st.html(render("printer/replacements", events=last))


def _reports(view: PrinterView) -> None:
    st.subheader("Reported by the printer", anchor=False)
    if view.state.alerts:
        st.html(alerts_html(view.state.alerts))
    else:
        note("The printer reports no alerts.")


def _instead(app_context: AppContext, view: PrinterView) -> None:
    if view.state.state in WORKING and not view.stale and not view.out_of_service:
        return
    print_instead(app_context, view.printer_id)


def _panel(view: PrinterView) -> None:
    if view.state.console_text:
        st.subheader("Display", anchor=False)
        st.html(render("printer/console", text=view.state.console_text))


def _paper(view: PrinterView) -> None:
    if view.state.input_trays:
        st.subheader("Paper", anchor=False)
        st.html(rows(tray_row(tray) for tray in view.state.input_trays))
    if view.state.output_trays:
        st.subheader("Output trays", anchor=False)
        st.html(rows(output_tray_row(tray) for tray in view.state.output_trays))
    if view.state.covers:
        st.subheader("Covers", anchor=False)
        st.html(covers_html(view.state.covers))


def _counters(view: PrinterView) -> None:
    if view.state.counters:
        st.subheader("Page counters", anchor=False)
        st.html(counters_html(view.state))


def _issues(context: PageContext, view: PrinterView) -> None:
    st.subheader("Issues", anchor=False)
    names: Mapping[str, str] = {}
    if any(each.assignee for each in (*view.open_issues, *view.past_issues)):
        names = context.read(full_names)
    if view.open_issues:
        st.html(issues_html(view.open_issues, names, context.viewer, context.today))
    else:
        note("No open issues.")
    if view.past_issues:
        with st.expander(f"Past issues ({len(view.past_issues)})", key="past-issues"):
            st.html(issues_html(view.past_issues, names, context.viewer, context.today))
