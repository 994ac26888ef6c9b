"""The way back to a list: with the filters, order and page that it was left with."""

from typing import Final
from urllib.parse import urlencode

import streamlit as st

from dashboard.ui.templates import render

_ADDRESS: Final = "address-of-"


def keep_address(path: str) -> None:
    """Remember how the list at `path` is filtered now; called at the end of whatever changes that."""
    query = urlencode([(name, value) for name in st.query_params for value in st.query_params.get_all(name)])
    st.session_state[_ADDRESS + path] = f"{path}?{query}" if query else path


def way_back(path: str, words: str) -> None:
    """Draw the link to the list; navigate.js scrolls it to where it was."""
    st.html(render("ui/way_back", path=st.session_state.get(_ADDRESS + path, path), words=words))
