"""Describe the client before the page: where it is, and what its attempts are counted by."""

import streamlit as st

from dashboard.web.gate.gate import ADDRESS_HEADER
from dashboard.web.gate.request_origin import throttle_key


def client_address() -> str:
    """Return the client's address, as the gate has found it; "" in a test without a gate."""
    return st.context.headers.get(ADDRESS_HEADER) or ""


def throttle_address() -> str:
    """Return what the client's attempts are counted by."""
    return throttle_key(client_address())
