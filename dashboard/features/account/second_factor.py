"""The second factor on the page of one's account: setting it up, recovery codes, removal."""

from typing import Final
from urllib.parse import urlsplit

import streamlit as st

from core.domain.permissions import Permission
from core.domain.second_factor import RECOVERY_CODES, make_secret, setup_address, setup_picture
from core.storage.second_factors import count_recovery_codes
from core.storage.user_rows import UserRow
from dashboard.features.account import actions
from dashboard.features.shared.outcomes import perform, press
from dashboard.page_context import PageContext
from dashboard.ui.templates import render

_BEGUN: Final = "second-factor-secret"
_CODE: Final = "second-factor-code"
_FEW_CODES: Final = 3
_WHAT: Final = (
    "With it, signing in takes your password and a code from an app on your phone (Aegis, Google "
    "Authenticator, 1Password ...), so that a password alone is of no use to somebody else."
)


def second_factor(area: str, context: PageContext, user: UserRow) -> None:
    """Draw the whole section."""
    st.subheader("Two-factor authentication", anchor=False)
    if user.second_factor:
        _has_one(area, context)
    elif _BEGUN in st.session_state or context.viewer.must_set_second_factor:
        _set_up(area, context)
    else:
        st.markdown(f"It is not set up. {_WHAT}")
        st.button("Set up", key="second-factor-begin", icon=":material/phonelink_lock:", on_click=_begin)


def _begin() -> None:
    st.session_state[_BEGUN] = make_secret()


def _set_up(area: str, context: PageContext) -> None:
    secret = str(st.session_state.setdefault(_BEGUN, make_secret()))
    host = urlsplit(context.settings.dashboard.dashboard_url).hostname or ""
    st.markdown("**1.** Scan this picture with the authenticator app on your phone.")
    picture = setup_picture(setup_address(secret, context.viewer.name, host))
    st.html(render("account/setup_picture", picture=picture))
    with st.expander("I cannot scan it"):
        st.markdown("Choose *Enter a setup key* in the app, name it Printers, and type this key:")
        st.code(" ".join(secret[begin : begin + 4] for begin in range(0, len(secret), 4)), language=None)
    st.markdown("**2.** Enter the six digits that the app shows.")
    with st.form("second-factor", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input("Code", key=_CODE, autocomplete="one-time-code", max_chars=10, width=160)
        st.form_submit_button("Turn on", type="primary", on_click=_turn_on, args=(area, context, secret))
    if not context.viewer.must_set_second_factor:
        st.button("Not now", key="second-factor-cancel", type="tertiary", on_click=_forget)


def _turn_on(area: str, context: PageContext, secret: str) -> None:
    code = st.session_state[_CODE]
    done = perform(area, context, actions.set_up, secret, code, context.settings)
    st.session_state[_CODE] = ""
    if done:
        _forget()


def _forget() -> None:
    st.session_state.pop(_BEGUN, None)


def _has_one(area: str, context: PageContext) -> None:
    left = context.read(count_recovery_codes, context.viewer.user_id or 0)
    st.markdown("It is set up: signing in takes your password and a code from your authenticator app.")
    said = f"{left} of {RECOVERY_CODES} recovery codes are left."
    if left <= _FEW_CODES:
        st.warning(f"{said} Make new ones while you can sign in.")
    else:
        st.caption(said)
    with st.container(horizontal=True):
        st.button(
            "New recovery codes",
            key="second-factor-codes",
            icon=":material/key:",
            help="The codes you have now stop working.",
            on_click=press,
            args=(area, context, actions.renew_codes, context.settings),
        )
        if not (
            context.settings.dashboard.admin_second_factor and context.viewer.may(Permission.MANAGE_USERS)
        ):
            st.button(
                "Remove",
                key="second-factor-remove",
                icon=":material/phonelink_off:",
                help="You then sign in with your password alone.",
                on_click=press,
                args=(area, context, actions.remove, context.settings),
            )
