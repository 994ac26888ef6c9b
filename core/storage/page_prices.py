"""Prices of pages in the database: set, changed and removed, each noted in the audit.

Writers give the connection of their own writing transaction (core.storage.database.writing).
"""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from core.contract.errors import UserError
from core.domain.page_prices import PagePrice, PriceEntry, PriceList
from core.domain.units import month
from core.storage.audit import note
from core.storage.core_tables import PAGE_PRICES
from core.storage.database import changed_one, hold

_COLUMNS: Final = PAGE_PRICES.c["id", "model", "mono", "color", "since", "version"]


def read_prices(connection: Connection) -> PriceList:
    """Read all prices, by model and month."""
    query = select(*_COLUMNS).order_by(PAGE_PRICES.c.key, PAGE_PRICES.c.since)
    return PriceList(tuple(map(_price, connection.execute(query))))


def add_price(connection: Connection, entry: PriceEntry, *, actor: str, now: datetime) -> PagePrice:
    """Add a price. Raises UserError where the model has one from that month."""
    _require_free(connection, entry, price_id=None)
    values = {**_values(entry), "created_by": actor, "created_at": now, "version": 1}
    made = _price(connection.execute(insert(PAGE_PRICES).values(values).returning(*_COLUMNS)).one())
    _note(connection, "page_price.set", entry, actor, now)
    return made


def edit_price(
    connection: Connection, seen: PagePrice, wanted: PriceEntry, *, actor: str, now: datetime
) -> PagePrice:
    """Change a price. Raises UserError as add_price does, and Conflict where somebody was faster."""
    _require_free(connection, wanted, price_id=seen.id)
    values = {**_values(wanted), "version": seen.version + 1}
    statement = update(PAGE_PRICES).where(*_as(seen)).values(values).returning(*_COLUMNS)
    rows = connection.execute(statement).all()
    changed_one(len(rows), "The price")
    _note(connection, "page_price.set", wanted, actor, now)
    return _price(rows[0])


def remove_price(connection: Connection, seen: PagePrice, *, actor: str, now: datetime) -> None:
    """Remove a price. Raises Conflict where somebody has changed or removed it."""
    changed_one(connection.execute(delete(PAGE_PRICES).where(*_as(seen))).rowcount, "The price")
    _note(connection, "page_price.removed", seen.entry, actor, now)


def _require_free(connection: Connection, entry: PriceEntry, *, price_id: int | None) -> None:
    hold(connection, PAGE_PRICES.name)
    same = PAGE_PRICES.c.key == entry.key, PAGE_PRICES.c.since == entry.since
    taken = connection.execute(select(PAGE_PRICES.c.id).where(*same)).scalar()
    if taken not in (None, price_id):
        raise UserError(f"{entry.called} has a price since {month(entry.since)} already: change that one.")


def _as(seen: PagePrice) -> tuple[ColumnElement[bool], ...]:
    return PAGE_PRICES.c.id == seen.id, PAGE_PRICES.c.version == seen.version


def _price(row: Sequence[Any]) -> PagePrice:
    price_id, model, mono, color, since, version = row
    of_color = None if color is None else Decimal(color)
    return PagePrice(price_id, PriceEntry(model, Decimal(mono), of_color, since), version)


def _values(entry: PriceEntry) -> dict[str, str | date | None]:
    color = None if entry.color is None else f"{entry.color:f}"
    return {
        **{"model": entry.model, "key": entry.key, "since": entry.since},
        **{"mono": f"{entry.mono:f}", "color": color},
    }


def _note(connection: Connection, action: str, entry: PriceEntry, actor: str, now: datetime) -> None:
    details = {
        "since": entry.since.isoformat(),
        "mono": f"{entry.mono:f}",
        "color": "no price" if entry.color is None else f"{entry.color:f}",
    }
    note(connection, action, entry.called, actor=actor, now=now, details=details)
