"""The inventory as a list, a page at a time: every printer, also those that are switched off."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, func, or_, select

from core.domain.inventory.printers import InventoryPrinter
from core.storage.core_tables import PRINTERS, SNAPSHOTS
from core.storage.database import count_rows
from core.storage.inventory import known_printers
from dashboard.ui.order import Order, sql_order


def count_inventory(connection: Connection, text: str) -> int:
    """Return how many printers have these words in what identifies them."""
    return count_rows(connection, PRINTERS, *_matches(text))


def matching_printers(
    connection: Connection, text: str, *, limit: int, offset: int = 0, order: Order | None = None
) -> list[InventoryPrinter]:
    """Return a page of these printers, by name unless another order is asked for."""
    first = [sql_order(PRINTERS.c[order.column], order)] if order else []
    query = (
        select(PRINTERS)
        .where(*_matches(text))
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


def _matches(text: str) -> list[ColumnElement[bool]]:
    return [_has(word) for word in text.split()]


def _has(word: str) -> ColumnElement[bool]:
    names = ("printer_id", "name", "host", "location", "site", "model", "serial", "cost_center", "notes")
    return or_(*(PRINTERS.c[name].icontains(word, autoescape=True) for name in names))
