"""API tokens: what programs use in place of a person's password."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import streamlit as st

from core.domain.permissions import ROLES, Permission, role_of, role_titles
from core.domain.units import ago
from core.runtime.wall_clock import utc_now
from core.storage.api_tokens import LONGEST_NAME, NewToken, Token, read_tokens
from dashboard.features.shared.confirmation import confirmation
from dashboard.features.shared.makers import made_by
from dashboard.features.shared.outcomes import perform, show_outcome
from dashboard.features.shared.revocable import revocable_line
from dashboard.features.tokens import actions
from dashboard.page_context import PageContext
from dashboard.ui.dates import on_day
from dashboard.ui.empty import nothing
from dashboard.ui.shown_once import show_secret
from dashboard.ui.word_select import word_select

_AREA: Final = "tokens"
_OPENER: Final = "new-token-opener"
_LASTS: Final[Mapping[int, str]] = {
    0: "Never: until it is revoked",
    30: "After 30 days",
    90: "After 90 days",
    365: "After a year",
}


def page(context: PageContext) -> None:
    """Draw the list, and a form for a new one."""
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        st.title("API tokens", anchor=False)
        _new(context)
    st.caption(
        "For programs: `Authorization: Bearer TOKEN` at the JSON routes, with the rights of a role. "
        "[What there is](/api/v1/docs)"
    )
    now = utc_now()
    found = context.read(read_tokens, now)
    show_outcome(_AREA, context)
    confirmation(_AREA, context, path="/tokens")
    show_secret(_AREA)
    for token in found:
        token_line(_AREA, context, token, now)
    if not found:
        nothing(
            "No program has a token yet.", "Make one for each program, so that each can be revoked alone."
        )


def _new(context: PageContext) -> None:
    opener = st.popover("Create a token", icon=":material/add:", key=_OPENER, on_change="rerun")
    with opener, st.form("new-token", border=False):
        st.text_input("Used by", key="token-name", max_chars=LONGEST_NAME)
        word_select("Role", role_titles(), key="token-role")
        word_select("Expires", _LASTS, key="token-lasts")
        st.form_submit_button("Create", type="primary", on_click=_make, args=(context,))


def _make(context: PageContext) -> None:
    state = st.session_state
    new = NewToken(state["token-name"], ROLES[state["token-role"]], state["token-lasts"] or None)

    if perform(_AREA, context, actions.make, new):
        st.session_state["token-name"] = ""
        st.session_state[_OPENER] = False  # it would hide the token


def token_line(area: str, context: PageContext, token: Token, now: datetime, *, among: str = "") -> None:
    """Draw a token with its button; `among`: as of `revocable_line`."""
    is_valid = token.is_valid(now)
    made = made_by(token.created_by, token.maker, token.created_at, now, takes=Permission.MANAGE_TOKENS)
    used = f"used {ago(token.used_at, now)}" if token.used_at else "never used"
    until = f"expires on {on_day(token.expires_at)}" if is_valid and token.expires_at else ""
    revocable_line(
        area,
        context,
        token.token_id,
        token.name,
        (token.role, _limit(token) if is_valid else "", made, used, until),
        ended="" if is_valid else _ended(token, now),
        revoke=actions.revoke,
        warning="Revokes it: whatever uses it stops working.",
        among=among,
    )


def _limit(token: Token) -> str:
    """Return what keeps it from the rights of its role; "" where it has them."""
    if token.rights is None:
        return f"refused until {token.created_by} is active again"
    if token.rights != role_of(token.role):
        return f"limited to what {token.created_by} may do: {token.rights.name}"
    return ""


def _ended(token: Token, now: datetime) -> str:
    if token.revoked_at is not None:
        return f"revoked {ago(token.revoked_at, now)}"
    return f"expired {ago(token.expires_at, now)}"
