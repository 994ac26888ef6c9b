"""The inventory as a list, a page at a time: every printer, also those that are switched off."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import ColumnElement, Connection, func, or_, select

from core.domain.assets import days_of
from core.domain.inventory.printers import InventoryPrinter
from core.storage.core_tables import PRINTERS, SNAPSHOTS
from core.storage.database import count_rows
from core.storage.inventory import known_printers
from dashboard.ui.order import Order, sql_order

_SEARCHED: Final = (
    *("printer_id", "name", "host", "location", "site", "model", "serial"),
    *("cost_center", "asset_tag", "contract", "notes"),
)


@dataclass(frozen=True)
class InventoryFilter:
    """Which printers are asked for."""

    today: date
    text: str = ""
    """Words, each of which is to be in what identifies them."""
    ends: str = ""
    """When their warranty or contract ends: one of assets.ENDS."""

    @property
    def conditions(self) -> list[ColumnElement[bool]]:
        """What their rows have to fulfill."""
        words = [_has(word) for word in self.text.split()]
        days = days_of(self.ends, self.today)
        if days is None:
            return words
        ends = (PRINTERS.c[name].between(*days) for name in ("warranty_until", "contract_until"))
        return [*words, or_(*ends)]


def count_inventory(connection: Connection, wanted: InventoryFilter) -> int:
    """Return how many printers there are of these."""
    return count_rows(connection, PRINTERS, *wanted.conditions)


def matching_printers(
    connection: Connection,
    wanted: InventoryFilter,
    *,
    limit: int,
    offset: int = 0,
    order: Order | None = None,
) -> list[InventoryPrinter]:
    """Return a page of these printers, by name unless another order is asked for."""
    first = [sql_order(PRINTERS.c[order.column], order).nulls_last()] if order else []
    query = (
        select(PRINTERS)
        .where(*wanted.conditions)
        .order_by(*first, func.lower(PRINTERS.c.name), PRINTERS.c.printer_id)
        .limit(limit)
        .offset(offset)
    )
    return known_printers(connection, query)


def told_firmware(connection: Connection, printer_ids: Sequence[str]) -> dict[str, str]:
    """Return the versions of firmware that these printers told last, by id."""
    columns = (SNAPSHOTS.c.printer_id, SNAPSHOTS.c.firmware)
    rows = connection.execute(select(*columns).where(SNAPSHOTS.c.printer_id.in_(printer_ids)))
    return {row.printer_id: row.firmware for row in rows}


def _has(word: str) -> ColumnElement[bool]:
    return or_(*(PRINTERS.c[name].icontains(word, autoescape=True) for name in _SEARCHED))
