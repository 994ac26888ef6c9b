"""The tables as the processor writes them: JSON goes in and comes out as text, dumped and parsed once."""

from typing import Any, Final

from sqlalchemy import JSON, Column, MetaData, Table, Text, cast, literal_column
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.types import TypeDecorator

from core.storage import core_tables


class _JsonbText(TypeDecorator[str]):
    """Text in Python, jsonb in PostgreSQL."""

    impl = Text
    cache_ok = True

    def bind_expression(self, bindparam: Any) -> ColumnElement[Any]:
        """Send text; what is stored is jsonb."""
        return cast(bindparam, JSONB)

    def column_expression(self, column: Any) -> ColumnElement[Any]:
        """Read text again, not parsed by the driver."""
        return cast(column, Text)


JsonText: Final = Text().with_variant(_JsonbText(), "postgresql")


def _as_text(table: Table) -> Table:
    """Return the same table, its JSON columns as text."""
    columns = (
        Column(
            column.name,
            JsonText if isinstance(column.type, JSON) else column.type,
            primary_key=column.primary_key,
        )
        for column in table.columns
    )
    return Table(table.name, MetaData(), *columns)


PRINTERS: Final = _as_text(core_tables.PRINTERS)
MOVES: Final = _as_text(core_tables.MOVES)
MUTES: Final = _as_text(core_tables.MUTES)
SNAPSHOTS: Final = _as_text(core_tables.SNAPSHOTS)
DOCUMENTS: Final = _as_text(core_tables.DOCUMENTS)
ATTENTION: Final = _as_text(core_tables.ATTENTION)
ISSUES: Final = _as_text(core_tables.ISSUES)
EVENTS: Final = _as_text(core_tables.EVENTS)
OUTBOX: Final = _as_text(core_tables.OUTBOX)
REFUSED_POINTS: Final = _as_text(core_tables.REFUSED_POINTS)
REJECTED: Final = _as_text(core_tables.REJECTED)
SERVICES: Final = _as_text(core_tables.SERVICES)
FORECASTS: Final = _as_text(core_tables.FORECASTS)
SUPPLY_EVENTS: Final = _as_text(core_tables.SUPPLY_EVENTS)

# As the partial indexes say it: SQLite does not see that `owed = 1` is the same, and scans the table.
STATE_OWED: Final[ColumnElement[Any]] = literal_column("snapshots.owed")
EVENT_OWED: Final[ColumnElement[Any]] = literal_column("issue_events.owed")
SUPPLY_EVENT_OWED: Final[ColumnElement[Any]] = literal_column("supply_events.owed")
