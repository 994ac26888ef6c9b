"""Issues: what people reported and the system found, as a board or a table; filters are in the address."""

from dataclasses import replace
from typing import Final

import streamlit as st

from core.domain.units import counted
from core.domain.wording import CATEGORIES
from core.storage.database import reading
from core.storage.tables import LIVING, IssueKind
from dashboard.features.issues.board import AREA, board
from dashboard.features.issues.new_issue import new_issue
from dashboard.features.issues.queries import (
    AT_VENDOR,
    VISIT_OVERDUE,
    IssueFilter,
    count_by_priority,
    count_by_status,
    count_overdue,
    issue_lines,
    people,
)
from dashboard.features.issues.table import COLUMNS, issue_table, issues_csv
from dashboard.features.shared.manager_cached import issue_board
from dashboard.features.shared.outcomes import show_outcome
from dashboard.page_context import PageContext
from dashboard.ui.chips import chips, chosen
from dashboard.ui.downloads import csv_button
from dashboard.ui.empty import nothing
from dashboard.ui.issue_parts import PRIORITY_LOOKS, STATUS_LOOKS
from dashboard.ui.manager_style import manager_style
from dashboard.ui.paging import sheet_number
from dashboard.ui.query_choice import choice
from dashboard.ui.refreshing import WORK_SECONDS
from dashboard.ui.search import search_field
from dashboard.ui.table import asked_order
from dashboard.ui.templates import render
from dashboard.ui.way_back import keep_address

_PER_SHEET: Final = 50
_MINE_OR_UNASSIGNED, _ANYBODY, _MINE, _NOBODY = "desk", "all", "me", "nobody"  # as addresses have them
_KINDS: Final = {
    "": "Anywhere",
    IssueKind.PERSON.value: "People's reports",
    IssueKind.DEVICE.value: "Found by the system",
}
_VENDORS: Final = {"": "With or without", AT_VENDOR: "With a vendor", VISIT_OVERDUE: "Visit was due"}
_VIEWS: Final = {"board": "Board", "table": "Table"}


def page(context: PageContext) -> None:
    """Draw the page. The board refreshes itself.

    The table does not: marked rows must not move under the hand.
    """
    manager_style()
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key="strip"
    ):
        st.title("Issues", anchor=False)
        asked = st.button("New issue", key="new-issue", type="primary", icon=":material/add:")
        how = choice("view", "View", _VIEWS, as_="segments", hide_label=True)
    if asked:
        new_issue(context)
    if how == "table":
        st.fragment(_table)(context)
    else:
        st.fragment(_board, run_every=WORK_SECONDS)(context)


def _board(context: PageContext) -> None:
    names, wanted, _ = _asked(context)
    shown = issue_board(context.app, wanted)
    if any(shown.columns.values()) or shown.machines or shown.ended:
        board(context, shown, names)
    else:
        _none(wanted)


def _table(context: PageContext) -> None:
    names, wanted, counts = _asked(context)
    shown = wanted if wanted.statuses else replace(wanted, statuses=LIVING)
    total = sum(counts[status] for status in shown.statuses)
    offset = _PER_SHEET * (sheet_number(total, _PER_SHEET, "part") - 1)
    order = asked_order(COLUMNS)
    lines = context.read(issue_lines, shown, limit=_PER_SHEET, offset=offset, order=order)
    if not lines:
        _none(wanted)
        return
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        which = "" if wanted.statuses else f" that {'is' if total == 1 else 'are'} still to be done"
        st.caption(f"{counted(total, 'issue', 'issues')}{which}")
        csv_button("issues", lambda: issues_csv(context, shown, names))
    issue_table(context, lines, names)


def _asked(context: PageContext) -> tuple[dict[str, str], IssueFilter, dict[str, int]]:
    """Draw the filters; returns the people, the filter, and the counts of each status."""
    names = context.read(people)
    wanted = _filter(context, names)
    with reading(context.engine) as connection:
        counts = count_by_status(connection, wanted)
        by_priority = count_by_priority(connection, wanted)
        late = count_overdue(connection, context.today)
    with st.container(horizontal=True, gap="large", key="chips-line"):
        chips("status", "Status", STATUS_LOOKS, counts)
        chips("priority", "Priority", PRIORITY_LOOKS, by_priority)
    if late and wanted.vendor != VISIT_OVERDUE:
        st.html(render("issues/overdue", late=late))
    keep_address("/issues")
    show_outcome(AREA, context)
    return names, wanted, counts


def _filter(context: PageContext, names: dict[str, str]) -> IssueFilter:
    """Draw all filters but the chips, which are drawn with their counts."""
    viewer = context.viewer
    whose = {
        _MINE_OR_UNASSIGNED: "Mine and unassigned",
        _ANYBODY: "Anybody's",
        _MINE: "Mine",
        _NOBODY: "Nobody's",
    }
    if st.query_params.get("printer"):  # a link to all that there is of one
        whose = {_ANYBODY: whose.pop(_ANYBODY), **whose}
    others = {name: full_name for name, full_name in names.items() if name != viewer.name}
    with st.container(horizontal=True, vertical_alignment="bottom", key="filters"):
        text = search_field("text", "Words, printer, place, #number, vendor's case")
        assignee = choice("assignee", "Assigned to", whose | others)
        category = choice("category", "Category", {"": "Everything", **CATEGORIES})
        kind = choice("kind", "Source", _KINDS)
        vendor = choice("vendor", "Vendor", _VENDORS)
    printer_id = st.query_params.get("printer", "")
    if printer_id:
        st.html(render("issues/only_printer", printer_id=printer_id))
    return IssueFilter(
        statuses=chosen("status", STATUS_LOOKS),
        priorities=chosen("priority", PRIORITY_LOOKS),
        categories=(category,) if category else (),
        assignee={_ANYBODY: None, _MINE_OR_UNASSIGNED: viewer.name, _MINE: viewer.name, _NOBODY: ""}.get(
            assignee, assignee
        ),
        or_nobody=assignee == _MINE_OR_UNASSIGNED,
        printer_id=printer_id,
        kind=kind,
        vendor=vendor,
        today=context.today,
        text=text,
        folded=True,
        sees_addresses=viewer.sees_addresses,
    )


def _none(wanted: IssueFilter) -> None:
    unfiltered = IssueFilter(folded=True, sees_addresses=wanted.sees_addresses, today=wanted.today)
    if wanted == replace(unfiltered, assignee=wanted.assignee, or_nobody=True):
        nothing(
            "Nothing waits for you.",
            "No open issue is yours or unassigned.",
            link=("Show everybody's", "/issues?assignee=all"),
        )
    elif wanted == unfiltered:
        nothing(
            "There are no open issues.",
            "What people report appears here.",
            link=("Report a problem", "/report"),
        )
    else:
        nothing("No issue matches these filters.", "Remove a filter, or search for fewer words.")
