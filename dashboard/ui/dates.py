"""Days and times in words of Streamlit's own (captions, messages), as the reader's browser has its clock.

In HTML it is the browser that says them: templates.py, assets/times.js.
"""

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from core.domain.units import day, day_and_time


def on_day(at: datetime) -> str:
    """Return 28 Nov 2026."""
    return day(at.astimezone(_zone()))


def at_time(at: datetime) -> str:
    """Return 28 Nov 2026, 14:05."""
    return day_and_time(at, _zone())


def _zone() -> tzinfo:
    """Return the browser's time zone; UTC where it is not given or not known."""
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC
