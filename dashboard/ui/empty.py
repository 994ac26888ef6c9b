"""Empty places of a page."""

import streamlit as st

from dashboard.ui.templates import render


def nothing(what: str, why: str = "", *, link: tuple[str, str] | None = None) -> None:
    """Draw an empty place: what is not there, why, and where to go (label and path of ours) instead."""
    st.html(render("ui/nothing", what=what, why=why, link=link))


def note(sentence: str, *, small: bool = False) -> None:
    """Draw a quiet sentence where a list would have been."""
    st.html(render("ui/note", sentence=sentence, small=small))
