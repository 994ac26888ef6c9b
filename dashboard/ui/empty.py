"""What a page shows where there is nothing to show."""

import streamlit as st

from dashboard.ui.text import in_html


def nothing(what: str, why: str = "", *, link: tuple[str, str] | None = None) -> None:
    """An empty place: what is not there, why, and where to go (label and path of ours) instead."""
    st.html(nothing_html(what, why, link=link))


def nothing_html(what: str, why: str = "", *, link: tuple[str, str] | None = None) -> str:
    """The same as HTML."""
    onward = f'<p><a href="{in_html(link[1], 2000)}">{in_html(link[0])}</a></p>' if link else ""
    below = f"<p>{in_html(why)}</p>" if why else ""
    return f'<div class="nothing"><p class="what">{in_html(what)}</p>{below}{onward}</div>'
