"""Counts as chips to click, their choice kept in the address of the page."""

from collections.abc import Mapping

import streamlit as st

from dashboard.ui.query_choice import is_news, keep_in_address
from dashboard.ui.templates import render
from dashboard.ui.wording import StateStyle


def chosen(name: str, looks: Mapping[str, StateStyle]) -> tuple[str, ...]:
    """Return which of `looks` are chosen, before the chips are drawn; `name` is their query parameter."""
    given = tuple(choice for choice in st.query_params.get_all(name) if choice in looks)
    # Streamlit forgets the chips of a page that was left.
    if is_news(name, given) or _key(name) not in st.session_state:
        st.session_state[_key(name)] = list(given)
    return _marked(name, looks)


def chips(name: str, label: str, looks: Mapping[str, StateStyle], counts: Mapping[str, int]) -> None:
    """Draw them, each with how many it would show, and keep what is chosen in the address.

    The counts are no part of the labels: by its label the browser tells which chip was clicked, and a click
    on one whose count had changed meanwhile would be of none.
    """
    marked = _marked(name, looks)
    shown = [choice for choice in looks if counts.get(choice) or choice in marked]
    st.html(render("ui/counts", key=_key(name), counts=[counts.get(choice, 0) for choice in shown]))
    st.pills(
        label,
        shown,
        selection_mode="multi",
        default=marked,  # for a browser that draws them only after the next refresh, as in query_choice.py
        format_func=lambda choice: f"{looks[choice].icon} {looks[choice].label}",
        key=_key(name),
        wrap=True,
        label_visibility="collapsed",
    )
    keep_in_address(name, marked)


def _marked(name: str, looks: Mapping[str, StateStyle]) -> tuple[str, ...]:
    return tuple(choice for choice in st.session_state.get(_key(name), ()) if choice in looks)


def _key(name: str) -> str:
    return f"chips-{name}"
