"""The place of a printer (core/domain/places.py) in SQL."""

from typing import Any

from sqlalchemy import ColumnElement, String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction


class place(GenericFunction[str]):  # noqa: N801 (a function of SQL)
    """The place of a column of locations, as place_of tells it in Python."""

    type = String()
    inherit_cache = True

    def __init__(self, location: ColumnElement[str]) -> None:
        super().__init__(location)


@compiles(place, "sqlite")
def _sqlite(element: place, compiler: SQLCompiler, **kw: Any) -> str:
    location = compiler.process(element.clauses, **kw)
    location = f"ltrim({location}, ' ,')"
    return f"trim(substr({location}, 1, instr({location} || ',', ',') - 1))"


@compiles(place, "postgresql")
def _postgresql(element: place, compiler: SQLCompiler, **kw: Any) -> str:
    return f"trim(split_part(ltrim({compiler.process(element.clauses, **kw)}, ' ,'), ',', 1))"
