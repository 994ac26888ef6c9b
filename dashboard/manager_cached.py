"""What several managers look at, read once for all of them; an action makes its own page read anew.

Nothing here depends on who looks: whose flags are wanted is a part of the filter, which is a part of the key.
"""

from datetime import UTC, datetime
from typing import Final

import streamlit as st
from sqlalchemy import Engine

from dashboard.cached import FRESH_SECONDS
from dashboard.queries import attention, failed_checks, issues, supplies
from dashboard.queries.attention import Counts, Flag, FlagFilter, Pile
from dashboard.queries.failed_checks import FailedCheck, PlaceOutage
from dashboard.queries.issues import IssueFilter, IssueLine
from dashboard.queries.supplies import Due, OrderFilter
from dashboard.wiring import Wiring
from fleet.database import reading

PER_SHEET: Final = 25
"""Flags on one page of the list."""
_SUPPLIES_SECONDS: Final = 30


def flag_counts(wiring: Wiring, wanted: FlagFilter) -> Counts:
    """How many flags there are of a filter."""
    return _counts(_url(wiring), wanted, wiring.engine)


def flags_sheet(wiring: Wiring, wanted: FlagFilter, pile: Pile, sheet: int) -> list[Flag]:
    """One page of the flags of a filter."""
    return _flags(_url(wiring), wanted, pile, sheet, wiring.engine)


def failed_sheet(wiring: Wiring, wanted: FlagFilter, sheet: int) -> list[FailedCheck]:
    """One page of the printers that did not answer."""
    return _failed(_url(wiring), wanted, sheet, wiring.engine)


def place_outages(wiring: Wiring) -> list[PlaceOutage]:
    """Places where most printers do not answer."""
    return _outages(_url(wiring), wiring.engine)


def issue_board(wiring: Wiring, wanted: IssueFilter) -> dict[str, list[IssueLine]]:
    """The columns of the board."""
    return _board(_url(wiring), wanted, wiring.engine)


def supplies_due(wiring: Wiring, wanted: OrderFilter) -> tuple[Due, ...]:
    """What is to be ordered; shared, not copied, so it must stay as it is."""
    return _supplies(_url(wiring), wanted, wiring.engine)


def forget() -> None:
    """Read everything anew: somebody here has just changed something."""
    for cache in (_counts, _flags, _failed, _outages, _board):
        cache.clear()


def _url(wiring: Wiring) -> str:
    return str(wiring.engine.url)


@st.cache_data(ttl=FRESH_SECONDS, max_entries=64, show_spinner=False)
def _counts(url: str, wanted: FlagFilter, _engine: Engine) -> Counts:
    with reading(_engine) as connection:
        return attention.counts(connection, wanted, now=datetime.now(UTC))


@st.cache_data(ttl=FRESH_SECONDS, max_entries=64, show_spinner=False)
def _flags(url: str, wanted: FlagFilter, pile: Pile, sheet: int, _engine: Engine) -> list[Flag]:
    with reading(_engine) as connection:
        now, offset = datetime.now(UTC), PER_SHEET * (sheet - 1)
        return attention.flags(connection, wanted, now=now, pile=pile, limit=PER_SHEET, offset=offset)


@st.cache_data(ttl=FRESH_SECONDS, max_entries=64, show_spinner=False)
def _failed(url: str, wanted: FlagFilter, sheet: int, _engine: Engine) -> list[FailedCheck]:
    with reading(_engine) as connection:
        now, offset = datetime.now(UTC), PER_SHEET * (sheet - 1)
        return failed_checks.failed_checks(connection, wanted, now=now, limit=PER_SHEET, offset=offset)


@st.cache_data(ttl=FRESH_SECONDS, max_entries=4, show_spinner=False)
def _outages(url: str, _engine: Engine) -> list[PlaceOutage]:
    with reading(_engine) as connection:
        return failed_checks.outages(connection, now=datetime.now(UTC))


@st.cache_data(ttl=FRESH_SECONDS, max_entries=64, show_spinner=False)
def _board(url: str, wanted: IssueFilter, _engine: Engine) -> dict[str, list[IssueLine]]:
    with reading(_engine) as connection:
        return issues.board(connection, wanted)


@st.cache_resource(ttl=_SUPPLIES_SECONDS, max_entries=16, show_spinner=False)
def _supplies(url: str, wanted: OrderFilter, _engine: Engine) -> tuple[Due, ...]:
    with reading(_engine) as connection:
        return tuple(supplies.due_supplies(connection, wanted))
