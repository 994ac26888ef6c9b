"""Issues as a table: rows that are marked are changed together, all of the filter goes into a CSV."""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import compress
from typing import Final

import streamlit as st

from core.domain.permissions import Permission
from core.domain.places import not_in_the_name
from core.domain.spreadsheets import Cell, to_csv
from core.domain.wording import CATEGORIES, ISSUE_STATUSES, PRIORITIES, word
from core.storage.issues import VENDOR_FIELDS
from core.storage.tables import IssueStatus
from dashboard.features.issues import actions
from dashboard.features.issues.board import AREA
from dashboard.features.issues.queries import IssueFilter, IssueLine, issue_lines
from dashboard.features.issues.spam import not_spam_button, spam_buttons
from dashboard.features.issues.wording import FIELDS
from dashboard.features.shared.outcomes import perform
from dashboard.page_context import PageContext
from dashboard.ui.issue_parts import KIND_LOOKS, category, who
from dashboard.ui.table import Column, Row, forget_marks, html_table, marked
from dashboard.ui.word_select import word_select

_MOST_EXPORTED: Final = 100_000
_AS_IT_IS: Final = "-"
_CSV_COLUMNS: Final = (
    "Issue", "Status", "Priority", "Title", "Category", "Printer", "Printer ID", "Location", "Assigned to",
    "Reporter", "Contact", "Opened", "Changed", "Resolved", "Closed", "Origin", "Details",
    "Vendor", "Vendor case", "Opened with vendor", "Visit expected",
)  # fmt: skip


COLUMNS: Final = (
    Column("Issue", sort="id"),
    Column("Title", "long"),
    Column("Status", sort="status"),
    Column("Priority", sort="priority"),
    Column("Assigned to", sort="assignee"),
    Column("Printer", sort="printer"),
    Column("Place", sort="location"),
    Column("Category", sort="category", spare=True),
    Column("Vendor", sort="vendor"),
    Column("Opened", "ago", "opened"),
    Column("Changed", "ago", "changed", spare=True),
    Column("Origin", sort="kind", spare=True),
)


def issue_table(context: PageContext, lines: Sequence[IssueLine], people: Mapping[str, str]) -> None:
    """Draw the table, and the actions for the rows that are marked; vendors where one of them has one."""
    with_vendors = any(line.seen.vendor for line in lines)
    kept = [with_vendors or column.sort != "vendor" for column in COLUMNS]
    columns = tuple(compress(COLUMNS, kept))
    rows = [_row(line, people, context.today, kept) for line in lines]
    chosen = [lines[place] for place in marked(rows)]
    if chosen:
        _bulk(context, chosen, people)
    else:
        st.caption("Select rows to change several issues at once. Click a row to open its issue.")
    html_table("Issues", columns, rows, markable=True)


def _row(line: IssueLine, people: Mapping[str, str], today: date, kept: Sequence[bool]) -> Row:
    case = line.seen.with_vendor
    cells = (
        f"#{line.issue_id}",
        line.seen.title,
        word(ISSUE_STATUSES, line.seen.status),
        word(PRIORITIES, line.seen.priority),
        who(line.seen.assignee, people),
        line.printer_name,
        not_in_the_name(line.location, line.printer_name),
        category(line.seen.category),
        case.words(today) if case else "",
        line.seen.opened_at,
        line.seen.updated_at,
        _origin(line),
    )
    return Row(tuple(compress(cells, kept)), path=f"/issue?id={line.issue_id}", mark=str(line.issue_id))


def _bulk(context: PageContext, chosen: Sequence[IssueLine], people: Mapping[str, str]) -> None:
    fields: dict[str, Mapping[str, str]] = {
        "status": actions.CHOSEN_STATUSES,
        "assignee": {"": "Nobody", **people},
        "priority": PRIORITIES,
        "category": CATEGORIES,
    }
    with st.container(border=True, horizontal=True, vertical_alignment="bottom", key="bulk"):
        for name, words in fields.items():
            options = {_AS_IT_IS: "No change", **words}
            word_select(FIELDS[name], options, key=f"bulk-{name}")
        st.button(
            f"Change {len(chosen)}",
            key="bulk-apply",
            type="primary",
            on_click=_apply,
            args=(context, tuple(chosen), tuple(fields)),
        )
        spam = [line.seen for line in chosen if line.seen.status == IssueStatus.SPAM]
        rest = [line.seen for line in chosen if line.by_nobody and line.seen.status != IssueStatus.SPAM]
        if spam:
            not_spam_button(AREA, context, spam, "bulk-not-spam")
        if rest:
            spam_buttons(AREA, context, rest, "bulk-spam")


def _apply(context: PageContext, chosen: tuple[IssueLine, ...], fields: tuple[str, ...]) -> None:
    values = {name: st.session_state[f"bulk-{name}"] for name in fields}
    wanted: dict[str, str] = {name: value for name, value in values.items() if value != _AS_IT_IS}
    if perform(AREA, context, actions.change_many, [line.seen for line in chosen], wanted):
        forget_marks()
        for name in fields:
            st.session_state[f"bulk-{name}"] = _AS_IT_IS


def issues_csv(context: PageContext, wanted: IssueFilter, people: Mapping[str, str]) -> bytes:
    """Return all issues of a filter; for technicians and up."""
    context.viewer.require(Permission.WORK_ISSUES)
    lines = context.read(issue_lines, wanted, limit=_MOST_EXPORTED)
    return to_csv(_CSV_COLUMNS, (_cells(line, people) for line in lines))


def _cells(line: IssueLine, people: Mapping[str, str]) -> list[Cell]:
    row = line.seen
    return [
        line.issue_id,
        word(ISSUE_STATUSES, row.status),
        word(PRIORITIES, row.priority),
        row.title,
        category(row.category),
        line.printer_name,
        row.printer_id,
        line.location,
        who(row.assignee, people),
        row.reporter,
        row.contact,
        row.opened_at,
        row.updated_at,
        row.resolved_at,
        row.closed_at,
        _origin(line),
        row.details,
        *(row.editable()[name] for name in VENDOR_FIELDS),
    ]


def _origin(line: IssueLine) -> str:
    look = KIND_LOOKS.get(line.seen.kind)
    return look.label if look else line.seen.kind
