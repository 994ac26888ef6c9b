"""The fields of a form that asks why something is set aside, and until when."""

from datetime import datetime, time, timedelta

import streamlit as st

from core.domain.local_times import instant
from core.domain.reasons import LONGEST_REASON
from dashboard.page_context import PageContext


def reason_fields(
    context: PageContext, ends: str, ends_help: str, *, example: str, read_by: str | None = None
) -> tuple[str, datetime | None]:
    """Draw both in the open form; return why, and when that day begins (None: until further notice)."""
    why = st.text_input("Reason", max_chars=LONGEST_REASON, placeholder=example, help=read_by)
    tomorrow = context.today + timedelta(days=1)
    end = st.date_input(
        f"{ends} (optional)", value=None, min_value=tomorrow, help=ends_help, format="YYYY-MM-DD"
    )
    return why or "", instant(end, time(), context.settings.zone) if end else None
