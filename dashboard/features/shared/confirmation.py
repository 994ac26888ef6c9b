"""Proving again who one is, before users, tokens or secrets are changed."""

from typing import Final
from urllib.parse import urlencode

import streamlit as st

from core.runtime.wall_clock import utc_now
from core.storage.users import user_row
from dashboard.actor import Actor
from dashboard.app_context import AppContext
from dashboard.features.shared.outcomes import perform
from dashboard.page_context import PageContext
from dashboard.settings import DashboardAppSettings
from dashboard.ui.client import throttle_address
from dashboard.ui.templates import render
from dashboard.undoing import Done
from dashboard.web.sign_in.sign_in import Proven, confirm

_TYPED_KEY: Final = "confirm-password"
_CODE: Final = "confirm-code"
_WHY: Final = (
    "**Confirm that it is you** before you change anything here. You last did so more than 15 minutes "
    "ago, and somebody else may be at this screen by now."
)


def confirmation(area: str, context: PageContext, *, path: str) -> None:
    """Ask for the proof where it is due; `path` is the page's, where the provider leads back to."""
    if context.viewer.is_confirmed(utc_now()):
        return
    with st.container(border=True, key="confirmation"):
        st.markdown(_WHY)
        if context.viewer.method == "password":
            _form(area, context)
        else:
            _way_to_provider(context.app, path)


def _form(area: str, context: PageContext) -> None:
    user = context.read(user_row, context.viewer.user_id or 0)
    # The fields are side by side, and below each other on a phone.
    with (
        st.form("confirm", border=False, clear_on_submit=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        st.text_input(
            "Your password",
            type="password",
            key=_TYPED_KEY,
            autocomplete="current-password",
            max_chars=256,
            width=260,
        )
        if user is not None and user.second_factor:
            st.text_input("Code", key=_CODE, autocomplete="one-time-code", max_chars=40, width=160)
        st.form_submit_button("Confirm", type="primary", on_click=_confirm, args=(area, context))


def _confirm(area: str, context: PageContext) -> None:
    given = Proven(st.session_state[_TYPED_KEY], st.session_state.get(_CODE, ""), throttle_address())
    perform(area, context, _confirmed, given, context.settings)
    for key in (_TYPED_KEY, _CODE):
        if key in st.session_state:
            st.session_state[key] = ""


def _confirmed(by: Actor, given: Proven, settings: DashboardAppSettings) -> Done:
    confirm(by, given, settings)
    return Done("Confirmed: you can make changes for 15 minutes")


def _way_to_provider(app_context: AppContext, path: str) -> None:
    target = f"/login/sso?{urlencode({'next': path, 'confirm': '1'})}"
    label = app_context.settings.sign_on.oidc_label
    st.html(render("shared/confirm_elsewhere", target=target, label=label))
