"""A secret that is shown once: until its reader says that they have it, and never again."""

import streamlit as st

from dashboard.ui.text import in_markdown
from dashboard.undoing import Secret


def keep_secret(area: str, secret: Secret) -> None:
    """Have it shown on the next run of this area of a page."""
    st.session_state[_key(area)] = secret


def show_secret(area: str) -> None:
    """Show what is to be shown."""
    kept: Secret | None = st.session_state.get(_key(area))
    if kept is None:
        return
    with st.container(border=True):
        st.markdown(f"**{in_markdown(kept.label)}** {in_markdown(kept.note)}")
        st.code(kept.text, language=None)
        st.button("I have saved it", key=f"{_key(area)}-seen", on_click=_forget, args=(area,))


def _forget(area: str) -> None:
    st.session_state.pop(_key(area), None)


def _key(area: str) -> str:
    return f"{area}.secret"
