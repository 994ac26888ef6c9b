"""The timeline of an issue: who did what, oldest first; comments as they were written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import streamlit as st

from core.storage.tables import Visibility
from dashboard.features.issues.issue_queries import Event
from dashboard.features.issues.wording import actor, event_words
from dashboard.features.photos.picker import photo_paths
from dashboard.ui.templates import render


@dataclass(frozen=True)
class _Item:
    kind: str
    """answer, said (internally, or by a reporter), gone (the fault), or "" for all else."""
    actor: str
    done: str
    at: datetime
    text: str
    photos: Sequence[tuple[str, str]]
    """The addresses of its photos, each whole and as a thumbnail."""
    seen_by: str
    """Who can read the text beside those who work on issues; "" where nothing was written."""


def timeline(events: Sequence[Event], people: Mapping[str, str], reporter: str) -> None:
    """Draw all events as one list; `reporter` is the name of who reported it without an account."""
    st.html(render("issues/timeline", items=[_item(event, people, reporter) for event in events]))


def _item(event: Event, people: Mapping[str, str], reporter: str) -> _Item:
    said = str(event.details.get("text") or "")
    written = bool(said or event.photos) and event.change != "opened"
    kind = "said" if written else "gone" if event.change == "fault_gone" else ""
    return _Item(
        kind="answer" if written and event.visibility == Visibility.PUBLIC else kind,
        actor=actor(event.actor or (reporter if event.change == "opened" else ""), people),
        done=event_words(event, people),
        at=event.at,
        text=said,
        photos=photo_paths(event.photos),
        seen_by=_SEEN_BY[event.visibility] if written else "",
    )


_SEEN_BY: Final = {
    Visibility.INTERNAL: "internal",
    Visibility.REPORTER: "",
    Visibility.PUBLIC: "the reporter can read this",
}
