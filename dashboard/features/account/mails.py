"""Your mails: whether one receives the daily summary, and of what one is told at once."""

from typing import Final

import streamlit as st

from core.domain.conditions import SEVERITIES
from core.domain.mail_addresses import is_address
from core.domain.mail_choices import (
    NOTICE_CHOICES,
    SUMMARY_CHOICES,
    MailChoices,
    may_subscribe,
    place_name,
    read_places,
)
from core.domain.quiet_days import quiet_days
from core.domain.wording import word
from core.mails.recipients import listed_recipients
from core.storage.user_rows import UserRow
from dashboard.features.account.actions import choose_mails
from dashboard.features.shared.cached import the_fleet
from dashboard.features.shared.outcomes import perform
from dashboard.page_context import PageContext
from dashboard.ui.text import in_markdown

_KEYS: Final = ("mails-summary", "mails-notices", "mails-places")


def own_mails(area: str, context: PageContext, user: UserRow) -> None:
    """Draw the choices; nothing for a role that may not see what stands in the mails."""
    if not may_subscribe(context.viewer.role):
        return
    st.subheader("Your mails", anchor=False)
    if not is_address(user.email):
        st.caption("An administrator has to enter your mail address first.")
        return
    places = sorted({place_name(row.location) for row in the_fleet(context.app).rows}, key=str.casefold)
    chosen = sorted(user.choices.places, key=str.casefold)
    summaries, notices = list(SUMMARY_CHOICES), list(NOTICE_CHOICES)
    with st.form("mails"):
        st.radio(
            "Daily summary",
            summaries,
            index=summaries.index(user.summary) if user.summary in summaries else 0,
            format_func=SUMMARY_CHOICES.__getitem__,
            captions=[_as_the_settings_say(context, user), *[""] * (len(summaries) - 1)],
            key=_KEYS[0],
        )
        st.radio(
            "Notices, sent at once",
            notices,
            index=notices.index(user.notices) if user.notices in notices else 0,
            format_func=NOTICE_CHOICES.__getitem__,
            captions=["Only if your address is in NOTIFY_URLS", *[""] * (len(notices) - 1)],
            key=_KEYS[1],
        )
        st.multiselect(
            "Notices of these places",
            [*places, *(place for place in chosen if place not in places)],
            default=chosen,
            placeholder="All places",
            key=_KEYS[2],
        )
        st.caption(_what_is_sent(context))
        st.form_submit_button("Save", key="mails-save", type="primary", on_click=_save, args=(area, context))


def _as_the_settings_say(context: PageContext, user: UserRow) -> str:
    listed = {address.casefold() for address in listed_recipients(context.settings.summary)}
    return "You receive it every day" if user.email.casefold() in listed else "You do not receive it"


def _what_is_sent(context: PageContext) -> str:
    """Return what an administrator has everybody told of: one can have less of it, and no more."""
    notices, at = context.settings.notices, context.settings.summary.summary_time
    least = word(SEVERITIES, notices.notify_severity).lower()
    where = f" at {in_markdown(notices.notify_locations)}" if notices.notify_locations.strip() else ""
    quiet = quiet_days(context.settings.summary.summary_quiet_days).words
    without = f", not on {quiet}" if quiet else ""
    return (
        f"The summary is sent at {at:%H:%M} ({in_markdown(context.settings.summary.time_zone)}){without}. "
        "Notices are "
        f"sent from the severity {least} on{where}: you can choose fewer of them, not more."
    )


def _save(area: str, context: PageContext) -> None:
    summary, notices, places = (st.session_state[key] for key in _KEYS)
    wanted = MailChoices(summary, notices, frozenset(read_places(", ".join(places))))
    perform(area, context, choose_mails, wanted)
