"""Describe the client before the page, as far as throttling needs it."""

import streamlit as st

from dashboard.web.gate.gate import ADDRESS_HEADER


def client_address() -> str:
    """Return the address to count attempts by, as the gate has found it; "" in a test without a gate."""
    return st.context.headers.get(ADDRESS_HEADER) or ""
