"""The part of a form that takes photos, and the draft that they wait in until the form is sent."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

import streamlit as st

from core.runtime.wall_clock import utc_now
from dashboard.app_context import AppContext
from dashboard.features.photos.drafts import draft_hash, new_draft
from dashboard.features.photos.store import MOST_PHOTOS
from dashboard.ui.templates import render
from dashboard.web.gate.body_limit import LARGEST_PHOTO

HOLDER: Final = "photo-form"
"""The beginning of the key of the container that holds a picker and the buttons that send its form: the
browser's script has those buttons wait for photos that are still coming."""


def photo_picker(app_context: AppContext, form: str) -> None:
    """Draw it; `form` names the form in this browser tab."""
    st.html(
        render(
            "photos/picker", draft=_token(app_context, form), most=MOST_PHOTOS, largest_bytes=LARGEST_PHOTO
        ),
        unsafe_allow_javascript=True,
    )


def draft_of(app_context: AppContext, form: str) -> str:
    """Return what the form's photos are stored under, for whatever files them; "" where none can have."""
    token = st.session_state.get(_key(form))
    return draft_hash(app_context.settings.web.signing_key(), token, utc_now()) or "" if token else ""


def forget_draft(form: str) -> None:
    """Start another draft after the form was sent."""
    st.session_state.pop(_key(form), None)


def photo_paths(photos: Sequence[int], token: str = "") -> list[tuple[str, str]]:
    """Return the addresses of photos, each whole and as a thumbnail.

    With the token of a link to follow one.
    """
    query = f"?token={quote(token, safe='')}" if token else ""
    return [(f"/photos/{number}{query}", f"/photos/{number}/thumbnail{query}") for number in photos]


def _token(app_context: AppContext, form: str) -> str:
    if not draft_of(app_context, form):
        key = app_context.settings.web.signing_key()
        st.session_state[_key(form)] = new_draft(key, utc_now())
    return str(st.session_state[_key(form)])


def _key(form: str) -> str:
    return f"{form}-photo-draft"
