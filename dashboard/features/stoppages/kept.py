"""Scorecards: kept for all who look at a printer, an issue or a report of a period; read anew for a sheet."""

import logging
import time
from collections.abc import Mapping
from threading import Lock, Thread
from typing import Final

import streamlit as st

from core.runtime.wall_clock import utc_now
from dashboard.app_context import BY_DATABASE, AppContext
from dashboard.features.reports.periods import Period, period
from dashboard.features.stoppages.queries import scorecard_of
from dashboard.features.stoppages.scorecard import Scorecard

log = logging.getLogger(__name__)

HINT_DAYS: Final = 30
"""What a hint is about, and the usual period of the reports."""
_FRESH_SECONDS: Final = 600.0
_LONGEST_SECONDS: Final = 86_400.0
"""Older ones are not shown: nobody has looked for a day."""
_WAIT_SECONDS: Final = 0.3
"""A usual fleet is read by then; a page does not wait longer for a hint, which its next refresh shows."""


class KeptScorecard:
    """The scorecard of the last HINT_DAYS, read beside the pages: none waits for a slow time series."""

    def __init__(self, app_context: AppContext) -> None:
        self._app_context = app_context
        self._lock = Lock()
        self._card: Scorecard | None = None
        self._card_at = self._tried_at = float("-inf")
        self._reading: Thread | None = None

    def latest(self) -> Scorecard | None:
        """Return the newest one and have an old one read anew; None where it is not there yet."""
        with self._lock:
            now = time.monotonic()
            if now - self._tried_at >= _FRESH_SECONDS and self._reading is None:
                self._reading = Thread(target=self._read, name="scorecard", daemon=True)
                self._reading.start()
            running, is_old = self._reading, now - self._card_at >= _LONGEST_SECONDS
        if running is not None and is_old:
            running.join(_WAIT_SECONDS)
        with self._lock:
            return self._card if now - self._card_at < _LONGEST_SECONDS else None

    def _read(self) -> None:
        card = None
        try:
            card = scorecard_now(self._app_context, HINT_DAYS)
        except Exception:  # whatever it is: nobody else would hear of it
            log.exception("how often printers stop could not be read")
        with self._lock:
            self._tried_at, self._reading = time.monotonic(), None
            if card is not None:
                self._card, self._card_at = card, self._tried_at


def kept_scorecard(app_context: AppContext) -> Scorecard | None:
    """Return the scorecard of the last HINT_DAYS, some minutes old; None where it is not there yet."""
    return _kept(app_context).latest()


def period_scorecard(
    app_context: AppContext, chosen: Period, pages: Mapping[str, int | None] | None = None
) -> Scorecard:
    """Return the scorecard of a period, some minutes old, for the reports and the JSON routes.

    `pages`: those of the period by printer, where they have been read. One without pages is not kept: the
    time series may answer again.
    """
    card = _of_period(app_context, chosen, pages)
    if card.fleet.pages is None:
        _of_period.clear(app_context, chosen)
    return card


@st.cache_resource(ttl=_FRESH_SECONDS, max_entries=8, show_spinner=False, hash_funcs=BY_DATABASE)
def _of_period(app_context: AppContext, chosen: Period, _pages: Mapping[str, int | None] | None) -> Scorecard:
    zone, now = app_context.settings.zone, utc_now()
    return scorecard_of(app_context.engine, app_context.series, chosen, zone, now, pages=_pages)


def scorecard_now(app_context: AppContext, days: int) -> Scorecard:
    """Return the scorecard of the last days, today included."""
    zone, now = app_context.settings.zone, utc_now()
    chosen = period(f"{days}d", now.astimezone(zone).date())
    return scorecard_of(app_context.engine, app_context.series, chosen, zone, now)


@st.cache_resource(max_entries=4, show_spinner=False, hash_funcs=BY_DATABASE)
def _kept(app_context: AppContext) -> KeptScorecard:
    return KeptScorecard(app_context)
