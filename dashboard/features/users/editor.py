"""An account to be made, and one to be changed: role, mail, summary, password, sessions."""

from collections.abc import Sequence
from typing import Any, Final

import streamlit as st

from core.domain.mail_choices import SUMMARY_CHOICES
from core.domain.permissions import ROLES, role_titles
from core.runtime.wall_clock import utc_now
from core.storage.user_rows import UserRow
from core.storage.users import NewUser
from dashboard.features.account.sessions import session_list
from dashboard.features.shared.outcomes import perform, press
from dashboard.features.users import actions
from dashboard.features.users.given_out import show_given_out
from dashboard.features.users.links import AREA, password_link_button
from dashboard.features.users.queries import Account, is_last_admin, open_sessions
from dashboard.page_context import PageContext
from dashboard.ui.text import in_markdown
from dashboard.ui.word_select import word_select

_NEW: Final = ("name", "full_name", "email", "role", "receives_summary")
_LONGEST: Final = 120
_OPENER: Final = "new-user-opener"


def new_user(context: PageContext) -> None:
    """Draw the button that opens the form; what was typed stays until the account is made."""
    opener = st.popover("Add a user", icon=":material/person_add:", key=_OPENER, on_change="rerun")
    with opener, st.form("new-user", border=False):
        st.text_input("Username", key="new-name", max_chars=64, placeholder="maya")
        st.text_input("Full name", key="new-full_name", max_chars=_LONGEST, placeholder="Maya Lindqvist")
        st.text_input("Mail address", key="new-email", max_chars=_LONGEST)
        word_select("Role", role_titles(), key="new-role")
        st.toggle("Receives the daily summary", key="new-receives_summary")
        st.form_submit_button("Add", type="primary", on_click=_add, args=(context,))


def _add(context: PageContext) -> None:
    given: dict[str, Any] = {field: st.session_state[f"new-{field}"] for field in _NEW}

    new = NewUser(**{**given, "role": ROLES[given["role"]]})
    if perform(AREA, context, actions.add, new):
        for field in _NEW:
            del st.session_state[f"new-{field}"]
        st.session_state[_OPENER] = False  # it would hide the password


def user_editor(context: PageContext, chosen: Account, everybody: Sequence[Account]) -> None:
    """Draw the actions for the account that is chosen."""
    seen = _as_opened(chosen)
    st.subheader(in_markdown(seen.full_name or seen.name), anchor=False)
    if is_last_admin(chosen, everybody):
        st.info("The only open admin account: it stays one until there is another.", icon=":material/shield:")
    left, right = st.columns(2, gap="large")
    with left:
        _fields(context, seen)
    with right:
        _password(context, chosen)
        _sessions(context, chosen)
        show_given_out(context, chosen.seen)


def _as_opened(chosen: Account) -> UserRow:
    """Return the row as it was when it was chosen.

    An edit is held against that, so that nothing is overwritten.
    """
    opened: UserRow | None = st.session_state.get(f"{AREA}.opened")
    if opened is None or opened.id != chosen.seen.id or st.session_state.pop(f"{AREA}.anew", False):
        opened = chosen.seen
        st.session_state[f"{AREA}.opened"] = opened
        st.session_state[f"{AREA}.round"] = st.session_state.get(f"{AREA}.round", 0) + 1
    return opened


def _fields(context: PageContext, seen: UserRow) -> None:
    key = f"edit-{seen.id}-{st.session_state[f'{AREA}.round']}"
    with st.form(f"{key}-form"):
        st.text_input("Full name", seen.full_name, key=f"{key}-full_name", max_chars=_LONGEST)
        st.text_input("Mail address", seen.email, key=f"{key}-email", max_chars=_LONGEST)
        word_select("Role", role_titles(), seen.role, key=f"{key}-role")
        hint = "They choose it themselves, too: on the page Your account."
        word_select("Daily summary", SUMMARY_CHOICES, seen.summary, key=f"{key}-summary", help=hint)
        st.toggle(
            "Active",
            seen.active,
            help="Without it they are signed out, and their API tokens are refused. Wall screens stay on.",
            key=f"{key}-active",
        )
        st.form_submit_button("Save", type="primary", on_click=_save, args=(context, seen, key))


def _save(context: PageContext, seen: UserRow, key: str) -> None:
    fields = ("full_name", "email", "role", "summary", "active")
    values = {field: st.session_state[f"{key}-{field}"] for field in fields}
    if perform(AREA, context, actions.edit, seen, values):
        st.session_state[f"{AREA}.anew"] = True


def _password(context: PageContext, chosen: Account) -> None:
    with st.container(horizontal=True):
        st.button(
            "Reset password",
            key=f"reset-{chosen.seen.id}",
            icon=":material/key:",
            help="Makes a new one, which they have to change within 7 days, and signs them out everywhere.",
            on_click=_reset,
            args=(context, chosen.seen),
        )
        password_link_button(context, chosen.seen)
        if chosen.seen.second_factor and chosen.seen.id != context.viewer.user_id:
            st.button(
                "Reset two-factor authentication",
                key=f"second-factor-{chosen.seen.id}",
                icon=":material/phonelink_erase:",
                help="For those who lost phone and recovery codes: their password alone then signs them in.",
                on_click=_reset_second_factor,
                args=(context, chosen.seen),
            )
        if chosen.sessions:
            st.button(
                "Sign out everywhere",
                key=f"out-{chosen.seen.id}",
                icon=":material/logout:",
                on_click=press,
                args=(AREA, context, actions.sign_out, chosen.seen.id),
                kwargs={"keep": context.viewer.session},
            )


def _reset(context: PageContext, seen: UserRow) -> None:
    if perform(AREA, context, actions.reset_password, seen, context.settings.accounts):
        st.session_state[f"{AREA}.anew"] = True


def _reset_second_factor(context: PageContext, seen: UserRow) -> None:
    if perform(AREA, context, actions.reset_second_factor, seen, context.settings.accounts):
        st.session_state[f"{AREA}.anew"] = True


def _sessions(context: PageContext, chosen: Account) -> None:
    now, user_id = utc_now(), chosen.seen.id
    sessions = context.read(open_sessions, user_id, context.settings.dashboard, now)
    if not sessions:
        st.caption("Not signed in anywhere.")
        return
    session_list(AREA, context, user_id, sessions, now)
