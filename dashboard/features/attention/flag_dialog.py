"""The dialog about one flag: give it to somebody, snooze it until a time, note something, see why."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta

import streamlit as st

from core.storage.database import reading
from dashboard.features.attention import actions
from dashboard.features.attention.flag_rows import AREA, AttentionQueue, flag_html
from dashboard.features.attention.queries import Flag, evidence
from dashboard.features.shared.outcomes import attempt_and_close
from dashboard.ui.issue_parts import who
from dashboard.ui.templates import render
from dashboard.undoing import Done


@st.dialog("What to do about it", width="medium")
def flag_dialog(desk: AttentionQueue, flag: Flag) -> None:
    """Open it; it closes itself when something was done."""
    st.html(flag_html(flag, desk.people, desk.now))
    _assign(desk, flag)
    _snooze(desk, flag)
    _note(desk, flag)
    _why(desk, flag)


@contextmanager
def _line(key: str) -> Iterator[None]:
    """Put the fields and the button of a form in one line."""
    with st.form(key, border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        yield


def _finish(desk: AttentionQueue, act: Callable[[], Done]) -> None:
    attempt_and_close(AREA, desk.context, act)


def _assign(desk: AttentionQueue, flag: Flag) -> None:
    names = ["", *desk.people]
    current = flag.assignee if flag.assignee in names else ""
    with _line(f"assign-{flag.attention_id}"):
        name = st.selectbox(
            "Assignee",
            names,
            index=names.index(current),
            format_func=lambda each: who(each, desk.people) if each else "Unassigned",
        )
        given = st.form_submit_button("Assign")
    if given:
        engine, now = desk.context.engine, datetime.now(UTC)
        _finish(desk, lambda: actions.assign(engine, desk.context.viewer, [flag], name or "", now=now))


def _snooze(desk: AttentionQueue, flag: Flag) -> None:
    today = desk.now.astimezone(desk.zone).date()
    with _line(f"snooze-{flag.attention_id}"):
        day = st.date_input("Snooze until", today + timedelta(days=1), min_value=today)
        clock = st.time_input(f"Time ({desk.zone.key})", time(7, 0))
        snoozed = st.form_submit_button("Snooze")
    if snoozed:
        until = datetime.combine(day, clock, tzinfo=desk.zone).astimezone(UTC)
        engine, now = desk.context.engine, datetime.now(UTC)
        _finish(desk, lambda: actions.snooze(engine, desk.context.viewer, [flag], until, now=now))


def _note(desk: AttentionQueue, flag: Flag) -> None:
    with st.form(f"note-{flag.attention_id}", border=False):
        text = st.text_area("Note", flag.note, max_chars=actions.LONGEST_NOTE, height=80)
        saved = st.form_submit_button("Save note")
    if saved:
        engine, now = desk.context.engine, datetime.now(UTC)
        _finish(desk, lambda: actions.note(engine, desk.context.viewer, flag, text or "", now=now))


def _why(desk: AttentionQueue, flag: Flag) -> None:
    with reading(desk.context.engine) as connection:
        found = evidence(connection, flag.attention_id)
    if found:
        st.html(render("attention/evidence", evidence=[(_object(each), each.get("value")) for each in found]))


def _object(each: dict[str, str]) -> str:
    return ".".join(part for part in (each.get("object", ""), each.get("index", "")) if part)
