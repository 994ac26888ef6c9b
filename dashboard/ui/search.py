"""The fields that a list is searched by; what is typed there is in the address of the page."""

from typing import Final, Literal

import streamlit as st

_LONGEST: Final = 100
_WIDE: Final = 220


def search_field(key: str, placeholder: str) -> str:
    """Draw the field among other filters; return what was typed."""
    typed = st.text_input(
        "Search", key=key, bind="query-params", type="search", max_chars=_LONGEST, placeholder=placeholder
    )
    return typed or ""


def find_field(
    label: str, placeholder: str, *, live: bool = True, width: int | Literal["stretch"] = _WIDE
) -> str:
    """Draw the field by itself, with an icon in place of its label; `live`: searched while one types."""
    typed = st.text_input(
        label,
        key="find",
        type="search",
        live=live,
        bind="query-params",
        max_chars=_LONGEST,
        placeholder=placeholder,
        icon=":material/search:",
        label_visibility="collapsed",
        width=width,
    )
    return typed or ""
