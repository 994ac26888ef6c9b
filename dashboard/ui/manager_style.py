"""The style of the manager's pages beyond look.css."""

from functools import cache
from pathlib import Path

import streamlit as st

from dashboard.ui.templates import render


def manager_style() -> None:
    """Put once at the beginning of a page."""
    st.html(_sheet())


@cache
def _sheet() -> str:
    sheet = Path(__file__).with_name("manager.css").read_text(encoding="utf-8")
    return render("ui/style", sheet=sheet)
