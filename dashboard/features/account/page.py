"""Your account: who you are here, your password and second factor, your mails, where you are signed in."""

from typing import Final

import streamlit as st

from core.contract.errors import Conflict
from core.domain.passwords import SHORTEST
from core.runtime.wall_clock import utc_now
from dashboard.features.account import actions
from dashboard.features.account.mails import own_mails
from dashboard.features.account.second_factor import second_factor
from dashboard.features.account.sessions import session_list
from dashboard.features.shared.confirmation import confirmation
from dashboard.features.shared.outcomes import perform, press, show_outcome
from dashboard.features.users.actions import sign_out
from dashboard.features.users.queries import open_sessions
from dashboard.page_context import PageContext
from dashboard.ui.client import throttle_address
from dashboard.ui.shown_once import show_secret
from dashboard.ui.templates import render
from dashboard.viewer import Viewer

_AREA: Final = "account"
_FIELDS: Final = ("current", "new", "again")


def page(context: PageContext) -> None:
    """Draw one's own account; where something has to be done first, nothing but that."""
    if context.viewer.user_id is None:
        raise Conflict("This is for people with an account.")
    st.title("Your account", anchor=False)
    if context.viewer.must_change_password:
        st.warning("Choose a password of your own to go on: yours was set by somebody else.")
    elif context.viewer.must_set_second_factor:
        st.warning("Set up two-factor authentication to go on: administrators must have one here.")
    show_outcome(_AREA, context)
    show_secret(_AREA)
    user = context.read(actions.own_row, context.viewer)
    left, right = st.columns(2, gap="large")
    with left:
        _facts(context.viewer)
        if not context.viewer.is_restricted:
            own_mails(_AREA, context, user)
        if not user.password_hash:
            st.caption("You sign in by single sign-on: there is no password of yours here.")
        elif not context.viewer.must_set_second_factor or context.viewer.must_change_password:
            _password_form(context)
    if context.viewer.must_change_password:
        return
    with right:
        if user.password_hash:
            confirmation(_AREA, context, path="/account")
            second_factor(_AREA, context, user)
        if not context.viewer.must_set_second_factor:
            _sessions(context, context.viewer.user_id)


def _facts(viewer: Viewer) -> None:
    facts = {
        "Username": viewer.name,
        "Full name": viewer.full_name,
        "Mail": viewer.email or "none",
        "Role": viewer.role.title,
    }
    st.html(render("ui/facts", facts=facts.items()))
    st.caption("An administrator can change these.")


def _password_form(context: PageContext) -> None:
    st.subheader("Change your password", anchor=False)
    with st.form("password"):
        labels = (
            "Current password",
            f"New password (at least {SHORTEST} characters, no names)",
            "New password again",
        )
        hints = ("current-password", "new-password", "new-password")
        for field, label, hint in zip(_FIELDS, labels, hints, strict=True):
            st.text_input(label, type="password", key=f"password-{field}", autocomplete=hint, max_chars=256)
        st.form_submit_button("Change", type="primary", on_click=_change, args=(context,))


def _change(context: PageContext) -> None:
    current, new, again = (st.session_state[f"password-{field}"] for field in _FIELDS)
    change = actions.PasswordChange(current, new, again, throttle_address())
    if perform(_AREA, context, actions.change_own_password, change, context.settings.accounts):
        for field in _FIELDS:
            st.session_state[f"password-{field}"] = ""


def _sessions(context: PageContext, user_id: int) -> None:
    now = utc_now()
    sessions = context.read(open_sessions, user_id, context.settings.dashboard, now)
    st.subheader("Active sessions", anchor=False)
    session_list(_AREA, context, user_id, sessions, now)
    if len(sessions) > 1:
        st.button(
            "Sign out all other sessions",
            key="out-elsewhere",
            icon=":material/logout:",
            on_click=press,
            args=(_AREA, context, sign_out, user_id),
            kwargs={"keep": context.viewer.session},
        )
