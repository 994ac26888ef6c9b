"""The dialog in which a technician opens an issue."""

import streamlit as st

from core.domain.wording import CATEGORIES, PRIORITIES
from core.storage.issues import NewIssue
from dashboard.features.fleet.queries import FleetFilter
from dashboard.features.issues import actions
from dashboard.features.issues.board import AREA
from dashboard.features.shared.cached import the_fleet
from dashboard.features.shared.outcomes import perform_and_close
from dashboard.page_context import PageContext
from dashboard.ui.word_select import word_select


@st.dialog("New issue")
def new_issue(context: PageContext) -> None:
    """Draw the form; the dialog closes when the issue is stored."""
    rows = {row.printer_id: row for row in the_fleet(context.app).find(FleetFilter(order="name"), False).rows}
    with st.form("new-issue-form", border=False):
        printer_id = st.selectbox(
            "Printer",
            list(rows),
            index=None,
            placeholder="Name or place",
            format_func=lambda each: ", ".join(filter(None, (rows[each].name, rows[each].location))),
            filter_mode="contains",
        )
        title = st.text_input("Title", max_chars=actions.LONGEST_TITLE)
        details = st.text_area("Details", max_chars=actions.LONGEST_COMMENT, height=100)
        left, right = st.columns(2)
        with left:
            category = word_select("Category", CATEGORIES, "other")  # no wrong one because nobody chose
        with right:
            priority = word_select("Priority", PRIORITIES, "normal")
        mine = st.checkbox("Assign it to me", value=True)
        sent = st.form_submit_button("Create issue", type="primary")
    if sent:
        new = NewIssue(printer_id or "", title or "", details or "", category, priority)
        assignee = context.viewer.name if mine else ""
        perform_and_close(AREA, context, actions.open_one, new, assignee)
