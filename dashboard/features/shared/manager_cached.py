"""Read once for all managers what several of them look at; an action makes its own page read anew.

Nothing here depends on who looks: whose flags are wanted is a part of the filter, which is a part of the key.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

import streamlit as st
from sqlalchemy import Engine

from core.domain.purchase_list import OrderFilter, PurchaseLine
from core.domain.supply_parts import SupplyPart
from core.storage.database import reading
from core.storage.parts import held_parts, part_prices
from core.storage.purchase_list import overdue_orders, purchase_list
from core.storage.stock import StockLine, low_shelves
from core.storage.tables import LIVING
from dashboard.app_context import AppContext
from dashboard.features.attention import failed_checks
from dashboard.features.attention import queries as attention_queries
from dashboard.features.attention.failed_checks import FailedCheck, ShownOutage, UnreachedPrinter
from dashboard.features.attention.queries import Counts, Flag, FlagFilter, Pile
from dashboard.features.issues import queries as issues_queries
from dashboard.features.issues.queries import Board, IssueFilter
from dashboard.features.places import queries as places_queries
from dashboard.features.places.queries import LivingIssue, PartToBring
from dashboard.features.reports.cartridge_queries import ledger
from dashboard.features.reports.cartridges import LedgerLine
from dashboard.features.reports.queries import Tally
from dashboard.features.round import queries as round_queries
from dashboard.features.round.queries import RoundFacts
from dashboard.ui.refreshing import STATES_SECONDS

PER_SHEET: Final = 25
"""Flags on one page of the list."""
PAST_PURCHASES: Final = 100
"""Lines of the purchase list that are over, and still shown."""
_SUPPLIES_SECONDS: Final = 30
_MENU_SECONDS: Final = 10
_USAGE_SECONDS: Final = 600


def flag_counts(app_context: AppContext, wanted: FlagFilter) -> Counts:
    """Return how many flags there are of a filter."""
    return _counts(_url(app_context), wanted, app_context.engine)


@dataclass(frozen=True)
class MenuCounts:
    """What the menu says beside its pages."""

    attention: int
    """Flags to do;"""
    issues: int
    """issues that are not ended."""


def menu_counts(app_context: AppContext) -> MenuCounts:
    """Return how many flags and issues wait; the same for all viewers."""
    return _menu(_url(app_context), app_context.engine)


def flags_sheet(app_context: AppContext, wanted: FlagFilter, pile: Pile, sheet: int) -> list[Flag]:
    """Return one page of the flags of a filter."""
    return _flags(_url(app_context), wanted, pile, sheet, app_context.engine)


def failed_sheet(app_context: AppContext, wanted: FlagFilter, sheet: int) -> list[FailedCheck]:
    """Return one page of the printers that did not answer."""
    return _failed(_url(app_context), wanted, sheet, app_context.engine)


def unreached_sheet(app_context: AppContext, sheet: int) -> list[UnreachedPrinter]:
    """Return one page of the printers that have never answered."""
    return _unreached(_url(app_context), sheet, app_context.engine)


def shown_outages(app_context: AppContext) -> list[ShownOutage]:
    """Return printers of one place or site that do not answer together."""
    return _outages(_url(app_context), app_context.engine)


def issue_board(app_context: AppContext, wanted: IssueFilter) -> Board:
    """Return what the board shows."""
    return _board(_url(app_context), wanted, _midnight(app_context), app_context.engine)


def listed_purchases(app_context: AppContext, wanted: OrderFilter) -> tuple[PurchaseLine, ...]:
    """Return the purchase list; shared, not copied, so it must stay as it is."""
    return _purchases(_url(app_context), wanted, app_context)


def open_issues(app_context: AppContext) -> tuple[LivingIssue, ...]:
    """Return all issues that are not ended, the most urgent first."""
    return _open_issues(_url(app_context), app_context.engine)


def parts_to_bring(app_context: AppContext) -> tuple[PartToBring, ...]:
    """Return the parts that printers need by now."""
    return _to_bring(_url(app_context), app_context.settings.order_filter, app_context)


def round_facts(app_context: AppContext) -> RoundFacts:
    """Return what rounds are made of; shared, not copied, so it must stay as it is."""
    return _round(_url(app_context), _midnight(app_context), app_context.engine)


def usage_by_printer(app_context: AppContext) -> Mapping[str, Tally]:
    """Return the last 30 UTC days of each printer. Raises TimeSeriesUnavailable."""
    return _usage(_url(app_context), app_context)


def parts_in_use(app_context: AppContext) -> tuple[SupplyPart, ...]:
    """Return the parts that printers hold."""
    return _held(_url(app_context), app_context.engine)


@dataclass(frozen=True)
class StockNotice:
    """Stock that needs somebody: shelves that are low or to be counted, orders that are overdue."""

    shelves: tuple[StockLine, ...] = ()
    overdue: tuple[PurchaseLine, ...] = ()


def stock_notice(app_context: AppContext) -> StockNotice:
    """Return the stock and orders that the attention page shows."""
    return _notice(_url(app_context), app_context)


def cartridge_ledger(app_context: AppContext, until: datetime) -> tuple[LedgerLine, ...]:
    """Return the replacements of two years until then; shared, not copied, so it must stay as it is."""
    return _ledger(_url(app_context), until, app_context.engine)


def forget() -> None:
    """Read everything anew: somebody here has just changed something."""
    flags, issues = (_counts, _menu, _flags, _failed, _unreached, _outages, _round), (_board, _open_issues)
    for cache in (*flags, *issues, _ledger, _purchases, _to_bring, _notice):
        cache.clear()


def _url(app_context: AppContext) -> str:
    return str(app_context.engine.url)


def _midnight(app_context: AppContext) -> datetime:
    """Return when the day of TIME_ZONE began."""
    now = datetime.now(app_context.settings.zone)
    return now.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)


@st.cache_data(ttl=STATES_SECONDS, max_entries=64, show_spinner=False)
def _counts(url: str, wanted: FlagFilter, _engine: Engine) -> Counts:
    with reading(_engine) as connection:
        return attention_queries.counts(connection, wanted, now=datetime.now(UTC))


@st.cache_resource(ttl=_MENU_SECONDS, max_entries=4, show_spinner=False)
def _menu(url: str, _engine: Engine) -> MenuCounts:
    with reading(_engine) as connection:
        attention = attention_queries.counts(connection, FlagFilter(), now=datetime.now(UTC)).now
        by_status = issues_queries.count_by_status(connection, IssueFilter(folded=True))
    return MenuCounts(attention, sum(by_status[status] for status in LIVING))


@st.cache_data(ttl=STATES_SECONDS, max_entries=64, show_spinner=False)
def _flags(url: str, wanted: FlagFilter, pile: Pile, sheet: int, _engine: Engine) -> list[Flag]:
    with reading(_engine) as connection:
        now, offset = datetime.now(UTC), PER_SHEET * (sheet - 1)
        return attention_queries.flags(connection, wanted, now=now, pile=pile, limit=PER_SHEET, offset=offset)


@st.cache_data(ttl=STATES_SECONDS, max_entries=64, show_spinner=False)
def _failed(url: str, wanted: FlagFilter, sheet: int, _engine: Engine) -> list[FailedCheck]:
    with reading(_engine) as connection:
        now, offset = datetime.now(UTC), PER_SHEET * (sheet - 1)
        return failed_checks.failed_checks(connection, wanted, now=now, limit=PER_SHEET, offset=offset)


@st.cache_data(ttl=STATES_SECONDS, max_entries=4, show_spinner=False)
def _unreached(url: str, sheet: int, _engine: Engine) -> list[UnreachedPrinter]:
    with reading(_engine) as connection:
        now, offset = datetime.now(UTC), PER_SHEET * (sheet - 1)
        return failed_checks.unreached_printers(connection, now=now, limit=PER_SHEET, offset=offset)


@st.cache_data(ttl=STATES_SECONDS, max_entries=4, show_spinner=False)
def _outages(url: str, _engine: Engine) -> list[ShownOutage]:
    with reading(_engine) as connection:
        return failed_checks.outages(connection, now=datetime.now(UTC))


@st.cache_data(ttl=STATES_SECONDS, max_entries=64, show_spinner=False)
def _board(url: str, wanted: IssueFilter, today: datetime, _engine: Engine) -> Board:
    with reading(_engine) as connection:
        return issues_queries.read_board(connection, wanted, today)


@st.cache_resource(ttl=_SUPPLIES_SECONDS, max_entries=16, show_spinner=False)
def _purchases(url: str, wanted: OrderFilter, _app_context: AppContext) -> tuple[PurchaseLine, ...]:
    now, zone = datetime.now(UTC), _app_context.settings.zone
    with reading(_app_context.engine) as connection:
        return tuple(purchase_list(connection, wanted, now, zone, past=PAST_PURCHASES))


@st.cache_resource(ttl=_MENU_SECONDS, max_entries=4, show_spinner=False)
def _open_issues(url: str, _engine: Engine) -> tuple[LivingIssue, ...]:
    with reading(_engine) as connection:
        return tuple(places_queries.open_issues(connection))


@st.cache_resource(ttl=_SUPPLIES_SECONDS, max_entries=4, show_spinner=False)
def _to_bring(url: str, wanted: OrderFilter, _app_context: AppContext) -> tuple[PartToBring, ...]:
    now, zone = datetime.now(UTC), _app_context.settings.zone
    with reading(_app_context.engine) as connection:
        return tuple(places_queries.parts_to_bring(connection, wanted, now, zone))


@st.cache_resource(ttl=STATES_SECONDS, max_entries=4, show_spinner=False)
def _round(url: str, today: datetime, _engine: Engine) -> RoundFacts:
    with reading(_engine) as connection:
        return round_queries.read_facts(connection, today, datetime.now(UTC))


@st.cache_resource(ttl=_USAGE_SECONDS, max_entries=4, show_spinner=False, refresh_mode="background")
def _usage(url: str, _app_context: AppContext) -> Mapping[str, Tally]:
    zone = ZoneInfo(_app_context.settings.summary.time_zone)  # whose days the reports' periods end with
    return places_queries.usage_by_printer(_app_context.series, datetime.now(zone).date())


@st.cache_resource(ttl=_SUPPLIES_SECONDS, max_entries=4, show_spinner=False)
def _held(url: str, _engine: Engine) -> tuple[SupplyPart, ...]:
    with reading(_engine) as connection:
        return tuple(held_parts(connection))


@st.cache_resource(ttl=STATES_SECONDS, max_entries=4, show_spinner=False)
def _notice(url: str, _app_context: AppContext) -> StockNotice:
    now, zone = datetime.now(UTC), _app_context.settings.zone
    with reading(_app_context.engine) as connection:
        overdue = tuple(overdue_orders(connection, now, zone))
        return StockNotice(tuple(low_shelves(connection)), overdue)


@st.cache_resource(ttl=_SUPPLIES_SECONDS, max_entries=4, show_spinner=False)
def _ledger(url: str, until: datetime, _engine: Engine) -> tuple[LedgerLine, ...]:
    with reading(_engine) as connection:
        return tuple(ledger(connection, until, part_prices(connection)))
