"""Your account: who you are here, your password, and where you are signed in."""

from datetime import UTC, datetime
from functools import partial
from typing import Final

import streamlit as st

from dashboard.actions import users as actions
from dashboard.actions.undoing import Done
from dashboard.queries.people import account, open_sessions
from dashboard.text import in_html
from dashboard.viewer import Rank, Viewer
from dashboard.widgets.outcomes import attempt, show_outcome
from dashboard.widgets.sessions import session_list
from dashboard.wiring import Wiring
from fleet.database import reading
from fleet.errors import Conflict
from fleet.passwords import SHORTEST
from fleet.user_commands import RefusedAccount

_AREA: Final = "account"
_FIELDS: Final = ("current", "new", "again")


def page(viewer: Viewer, wiring: Wiring) -> None:
    """Everything about oneself; with a password of somebody else's making nothing but a new one."""
    viewer.require(Rank.TECHNICIAN)
    if viewer.user_id is None:
        raise Conflict("This is for people with an account.")
    st.title("Your account", anchor=False)
    if viewer.must_change_password:
        st.warning("Choose a password of your own to go on: yours was set by somebody else.")
    show_outcome(_AREA, viewer, wiring)
    with reading(wiring.engine) as connection:
        user = account(connection, viewer.user_id)
    if user is None:
        raise Conflict("This account is not there any more.")
    left, right = st.columns(2, gap="large")
    with left:
        _facts(viewer, summary=user["receives_summary"])
        if user["password_hash"]:
            _password_form(viewer, wiring)
        else:
            st.caption("You sign in by single sign-on: there is no password of yours here.")
    if not viewer.must_change_password:
        with right:
            _sessions(viewer, wiring, viewer.user_id)


def _facts(viewer: Viewer, *, summary: bool) -> None:
    facts = {
        "Name": viewer.name,
        "Full name": viewer.full_name,
        "Mail": viewer.email or "none",
        "Role": viewer.rank.name.capitalize(),
        "Daily issue summary": "yes" if summary else "no",
    }
    rows = "".join(f"<dt>{in_html(name)}</dt><dd>{in_html(value)}</dd>" for name, value in facts.items())
    st.html(f'<dl class="facts">{rows}</dl>')
    st.caption("An administrator can change these.")


def _password_form(viewer: Viewer, wiring: Wiring) -> None:
    st.subheader("Change your password", anchor=False)
    with st.form("password"):
        labels = (
            "Present password",
            f"New password (at least {SHORTEST} characters)",
            "The new one once more",
        )
        hints = ("current-password", "new-password", "new-password")
        for field, label, hint in zip(_FIELDS, labels, hints, strict=True):
            st.text_input(label, type="password", key=f"password-{field}", autocomplete=hint, max_chars=256)
        st.form_submit_button("Change", type="primary", on_click=_change, args=(viewer, wiring))


def _change(viewer: Viewer, wiring: Wiring) -> None:
    current, new, again = (st.session_state[f"password-{field}"] for field in _FIELDS)

    def act() -> Done:
        if new != again:
            raise RefusedAccount("The two new passwords differ.")
        return actions.change_own_password(wiring.engine, viewer, current, new, now=datetime.now(UTC))

    if attempt(_AREA, act):
        for field in _FIELDS:
            st.session_state[f"password-{field}"] = ""


def _sessions(viewer: Viewer, wiring: Wiring, user_id: int) -> None:
    now = datetime.now(UTC)
    with reading(wiring.engine) as connection:
        sessions = open_sessions(connection, user_id, wiring.settings.dashboard, now)
    st.subheader("Where you are signed in", anchor=False)
    session_list(_AREA, sessions, partial(_end, viewer, wiring, user_id), own=viewer.session, now=now)
    if len(sessions) > 1:
        st.button(
            "Sign out everywhere else",
            key="out-elsewhere",
            icon=":material/logout:",
            on_click=_sign_out,
            args=(viewer, wiring, user_id),
        )


def _end(viewer: Viewer, wiring: Wiring, user_id: int, token_hash: str) -> Done:
    return actions.end_one(wiring.engine, viewer, user_id, token_hash, now=datetime.now(UTC))


def _sign_out(viewer: Viewer, wiring: Wiring, user_id: int) -> None:
    attempt(
        _AREA,
        lambda: actions.sign_out(wiring.engine, viewer, user_id, now=datetime.now(UTC), keep=viewer.session),
    )
