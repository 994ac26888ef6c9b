"""The board: a column for each status, a card for each issue, moved on by its menu."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import streamlit as st

from core.storage.tables import IssueKind
from dashboard.features.issues import actions
from dashboard.features.issues.queries import IssueLine
from dashboard.features.shared.outcomes import attempt
from dashboard.page_context import PageContext
from dashboard.ui.empty import note
from dashboard.ui.issue_parts import STATUS_LOOKS, who
from dashboard.ui.templates import render
from dashboard.undoing import Done
from dashboard.viewer import Viewer

AREA: Final = "issues"
_TAKE: Final = "I take it"


def board(
    context: PageContext,
    columns: Mapping[str, Sequence[IssueLine]],
    counts: Mapping[str, int],
    *,
    people: Mapping[str, str],
) -> None:
    """Draw all columns; under one that is longer than shown, how many more there are."""
    for place, (status, lines) in zip(st.columns(len(columns)), columns.items(), strict=True):
        with place:
            total = counts.get(status, 0)
            st.html(render("issues/column_head", status=status, total=total))
            for line in lines:
                _card(context, line, people)
            if total > len(lines):
                st.caption(f"{total - len(lines):,} more in the table")
            elif not lines:
                note("None", small=True)


def _card(context: PageContext, line: IssueLine, people: Mapping[str, str]) -> None:
    with st.container(border=True, key=f"card-{line.issue_id}", gap="xsmall"):
        st.html(card_html(line, people))
        key = f"move-{line.issue_id}"
        st.menu_button(
            "Move",
            _moves(context.viewer, line),
            key=key,
            type="tertiary",
            help=f"Move issue {line.issue_id}",
            format_func=lambda choice: choice if choice == _TAKE else STATUS_LOOKS[choice].label,
            on_click=_moved,
            args=(context, line, key),
        )


def card_html(line: IssueLine, people: Mapping[str, str]) -> str:
    """Return a card: title, printer, since when, assignee; urgent ones say so."""
    return render(
        "issues/card",
        line=line,
        priority=line.text("priority"),
        assignee=who(line.text("assignee"), people),
        by_system=line.text("kind") == IssueKind.DEVICE,
    )


def _moves(viewer: Viewer, line: IssueLine) -> list[str]:
    own = [] if line.text("assignee") == viewer.name else [_TAKE]
    return [*own, *(status for status in STATUS_LOOKS if status != line.text("status"))]


def _moved(context: PageContext, line: IssueLine, key: str) -> None:
    choice = st.session_state[key]
    if choice is None:
        return
    wanted = {"assignee": context.viewer.name} if choice == _TAKE else {"status": choice}

    def move() -> Done:
        return actions.change_many(context.engine, context.viewer, [line.seen], wanted, now=datetime.now(UTC))

    attempt(AREA, move)
