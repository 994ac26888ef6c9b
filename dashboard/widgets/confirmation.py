"""Proving again who one is, before users, tokens or secrets are changed."""

from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode

import streamlit as st

from dashboard.actions.undoing import Done
from dashboard.security.sign_in import Proven, confirm
from dashboard.text import in_html
from dashboard.viewer import Rank, Viewer
from dashboard.widgets.client import client_address
from dashboard.widgets.outcomes import attempt
from dashboard.wiring import Wiring

_TYPED_KEY: Final = "confirm-password"
_CODE: Final = "confirm-code"
_WHY: Final = (
    "**Confirm that it is you** before you change anything here. You last did so more than 15 minutes "
    "ago, and somebody else may be at this screen by now."
)


def confirmation(area: str, viewer: Viewer, wiring: Wiring, *, path: str, second_factor: bool) -> None:
    """Ask for the proof where it is due; `path` is the page's, where the provider leads back to."""
    if viewer.is_confirmed(datetime.now(UTC)):
        return
    with st.container(border=True, key="confirmation"):
        st.markdown(_WHY)
        if viewer.method == "password":
            _form(area, viewer, wiring, second_factor=second_factor)
        else:
            _way_to_provider(wiring, path)


def _form(area: str, viewer: Viewer, wiring: Wiring, *, second_factor: bool) -> None:
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
        if second_factor:
            st.text_input("Code", key=_CODE, autocomplete="one-time-code", max_chars=40, width=160)
        st.form_submit_button("Confirm", type="primary", on_click=_confirm, args=(area, viewer, wiring))


def _confirm(area: str, viewer: Viewer, wiring: Wiring) -> None:
    given = Proven(st.session_state[_TYPED_KEY], st.session_state.get(_CODE, ""), client_address())

    def act() -> Done:
        confirm(wiring.engine, viewer, given, wiring.settings, datetime.now(UTC))
        return Done("Confirmed: you can make changes for 15 minutes", rank=Rank.TECHNICIAN)

    attempt(area, act)
    for key in (_TYPED_KEY, _CODE):
        if key in st.session_state:
            st.session_state[key] = ""


def _way_to_provider(wiring: Wiring, path: str) -> None:
    target = f"/login/sso?{urlencode({'next': path, 'confirm': '1'})}"
    label = in_html(wiring.settings.sign_on.oidc_label)
    st.html(f'<p><a href="{in_html(target, 2000)}" target="_self">Confirm with {label}</a></p>')
