"""`export --all` and `import --all`: everything in a database in one JSON file, for any other database."""

import base64
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, TextIO

from sqlalchemy import (
    Column,
    Connection,
    Date,
    DateTime,
    Engine,
    Integer,
    LargeBinary,
    Select,
    Table,
    TypeDecorator,
    delete,
    func,
    insert,
    select,
    text,
)
from sqlalchemy.exc import CompileError, StatementError
from sqlmodel import SQLModel

from console.database import open_to_preview, open_to_read, open_to_write
from console.files import file_errors
from console.running import refuse_while_running
from console.terminal import data_output, make_console, plain
from core.contract.errors import EXIT_OK, DatabaseError, UserError
from core.domain.units import counted
from core.runtime.wall_clock import utc_now
from core.storage import mail_tables, people_tables, stock_tables, supply_tables, tables
from core.storage.database import count_rows, is_unavailable, reading, writing
from core.storage.migrations.head import SCHEMA_HEAD

FORMAT: Final = "printer-system/everything"
FORMAT_VERSION: Final = 1
_CACHES: Final = frozenset({tables.ServiceRow.__tablename__})
"""What services write anew by themselves."""
_DECLARED: Final = (tables, people_tables, mail_tables, supply_tables, stock_tables)
"""The modules that declare tables: imported, so that the metadata knows all of them."""
_ROWS_AT_ONCE: Final = 500
_FILES_AT_ONCE: Final = 10
"""Rows that hold a file: a photo has up to half a megabyte."""


@dataclass(frozen=True)
class Everything:
    """Content of a file: rows by table, in the columns' own types."""

    exported_at: str
    rows: Mapping[str, Sequence[Mapping[str, Any]]]

    @property
    def counts(self) -> dict[str, int]:
        """How many rows each table has."""
        return {name: len(rows) for name, rows in self.rows.items()}


def export_everything(file: Path | None) -> int:
    """Write all tables but caches as they are at one moment."""
    engine = open_to_read()
    if file is None or str(file) == "-":
        _write(engine, data_output())
        return EXIT_OK
    partial = file.with_name(f"{file.name}.partial")
    try:
        with file_errors(file, "written"):
            # With the hashes of passwords in it: its owner's alone.
            descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as out:
                counts = _write(engine, out)
            partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)
    make_console(stderr=True).print(f"{in_words(counts)} written to {plain(file)}.")
    return EXIT_OK


def import_everything(file: Path, *, replace: bool, dry_run: bool) -> int:
    """Put a file's rows into this database, all or nothing, and count them there."""
    everything = _read(file)
    engine = open_to_preview() if dry_run else open_to_write()
    sums = f"{in_words(everything.counts)} from {plain(file)} (of {everything.exported_at})"
    console = make_console()
    if dry_run:
        with reading(engine) as connection:
            refuse_to_mix(connection, replace=replace)
        console.print(f"Dry run, nothing is written: {sums} would come into the database.")
        return EXIT_OK
    try:
        with writing(engine) as connection:
            refuse_to_mix(connection, replace=replace)
            _put(connection, everything)
    except (StatementError, CompileError) as error:
        if is_unavailable(error):
            raise
        reason = str(error).splitlines()[0]
        raise UserError(f"{file} does not fit into the database, nothing was imported: {reason}") from error
    console.print(f"{sums} are in the database, counted there.")
    return EXIT_OK


def exported_tables() -> list[Table]:
    """Return all tables but caches, those that others refer to first."""
    return [table for table in SQLModel.metadata.sorted_tables if table.name not in _CACHES]


def in_order(table: Table) -> Select[Any]:
    """Return all rows of a table by key, some at a time: so many as fit into memory."""
    has_files = any(isinstance(column.type, LargeBinary) for column in table.columns)
    some = _FILES_AT_ONCE if has_files else _ROWS_AT_ONCE
    return select(table).order_by(*table.primary_key.columns).execution_options(yield_per=some)


def our_tables() -> list[str]:
    """Return the names of all tables, those that others refer to first."""
    return [table.name for table in SQLModel.metadata.sorted_tables]


