"""The place a printer stands in: its location up to the first comma ("Library, floor 2, copy room")."""

from typing import Any, Final

from sqlalchemy import ColumnElement, String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

NOWHERE: Final = "No location"
"""What is shown for printers whose location nobody has written down."""


def place_of(location: str) -> str:
    """The place in Python, as `place` says it in SQL."""
    return location.partition(",")[0].strip()


class place(GenericFunction[str]):  # noqa: N801 (a function of SQL)
    """The place in SQL, of a column of locations."""

    type = String()
    inherit_cache = True

    def __init__(self, location: ColumnElement[str]) -> None:
        super().__init__(location)


@compiles(place, "sqlite")
def _sqlite(element: place, compiler: SQLCompiler, **kw: Any) -> str:
    location = compiler.process(element.clauses, **kw)
    return f"trim(substr({location}, 1, instr({location} || ',', ',') - 1))"


@compiles(place, "postgresql")
def _postgresql(element: place, compiler: SQLCompiler, **kw: Any) -> str:
    return f"trim(split_part({compiler.process(element.clauses, **kw)}, ',', 1))"
