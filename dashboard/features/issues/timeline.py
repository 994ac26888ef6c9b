"""The timeline of an issue: who did what, oldest first; comments as they were written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import streamlit as st

from dashboard.features.issues.issue_queries import Event
from dashboard.features.issues.wording import actor, event_words
from dashboard.ui.templates import render


@dataclass(frozen=True)
class _Item:
    kind: str
    """said, gone (the fault), or "" for all else."""
    actor: str
    done: str
    at: datetime
    text: str


def timeline(events: Sequence[Event], people: Mapping[str, str]) -> None:
    """All of it as one list."""
    st.html(render("issues/timeline", items=[_item(event, people) for event in events]))


def _item(event: Event, people: Mapping[str, str]) -> _Item:
    said = str(event.details.get("text") or "")
    kind = "said" if said else "gone" if event.change == "fault_gone" else ""
    return _Item(kind, actor(event.actor, people), event_words(event, people), event.at, said)
