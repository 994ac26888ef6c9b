"""Flags as rows of a place, each with a menu of what can be done about it; a place with one for all of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Final
from zoneinfo import ZoneInfo

import streamlit as st

from core.domain.wording import FIXERS, ISSUE_STATUSES, word
from dashboard.app_context import AppContext
from dashboard.features.attention import actions
from dashboard.features.attention.queries import Flag
from dashboard.features.attention.snoozes import SNOOZES, wake_time
from dashboard.features.shared.outcomes import attempt
from dashboard.ui.badges import health_badge, relative
from dashboard.ui.issue_parts import dotted, issue_link, printer_link, who
from dashboard.ui.places import NOWHERE
from dashboard.ui.text import in_html
from dashboard.undoing import Done
from dashboard.viewer import Viewer

AREA: Final = "attention"
ASKED: Final = "attention.asked"
"""In the session: the flag that the dialog is about."""

TAKE: Final = "I take it"
GIVE_BACK: Final = "Give back"
ACKNOWLEDGE: Final = "Acknowledge"
BRING_BACK: Final = "Bring back"
OPEN: Final = "Open an issue"
MORE: Final = "Assign, snooze until, note …"


@dataclass(frozen=True)
class AttentionQueue:
    """Who works here, with what."""

    viewer: Viewer
    app_context: AppContext
    people: Mapping[str, str]
    now: datetime

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.app_context.settings.summary.time_zone)


def flag_places(desk: AttentionQueue, flags: Sequence[Flag], pile: str) -> None:
    """The flags, a box for each place."""
    for place, group in groupby(flags, key=lambda flag: flag.place):
        members = list(group)
        with st.container(border=True, key=f"place-{pile}-{members[0].attention_id}", gap="small"):
            _place_head(desk, place, members)
            for flag in members:
                flag_row(desk, flag)


def _place_head(desk: AttentionQueue, place: str, members: Sequence[Flag]) -> None:
    total, critical = members[0].of_place, members[0].critical_of_place
    counts = dotted(f"{critical} critical" if critical else "", f"{total} in all" if total > 1 else "")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.html(
            f'<h3 class="place">{in_html(place or NOWHERE)} <span class="quiet small">{counts}</span></h3>'
        )
        if len(members) > 1:
            key = f"all-{members[0].attention_id}"
            st.menu_button(
                f"All {len(members)}",
                [TAKE, ACKNOWLEDGE, *SNOOZES] if not _is_aside(members[0], desk.now) else [BRING_BACK],
                key=key,
                type="tertiary",
                help="What you choose is done to every flag shown here",
                on_click=_chosen,
                args=(desk, key, tuple(members)),
            )


def flag_row(desk: AttentionQueue, flag: Flag, said: str = "", more: str = "") -> None:
    """One flag. `said` stands for its own words, `more` comes after its facts."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"flag-{flag.attention_id}"):
        st.html(flag_html(flag, desk.people, desk.now, said, more))
        key = f"act-{flag.attention_id}"
        st.menu_button(
            "Act",
            _choices(desk, flag),
            key=key,
            help=f"What to do about {flag.printer_name}",
            on_click=_chosen,
            args=(desk, key, (flag,)),
        )


def flag_html(flag: Flag, people: Mapping[str, str], now: datetime, said: str = "", more: str = "") -> str:
    """Severity and words; where, since when, who can fix it, who has it; the note."""
    rest = flag.location.removeprefix(flag.place).strip(" ,")
    facts = dotted(
        printer_link(flag.printer_id, flag.printer_name),
        in_html(rest),
        relative(flag.since_at, now),
        in_html(word(FIXERS, flag.fixer)),
        in_html(more),
    )
    note = f'<p class="note">“{in_html(flag.note, 1000)}”</p>' if flag.note else ""
    words = in_html(said or flag.message)
    return (
        f'<div class="flag"><div class="top">{health_badge(flag.severity)} <strong>{words}</strong></div>'
        f'<div class="quiet small">{facts}</div>'
        f'<div class="small">{_care(flag, people, now)}</div>{note}</div>'
    )


def _care(flag: Flag, people: Mapping[str, str], now: datetime) -> str:
    status = word(ISSUE_STATUSES, flag.issue_status).lower()
    aside = ""
    if flag.acknowledged_at is not None:
        by = in_html(who(flag.acknowledged_by, people))
        aside = f"acknowledged by {by} {relative(flag.acknowledged_at, now)}"
    elif flag.snoozed_until is not None and flag.snoozed_until > now:
        by = in_html(who(flag.updated_by, people))
        aside = f"snoozed until {flag.snoozed_until:%a %d %b, %H:%M} UTC by {by}"
    return dotted(
        f"<strong>{in_html(who(flag.assignee, people))}</strong> has it"
        if flag.assignee
        else '<span class="nobody">nobody has it</span>',
        f"{issue_link(flag.issue_id)} ({in_html(status)})" if flag.issue_id else "",
        aside,
    )


def _choices(desk: AttentionQueue, flag: Flag) -> list[str]:
    mine = flag.assignee == desk.viewer.name
    choices = [GIVE_BACK if mine else TAKE]
    choices += [BRING_BACK] if _is_aside(flag, desk.now) else [ACKNOWLEDGE, *SNOOZES]
    return [*choices, *([] if flag.issue_id else [OPEN]), MORE]


def _is_aside(flag: Flag, now: datetime) -> bool:
    return flag.acknowledged_at is not None or (flag.snoozed_until is not None and flag.snoozed_until > now)


def _chosen(desk: AttentionQueue, key: str, flags: tuple[Flag, ...]) -> None:
    choice = st.session_state[key]
    if choice == MORE:
        st.session_state[ASKED] = flags[0]
    elif choice is not None:
        attempt(AREA, lambda: _do(desk, choice, flags))


def _do(desk: AttentionQueue, choice: str, flags: tuple[Flag, ...]) -> Done:
    engine, viewer, now = desk.app_context.engine, desk.viewer, datetime.now(UTC)
    if choice in SNOOZES:
        return actions.snooze(engine, viewer, flags, wake_time(choice, now, desk.zone), now=now)
    if choice in {TAKE, GIVE_BACK}:
        name = viewer.name if choice == TAKE else ""
        return actions.assign(engine, viewer, flags, name, now=now)
    if choice == OPEN:
        return actions.open_issue(engine, viewer, flags[0], now=now)
    act = actions.acknowledge if choice == ACKNOWLEDGE else actions.bring_back
    return act(engine, viewer, flags, now=now)
