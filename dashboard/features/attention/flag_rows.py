"""Flags as rows of a place, each with a menu of what can be done about it; a place with one for all of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Final
from zoneinfo import ZoneInfo

import streamlit as st

from core.domain.places import NOWHERE, within
from core.domain.wording import ISSUE_STATUSES, word
from dashboard.features.attention import actions
from dashboard.features.attention.queries import Flag
from dashboard.features.attention.snoozes import SNOOZES, wake_time
from dashboard.features.mutes.dialog import ASKED as MUTE_ASKED
from dashboard.features.mutes.dialog import MutableFlag, may_mute
from dashboard.features.mutes.suggestion import mute_suggestion
from dashboard.features.shared.outcomes import attempt
from dashboard.page_context import PageContext
from dashboard.ui.dates import at_time
from dashboard.ui.empty import note
from dashboard.ui.issue_parts import who
from dashboard.ui.templates import render
from dashboard.undoing import Done

AREA: Final = "attention"
ASKED: Final = "attention.asked"
"""In the session: the flag that the dialog is about."""

TAKE: Final = "Take"
UNASSIGN: Final = "Unassign"
ACKNOWLEDGE: Final = "Acknowledge"
BRING_BACK: Final = "Bring back"
OPEN: Final = "Open an issue"
MUTE: Final = "Mute …"
MORE: Final = "Assign, snooze until, note …"


@dataclass(frozen=True)
class AttentionQueue:
    """The viewer, and what the page works with."""

    context: PageContext
    people: Mapping[str, str]
    """Full names by username."""
    now: datetime

    @property
    def zone(self) -> ZoneInfo:
        return self.context.settings.zone


def flag_places(queue: AttentionQueue, flags: Sequence[Flag], pile: str) -> None:
    """Draw the flags, a box for each place."""
    for place, group in groupby(flags, key=lambda flag: flag.place):
        members = list(group)
        with st.container(border=True, key=f"place-{pile}-{members[0].attention_id}", gap="small"):
            _place_head(queue, place, members)
            for flag in members:
                flag_row(queue, flag)


def _place_head(queue: AttentionQueue, place: str, members: Sequence[Flag]) -> None:
    total, critical = members[0].of_place, members[0].critical_of_place
    head = render("attention/place_head", place=place or NOWHERE, total=total, critical=critical)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.html(head)
        if len(members) > 1:
            key = f"all-{members[0].attention_id}"
            st.menu_button(
                f"All {len(members)}",
                [TAKE, ACKNOWLEDGE, *SNOOZES] if not _is_aside(members[0], queue.now) else [BRING_BACK],
                key=key,
                type="tertiary",
                help="Applies to every flag shown here",
                on_click=_chosen,
                args=(queue, key, tuple(members)),
            )


def flag_row(queue: AttentionQueue, flag: Flag, said: str = "", more: str = "") -> None:
    """Draw one flag. `said` stands for its own words, `more` comes after its facts."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"flag-{flag.attention_id}"):
        st.html(flag_html(flag, queue.people, queue.now, said, more))
        key = f"act-{flag.attention_id}"
        st.menu_button(
            "Actions",
            _choices(queue, flag),
            key=key,
            help=f"What to do about {flag.printer_name}",
            on_click=_chosen,
            args=(queue, key, (flag,)),
        )
    if suggestion := mute_suggestion(queue.context, flag.printer_id, flag, queue.now):
        note(suggestion, small=True)


def flag_html(flag: Flag, people: Mapping[str, str], now: datetime, said: str = "", more: str = "") -> str:
    """Return severity and words of a flag; where, since when, who can fix it, its assignee; the note."""
    return render(
        "attention/flag",
        flag=flag,
        words=said or flag.message,
        room=within(flag.location, flag.place),
        more=more,
        care=_care(flag, people, now),
    )


@dataclass(frozen=True)
class _Care:
    """The assignee of a flag, and why it is not to be done now."""

    assignee: str
    issue_status: str
    acknowledged_by: str | None
    snoozed: str
    out_of_service: str
    done_by: str


def _care(flag: Flag, people: Mapping[str, str], now: datetime) -> _Care:
    snoozed = ""
    if flag.snoozed_until is not None and flag.snoozed_until > now:
        snoozed = f"snoozed until {at_time(flag.snoozed_until)} by {who(flag.updated_by, people)}"
    return _Care(
        assignee=who(flag.assignee, people),
        issue_status=word(ISSUE_STATUSES, flag.issue_status).lower(),
        acknowledged_by=who(flag.acknowledged_by, people) if flag.acknowledged_at else None,
        snoozed=snoozed,
        out_of_service=flag.out_of_service,
        done_by=who(flag.done_by, people),
    )


def _choices(queue: AttentionQueue, flag: Flag) -> list[str]:
    mine = flag.assignee == queue.context.viewer.name
    choices = [UNASSIGN if mine else TAKE]
    choices += [BRING_BACK] if _is_aside(flag, queue.now) else [ACKNOWLEDGE, *SNOOZES]
    choices += [] if flag.issue_id else [OPEN]
    return [*choices, *([MUTE] if may_mute(queue.context.viewer, flag.code) else []), MORE]


def _is_aside(flag: Flag, now: datetime) -> bool:
    return flag.acknowledged_at is not None or (flag.snoozed_until is not None and flag.snoozed_until > now)


def _chosen(queue: AttentionQueue, key: str, flags: tuple[Flag, ...]) -> None:
    choice = st.session_state[key]
    if choice == MORE:
        st.session_state[ASKED] = flags[0]
    elif choice == MUTE:
        st.session_state[MUTE_ASKED] = _mutable(flags[0])
    elif choice is not None:
        attempt(AREA, lambda: _do(queue, choice, flags))


def _mutable(flag: Flag) -> MutableFlag:
    return MutableFlag(flag.printer_id, flag.printer_name, flag.code, flag.subject, flag.message, flag.part)


def _do(queue: AttentionQueue, choice: str, flags: tuple[Flag, ...]) -> Done:
    by = queue.context.actor()
    if choice in SNOOZES:
        return actions.snooze(by, flags, wake_time(choice, by.now, queue.zone))
    if choice in {TAKE, UNASSIGN}:
        name = by.name if choice == TAKE else ""
        return actions.assign(by, flags, name)
    if choice == OPEN:
        return actions.open_issue(by, flags[0])
    act = actions.acknowledge if choice == ACKNOWLEDGE else actions.bring_back
    return act(by, flags)
