"""Statements of the batch, compiled once: their rows are bound and read by loops of our own.

SQLAlchemy's own way of binding the rows of an executemany, or a list whose length differs each time, costs
more than the driver needs to run the statement.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final, Generic, TypeVar

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Dialect,
    Executable,
    Select,
    Text,
    any_,
    bindparam,
    func,
    select,
)
from sqlalchemy.sql import ClauseElement
from sqlalchemy.types import TypeEngine
from sqlmodel.sql.sqltypes import UTCDateTime

Build = Callable[[str], Executable]
"""Makes a statement for a dialect ("sqlite", "postgresql")."""
RowT = TypeVar("RowT")
_Converter = Callable[[Any], Any]
_Converters = Sequence[tuple[int, _Converter]]
"""What has to be converted of a row, by its place."""
_WANTED: Final = "wanted"


class PreparedStatement:
    """A statement for rows that each have the same `names`; bound as its columns' types say."""

    def __init__(self, build: Build, names: Sequence[str]) -> None:
        self._build = build
        self._names: Final = tuple(names)
        self._compiled = cache(self._compile)

    def run(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run it for each row. Raises what the database raises, and KeyError where a row lacks a name."""
        if not rows:
            return
        statement, names, converters = self._compiled(connection.dialect)
        bound: list[Any] = [_converted([row[name] for name in names], converters) for row in rows]
        if not connection.dialect.positional:
            bound = [dict(zip(names, row, strict=True)) for row in bound]
        connection.exec_driver_sql(statement, bound)

    def _compile(self, dialect: Dialect) -> tuple[str, Sequence[str], _Converters]:
        compiled = _compiled(self._build(dialect.name), dialect, self._names)
        names: Sequence[str] = compiled.positiontup if dialect.positional else tuple(compiled.binds)
        types = (compiled.binds[name].type for name in names)
        return str(compiled), names, _needed(_binder(each, dialect) for each in types)


class PreparedQuery(Generic[RowT]):
    """A select of the rows whose `column` is in a list of texts, which is bound as one value."""

    def __init__(self, query: Select[Any], column: ColumnElement[str], make: Callable[..., RowT]) -> None:
        """Open it. `make` takes the query's columns in their order, as their types say, and makes a row."""
        self._query, self._column, self._make = query, column, make
        self._compiled = cache(self._compile)

    def rows(self, connection: Connection, wanted: Sequence[str]) -> list[RowT]:
        """Return the rows. Raises what the database raises."""
        if not wanted:
            return []
        statement, converters = self._compiled(connection.dialect)
        # psycopg sends a list as an array, and names its parameters.
        bound: Any = (json.dumps(wanted),) if connection.dialect.positional else {_WANTED: list(wanted)}
        found = connection.exec_driver_sql(statement, bound)
        return [self._make(*_converted(list(row), converters)) for row in found]

    def _compile(self, dialect: Dialect) -> tuple[str, _Converters]:
        own = self._query.where(_is_in(self._column, dialect.name))
        types = (column.type.dialect_impl(dialect) for column in own.selected_columns)
        converters: Iterable[Any] = (each.result_processor(dialect, None) for each in types)
        return str(_compiled(own, dialect)), _needed(converters)


def _is_in(column: ColumnElement[str], dialect: str) -> ColumnElement[bool]:
    if dialect == "postgresql":
        return column == any_(bindparam(_WANTED, type_=ARRAY(Text)))
    listed = func.json_each(bindparam(_WANTED, type_=Text)).table_valued("value")
    return column.in_(select(listed.c.value))


def _compiled(statement: Executable, dialect: Dialect, names: Sequence[str] | None = None) -> Any:
    assert isinstance(statement, ClauseElement)  # noqa: S101 (every statement is one)
    return statement.compile(dialect=dialect, column_keys=names)


def _binder(of_type: TypeEngine[Any], dialect: Dialect) -> _Converter | None:
    if isinstance(of_type, UTCDateTime) and dialect.name == "sqlite":
        return _time_text  # the same text as SQLAlchemy's, in a fifth of its time
    return of_type.dialect_impl(dialect).bind_processor(dialect)


def _time_text(time: datetime | None) -> str | None:
    if time is None:
        return None
    if time.tzinfo is None:
        raise ValueError(f"{time} has no time zone")
    return time.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def _needed(converters: Iterable[_Converter | None]) -> _Converters:
    return [(at, convert) for at, convert in enumerate(converters) if convert is not None]


def _converted(row: list[Any], converters: _Converters) -> tuple[Any, ...]:
    for at, convert in converters:
        row[at] = convert(row[at])
    return tuple(row)
