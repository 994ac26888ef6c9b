"""Reports > Replace: printers by how often they stop and how old they are, with warranty and contract."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import pandas as pd
import streamlit as st
from sqlalchemy import Connection, select

from core.domain.assets import ENDS, Asset, days_of
from core.storage.core_tables import SNAPSHOTS
from core.storage.database import reading
from core.storage.inventory import read_assets
from core.storage.states import LIFE_COUNT, STATES
from dashboard.app_context import BY_DATABASE, AppContext
from dashboard.features.reports.frames import NAMED_COLUMNS, named
from dashboard.features.reports.periods import Period
from dashboard.features.reports.queries import KnownPrinter, printer_of
from dashboard.features.reports.tables import report_table
from dashboard.features.stoppages.scorecard import Scorecard
from dashboard.page_context import PageContext
from dashboard.ui.empty import nothing
from dashboard.ui.query_choice import choice

_FRESH_SECONDS: Final = 60.0
_YEAR_DAYS: Final = 365.25
COLUMNS: Final = (
    *NAMED_COLUMNS,
    *("Asset tag", "In use since", "Years", "Lifetime pages"),
    *("Pages", "Stops", "Per 10,000 pages", "At least"),
    *("Warranty until", "Contract", "Contract until"),
)
_SPARE: Final = ("Asset tag", "Years", "Pages")


@dataclass(frozen=True)
class Equipment:
    """What is known of the printers beside their period."""

    assets: Mapping[str, Asset]
    """Of every printer of the inventory."""
    life_counts: Mapping[str, int | None]
    """Pages in the life of those that were read."""


def show_replace(
    context: PageContext, card: Scorecard, known: Mapping[str, KnownPrinter], chosen: Period
) -> None:
    """Draw the printers of the inventory, those first that stop most often, then the oldest."""
    st.subheader("What to replace", anchor=False)
    ends = choice("ends", "Warranty or contract ends", ENDS, width=220)
    equipment, days = _equipment(context.app), days_of(ends, context.today)
    listed = [name for name, asset in equipment.assets.items() if days is None or asset.ends_in(days)]
    if not listed:
        nothing("No warranty or contract ends then." if ends else "There are no printers yet.")
        return
    frame = replace_frame(listed, equipment, card, known, context.today)
    st.caption(_ORDERED)
    report_table("", frame, "replace", chosen, spare=_SPARE)
    if all(asset == Asset() for asset in equipment.assets.values()):
        st.caption(_UNKNOWN)


_ORDERED: Final = (
    "Ordered by the stops per 10,000 pages in this period that a printer has *at least*, as *Problems* has "
    "it; those that did not stop by age. Lifetime pages are what the printer itself has counted."
)
_UNKNOWN: Final = (
    "The inventory does not say since when printers are in use, or when a warranty or contract ends: an "
    "import takes it from the list of equipment."
)


def replace_frame(
    printer_ids: Iterable[str],
    equipment: Equipment,
    card: Scorecard,
    known: Mapping[str, KnownPrinter],
    today: date,
) -> pd.DataFrame:
    """Return a row for each printer: by the rate of stops that it has at least, then the oldest first."""
    ordered = sorted(printer_ids, key=lambda name: _order(name, equipment.assets[name], card, known))
    rows = [_row(printer_id, equipment, card, known, today) for printer_id in ordered]
    frame = pd.DataFrame(rows, columns=COLUMNS)
    counts, rates = ("Lifetime pages", "Pages", "Stops"), ("Years", "Per 10,000 pages", "At least")
    return frame.astype({**dict.fromkeys(counts, "Int64"), **dict.fromkeys(rates, "float64")})


def _order(
    printer_id: str, asset: Asset, card: Scorecard, known: Mapping[str, KnownPrinter]
) -> tuple[float, int, date, str]:
    score = card.scores.get(printer_id)
    lowest, stops = (score.lowest or 0.0, score.own.stops) if score and score.own.stops else (0.0, 0)
    return -lowest, -stops, asset.in_use_since or date.max, printer_of(known, printer_id).name.casefold()


def _row(
    printer_id: str,
    equipment: Equipment,
    card: Scorecard,
    known: Mapping[str, KnownPrinter],
    today: date,
) -> tuple[Any, ...]:
    asset, score = equipment.assets[printer_id], card.scores.get(printer_id)
    since, own = asset.in_use_since, score.own if score else None
    return (
        *named(printer_id, known),
        asset.asset_tag,
        since,
        None if since is None else round(max(0, (today - since).days) / _YEAR_DAYS, 1),
        equipment.life_counts.get(printer_id),
        own.pages if own else None,
        own.stops if own else None,
        None if own is None or own.rate is None else round(own.rate, 1),
        None if score is None or score.lowest is None or not score.own.stops else round(score.lowest, 1),
        asset.warranty_until,
        asset.contract,
        asset.contract_until,
    )


@st.cache_resource(ttl=_FRESH_SECONDS, max_entries=4, show_spinner=False, hash_funcs=BY_DATABASE)
def _equipment(app_context: AppContext) -> Equipment:
    """Return it, the same for every manager; nothing changes what it hands out."""
    with reading(app_context.engine) as connection:
        return Equipment(read_assets(connection), _life_counts(connection))


def _life_counts(connection: Connection) -> dict[str, int | None]:
    """Return the pages that printers have counted in their lives, without parsing their states."""
    rows = connection.execute(select(SNAPSHOTS.c.printer_id, LIFE_COUNT).select_from(STATES))
    return {row[0]: row[1] for row in rows}
