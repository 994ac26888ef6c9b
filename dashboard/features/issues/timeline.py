"""The timeline of an issue: who did what, oldest first; comments as they were written."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import streamlit as st

from dashboard.features.issues.issue_queries import Event
from dashboard.features.issues.wording import actor, event_words
from dashboard.ui.badges import relative
from dashboard.ui.text import in_html, paragraphs


def timeline(events: Sequence[Event], people: Mapping[str, str], now: datetime) -> None:
    """All of it as one list."""
    items = "".join(_item(event, people, now) for event in events)
    st.html(f'<ol class="timeline" aria-label="What happened">{items}</ol>')


def _item(event: Event, people: Mapping[str, str], now: datetime) -> str:
    said = event.details.get("text")
    words = f"<blockquote>{paragraphs(said)}</blockquote>" if said else ""
    kind = "said" if said else "gone" if event.change == "fault_gone" else ""
    done = in_html(event_words(event, people), 600)
    return (
        f'<li class="{kind}"><strong>{in_html(actor(event.actor, people))}</strong> {done} '
        f'<span class="quiet small">{relative(event.at, now)}</span>{words}</li>'
    )
