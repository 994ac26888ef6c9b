"""The board: people's reports as cards by status, the system's issues as lines, what ended today folded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import streamlit as st

from core.storage.issues import IssueEdit
from core.storage.tables import ENDED, IssueStatus
from dashboard.features.issues import actions
from dashboard.features.issues.outage_queries import OutageMember
from dashboard.features.issues.queries import Board, IssueLine
from dashboard.features.issues.spam import not_spam_button, spam_buttons
from dashboard.features.shared.outcomes import perform, press
from dashboard.page_context import PageContext
from dashboard.ui.empty import note
from dashboard.ui.issue_parts import who
from dashboard.ui.templates import render

AREA: Final = "issues"
_NOBODY: Final = "Unassign"


@dataclass(frozen=True)
class _Move:
    """A button of a card that gives it another status; issue_desk.js presses it for a key by its name."""

    name: str
    label: str
    status: IssueStatus


_RESOLVE: Final = _Move("resolve", "Resolve", IssueStatus.RESOLVED)
_REOPEN: Final = _Move("start", "Reopen", IssueStatus.OPEN)
_MOVES: Final[Mapping[str, Sequence[_Move]]] = {
    IssueStatus.OPEN: (
        _Move("start", "Start", IssueStatus.IN_PROGRESS),
        _Move("wait", "Wait", IssueStatus.WAITING),
        _RESOLVE,
    ),
    IssueStatus.IN_PROGRESS: (_Move("wait", "Wait", IssueStatus.WAITING), _RESOLVE),
    IssueStatus.WAITING: (_Move("start", "Resume", IssueStatus.IN_PROGRESS), _RESOLVE),
    IssueStatus.RESOLVED: (_REOPEN,),
    IssueStatus.CLOSED: (_REOPEN,),
}


def board(context: PageContext, shown: Board, people: Mapping[str, str]) -> None:
    """Draw all of it."""
    if shown.columns:
        st.html(
            render(
                "issues/group",
                title="People's reports",
                total=sum(map(shown.counts.__getitem__, shown.columns)),
            )
        )
        _columns(context, shown, people)
    if shown.machines:
        st.html(render("issues/group", title="Found by the system", total=shown.machines_total))
        with st.container(key="machines", gap=None):
            for line in shown.machines:
                _machine(context, line, shown.members.get(line.issue_id, ()), people)
            _more(shown.machines_total - len(shown.machines))
    if shown.ended:
        st.html(
            render(
                "issues/ended", lines=shown.ended, total=shown.ended_total, names=_names(shown.ended, people)
            )
        )


def _columns(context: PageContext, shown: Board, people: Mapping[str, str]) -> None:
    for place, (status, lines) in zip(st.columns(len(shown.columns)), shown.columns.items(), strict=True):
        with place, st.container(gap="xsmall"):
            total = shown.counts.get(status, 0)
            st.html(render("issues/column_head", status=status, total=total))
            for line in lines:
                _card(context, line, people)
            _more(total - len(lines))
            if not lines:
                note("None", small=True)


def _more(number: int) -> None:
    if number > 0:
        st.caption(f"{number:,} more in the table")


def _card(context: PageContext, line: IssueLine, people: Mapping[str, str]) -> None:
    with st.container(border=True, key=f"card-{line.issue_id}", gap=None):
        st.html(card_html(line, people, context.today))
        with st.container(horizontal=True, gap="xxsmall", key=f"moves-{line.issue_id}"):
            _take(context, line)
            for move in _MOVES.get(line.seen.status, ()):
                wanted = {"status": move.status.value}
                _button(context, line, move.name, move.label, wanted)
            _assign(context, line, people)
            if line.seen.status == IssueStatus.SPAM:
                not_spam_button(AREA, context, [line.seen], f"not-spam-{line.issue_id}")
            elif line.by_nobody:
                spam_buttons(AREA, context, [line.seen], f"spam-{line.issue_id}", with_pause=False)


def card_html(line: IssueLine, people: Mapping[str, str], today: date) -> str:
    """Return a card: title, printer, since when, assignee; urgent ones say so, and those with a vendor."""
    return render(
        "issues/card",
        line=line,
        today=today,
        priority=line.seen.priority,
        assignee=who(line.seen.assignee, people),
    )


def _machine(
    context: PageContext, line: IssueLine, members: Sequence[OutageMember], people: Mapping[str, str]
) -> None:
    """Draw a line; that of an outage unfolds what hangs below it."""
    with st.container(horizontal=True, vertical_alignment="top", gap="small", key=f"machine-{line.issue_id}"):
        assignee = who(line.seen.assignee, people)
        st.html(render("issues/machine", line=line, assignee=assignee, members=members, today=context.today))
        _take(context, line)


def _names(lines: Sequence[IssueLine], people: Mapping[str, str]) -> Mapping[int, str]:
    return {line.issue_id: who(line.seen.assignee, people) for line in lines}


def _take(context: PageContext, line: IssueLine) -> None:
    mine = line.seen.assignee == context.viewer.name
    if not mine and line.seen.status not in ENDED:
        _button(context, line, "take", "Take", {"assignee": context.viewer.name})


def _button(context: PageContext, line: IssueLine, name: str, label: str, wanted: IssueEdit) -> None:
    st.button(
        label,
        key=f"{name}-{line.issue_id}",
        type="tertiary",
        help=f"{label}: issue {line.issue_id}",
        on_click=press,
        args=(AREA, context, actions.change_many, [line.seen], wanted),
    )


def _assign(context: PageContext, line: IssueLine, people: Mapping[str, str]) -> None:
    key, holder = f"assign-{line.issue_id}", line.seen.assignee
    choices = [name for name in people if name not in (holder, context.viewer.name)]
    st.menu_button(
        "Assign",
        [*([_NOBODY] if holder else []), *choices],
        key=key,
        type="tertiary",
        help=f"Assign issue {line.issue_id}",
        format_func=lambda choice: people.get(choice, choice),
        on_click=_assigned,
        args=(context, line, key),
    )


def _assigned(context: PageContext, line: IssueLine, key: str) -> None:
    choice = st.session_state[key]
    if choice is not None:
        wanted = {"assignee": "" if choice == _NOBODY else choice}
        perform(AREA, context, actions.change_many, [line.seen], wanted)
