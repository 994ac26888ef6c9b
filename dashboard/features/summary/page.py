"""Daily summary: the last one as it was sent, and what became of it; the next one as it would be now."""

from collections.abc import Mapping
from typing import Final

import streamlit as st

from core.domain.units import counted
from core.mails.recipients import NOBODY
from dashboard.features.summary.queries import SentSummary, last_summary, sent_bodies
from dashboard.features.summary.shown import NEXT_PATH, SENT_PATH, preview, without_tokens
from dashboard.page_context import PageContext
from dashboard.ui.empty import nothing
from dashboard.ui.query_choice import choice
from dashboard.ui.table import Column, Row, sorted_table
from dashboard.ui.templates import render
from dashboard.ui.text import in_markdown

_VIEWS: Final = {"last": "Last sent", "next": "Next"}
_OUTCOMES: Final[Mapping[str, str]] = {
    "due": "Waiting",
    "sending": "Being sent",
    "sent": "Sent",
    "failed": "Failed",
    "cancelled": "Canceled",
}
_COLUMNS: Final = (Column("To"), Column("Outcome"), Column("Sent", "at"))
_SAID: Final = Column("The server said", "long")
_CHOICE_WIDTH: Final = 360
_HEIGHT: Final = 1400
"""Of the frame: the longest summary on a desktop; on a phone it scrolls."""


def page(context: PageContext) -> None:
    """Draw the page."""
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        st.title("Daily summary", anchor=False)
        view = choice("view", "View", _VIEWS, as_="segments", hide_label=True)
    if view == "next":
        _next(context)
    else:
        _last(context)


def _last(context: PageContext) -> None:
    last = context.read(last_summary)
    if last is None:
        nothing("No summary has been sent yet.", "What the first one would say: choose Next.")
        return
    facts = {
        "Subject": last.subject or "None: there was nothing to say",
        "From": last.begins_at,
        "Until": last.ends_at,
        "Made": last.composed_at,
    }
    st.html(render("ui/facts", facts=facts.items()))
    if last.problem:
        st.info(in_markdown(last.problem), icon=":material/mail_off:")
    if last.mails:
        _sent(context, last)
    elif last.subject and not last.problem:
        st.caption("Its mails are no longer kept, or nobody wanted one without anything new.")


def _sent(context: PageContext, last: SentSummary) -> None:
    said = any(mail.last_error for mail in last.mails)
    rows = []
    for mail in last.mails:
        cells = (mail.recipient, _OUTCOMES.get(mail.status, mail.status), mail.sent_at)
        rows.append(Row((*cells, mail.last_error) if said else cells))
    sorted_table("Recipients", (*_COLUMNS, _SAID) if said else _COLUMNS, rows, key="recipients")
    chosen = str(last.mails[0].id)
    if len(last.mails) > 1:
        by_id = {str(mail.id): mail.recipient for mail in last.mails}
        chosen = choice("mail", "As it went to", by_id, width=_CHOICE_WIDTH)
    bodies = context.read(sent_bodies, int(chosen))
    if bodies is not None:
        _mail(f"{SENT_PATH}/{chosen}", without_tokens(bodies.text), "The last daily summary")


def _next(context: PageContext) -> None:
    upcoming = preview(context.app, context.viewer)
    composed = upcoming.composed
    to = [recipient.address for recipient in composed.concerned]
    left_out = len(composed.recipients) - len(to)
    facts = {
        "Subject": composed.summary.subject,
        "Due": composed.window.ends_at,
        "To": ", ".join(to) or "nobody",
    }
    st.html(render("ui/facts", facts=facts.items()))
    words = "As it would be sent now, with your own issues where it has those of whoever receives it."
    if left_out:
        waiting = counted(left_out, "recipient wants", "recipients want")
        words += f" {waiting} it only when something has changed, which is not so yet."
    st.caption(words)
    if not composed.recipients:
        st.info(in_markdown(NOBODY), icon=":material/mail_off:")
    path = f"{NEXT_PATH}?at={upcoming.composed_at.timestamp():.0f}"
    _mail(path, upcoming.words.text, "The next daily summary")


def _mail(path: str, text: str, title: str) -> None:
    st.iframe(path, height=_HEIGHT, alt=title)
    with st.expander("As plain text"):
        st.code(without_tokens(text), language=None, wrap_lines=True)
