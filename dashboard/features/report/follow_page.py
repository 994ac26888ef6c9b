"""Draw the page of a report and take what its reporter answers, without an account."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import streamlit as st

from core.contract.errors import UserError
from core.domain.links import Follower, follower_of_token
from core.runtime.wall_clock import utc_now
from core.storage.database import reading
from core.storage.tables import ENDED
from dashboard.app_context import AppContext
from dashboard.features.fleet.table import printer_path
from dashboard.features.photos.picker import HOLDER, draft_of, forget_draft, photo_paths, photo_picker
from dashboard.features.report.actions import LONGEST_DETAILS, Note, add_note, reopen
from dashboard.features.report.queries import REOPEN_WITHIN, Followed, read_followed
from dashboard.page_context import PageContext
from dashboard.ui.client import throttle_address
from dashboard.ui.empty import nothing
from dashboard.ui.refreshing import REPORTER_SECONDS
from dashboard.ui.templates import render
from dashboard.ui.text import in_markdown

_WIDTH: Final = 800
_FORM: Final = "note"
_TEXT: Final = "note-text"
_OUTCOME: Final = "note-outcome"
_MEANING: Final = {
    "open": "Your report was received. Work has not started yet.",
    "in_progress": "It is being worked on.",
    "waiting": "It is waiting for a part or for outside help.",
    "resolved": "It is solved.",
    "closed": "It is closed.",
    "spam": "It was taken for spam, and is not worked on. If that is wrong, call the help desk.",
}
Saying = Callable[[Note], None]


@dataclass(frozen=True)
class _SendOutcome:
    """Outcome of the last answer: thanks, or why it was not taken."""

    sentence: str
    taken: bool


def page(context: PageContext) -> None:
    """Draw it; `?token=` says which report."""
    token = st.query_params.get("token", "")
    follower = follower_of_token(context.settings.web.link_keys(), token)
    followed = None if follower is None else _read(context.app, follower)
    if follower is None or followed is None:
        st.title("Your report", anchor=False)
        nothing(
            "This link leads to no report.",
            "It may be incomplete: copy all of it from the mail or the page that gave it to you.",
            link=("Report a problem", "/report"),
        )
        return
    st.title(f"Report no. {followed.issue_id}", anchor=False)
    with st.container(width=_WIDTH):
        st.fragment(_status, run_every=REPORTER_SECONDS)(context, follower, token)
        if followed.status not in ENDED:
            _add(context, follower)
        elif followed.can_reopen:
            _not_solved(context, follower)
        _show_outcome()


def _read(app_context: AppContext, follower: Follower) -> Followed | None:
    with reading(app_context.engine) as connection:
        return read_followed(connection, follower, utc_now())


def _status(context: PageContext, follower: Follower, token: str) -> None:
    followed = _read(context.app, follower)
    if followed is None:
        return
    meaning = _MEANING.get(followed.status, "")
    path = printer_path(followed.printer_id)
    st.html(render("report/status", followed=followed, path=path, meaning=meaning, today=context.today))
    st.subheader("What has happened", anchor=False)
    steps = [(step, photo_paths(step.photos, token)) for step in reversed(followed.steps)]
    st.html(render("report/steps", steps=steps))
    st.caption("This page refreshes itself. Keep its address: it is the only way back to it.")


def _add(context: PageContext, follower: Follower) -> None:
    st.subheader("Something to add?", anchor=False)
    _form(
        context,
        ("For those who work on it", "It happens only with envelopes …", "Send"),
        lambda note: add_note(context.actor(), follower, note, address=throttle_address()),
    )


def _not_solved(context: PageContext, follower: Follower) -> None:
    st.subheader("Is it not solved?", anchor=False)
    st.caption(f"Within {REOPEN_WITHIN.days} days of its end, you can open this report again.")
    _form(
        context,
        ("What is still wrong? (optional)", "It jams again since this morning …", "It is not solved"),
        lambda note: reopen(context.actor(), follower, note, address=throttle_address()),
    )


def _form(context: PageContext, words: tuple[str, str, str], say: Saying) -> None:
    """Draw a text with photos; what was typed stays until it is taken. `words`: label, example, button."""
    label, example, button = words
    with st.container(key=f"{HOLDER}-note"), st.form("note", border=False):
        st.text_area(label, key=_TEXT, max_chars=LONGEST_DETAILS, placeholder=example)
        photo_picker(context.app, _FORM)
        st.form_submit_button(button, on_click=_send, args=(context, say))


def _send(context: PageContext, say: Saying) -> None:
    note = Note(st.session_state[_TEXT] or "", draft_of(context.app, _FORM))
    try:
        say(note)
    except UserError as error:
        st.session_state[_OUTCOME] = _SendOutcome(str(error), taken=False)
    else:
        st.session_state[_TEXT] = ""
        forget_draft(_FORM)
        st.session_state[_OUTCOME] = _SendOutcome("Thank you. It is with the report now.", taken=True)


def _show_outcome() -> None:
    outcome: _SendOutcome | None = st.session_state.pop(_OUTCOME, None)
    if outcome is not None:
        (st.success if outcome.taken else st.error)(in_markdown(outcome.sentence))
