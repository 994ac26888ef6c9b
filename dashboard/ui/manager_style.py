"""The style of the manager's pages beyond look.css."""

from functools import cache
from pathlib import Path

import streamlit as st


def manager_style() -> None:
    """Put once at the beginning of a page."""
    st.html(f"<style>{_sheet()}</style>")


@cache
def _sheet() -> str:
    return Path(__file__).with_name("manager.css").read_text(encoding="utf-8")
