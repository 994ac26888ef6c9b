"""Sort a list by what its reader chooses."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, String, func


@dataclass(frozen=True)
class Order:
    """A column by its name in the address of the page, and the way."""

    column: str
    descending: bool = False


def sql_order(column: ColumnElement[Any], order: Order) -> ColumnElement[Any]:
    """Return the order in SQL; texts are sorted without regard to their case."""
    by = func.lower(column) if isinstance(column.type, String) else column
    return by.desc() if order.descending else by.asc()
