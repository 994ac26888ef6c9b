"""One issue: what is wrong, what happened so far, what to do with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Final, NamedTuple

import streamlit as st
from sqlalchemy.exc import DBAPIError

from core.domain.text import row_number
from core.storage.database import reading
from core.storage.issues import issue_row, vendors_used
from core.storage.tables import ENDED, IssueKind, IssueStatus
from dashboard.features.issues import actions
from dashboard.features.issues.duplicates import can_be_merged, merge_dialog
from dashboard.features.issues.editor import AREA, Editor, seen_row
from dashboard.features.issues.issue_queries import IssueView, OthersIssue, PrinterNow, theirs, view
from dashboard.features.issues.outage_queries import is_outage
from dashboard.features.issues.queries import people
from dashboard.features.issues.spam import not_spam_button, spam_buttons
from dashboard.features.issues.timeline import timeline
from dashboard.features.photos.picker import HOLDER, draft_of, forget_draft, photo_picker
from dashboard.features.shared.outcomes import perform, show_outcome
from dashboard.features.stoppages.hint import chronic_hint, may_see_sheet, sheet_path
from dashboard.page_context import PageContext
from dashboard.ui.empty import nothing
from dashboard.ui.failures import show_failure
from dashboard.ui.manager_style import manager_style
from dashboard.ui.refreshing import DETAIL_SECONDS
from dashboard.ui.templates import render
from dashboard.ui.text import in_markdown
from dashboard.ui.way_back import way_back

_NOTE, _ANSWER = "note", "answer"


class _CommentWords(NamedTuple):
    """Words for a kind of comment."""

    choice: str
    label: str
    example: str
    button: str


_KINDS: Final = {
    _NOTE: _CommentWords(
        "Internal note",
        "Internal note, for staff only",
        "What you found, what you did, what it waits for",
        "Save note",
    ),
    _ANSWER: _CommentWords(
        "Reply to the reporter",
        "Reply, which the reporter can read",
        "What was done, or what you have to ask",
        "Send reply",
    ),
}


def page(context: PageContext) -> None:
    """Draw the page of `/issue?id=12`."""
    manager_style()
    number = row_number(st.query_params.get("id", ""))
    if number is None:
        st.title("No such issue", anchor=False)
        nothing("Which issue?", "Choose one from the list.", link=("All issues", "/issues"))
        return
    _live(context, number)
    row = context.read(issue_row, number)
    # Below what refreshes itself: that would close the dialog.
    if row is None or not can_be_merged(row):
        return
    if st.button("Merge as a duplicate", key="merge", icon=":material/merge:", type="tertiary"):
        merge_dialog(context, row.id)


@dataclass(frozen=True)
class _IssueSeen:
    """The issue as it was read the last time that was possible."""

    found: IssueView | None
    people: Mapping[str, str]
    vendors: Sequence[str]
    """The companies that were called before."""
    since: OthersIssue | None
    """What others did since the fields were filled."""


@st.fragment(run_every=DETAIL_SECONDS)
def _live(context: PageContext, issue_id: int) -> None:
    """Refreshes itself: what others do to the issue is seen here."""
    known = _read(context, issue_id)
    found = known.found
    if found is None:
        st.title("No such issue", anchor=False)
        nothing(f"There is no issue {issue_id}.", link=("All issues", "/issues"))
        return
    editor = Editor(context, found.row, known.people, known.vendors)
    _head(found, context.today)
    show_outcome(AREA, context)
    story, fields = st.columns([2, 1], gap="large")
    with story:
        _story(found, context.today, with_sheet=may_see_sheet(context.viewer))
        if found.printer:
            chronic_hint(context.app, context.viewer, found.printer.printer_id)
        st.subheader("Activity", anchor=False)
        timeline(found.events, known.people, found.row.reporter)
        _comment(context, editor, found)
    with fields:
        with st.container(border=True):
            editor.draw(known.since)
        if found.row.status == IssueStatus.SPAM:
            not_spam_button(AREA, context, [found.row], "not-spam")
        elif found.by_nobody:
            spam_buttons(AREA, context, [found.row], "spam")
        _others(found)


def _read(context: PageContext, issue_id: int) -> _IssueSeen:
    """Read the issue; while the database is away the page stays as it was: half-typed text is kept."""
    key, sees = f"issue-{issue_id}-known", context.viewer.sees_addresses
    try:
        with reading(context.engine) as connection:
            seen = seen_row(issue_id)
            since = theirs(connection, seen, sees_addresses=sees) if seen else None
            known = _IssueSeen(
                view(connection, issue_id, sees_addresses=sees),
                people(connection),
                vendors_used(connection),
                since,
            )
    except DBAPIError as error:
        last: _IssueSeen | None = st.session_state.get(key)
        if last is None:
            raise
        show_failure(error)
        return last
    st.session_state[key] = known
    return known


def _head(found: IssueView, today: date) -> None:
    row = found.row
    way_back("/issues", "← All issues")
    st.title(f"{in_markdown(row.title)} :gray[#{row.id}]", anchor=False)
    st.html(render("issues/facts", row=row, today=today))


def _story(found: IssueView, today: date, *, with_sheet: bool) -> None:
    verdict = _verdict(found, found.printer) if found.printer else ""
    st.html(
        render(
            "issues/story",
            row=found.row,
            printer=found.printer,
            asset=found.printer.asset.words(today) if found.printer else (),
            verdict=verdict,
            outage=found.outage,
            merged_into=found.merged_into,
            duplicates=found.duplicates,
            members=found.members,
            is_outage=is_outage(found.row),
            sheet=sheet_path(found.printer.printer_id) if found.printer and with_sheet else "",
        )
    )


def _verdict(found: IssueView, printer: PrinterNow) -> str:
    """Return whether the printer still reports what the issue is about."""
    if not found.row.attention_code or found.row.status in ENDED:
        return ""
    if printer.reports_fault:
        return "The printer still reports this fault."
    words = "The printer does not report this fault any more."
    if found.row.kind == IssueKind.PERSON:
        words += " If all is well, resolve the issue."
    return words


def _comment(context: PageContext, editor: Editor, found: IssueView) -> None:
    """Draw the form for a note to those who work on the issue, or an answer that its reporter reads."""
    key = f"issue-{found.row.id}-comment"
    chosen = st.session_state.setdefault(f"{key}-kind", _NOTE)
    with st.container(key=f"{HOLDER}-{key}"):
        kind = st.segmented_control(
            "Visible to",
            list(_KINDS),
            default=chosen,
            required=True,
            key=f"{key}-kind",
            format_func=lambda each: _KINDS[each].choice,
            persist_state="page",
        )
        words = _KINDS.get(kind or _NOTE, _KINDS[_NOTE])
        with st.container(key=f"writing-{kind}"):
            st.text_area(
                words.label,
                key=key,
                max_chars=actions.LONGEST_COMMENT,
                persist_state="page",
                height=100,
                placeholder=words.example,
            )
        photo_picker(context.app, key)
        with st.container(horizontal=True):
            st.button(words.button, key=f"{key}-send", on_click=partial(_send, context, found.row.id, key))
            if found.row.status not in ENDED:
                st.button(
                    f"{words.button} and resolve",
                    key=f"{key}-resolve",
                    icon=":material/check_circle:",
                    on_click=partial(_resolve, context, editor, key),
                )


def _written(context: PageContext, key: str) -> actions.Comment:
    public = st.session_state[f"{key}-kind"] == _ANSWER
    return actions.Comment(st.session_state[key], public, draft_of(context.app, key))


def _send(context: PageContext, issue_id: int, key: str) -> None:
    if perform(AREA, context, actions.comment, issue_id, _written(context, key)):
        _begin_anew(key)


def _resolve(context: PageContext, editor: Editor, key: str) -> None:
    if editor.save_with({"status": IssueStatus.RESOLVED.value}, _written(context, key)):
        _begin_anew(key)


def _begin_anew(key: str) -> None:
    """Reset the next comment to a note: what everybody may read is chosen each time."""
    st.session_state[key] = ""
    if st.session_state[f"{key}-kind"] != _NOTE:  # setting it would undo a choice that is on its way
        st.session_state[f"{key}-kind"] = _NOTE
    forget_draft(key)


def _others(found: IssueView) -> None:
    if not found.others:
        return
    st.subheader("Also open for this printer", anchor=False)
    st.html(render("issues/others", issues=found.others))
