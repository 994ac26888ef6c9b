"""What somebody has given out, beside their account: API tokens and links of screens, each with its end."""

import streamlit as st

from core.domain.permissions import Permission
from core.runtime.wall_clock import utc_now
from core.storage.user_rows import UserRow
from dashboard.features.tokens.page import token_line
from dashboard.features.users.links import AREA
from dashboard.features.users.queries import given_out
from dashboard.features.wall.links_page import link_line
from dashboard.page_context import PageContext


def show_given_out(context: PageContext, seen: UserRow) -> None:
    """Draw it with its buttons, and what becomes of it when the account is deactivated."""
    viewer, now = context.viewer, utc_now()
    if not (viewer.may(Permission.MANAGE_TOKENS) and viewer.may(Permission.MANAGE_SCREENS)):
        return
    found = context.read(given_out, seen.name, now)
    if not found.words:
        return
    st.markdown(f"**Made by them: {found.words}**")
    said = (
        "Deactivated: the tokens are refused, and are accepted again with the account. The screens stay on: "
        "revoke those whose link they may have kept."
        if not seen.active
        else "When they are deactivated, the tokens are refused and the screens stay on."
    )
    st.caption(said)
    for token in found.tokens:
        token_line(AREA, context, token, now, among="token-")
    for screen in found.screens:
        link_line(AREA, context, screen, now, among="screen-")
