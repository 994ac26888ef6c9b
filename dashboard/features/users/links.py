"""Links for accounts on the page Users: people invited, passwords to be set; given out anew, revoked."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Final

import streamlit as st

from core.domain.mail_addresses import is_address
from core.domain.permissions import ROLES, role_of, role_titles
from core.domain.units import ago, remaining
from core.storage.account_links import AccountLink, Invitation, Purpose
from core.storage.user_rows import UserRow
from dashboard.features.shared.outcomes import perform, press
from dashboard.features.shared.revocable import RenewButton, revocable_line
from dashboard.features.users import link_actions
from dashboard.page_context import PageContext
from dashboard.ui.word_select import word_select

AREA: Final = "users"
_LONGEST: Final = 120
_OPENER: Final = "invite-opener"
_NO_MAIL: Final = "No mail server is set (EMAIL_HOST): the link is shown here, for you to hand on."
_BY_MAIL: Final = "They get a link by mail. Without an address it is shown here, for you to hand on."


def invite_user(context: PageContext) -> None:
    """Draw the button that opens the form; what was typed stays until the invitation is made."""
    opener = st.popover("Invite", icon=":material/mail:", key=_OPENER, on_change="rerun")
    with opener, st.form("invite", border=False):
        st.text_input(
            "Mail address", key="invite-email", max_chars=_LONGEST, placeholder="maya@college.example"
        )
        word_select("Role", role_titles(), key="invite-role")
        st.caption(_BY_MAIL if context.settings.accounts.sends_mail else _NO_MAIL)
        st.form_submit_button("Invite", type="primary", on_click=_invite, args=(context,))


def link_list(context: PageContext, links: Sequence[AccountLink], now: datetime) -> None:
    """Draw the links that can still be used, each with what gives it out anew or ends it."""
    url = context.settings.dashboard.dashboard_url
    for link in links:
        is_invitation = link.purpose is Purpose.INVITATION
        by_mail = _goes_by_mail(context, link.email)
        what = f"Invited as {role_of(link.role).title}" if is_invitation else "Can set a new password"
        left = remaining(link.expires_at, now)
        revocable_line(
            AREA,
            context,
            link.link_id,
            link.whose,
            (what, f"expires in {left}", f"by {link.created_by} {ago(link.created_at, now)}"),
            revoke=link_actions.revoke,
            warning="The link opens nothing any more.",
            renewal=RenewButton(
                "Resend" if by_mail else "New link",
                "Gives out a new link; the one before opens nothing any more.",
                partial(link_actions.renew, dashboard_url=url, by_mail=by_mail),
            ),
        )


def password_link_button(context: PageContext, seen: UserRow) -> None:
    """Draw the button that gives somebody a link to set a new password."""
    if not seen.active:
        return
    by_mail = _goes_by_mail(context, seen.email.strip())
    st.button(
        "Send a link to set a new password" if by_mail else "Make a link to set a new password",
        key=f"password-link-{seen.id}",
        icon=":material/mail:" if by_mail else ":material/link:",
        help="It works once, within 24 hours. Their password and sessions stay until they set a new one.",
        on_click=press,
        args=(AREA, context, link_actions.password_link, seen, context.settings.dashboard.dashboard_url),
        kwargs={"by_mail": by_mail},
    )


def _goes_by_mail(context: PageContext, email: str) -> bool:
    return context.settings.accounts.sends_mail and is_address(email)


def _invite(context: PageContext) -> None:
    email, role = st.session_state["invite-email"].strip(), ROLES[st.session_state["invite-role"]]
    by_mail = bool(email) and context.settings.accounts.sends_mail
    url = context.settings.dashboard.dashboard_url
    if perform(AREA, context, link_actions.invite, Invitation(role, email), url, by_mail=by_mail):
        st.session_state["invite-email"] = ""
        st.session_state[_OPENER] = False  # it would hide the link
