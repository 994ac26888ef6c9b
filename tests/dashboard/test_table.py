"""Tables: how their cells are told."""

from datetime import date
from decimal import Decimal

from streamlit.testing.v1 import AppTest

from dashboard.ui.table import Cell, Look
from tests.dashboard.drawing import fine, tables_of


def shown(look: Look, *cells: Cell) -> list[str]:
    """Return the cells of a column as the page tells them."""

    def draw(look, cells):  # type: ignore[no-untyped-def]
        from dashboard.ui.table import Column, Row, html_table

        html_table("Test", [Column("n", look)], [Row((cell,)) for cell in cells])

    (table,) = tables_of(fine(AppTest.from_function(draw, args=(look, cells)).run()))
    return [str(cell).replace("\N{NO-BREAK SPACE}", " ") for cell in table["n"]]


def test_numbers_of_a_column_have_as_many_decimals_as_the_others() -> None:
    assert shown("number", 4.0, 2.9, 120.26, None, 0.0) == ["4.0", "2.9", "120.3", "–", "0.0"]
    assert shown("number", 4.0, 1200, 0) == ["4", "1,200", "0"]


def test_amounts_have_cents() -> None:
    assert shown("amount", Decimal("22.3"), Decimal(1200)) == ["22.30", "1,200.00"]


def test_a_day_is_not_broken() -> None:
    assert shown("day", date(2027, 1, 20)) == ["20 Jan 2027"]
