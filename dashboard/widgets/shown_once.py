"""A secret that is shown once: until its reader says that they have it, and never again."""

import streamlit as st

from dashboard.text import in_markdown


def keep_secret(area: str, label: str, secret: str) -> None:
    """Have it shown on the next run of this area of a page."""
    st.session_state[_key(area)] = (label, secret)


def show_secret(area: str) -> None:
    """Show what is to be shown."""
    kept = st.session_state.get(_key(area))
    if kept is None:
        return
    label, secret = kept
    with st.container(border=True):
        st.markdown(f"**{in_markdown(label)}** It is shown this once: hand it over now.")
        st.code(secret, language=None)
        st.button("I have it", key=f"{_key(area)}-seen", on_click=_forget, args=(area,))


def _forget(area: str) -> None:
    st.session_state.pop(_key(area), None)


def _key(area: str) -> str:
    return f"{area}.secret"
