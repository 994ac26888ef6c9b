"""The inventory as a list, a page at a time: every printer, also those that are switched off."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, func, or_, select

from core.domain.inventory.printers import InventoryPrinter
from core.storage.core_tables import PRINTERS
from core.storage.inventory import known_printers
from dashboard.ui.order import Order, sql_order


@dataclass(frozen=True)
class InventoryPage:
    """One page of the matching printers, each row as core.storage.inventory expects it back as seen."""

    total: int
    rows: tuple[InventoryPrinter, ...]


def inventory_page(
    connection: Connection, text: str = "", *, limit: int = 50, offset: int = 0, order: Order | None = None
) -> InventoryPage:
    """The printers with these words in what identifies them, by name unless another order is asked for."""
    first = [sql_order(PRINTERS.c[order.column], order)] if order else []
    matches = [_has(word) for word in text.split()]
    total = connection.execute(select(func.count()).select_from(PRINTERS).where(*matches)).scalar_one()
    query = (
        select(PRINTERS)
        .where(*matches)
        .order_by(*first, func.lower(PRINTERS.c.name), PRINTERS.c.printer_id)
        .limit(limit)
        .offset(offset)
    )
    return InventoryPage(total, tuple(known_printers(connection, query)))


def _has(word: str) -> ColumnElement[bool]:
    names = ("printer_id", "name", "host", "location", "site", "model", "serial", "cost_center", "notes")
    return or_(*(PRINTERS.c[name].icontains(word, autoescape=True) for name in names))
