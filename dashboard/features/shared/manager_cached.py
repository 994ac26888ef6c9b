"""Read once for all managers what several of them look at; an action makes its own page read anew.

Nothing here depends on who looks: whose flags are wanted is a part of the filter, which is a part of the key.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import streamlit as st

from core.domain.purchase_list import OrderFilter, PurchaseLine
from core.domain.supply_parts import SupplyPart
from core.runtime.wall_clock import utc_now
from core.storage.database import reading
from core.storage.parts import held_parts, part_prices
from core.storage.purchase_list import overdue_orders, purchase_list
from core.storage.stock import StockLine, low_shelves
from core.storage.tables import LIVING
from dashboard.app_context import BY_DATABASE, AppContext
from dashboard.features.announcements.shown import forget_announcements
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
from dashboard.features.reports.periods import period
from dashboard.features.reports.queries import Tally, read_days_out
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


@st.cache_data(ttl=STATES_SECONDS, max_entries=64, show_spinner=False, hash_funcs=BY_DATABASE)
def flag_counts(app_context: AppContext, wanted: FlagFilter) -> Counts:
    """Return how many flags there are of a filter."""
    with reading(app_context.engine) as connection:
        return attention_queries.counts(connection, wanted, now=utc_now())


@dataclass(frozen=True)
class MenuCounts:
    """What the menu says beside its pages."""

    attention: int
    """How many flags are to do."""
    issues: int
    """How many issues are not ended."""


@st.cache_resource(ttl=_MENU_SECONDS, max_entries=4, show_spinner=False, hash_funcs=BY_DATABASE)
def menu_counts(app_context: AppContext) -> MenuCounts:
    """Return how many flags and issues wait; the same for all viewers."""
    with reading(app_context.engine) as connection:
        attention = attention_queries.counts(connection, FlagFilter(), now=utc_now()).now
        by_status = issues_queries.count_by_status(connection, IssueFilter(folded=True))
    return MenuCounts(attention, sum(by_status[status] for status in LIVING))


@st.cache_data(ttl=STATES_SECONDS, max_entries=64, show_spinner=False, hash_funcs=BY_DATABASE)
def flags_sheet(app_context: AppContext, wanted: FlagFilter, pile: Pile, sheet: int) -> list[Flag]:
    """Return one page of the flags of a filter."""
    with reading(app_context.engine) as connection:
        now, offset = utc_now(), PER_SHEET * (sheet - 1)
        return attention_queries.flags(connection, wanted, now=now, pile=pile, limit=PER_SHEET, offset=offset)


@st.cache_data(ttl=STATES_SECONDS, max_entries=64, show_spinner=False, hash_funcs=BY_DATABASE)
def failed_sheet(app_context: AppContext, wanted: FlagFilter, sheet: int) -> list[FailedCheck]:
    """Return one page of the printers that did not answer."""
    with reading(app_context.engine) as connection:
        now, offset = utc_now(), PER_SHEET * (sheet - 1)
        return failed_checks.failed_checks(connection, wanted, now=now, limit=PER_SHEET, offset=offset)


@st.cache_data(ttl=STATES_SECONDS, max_entries=4, show_spinner=False, hash_funcs=BY_DATABASE)
def unreached_sheet(app_context: AppContext, sheet: int) -> list[UnreachedPrinter]:
    """Return one page of the printers that have never answered."""
    with reading(app_context.engine) as connection:
        now, offset = utc_now(), PER_SHEET * (sheet - 1)
        return failed_checks.unreached_printers(connection, now=now, limit=PER_SHEET, offset=offset)


@st.cache_data(ttl=STATES_SECONDS, max_entries=4, show_spinner=False, hash_funcs=BY_DATABASE)
def shown_outages(app_context: AppContext) -> list[ShownOutage]:
    """Return printers of one place or site that do not answer together."""
    with reading(app_context.engine) as connection:
        return failed_checks.outages(connection, now=utc_now())


@st.cache_data(ttl=STATES_SECONDS, max_entries=64, show_spinner=False, hash_funcs=BY_DATABASE)
def issue_board(app_context: AppContext, wanted: IssueFilter) -> Board:
    """Return what the board shows."""
    with reading(app_context.engine) as connection:
        return issues_queries.read_board(connection, wanted, _midnight(app_context))


@st.cache_resource(ttl=_SUPPLIES_SECONDS, max_entries=16, show_spinner=False, hash_funcs=BY_DATABASE)
def listed_purchases(app_context: AppContext, wanted: OrderFilter) -> tuple[PurchaseLine, ...]:
    """Return the purchase list; shared, not copied, so it must stay as it is."""
    now, zone = utc_now(), app_context.settings.zone
    with reading(app_context.engine) as connection:
        return tuple(purchase_list(connection, wanted, now, zone, past=PAST_PURCHASES))


@st.cache_resource(ttl=_MENU_SECONDS, max_entries=4, show_spinner=False, hash_funcs=BY_DATABASE)
def open_issues(app_context: AppContext) -> tuple[LivingIssue, ...]:
    """Return all issues that are not ended, the most urgent first."""
    with reading(app_context.engine) as connection:
        return tuple(places_queries.open_issues(connection))


@st.cache_resource(ttl=_SUPPLIES_SECONDS, max_entries=4, show_spinner=False, hash_funcs=BY_DATABASE)
def parts_to_bring(app_context: AppContext, wanted: OrderFilter) -> tuple[PartToBring, ...]:
    """Return the parts that printers need by now."""
    now, zone = utc_now(), app_context.settings.zone
    with reading(app_context.engine) as connection:
        return tuple(places_queries.parts_to_bring(connection, wanted, now, zone))


@st.cache_resource(ttl=STATES_SECONDS, max_entries=4, show_spinner=False, hash_funcs=BY_DATABASE)
def round_facts(app_context: AppContext) -> RoundFacts:
    """Return what rounds are made of; shared, not copied, so it must stay as it is."""
    with reading(app_context.engine) as connection:
        return round_queries.read_facts(connection, _midnight(app_context), utc_now())


@st.cache_resource(
    ttl=_USAGE_SECONDS,
    max_entries=4,
    show_spinner=False,
    hash_funcs=BY_DATABASE,
    refresh_mode="background",
)
def usage_by_printer(app_context: AppContext) -> Mapping[str, Tally]:
    """Return the last 30 UTC days of each printer. Raises TimeSeriesUnavailable."""
    now = datetime.now(app_context.settings.zone)
    chosen = period(f"{places_queries.USAGE_DAYS}d", now.date())
    with reading(app_context.engine) as connection:
        out = read_days_out(connection, chosen, now)
    return places_queries.usage_by_printer(app_context.series, chosen, out)


@st.cache_resource(ttl=_SUPPLIES_SECONDS, max_entries=4, show_spinner=False, hash_funcs=BY_DATABASE)
def parts_in_use(app_context: AppContext) -> tuple[SupplyPart, ...]:
    """Return the parts that printers hold."""
    with reading(app_context.engine) as connection:
        return tuple(held_parts(connection))


@dataclass(frozen=True)
class StockNotice:
    """Stock that needs somebody: shelves that are low or to be counted, orders that are overdue."""

    shelves: tuple[StockLine, ...] = ()
    overdue: tuple[PurchaseLine, ...] = ()


@st.cache_resource(ttl=STATES_SECONDS, max_entries=4, show_spinner=False, hash_funcs=BY_DATABASE)
def stock_notice(app_context: AppContext) -> StockNotice:
    """Return the stock and orders that the attention page shows."""
    now, zone = utc_now(), app_context.settings.zone
    with reading(app_context.engine) as connection:
        overdue = tuple(overdue_orders(connection, now, zone))
        return StockNotice(tuple(low_shelves(connection)), overdue)


@st.cache_resource(ttl=_SUPPLIES_SECONDS, max_entries=4, show_spinner=False, hash_funcs=BY_DATABASE)
def cartridge_ledger(app_context: AppContext, until: datetime) -> tuple[LedgerLine, ...]:
    """Return the replacements of two years until then; shared, not copied, so it must stay as it is."""
    with reading(app_context.engine) as connection:
        return tuple(ledger(connection, until, part_prices(connection)))


def forget() -> None:
    """Read everything anew: somebody here has just changed something."""
    forget_announcements()
    flags = (flag_counts, menu_counts, flags_sheet, failed_sheet, unreached_sheet, shown_outages, round_facts)
    parts = (cartridge_ledger, listed_purchases, parts_to_bring, stock_notice)
    for cache in (*flags, issue_board, open_issues, *parts):
        cache.clear()


def _midnight(app_context: AppContext) -> datetime:
    """Return when the day of TIME_ZONE began."""
    now = datetime.now(app_context.settings.zone)
    return now.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)
