"""Merge a report into the issue that is about the same; who reported it follows that one from then on."""

from collections.abc import Sequence
from functools import partial

import streamlit as st
from sqlalchemy import Connection, select

from core.domain.permissions import Permission
from core.storage.core_tables import ISSUES
from core.storage.database import reading, writing
from core.storage.issues import IssueRow, hold_issues, issue_row, merge_issue, unmerge_issue
from core.storage.tables import ENDED, LIVING, IssueKind
from dashboard.actor import Actor
from dashboard.features.issues.actions import RefusedEdit
from dashboard.features.issues.editor import AREA
from dashboard.features.issues.queries import IssueFilter, IssueLine, issue_lines
from dashboard.features.shared.outcomes import perform_and_close
from dashboard.page_context import PageContext
from dashboard.undoing import Done

_MOST_OFFERED = 200


def can_be_merged(row: IssueRow) -> bool:
    """Return whether an issue can be merged into another: a person's that is still to be done.

    Of what the system finds there is one issue in any case.
    """
    return row.kind == IssueKind.PERSON and row.status in LIVING


def merge(by: Actor, seen: IssueRow, into: int) -> Done:
    """Close a report as a duplicate of another issue. Raises Conflict or RefusedEdit."""
    by.require(Permission.WORK_ISSUES)
    with writing(by.engine) as connection:
        # Both: neither may be merged into a third one before this is stored.
        target = hold_issues(connection, seen.id, into).get(into)
        if target is None or target.id == seen.id or target.status in ENDED:
            raise RefusedEdit("Choose the open issue that it is a duplicate of.")
        if not can_be_merged(seen):
            raise RefusedEdit("Only a person's report that is open can be merged into another issue.")
        followed = (
            connection.execute(select(ISSUES.c.id).where(ISSUES.c.merged_into == seen.id)).scalars().all()
        )
        after = merge_issue(connection, seen, target.id, actor=by.name, now=by.now)
    # What had been merged into it has gone with it, and comes back with it.
    step = partial(unmerge_issue, before=seen, after=after, followed=followed)
    said = f"Issue {seen.id} is merged into issue {target.id}"
    return Done(said, (step,), permission=Permission.WORK_ISSUES)


def candidates(connection: Connection, row: IssueRow, *, sees_addresses: bool) -> list[IssueLine]:
    """Return the open issues that a report may be a duplicate of, those of its printer first."""
    wanted = IssueFilter(LIVING, folded=True, sees_addresses=sees_addresses)
    lines = issue_lines(connection, wanted, limit=_MOST_OFFERED)
    own = issue_lines(
        connection, IssueFilter(LIVING, printer_id=row.printer_id, sees_addresses=sees_addresses), limit=20
    )
    found = {line.issue_id: line for line in (*own, *lines) if line.issue_id != row.id}
    return list(found.values())


@st.dialog("Merge as a duplicate")
def merge_dialog(context: PageContext, issue_id: int) -> None:
    """Draw the choice of the other issue; the dialog closes when that is stored."""
    sees = context.viewer.sees_addresses
    with reading(context.engine) as connection:
        row = issue_row(connection, issue_id)
        lines: Sequence[IssueLine] = candidates(connection, row, sees_addresses=sees) if row else ()
    if row is None or not can_be_merged(row):
        st.markdown("Only a person's report that is open can be merged into another issue.")
        return
    known = {line.issue_id: line for line in lines}
    with st.form("merge-form", border=False):
        into = st.selectbox(
            "It is a duplicate of",
            list(known),
            index=None,
            placeholder="Number, title or printer",
            format_func=lambda each: f"#{each} {known[each].seen.title} ({known[each].printer_name})",
            filter_mode="contains",
        )
        st.caption(
            f"Issue {issue_id} is closed. Who reported it gets the answers to the other one, and its end; "
            "their link leads to it."
        )
        sent = st.form_submit_button("Merge", type="primary")
    if sent:
        perform_and_close(AREA, context, merge, row, into or 0)
