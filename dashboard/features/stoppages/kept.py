"""The scorecard of the last days: kept for all who look at a printer or an issue, read anew for a sheet."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

import streamlit as st

from core.storage.database import reading
from core.timeseries.reader import TimeSeriesUnavailable
from dashboard.app_context import AppContext
from dashboard.features.reports.periods import period
from dashboard.features.reports.queries import known_printers
from dashboard.features.stoppages.queries import pages_by_printer, period_before, read_scorecard
from dashboard.features.stoppages.scorecard import Scorecard

HINT_DAYS: Final = 30
"""What a hint is about, and the usual period of the reports."""
_SECONDS: Final = 600


def kept_scorecard(app_context: AppContext) -> Scorecard:
    """Return the scorecard of the last HINT_DAYS, ten minutes old at most."""
    return _scorecard(str(app_context.engine.url), app_context)


def scorecard_now(app_context: AppContext, days: int) -> Scorecard:
    """Return the scorecard of the last days, today included.

    Without pages, and so without rates, where the time series does not answer.
    """
    zone, now = app_context.settings.zone, datetime.now(UTC)
    chosen = period(f"{days}d", now.astimezone(zone).date())
    pages: Mapping[str, int | None] = {}
    before: Mapping[str, int | None] = {}
    try:
        pages = pages_by_printer(app_context.series, chosen)
        before = pages_by_printer(app_context.series, period_before(chosen))
    except TimeSeriesUnavailable:
        pages, before = {}, {}
    with reading(app_context.engine) as connection:
        known = known_printers(connection)
        return read_scorecard(connection, pages, before, known, chosen, zone, now)


# Not refreshed in the background, as other caches are: whoever comes first in a week would read last week's.
@st.cache_resource(ttl=_SECONDS, max_entries=4, show_spinner=False)
def _scorecard(url: str, _app_context: AppContext) -> Scorecard:
    return scorecard_now(_app_context, HINT_DAYS)
