"""A line of a list of secrets that were given out, each of which can be revoked alone."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from dashboard.features.shared.outcomes import Action, press
from dashboard.page_context import PageContext
from dashboard.ui.text import in_markdown, sentences


@dataclass(frozen=True)
class RenewButton:
    """A second button of a line: the secret given out anew."""

    label: str
    help: str
    renew: Action[[int]]


def revocable_line(  # noqa: PLR0913 (what a line shows, and what its buttons do)
    area: str,
    context: PageContext,
    key: int,
    name: str,
    facts: Sequence[str],
    *,
    ended: str = "",
    revoke: Action[[int]],
    warning: str,
    renewal: RenewButton | None = None,
    among: str = "",
) -> None:
    """Draw a secret by its name with its facts; one that has `ended` struck out and without the buttons.

    `among`: which list it is of, where a page has several.
    """
    with st.container(horizontal=True, vertical_alignment="center"):
        said = sentences(map(in_markdown, (*facts, ended)))
        mark = "~~" if ended else "**"
        st.markdown(f"{mark}{in_markdown(name)}{mark} · {said}", width="stretch")
        if not ended and renewal is not None:
            st.button(
                renewal.label,
                key=f"renew-{among}{key}",
                icon=":material/refresh:",
                help=renewal.help,
                on_click=press,
                args=(area, context, renewal.renew, key),
            )
        if not ended:
            st.button(
                "Revoke",
                key=f"revoke-{among}{key}",
                icon=":material/block:",
                help=warning,
                on_click=press,
                args=(area, context, revoke, key),
            )
