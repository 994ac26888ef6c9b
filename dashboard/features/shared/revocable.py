"""A line of a list of secrets that were given out, each of which can be revoked alone."""

from collections.abc import Callable, Sequence

import streamlit as st

from dashboard.ui.text import in_markdown, sentences


def revocable_line(  # noqa: PLR0913 (what a line shows, and what its button does)
    key: int, name: str, facts: Sequence[str], *, ended: str, revoke: Callable[[int], None], warning: str
) -> None:
    """Draw a secret by its name with its facts; one that has `ended` struck out and without the button."""
    with st.container(horizontal=True, vertical_alignment="center"):
        said = sentences(map(in_markdown, (*facts, ended)))
        mark = "~~" if ended else "**"
        st.markdown(f"{mark}{in_markdown(name)}{mark} · {said}", width="stretch")
        if not ended:
            st.button(
                "Revoke",
                key=f"revoke-{key}",
                icon=":material/block:",
                help=warning,
                on_click=revoke,
                args=(key,),
            )
