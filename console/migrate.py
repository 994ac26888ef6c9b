"""`printers migrate-database`: everything from one SQL database into another, compared row by row."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import SecretStr
from rich.progress import Progress
from sqlalchemy import Connection, Engine, Table, delete, insert
from sqlalchemy.exc import StatementError

from console.running import refuse_while_running
from console.terminal import make_console, plain, progress
from console.transfer import (
    continue_numbers,
    exported_tables,
    in_order,
    in_words,
    refuse_to_mix,
    rows_by_table,
)
from core.contract.errors import EXIT_OK, DatabaseError, UserError
from core.runtime.settings import DatabaseSettings
from core.runtime.wall_clock import utc_now
from core.storage.database import is_unavailable, open_database, reading, shown_url, writing

Row = Mapping[str, Any]
Fingerprints = Counter[str]
"""By table: the sum of what its rows hash to, whatever their order."""


def migrate_database(
    source: Annotated[
        str, typer.Argument(metavar="FROM", help="A database URL, an SQLite file, or a DATA_DIR.")
    ],
    target: Annotated[str, typer.Argument(metavar="TO", help="The same; made where it is not there.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Into a database that is not empty, deleting what it has.")
    ] = False,
) -> int:
    """Copy everything from one database into another: SQLite to PostgreSQL, or back.

    Stop the services first; the command looks whether they are gone. All or nothing is copied, then every
    row is read again in its new place and compared. FROM stays as it was. Levels and counters over time are
    not in this database: they stay in DATA_DIR/history.sqlite3 or InfluxDB. A password is better left out of
    the URL and given as PGPASSWORD.

    Example: [bold]printers migrate-database data postgresql://printers@db.example/printers[/bold]
    """
    with _opened(source, must_exist=True) as from_engine, _opened(target, must_exist=False) as to_engine:
        if from_engine.url == to_engine.url:
            raise UserError("FROM and TO are the same database; nothing was copied.")
        try:
            counts = _migrate(from_engine, to_engine, replace=replace)
        except StatementError as error:
            if is_unavailable(error):
                raise
            reason = str(error).splitlines()[0]
            raise UserError(
                f"{shown_url(to_engine.url)} does not take the rows, nothing was copied: {reason}"
            ) from error
        console = make_console()
        console.print(f"{in_words(counts)}: copied, read again and compared.")
        there = plain(shown_url(to_engine.url))
        console.print(f"[dim]Next: DATABASE_URL for {there}, then `printers check`.[/dim]")
    return EXIT_OK


@contextmanager
def _opened(text: str, *, must_exist: bool) -> Iterator[Engine]:
    engine = open_database(_settings(text, must_exist=must_exist))
    try:
        yield engine
    finally:
        engine.dispose()


def _settings(text: str, *, must_exist: bool) -> DatabaseSettings:
    if "://" in text and not text.startswith("sqlite:"):
        return DatabaseSettings(database_url=SecretStr(text))
    path = Path(text.removeprefix("sqlite:///"))
    if path.is_dir() or (not path.exists() and not path.suffix):
        path /= "db.sqlite3"
    if must_exist and not path.is_file():
        raise UserError(f"there is no database {path}: FROM is a URL, an SQLite file, or a DATA_DIR.")
    return DatabaseSettings(database_url=SecretStr(f"sqlite:///{path.resolve().as_posix()}"))


def _migrate(from_engine: Engine, to_engine: Engine, *, replace: bool) -> dict[str, int]:
    with reading(from_engine) as source, writing(to_engine) as target:
        refuse_while_running(source, utc_now())
        refuse_to_mix(target, replace=replace)
        for table in reversed(exported_tables()):
            target.execute(delete(table))
        counts = rows_by_table(source)
        with progress("{task.description}") as bars:
            given = _copy(source, target, bars, counts)
            found = _read_again(target, bars, counts)
        if given != found or counts != rows_by_table(target):
            wrong = sorted(table for table in given | found if given[table] != found[table])
            raise DatabaseError(
                f"{shown_url(to_engine.url)} gives back other rows than it was given "
                f"({', '.join(wrong) or 'their number'}): nothing was copied."
            )
        return counts


def _copy(source: Connection, target: Connection, bars: Progress, counts: Mapping[str, int]) -> Fingerprints:
    given: Fingerprints = Counter()
    for table in exported_tables():
        task = bars.add_task(f"{table.name}: copying", total=counts[table.name])
        for rows in _rows(source, table):
            target.execute(insert(table), rows)
            given[table.name] += sum(map(_fingerprint, rows))
            bars.advance(task, len(rows))
        if target.dialect.name == "postgresql":
            continue_numbers(target, table)
    return given


def _read_again(target: Connection, bars: Progress, counts: Mapping[str, int]) -> Fingerprints:
    found: Fingerprints = Counter()
    for table in exported_tables():
        task = bars.add_task(f"{table.name}: comparing", total=counts[table.name])
        for rows in _rows(target, table):
            found[table.name] += sum(map(_fingerprint, rows))
            bars.advance(task, len(rows))
    return found


def _rows(connection: Connection, table: Table) -> Iterator[Sequence[Row]]:
    for part in connection.execute(in_order(table)).mappings().partitions():
        yield [dict(row) for row in part]


def _fingerprint(row: Row) -> int:
    text = json.dumps(dict(row), sort_keys=True, default=_as_text)
    return int.from_bytes(hashlib.sha256(text.encode()).digest())


def _as_text(value: object) -> str:
    if isinstance(value, datetime):  # PostgreSQL gives times in the zone of its server
        return value.astimezone(UTC).isoformat()
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else str(value)
