"""The newest schema: made by the migrations once in each test process, copied into new SQLite databases."""

import functools
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection

from core.runtime.settings import DatabaseSettings
from core.storage import database

Migrate = Callable[[Connection, str | None], None]


@contextmanager
def copied() -> Iterator[Migrate]:
    """Fill empty SQLite databases of this process by copying; gives what migrates step by step instead."""
    migrate = database._migrate  # there is no other door to it

    def fill(connection: Connection, current: str | None) -> None:
        if current is not None or connection.dialect.name != "sqlite":
            migrate(connection, current)
            return
        for statement in _statements(migrate):
            connection.exec_driver_sql(statement)

    database._migrate = fill
    try:
        yield migrate
    finally:
        database._migrate = migrate


@functools.cache
def _statements(migrate: Migrate) -> tuple[str, ...]:
    """The SQL of a database that the migrations have just made."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "db.sqlite3"
        engine = database._engine(DatabaseSettings(data_dir=file.parent, database_url=None).url)
        with database.writing(engine) as connection:
            migrate(connection, None)
        engine.dispose()
        made = sqlite3.connect(file)
        try:
            return tuple(line for line in made.iterdump() if line not in {"BEGIN TRANSACTION;", "COMMIT;"})
        finally:
            made.close()
