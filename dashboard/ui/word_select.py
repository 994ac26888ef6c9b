"""A select box of codes, each shown by its words."""

from collections.abc import Mapping
from typing import Any, TypeVar

import streamlit as st

CodeT = TypeVar("CodeT", str, int)


def word_select(label: str, words: Mapping[CodeT, str], chosen: CodeT | None = None, **options: Any) -> CodeT:
    """Draw it and return the code; the first one is chosen where `chosen` is none of them.

    `options` are those of `st.selectbox`.
    """
    codes = list(words)
    index = codes.index(chosen) if chosen is not None and chosen in words else 0
    code: CodeT = st.selectbox(label, codes, index, format_func=words.__getitem__, **options)
    return code