def _write(engine: Engine, out: TextIO) -> dict[str, int]:
    """Return one row a line, so that large fleets need little memory here and diffs can be read."""
    counts: dict[str, int] = {}
    with reading(engine) as connection:
        head = {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            "schema": SCHEMA_HEAD,
            "exported_at": utc_now().isoformat(),
            "counts": rows_by_table(connection),
        }
        out.write(f'{json.dumps(head, indent=1)[:-2]},\n "tables": {{')
        for number, table in enumerate(exported_tables()):
            out.write(f"{',' if number else ''}\n  {json.dumps(table.name)}: [")
            counts[table.name] = _write_rows(connection, table, out)
            out.write("]")
        out.write("\n }\n}\n")
    return counts


def _write_rows(connection: Connection, table: Table, out: TextIO) -> int:
    count = 0
    for row in connection.execute(in_order(table)).mappings():
        out.write(f"{',' if count else ''}\n   {json.dumps(dict(row), default=_as_json)}")
        count += 1
    return count


def _as_json(value: object) -> str:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _read(file: Path) -> Everything:
    try:
        with file_errors(file, "read"):
            content = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise UserError(f"{file} is not JSON ({error}); `printers export --all` writes it.") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise UserError(f"{file} was not written by `printers export --all`.")
    if content.get("format_version") != FORMAT_VERSION or str(content.get("schema")) > SCHEMA_HEAD:
        raise UserError(
            f"{file} was written by a newer program (schema {content.get('schema')}, this one knows up to "
            f"{SCHEMA_HEAD}): install that version first."
        )
    try:
        return Everything(str(content["exported_at"]), _rows(content["tables"]))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UserError(f"{file} is damaged ({error}); nothing was imported.") from error


def _rows(found: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    known = {table.name: table for table in exported_tables()}
    if set(found) - set(known):
        raise ValueError(f"unknown tables {sorted(set(found) - set(known))}")
    return {name: [_row(table, row) for row in found.get(name, ())] for name, table in known.items()}


def _row(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _value(table.columns[name], value) for name, value in row.items()}


def _value(column: Column[Any], value: Any) -> Any:
    kind = column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type
    if value is None:
        return None
    if isinstance(kind, LargeBinary):
        return base64.b64decode(value)
    if isinstance(kind, Date):
        return date.fromisoformat(value)
    return datetime.fromisoformat(value) if isinstance(kind, DateTime) else value


def refuse_to_mix(connection: Connection, *, replace: bool) -> None:
    """Raise where services run on the database, or where it has rows that were not given up."""
    refuse_while_running(connection, utc_now())
    filled = {name: count for name, count in rows_by_table(connection).items() if count}
    if filled and not replace:
        raise UserError(
            f"the database is not empty ({in_words(filled)}): "
            "use a new one, or --replace, which deletes these."
        )


def _put(connection: Connection, everything: Everything) -> None:
    for table in reversed(exported_tables()):
        connection.execute(delete(table))
    for table in exported_tables():
        _fill(connection, table, everything.rows[table.name])
    counts = rows_by_table(connection)
    if counts != everything.counts:
        raise DatabaseError(
            f"the database has {counts} instead of {everything.counts}: nothing was imported."
        )


def _fill(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        connection.execute(insert(table), rows[start : start + _ROWS_AT_ONCE])
    if connection.dialect.name == "postgresql":
        continue_numbers(connection, table)


def continue_numbers(connection: Connection, table: Table) -> None:
    """Set PostgreSQL's sequence after rows that were inserted with their own ids."""
    for column in table.primary_key.columns:
        if isinstance(column.type, Integer):
            highest = connection.execute(select(func.max(column))).scalar()
            connection.execute(
                text("SELECT setval(pg_get_serial_sequence(:table, :column), :next, false)"),
                {"table": table.name, "column": column.name, "next": (highest or 0) + 1},
            )


def rows_by_table(connection: Connection) -> dict[str, int]:
    """Return how many rows each table has."""
    return {table.name: count_rows(connection, table) for table in exported_tables()}


def in_words(counts: Mapping[str, int]) -> str:
    """Return the counts in words: `120 printers, 3 issues`."""
    filled = [f"{count:,} {name.replace('_', ' ')}" for name, count in counts.items() if count]
    return ", ".join(filled) or counted(0, "row")
