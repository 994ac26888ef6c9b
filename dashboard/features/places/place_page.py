"""One place: its printers, the places in it, issues, supplies to bring, pages and availability."""

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import quote

import streamlit as st

from core.domain.permissions import Permission
from core.domain.places import NOWHERE, named, parts_of, within
from core.storage.full_names import full_names
from core.timeseries.reader import TimeSeriesUnavailable
from dashboard.app_context import AppContext
from dashboard.features.announcements.shown import announcements_box
from dashboard.features.fleet.listed import for_everybody
from dashboard.features.fleet.queries import Listed
from dashboard.features.fleet.table import fleet_table
from dashboard.features.places.assignee import looked_after, looked_after_still
from dashboard.features.places.out_of_service import AREA, take_out_button, taken_out_lines
from dashboard.features.places.parts import bring_html, crumbs_html, figures_of, issues_html, places_html
from dashboard.features.places.queries import LivingIssue, bring_to, usage_of
from dashboard.features.places.tree import PlaceNode, place_tree, rows_in, shown_lines
from dashboard.features.reports.queries import Tally
from dashboard.features.shared.cached import listed_details, the_fleet
from dashboard.features.shared.manager_cached import open_issues, parts_to_bring, usage_by_printer
from dashboard.features.shared.outcomes import show_outcome
from dashboard.page_context import PageContext
from dashboard.ui.empty import note, nothing
from dashboard.ui.paging import chosen_page
from dashboard.ui.refreshing import STATES_SECONDS
from dashboard.ui.templates import render
from dashboard.ui.text import in_markdown
from dashboard.viewer import Viewer

_PAGE_ROWS: Final = 25
"""Printers of one page: below them is what people come for, too."""
_INSIDE_SHOWN: Final = 6
"""So deep the places in it are shown that they are no more."""
_ISSUES_SHOWN: Final = 15
_PARTS_SHOWN: Final = 30


def page(context: PageContext) -> None:
    """Draw it; `?location=` says which, an empty one means the printers without a location."""
    asked = st.query_params.get("location")
    location = named(parts_of(asked or ""))
    st.html(crumbs_html(location))
    if asked is None or place_tree(the_fleet(context.app)).places.get(location) is None:
        st.title("No such place", anchor=False)
        nothing("No printer is there.", "It may have been moved or renamed.", link=("All places", "/places"))
        if location:
            show_outcome(AREA, context)
            looked_after_still(context, location)
        return
    with st.container(horizontal=True, vertical_alignment="center", key="place-head"):
        st.title(
            in_markdown(parts_of(location)[-1] if location else NOWHERE, 120), anchor=False, width="content"
        )
        if location:
            st.html(_links(context.viewer, location), width="content")
            take_out_button(context, location)
    if location:
        show_outcome(AREA, context)
        looked_after(context, location)
        taken_out_lines(context, location)
    st.fragment(_now, run_every=STATES_SECONDS)(context, location)


def _links(viewer: Viewer, location: str) -> str:
    given = quote(location, safe="")
    with_round, with_labels = viewer.may(Permission.WORK_ISSUES), viewer.may(Permission.PRINT_LABELS)
    return render("places/links", location=given, with_round=with_round, with_labels=with_labels)


def _now(context: PageContext, location: str) -> None:
    """Draw everything that changes by itself; refreshed by itself."""
    fleet = the_fleet(context.app)
    place = place_tree(fleet).places.get(location)
    if place is None:  # its last printer was moved while somebody looked
        nothing("No printer is there any more.", link=("All places", "/places"))
        return
    rows = rows_in(fleet, location)
    by_id = {row.printer_id: row for row in rows}
    issues = [issue for issue in open_issues(context.app) if issue.printer_id in by_id]
    announcements_box(context.app, location, within=bool(location))
    figures = figures_of(place, len(issues), _usage(context.app, list(by_id)))
    st.html(render("places/figures", figures=figures))
    if place.inside:
        st.subheader("Places within", anchor=False)
        st.html(places_html(shown_lines(place.inside, _INSIDE_SHOWN)))
    st.subheader("Printers", anchor=False)
    _printers(context, place, rows)
    may_bring = context.viewer.may(Permission.USE_STOCK)
    left, right = st.columns(2, gap="large") if may_bring else (st.container(), None)
    with left:
        _issues(context, issues, by_id)
    if right is not None:
        with right:
            _supplies(context.app, by_id)


def _usage(app_context: AppContext, printer_ids: Sequence[str]) -> Tally | None:
    try:
        return usage_of(usage_by_printer(app_context), printer_ids)
    except TimeSeriesUnavailable:
        return None


def _printers(context: PageContext, place: PlaceNode, rows: Sequence[Listed]) -> None:
    table, shown = chosen_page(rows, _PAGE_ROWS, place.location)
    details = listed_details(context.app, [row.printer_id for row in shown])
    if not context.viewer.sees_addresses:
        details = for_everybody(details)
    inner = [row._replace(location=within(row.location, place.location)) for row in shown]
    table.html(fleet_table(inner, details))


def _issues(context: PageContext, issues: Sequence[LivingIssue], printers: Mapping[str, Listed]) -> None:
    st.subheader("Open issues", anchor=False)
    if not issues:
        note("No open issues.")
        return
    shown = list(issues[:_ISSUES_SHOWN])
    if not context.viewer.sees_addresses:
        shown = [issue.for_everybody() for issue in shown]
    names = context.read(full_names) if any(issue.assignee for issue in shown) else {}
    with_links = context.viewer.may(Permission.WORK_ISSUES)
    st.html(issues_html(shown, printers, names, with_links=with_links))
    if len(issues) > len(shown):
        note(f"And {len(issues) - len(shown):,} more.", small=True)


def _supplies(app_context: AppContext, printers: Mapping[str, Listed]) -> None:
    st.subheader("Supplies to bring", anchor=False)
    wanted = app_context.settings.order_filter
    parts = bring_to(parts_to_bring(app_context, wanted), printers.keys())
    if not parts:
        note(f"No supply here is at {wanted.percent} % or less, or runs out within {wanted.days} days.")
        return
    st.html(bring_html(parts[:_PARTS_SHOWN]))
    if len(parts) > _PARTS_SHOWN:
        note(f"And {len(parts) - _PARTS_SHOWN:,} more parts.", small=True)
