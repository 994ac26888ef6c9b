"""Counts as chips to click, their choice kept in the address of the page."""

from collections.abc import Mapping
from typing import Final

import streamlit as st

from dashboard.ui.templates import render
from dashboard.ui.wording import StateStyle

_ADDRESS: Final = "-in-address"


def chosen(name: str, looks: Mapping[str, StateStyle]) -> tuple[str, ...]:
    """Return which of `looks` are chosen, before the chips are drawn; `name` is their query parameter.

    Not bound by Streamlit's own `bind`: that would put the labels, counts and all, into the address.
    """
    given = _given(name, looks)
    if st.session_state.get(name + _ADDRESS) != given or _key(name) not in st.session_state:
        # Opened by a link or by the browser's back; Streamlit forgets the chips of a page that was left.
        st.session_state[_key(name)] = list(given)
    st.session_state[name + _ADDRESS] = given
    return tuple(choice for choice in st.session_state.get(_key(name), ()) if choice in looks)


def chips(name: str, label: str, looks: Mapping[str, StateStyle], counts: Mapping[str, int]) -> None:
    """Draw them, each with how many it would show, and keep what is chosen in the address.

    The counts are no part of the labels: by its label the browser tells which chip was clicked, and a click
    on one whose count had changed meanwhile would be of none.
    """
    marked = [choice for choice in st.session_state.get(_key(name), ()) if choice in looks]
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
    if tuple(marked) != _given(name, looks):
        st.query_params[name] = marked
        st.session_state[name + _ADDRESS] = tuple(marked)


def _given(name: str, looks: Mapping[str, StateStyle]) -> tuple[str, ...]:
    return tuple(choice for choice in st.query_params.get_all(name) if choice in looks)


def _key(name: str) -> str:
    return f"chips-{name}"
