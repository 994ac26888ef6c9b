"""The dialog about one flag: give it to somebody, snooze it until a time, note something, see why."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import time, timedelta

import streamlit as st

from core.domain.local_times import instant
from core.storage.database import reading
from dashboard.features.attention import actions
from dashboard.features.attention.flag_rows import AREA, AttentionQueue, flag_html
from dashboard.features.attention.queries import Flag, evidence
from dashboard.features.issues.queries import people
from dashboard.features.shared.outcomes import perform_and_close
from dashboard.ui.issue_parts import who
from dashboard.ui.templates import render


@st.dialog("What to do about it", width="medium")
def flag_dialog(queue: AttentionQueue, flag: Flag) -> None:
    """Open it; it closes itself when something was done."""
    st.html(flag_html(flag, queue.people, queue.now))
    _assign(queue, flag)
    _snooze(queue, flag)
    _note(queue, flag)
    _why(queue, flag)


@contextmanager
def _line(key: str) -> Iterator[None]:
    """Put the fields and the button of a form in one line."""
    with st.form(key, border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        yield


def _assign(queue: AttentionQueue, flag: Flag) -> None:
    with reading(queue.context.engine) as connection:
        names = ["", *people(connection)]
    current = flag.assignee if flag.assignee in names else ""
    with _line(f"assign-{flag.attention_id}"):
        name = st.selectbox(
            "Assignee",
            names,
            index=names.index(current),
            format_func=lambda each: who(each, queue.people) if each else "Unassigned",
        )
        given = st.form_submit_button("Assign")
    if given:
        perform_and_close(AREA, queue.context, actions.assign, [flag], name or "")


def _snooze(queue: AttentionQueue, flag: Flag) -> None:
    today = queue.now.astimezone(queue.zone).date()
    with _line(f"snooze-{flag.attention_id}"):
        day = st.date_input("Snooze until", today + timedelta(days=1), min_value=today, format="YYYY-MM-DD")
        clock = st.time_input(f"Time ({queue.zone.key})", time(7, 0))
        snoozed = st.form_submit_button("Snooze")
    if snoozed:
        until = instant(day, clock, queue.zone)
        perform_and_close(AREA, queue.context, actions.snooze, [flag], until)


def _note(queue: AttentionQueue, flag: Flag) -> None:
    with st.form(f"note-{flag.attention_id}", border=False):
        text = st.text_area("Note", flag.note, max_chars=actions.LONGEST_NOTE, height=80)
        saved = st.form_submit_button("Save note")
    if saved:
        perform_and_close(AREA, queue.context, actions.note, flag, text or "")


def _why(queue: AttentionQueue, flag: Flag) -> None:
    found = queue.context.read(evidence, flag.attention_id)
    if found:
        st.html(render("attention/evidence", evidence=[(_object(each), each.get("value")) for each in found]))


def _object(each: dict[str, str]) -> str:
    return ".".join(part for part in (each.get("object", ""), each.get("index", "")) if part)
