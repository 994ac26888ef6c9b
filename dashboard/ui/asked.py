"""What the next run of a page is asked for, as a dialog: kept until a run has come to its end."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import RerunException


@contextmanager
def asked_once(*keys: str) -> Iterator[list[Any]]:
    """Take these out of the session (None for none); put them back where the run is begun anew."""
    taken = {key: st.session_state.pop(key, None) for key in keys}
    try:
        yield list(taken.values())
    except RerunException:
        for key, value in taken.items():
            if value is not None:
                st.session_state.setdefault(key, value)
        raise
