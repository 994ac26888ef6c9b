"""Users: who can sign in, as what, and where they are signed in now."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode

import streamlit as st

from core.domain.mail_addresses import is_address
from core.domain.mail_choices import SUMMARY_CHOICES
from core.domain.permissions import role_of
from core.domain.units import ago, counted
from core.runtime.wall_clock import utc_now
from core.storage.account_links import open_links
from core.storage.database import reading
from core.storage.user_rows import UserRow
from dashboard.features.shared.confirmation import confirmation
from dashboard.features.shared.outcomes import show_outcome
from dashboard.features.users.editor import new_user, user_editor
from dashboard.features.users.links import AREA, invite_user, link_list
from dashboard.features.users.queries import Account, LockOuts, accounts, lock_outs
from dashboard.page_context import PageContext
from dashboard.ui.query_choice import choice
from dashboard.ui.shown_once import show_secret
from dashboard.ui.table import Column, Row, sorted_table
from dashboard.ui.text import clean, in_markdown

_LOCK_OUTS_SHOWN: Final = timedelta(days=7)
_MOST_LOCK_OUTS: Final = 5


def page(context: PageContext) -> None:
    """Draw the list; actions for the account that is chosen stand above it."""
    now = utc_now()
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        st.title("Users", anchor=False)
        with st.container(horizontal=True, width="content"):
            invite_user(context)
            new_user(context)
    with reading(context.engine) as connection:
        everybody = accounts(connection, context.settings.dashboard, now)
        links = open_links(connection, now)
        locked = lock_outs(connection, now - _LOCK_OUTS_SHOWN)
    show_outcome(AREA, context)
    confirmation(AREA, context, path="/users")
    show_secret(AREA)
    if locked:
        _warn_of_lock_outs(locked, now)
    _warn_of_addresses(everybody)
    link_list(context, links, now)
    chosen = _choose(everybody)
    if chosen is not None:
        user_editor(context, chosen, everybody)
    _table(everybody)


def _warn_of_lock_outs(locked: Sequence[LockOuts], now: datetime) -> None:
    lines = [
        f"**{in_markdown(each.name)}** {_times(each.count)}, last {ago(each.last_at, now)} "
        f"from {in_markdown(each.last_address or 'an unknown address')}"
        for each in locked[:_MOST_LOCK_OUTS]
    ]
    more = len(locked) - len(lines)
    st.warning(
        "Locked by wrong passwords in the last 7 days: "
        + "; ".join(lines)
        + (f"; and {counted(more, 'other account', 'other accounts')}" if more > 0 else "")
        + ". Somebody may be guessing, or locking people out: the page [Audit](/audit?about=sign_in) has all "
        "attempts with their addresses, which can be blocked at the firewall.",
        icon=":material/lock_clock:",
    )


def _warn_of_addresses(everybody: Sequence[Account]) -> None:
    """Name accounts of an earlier version whose mail address cannot be written to."""
    faulty = [
        f"{in_markdown(one.seen.name)} ({in_markdown(one.seen.email)})"
        for one in everybody
        if one.seen.active and one.seen.email.strip() and not is_address(one.seen.email.strip())
    ]
    if faulty:
        st.warning(
            f"No mail can be sent to {', '.join(faulty)}: that is no mail address. Enter another one.",
            icon=":material/mail_off:",
        )


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"


_COLUMNS: Final = (
    *(Column(title) for title in ("Username", "Full name", "Role", "Mail", "Daily summary", "Sign-in")),
    Column("Last signed in", "ago"),
    Column("Sessions", "number"),
)


def _table(everybody: Sequence[Account]) -> None:
    sorted_table("Users", _COLUMNS, [_row(one) for one in everybody], key="users")


def _row(one: Account) -> Row:
    seen = one.seen
    cells = (
        seen.name,
        seen.full_name,
        role_of(seen.role).title,
        seen.email,
        SUMMARY_CHOICES.get(seen.summary, ""),
        _way(seen) if seen.active else "deactivated",
        seen.signed_in_at,
        one.sessions,
    )
    return Row(cells, path=f"/users?{urlencode({'user': seen.name})}")


def _choose(everybody: Sequence[Account]) -> Account | None:
    by_name = {one.seen.name: one for one in everybody}
    labels = {name: clean(f"{one.seen.full_name} ({name})") for name, one in by_name.items()}
    return by_name.get(choice("user", "Change a user", {"": "Choose a user", **labels}))


def _way(row: UserRow) -> str:
    password = "password and code" if row.second_factor else "password"
    ways = [way for way, there in ((password, row.password_hash), ("single sign-on", row.subject)) if there]
    return ", ".join(ways) or "nothing yet"
