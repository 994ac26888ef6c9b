"""The pages of a list, the chosen one kept in the address."""

import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

RowT = TypeVar("RowT")

_NAME: Final = "page"
_STATE: Final = "paging"
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,5}")


@dataclass(frozen=True)
class _Paging:
    of: Hashable
    number: int
    turn: int
    """A new turn is a new widget: Streamlit's own would keep the page of the filter before."""


def chosen_page(rows: Sequence[RowT], per_page: int, of: Hashable) -> tuple[DeltaGenerator, Sequence[RowT]]:
    """Draw the pages of a list; return where the rows of the chosen one are to be drawn, and them.

    `of` is what is listed: another filter begins at its first page.
    """
    place = st.container()  # an emptied element would draw the page short: the reader is at its top then
    number = _number(st.container(horizontal_alignment="center"), -(-len(rows) // per_page), of)
    return place, rows[per_page * (number - 1) : per_page * number]


def _number(where: DeltaGenerator, pages: int, of: Hashable) -> int:
    """Draw the numbers, where there is more than one page; return the chosen one."""
    before: _Paging | None = st.session_state.get(_STATE)
    given = _given()
    if before is None or before.number != given:
        now = _Paging(
            of, given, before.turn + 1 if before else 0
        )  # opened by a link, or by the browser's back
    elif before.of != of:
        now = _Paging(of, 1, before.turn + 1)
    else:
        now = before
    number = min(now.number, max(1, pages))
    if pages > 1:
        number = where.pagination(pages, default=number, key=f"{_NAME}-{now.turn}")
    st.session_state[_STATE] = _Paging(of, number, now.turn)
    if number != given:
        _keep(number)
    return number


def sheet_number(total: int, per_sheet: int, key: str) -> int:
    """Draw the sheets of a list, where there is more than one; return the number of the chosen one.

    `key` is its part of the address.
    """
    sheets = -(-total // per_sheet)
    return min(sheets, st.pagination(sheets, key=key, bind="query-params")) if sheets > 1 else 1


def chosen_sheet(rows: Sequence[RowT], per_sheet: int, key: str) -> Sequence[RowT]:
    """Do the same for a list in memory; return the rows of the chosen sheet."""
    number = sheet_number(len(rows), per_sheet, key)
    return rows[per_sheet * (number - 1) : per_sheet * number]


def _given() -> int:
    text = st.query_params.get(_NAME, "")
    return int(text) if _NUMBER.fullmatch(text) else 1


def _keep(number: int) -> None:
    if number == 1:
        st.query_params.pop(_NAME, None)
    else:
        st.query_params[_NAME] = str(number)
