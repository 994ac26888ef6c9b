"""Pages and availability of a period, kept for the page and for programs that ask again and again."""

from typing import Final

import streamlit as st

from core.runtime.wall_clock import utc_now
from core.storage.database import reading
from dashboard.app_context import BY_DATABASE, AppContext
from dashboard.features.reports.periods import Period
from dashboard.features.reports.queries import Usage, known_printers, read_days_out, usage

_FRESH_SECONDS: Final = 600.0


@st.cache_resource(ttl=_FRESH_SECONDS, max_entries=8, show_spinner=False, hash_funcs=BY_DATABASE)
def period_usage(app_context: AppContext, chosen: Period) -> Usage:
    """Return the usage of a period, some minutes old; it must stay as it is.

    Raises TimeSeriesUnavailable, which is not kept.
    """
    now = utc_now()
    with reading(app_context.engine) as connection:
        known = known_printers(connection)
        out = read_days_out(connection, chosen, now)
    return usage(app_context.series, known, chosen, now.astimezone(app_context.settings.zone).date(), out)
