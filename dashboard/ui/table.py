"""Tables as HTML: found by the browser's search, selected as text, sorted by their heads, opened by rows.

What is sorted by, and which rows are marked, is in the address of the page, where assets/table.js puts it:
`?sort=-opened&mark=12&mark=15`. A list that is read a page at a time from SQL is sorted there, by
`asked_order`; one that is in memory by `sorted_table`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Final, Literal

import streamlit as st

from dashboard.ui.order import Order
from dashboard.ui.paging import chosen_sheet
from dashboard.ui.templates import render

MOST_ROWS: Final = 200
"""Of one page: 10,000 rows take a browser more than two seconds."""
_MARK: Final = "mark"

Cell = str | int | float | bool | Decimal | date | datetime | None
Look = Literal["text", "long", "number", "percent", "amount", "ago", "at", "day", "month"]


@dataclass(frozen=True)
class Column:
    """A column, sorted by `sort` in the address where there is one."""

    title: str
    look: Look = "text"
    sort: str = ""
    spare: bool = False
    """Whether it is left out where there is no room for all of them."""

    @property
    def classes(self) -> str:
        """What its cells are called in look.css."""
        is_number = self.look in ("number", "percent", "amount")
        kind = "number" if is_number else "long" if self.look == "long" else ""
        kind = "when" if self.look in ("day", "month") else kind
        return f"{kind} spare".strip() if self.spare else kind


@dataclass(frozen=True)
class Row:
    """A line of a table."""

    cells: tuple[Cell, ...]
    path: str = ""
    """What it opens; its first cell is the link."""
    mark: str = ""
    """By what it is marked in the address, in a table whose rows can be."""


def asked_order(columns: Sequence[Column], parameter: str = "sort") -> Order | None:
    """Return the order that the address asks for; None for the usual one."""
    given = st.query_params.get(parameter, "")
    column = given.removeprefix("-")
    known = column and column in {each.sort for each in columns}
    return Order(column, given.startswith("-")) if known else None


def marked(rows: Sequence[Row]) -> list[int]:
    """Return the places of the rows that are marked."""
    asked = set(st.query_params.get_all(_MARK))
    return [place for place, row in enumerate(rows) if row.mark in asked]


def forget_marks() -> None:
    """Unmark all rows."""
    st.query_params.pop(_MARK, None)


def html_table(
    name: str,
    columns: Sequence[Column],
    rows: Sequence[Row],
    *,
    parameter: str = "sort",
    markable: bool = False,
) -> None:
    """Draw it as it is; `name` says to who listens what it is a table of."""
    order = asked_order(columns, parameter)
    chosen = {rows[place].mark for place in marked(rows)} if markable else None
    st.html(
        render(
            "ui/table",
            name=name,
            columns=columns,
            rows=rows,
            order=order,
            links={column.sort: _next_order(column, order) for column in columns if column.sort},
            parameter=parameter,
            marks=chosen,
            fractions=[_has_fractions(row.cells[place] for row in rows) for place in range(len(columns))],
        )
    )


def _has_fractions(cells: Iterable[Cell]) -> bool:
    """Return whether a column has a number that is not whole: then all of them are told to one decimal."""
    return any(isinstance(cell, float) and not cell.is_integer() for cell in cells)


def _next_order(column: Column, order: Order | None) -> str:
    """Return what a click on the head of a column asks for: up, then down, then the usual order."""
    if order is None or order.column != column.sort:
        return column.sort
    return "" if order.descending else f"-{column.sort}"


def sorted_table(
    name: str, columns: Sequence[Column], rows: Sequence[Row], *, key: str, per_sheet: int = MOST_ROWS
) -> None:
    """Draw a table in memory: sorted by any column, a sheet at a time; `key` is its part of the address."""
    columns = [replace(each, sort=each.sort or str(place)) for place, each in enumerate(columns)]
    parameter = f"sort-{key}"
    order = asked_order(columns, parameter)
    if order is not None:
        place = next(place for place, each in enumerate(columns) if each.sort == order.column)
        known = [row for row in rows if row.cells[place] is not None]
        unknown = [row for row in rows if row.cells[place] is None]
        known.sort(key=lambda row: _sortable(row.cells[place]), reverse=order.descending)
        rows = [*known, *unknown]
    table = st.container()
    shown = chosen_sheet(rows, per_sheet, f"page-{key}")
    with table:
        html_table(name, columns, shown, parameter=parameter)


def _sortable(cell: Cell) -> str | float | Decimal | date:
    return cell.casefold() if isinstance(cell, str) else 0 if cell is None else cell
