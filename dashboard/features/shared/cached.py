"""Read once for all sessions what many of them show; the keys hold what the answer depends on.

Everything here is cache_resource, which hands out the object itself: none of it is ever changed, and a copy
of 10,000 rows for each click (cache_data) would cost more than reading them.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import streamlit as st

from core.contract.messages import HistoryPoint
from core.runtime.wall_clock import utc_now
from core.storage.database import reading
from core.timeseries.reader import PrinterDay
from dashboard.app_context import BY_DATABASE, AppContext
from dashboard.features.fleet.kept_fleet import KeptFleet
from dashboard.features.fleet.listed import ListedDetails, read_details
from dashboard.features.fleet.queries import Fleet
from dashboard.features.reports.periods import Period, period
from dashboard.features.users.queries import lock_outs
from dashboard.ui.refreshing import STATES_SECONDS

_HISTORY_SECONDS: Final = 60
_LOCKED_SECONDS: Final = 30


@st.cache_resource(max_entries=4, show_spinner=False, hash_funcs=BY_DATABASE)
def _kept_fleet(app_context: AppContext) -> KeptFleet:
    return KeptFleet()


@st.cache_resource(
    ttl=STATES_SECONDS,
    max_entries=4,
    show_spinner=False,
    hash_funcs=BY_DATABASE,
    refresh_mode="background",
)
def the_fleet(app_context: AppContext) -> Fleet:
    """Return the fleet, a few seconds old at most.

    The same for everybody: `Fleet.find` minds who searches.
    """
    with reading(app_context.engine) as connection:
        return _kept_fleet(app_context).read(connection, utc_now())


def listed_details(app_context: AppContext, printer_ids: Sequence[str]) -> Mapping[str, ListedDetails]:
    """Return what the list says beside its rows; nothing in it depends on the viewer."""
    # One text for all of them: as a tuple, Streamlit would hash it one by one in each refresh.
    return _details(app_context, "\n".join(printer_ids))


@st.cache_resource(ttl=STATES_SECONDS, max_entries=256, show_spinner=False, hash_funcs=BY_DATABASE)
def _details(app_context: AppContext, printer_ids: str) -> dict[str, ListedDetails]:
    with reading(app_context.engine) as connection:
        return read_details(connection, printer_ids.split("\n"), utc_now())


@st.cache_resource(ttl=_HISTORY_SECONDS, max_entries=16, show_spinner=False, hash_funcs=BY_DATABASE)
def history(app_context: AppContext, printer_id: str, days: int) -> Sequence[HistoryPoint]:
    """Return the points of a printer's history, about 720 of them, oldest first. The same for everybody."""
    now = utc_now()
    since, until = now - timedelta(days=days), now + timedelta(seconds=1)
    return app_context.series.points(printer_id, since, until, every=timedelta(minutes=2 * days))


def printer_days(app_context: AppContext, printer_id: str, days: int) -> Sequence[PrinterDay]:
    """Return a printer's UTC days of the last `days` days, today included: those of the reports' period."""
    today = datetime.now(app_context.settings.zone).date()
    return _printer_days(app_context, printer_id, period(f"{days}d", today))


@st.cache_resource(ttl=_HISTORY_SECONDS, max_entries=16, show_spinner=False, hash_funcs=BY_DATABASE)
def _printer_days(app_context: AppContext, printer_id: str, chosen: Period) -> Sequence[PrinterDay]:
    return tuple(app_context.series.days(chosen.since, chosen.until, [printer_id]))


@st.cache_resource(ttl=_LOCKED_SECONDS, max_entries=4, show_spinner=False, hash_funcs=BY_DATABASE)
def locked_lately(app_context: AppContext) -> Sequence[str]:
    """Return the accounts that were locked by wrong passwords within a day; for administrators."""
    with reading(app_context.engine) as connection:
        return tuple(each.name for each in lock_outs(connection, utc_now() - timedelta(days=1)))


def forget() -> None:
    """Read everything anew; for tests."""
    for cache in (the_fleet, _kept_fleet, _details, history, _printer_days, locked_lately):
        cache.clear()


def forget_states() -> None:
    """Read at once what has changed of the fleet: a viewer waits for it."""
    for cache in (the_fleet, _details, history, _printer_days):
        cache.clear()
