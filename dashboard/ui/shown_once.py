"""A secret that is shown once: until its reader says that they have it, and never again."""

from typing import Final

import streamlit as st

from dashboard.ui.text import in_markdown

_HAND_OVER: Final = "Shown only once: hand it over now."


def keep_secret(area: str, label: str, secret: str, *, note: str = _HAND_OVER) -> None:
    """Have it shown on the next run of this area of a page; `note` says what to do with it."""
    st.session_state[_key(area)] = (label, secret, note)


def show_secret(area: str) -> None:
    """Show what is to be shown."""
    kept = st.session_state.get(_key(area))
    if kept is None:
        return
    label, secret, note = kept
    with st.container(border=True):
        st.markdown(f"**{in_markdown(label)}** {in_markdown(note)}")
        st.code(secret, language=None)
        st.button("I have saved it", key=f"{_key(area)}-seen", on_click=_forget, args=(area,))


def _forget(area: str) -> None:
    st.session_state.pop(_key(area), None)


def _key(area: str) -> str:
    return f"{area}.secret"
