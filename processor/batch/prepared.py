"""Statements that are run for many rows at a time: compiled once, each row bound by a loop of its own.

SQLAlchemy's own way of binding the rows of an executemany costs more than the driver needs to run it.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection, Dialect, Executable
from sqlalchemy.sql import ClauseElement

Build = Callable[[str], Executable]
_Converter = Callable[[Any], Any] | None


class PreparedStatement:
    """A statement for rows that each have the same `names`; bound as its columns' types say."""

    def __init__(self, build: Build, names: Sequence[str]) -> None:
        """Open it. `build` returns the statement for a dialect ("sqlite", "postgresql")."""
        self._build = build
        self._names: Final = tuple(names)
        self._compiled = cache(self._compile)

    def run(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run it for each row. Raises what the database raises, and KeyError where a row lacks a name."""
        if not rows:
            return
        statement, places = self._compiled(connection.dialect)
        bound: Any
        if connection.dialect.positional:
            bound = [
                tuple(row[name] if convert is None else convert(row[name]) for name, convert in places)
                for row in rows
            ]
        else:
            bound = [
                {name: row[name] if convert is None else convert(row[name]) for name, convert in places}
                for row in rows
            ]
        connection.exec_driver_sql(statement, bound)

    def _compile(self, dialect: Dialect) -> tuple[str, tuple[tuple[str, _Converter], ...]]:
        statement = self._build(dialect.name)
        assert isinstance(statement, ClauseElement)  # noqa: S101 (every statement is one)
        compiled: Any = statement.compile(dialect=dialect, column_keys=self._names)
        order = compiled.positiontup if dialect.positional else tuple(compiled.binds)
        return str(compiled), tuple((name, _converter(compiled.binds[name].type, dialect)) for name in order)


def _converter(of_type: Any, dialect: Dialect) -> _Converter:
    converter: _Converter = of_type.dialect_impl(dialect).bind_processor(dialect)
    return converter
