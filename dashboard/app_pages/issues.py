"""Issues: what people reported and the system found, as a board or a table; filters are in the address."""

from datetime import UTC, datetime
from typing import Final

import streamlit as st

from dashboard.actions.undoing import counted
from dashboard.manager_cached import issue_board
from dashboard.queries.issues import (
    IssueFilter,
    count_by_priority,
    count_by_status,
    issue_lines,
    people,
)
from dashboard.text import in_html
from dashboard.viewer import Rank, Viewer
from dashboard.widgets.address import choice
from dashboard.widgets.chips import chips, chosen
from dashboard.widgets.issue_board import AREA, board
from dashboard.widgets.issue_parts import PRIORITY_LOOKS, STATUS_LOOKS, link
from dashboard.widgets.issue_table import download, issue_table
from dashboard.widgets.manager_style import manager_style
from dashboard.widgets.outcomes import show_outcome
from dashboard.widgets.states import nothing
from dashboard.wiring import Wiring
from fleet.database import reading
from fleet.tables import LIVING, IssueKind
from fleet.wording import CATEGORIES

_PER_SHEET: Final = 50
_REFRESH_SECONDS: Final = 15
_MINE, _NOBODY = "me", "nobody"
_KINDS: Final = {
    "": "Anywhere",
    IssueKind.PERSON.value: "People's reports",
    IssueKind.DEVICE.value: "Found by the system",
}
_VIEWS: Final = {"board": "Board", "table": "Table"}


def page(viewer: Viewer, wiring: Wiring) -> None:
    """The board refreshes itself; the table stands still: marked rows must not move under the hand."""
    viewer.require(Rank.TECHNICIAN)
    manager_style()
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        st.title("Issues", anchor=False)
        how = choice("view", "View", _VIEWS, as_="segments", hide_label=True)
    if how == "table":
        st.fragment(_table)(viewer, wiring)
    else:
        st.fragment(_board, run_every=_REFRESH_SECONDS)(viewer, wiring)


def _board(viewer: Viewer, wiring: Wiring) -> None:
    names, wanted, counts = _asked(viewer, wiring)
    columns = issue_board(wiring, wanted)
    if any(columns.values()):
        board(viewer, wiring, columns, counts, people=names, now=datetime.now(UTC))
    else:
        _none(wanted)


def _table(viewer: Viewer, wiring: Wiring) -> None:
    names, wanted, counts = _asked(viewer, wiring)
    shown = wanted if wanted.statuses else IssueFilter(**{**vars(wanted), "statuses": LIVING})
    total = sum(counts[status] for status in shown.statuses)
    sheets = max(1, -(-total // _PER_SHEET))
    sheet = min(sheets, st.pagination(sheets, key="part", bind="query-params")) if sheets > 1 else 1
    with reading(wiring.engine) as connection:
        lines = issue_lines(connection, shown, limit=_PER_SHEET, offset=_PER_SHEET * (sheet - 1))
    if not lines:
        _none(wanted)
        return
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        which = "" if wanted.statuses else f" that {'is' if total == 1 else 'are'} still to be done"
        st.caption(f"{counted(total, 'issue', 'issues')}{which}")
        download(viewer, wiring, shown, names)
    issue_table(viewer, wiring, lines, names)


def _asked(viewer: Viewer, wiring: Wiring) -> tuple[dict[str, str], IssueFilter, dict[str, int]]:
    """Who there is, what is wanted, and how many of that in each status; draws the filters."""
    with reading(wiring.engine) as connection:
        names = people(connection)
    wanted = _filter(viewer, names)
    with reading(wiring.engine) as connection:
        counts = count_by_status(connection, wanted)
        by_priority = count_by_priority(connection, wanted)
    with st.container(horizontal=True, gap="large"):
        chips("status", "Status", STATUS_LOOKS, counts)
        chips("priority", "Priority", PRIORITY_LOOKS, by_priority)
    show_outcome(AREA, viewer, wiring)
    return names, wanted, counts


def _filter(viewer: Viewer, names: dict[str, str]) -> IssueFilter:
    """All but the chips, which are drawn with their counts."""
    whose = {"": "Anybody's", _MINE: "Mine", _NOBODY: "Nobody's"}
    others = {name: full_name for name, full_name in names.items() if name != viewer.name}
    with st.container(horizontal=True, vertical_alignment="bottom", key="filters"):
        text = st.text_input(
            "Search",
            key="text",
            bind="query-params",
            type="search",
            max_chars=100,
            placeholder="Words, printer, place, #number",
        )
        assignee = choice("assignee", "Assigned to", whose | others)
        category = choice("category", "What is wrong", {"": "Everything", **CATEGORIES})
        kind = choice("kind", "Where from", _KINDS)
    printer_id = st.query_params.get("printer", "")
    if printer_id:
        only = f"Only those of printer <strong>{in_html(printer_id)}</strong>."
        st.html(f"<p>{only} {link('issues', 'Show all')}</p>")
    return IssueFilter(
        statuses=chosen("status", STATUS_LOOKS),
        priorities=chosen("priority", PRIORITY_LOOKS),
        categories=(category,) if category else (),
        assignee={"": None, _MINE: viewer.name, _NOBODY: ""}.get(assignee, assignee),
        printer_id=printer_id,
        kind=kind,
        text=text or "",
    )


def _none(wanted: IssueFilter) -> None:
    if wanted == IssueFilter():
        nothing(
            "There are no open issues.",
            "What people report appears here.",
            link=("Report a problem", "/report"),
        )
    else:
        nothing("No issue is like that.", "Take away a filter, or look for fewer words.")
