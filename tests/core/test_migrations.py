"""The databases of earlier programs: what is in every table of theirs is in the newest schema, too."""

import re
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, create_engine, func, inspect, select, text
from sqlmodel import Session, SQLModel

from core.contract.errors import DatabaseError
from core.contract.messages import PrinterState
from core.runtime.settings import DatabaseSettings
from core.storage.core_tables import DOCUMENTS, MOVES
from core.storage.database import open_database, reading
from core.storage.migrations.head import SCHEMA_HEAD
from tests.paths import ROOT
from tests.postgres import DATABASES, database

pytestmark = pytest.mark.usefixtures("real_migrations")
DUMPS: Final = sorted(Path(__file__).parent.glob("database_*.sql"))


def put_on_sqlite(dump: str, settings: DatabaseSettings) -> None:
    with sqlite3.connect(settings.data_dir / "db.sqlite3") as connection:
        connection.executescript(dump)
    connection.close()


def put_on_postgresql(dump: str, schema: str, settings: DatabaseSettings) -> None:
    """The rows of the dump, in the schema that the migrations make on PostgreSQL."""
    engine = create_engine(settings.url)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(ROOT / "core/storage/migrations"))
        config.attributes["connection"] = connection
        command.upgrade(config, schema)
        connection.execute(text("DELETE FROM alembic_version"))  # the dump has its own
    engine.dispose()
    inserts = "INSERT INTO" + dump.partition("INSERT INTO")[2]
    inserts = re.sub(r"\bX'([0-9a-f]*)'", r"'\\x\1'", inserts)
    with psycopg.connect(settings.url.replace("+psycopg", "")) as connection:
        connection.execute(b"SET TIME ZONE 'UTC'")
        connection.execute(inserts.encode())


def rows_by_table(connection: Connection) -> dict[str, list[Mapping[str, Any]]]:
    """Everything in the database, as its driver gives it."""
    tables = set(inspect(connection).get_table_names()) - {"alembic_version"}
    everything = {table: f'SELECT * FROM "{table}"' for table in sorted(tables)}  # noqa: S608 (its own tables)
    return {
        table: [dict(row) for row in connection.exec_driver_sql(query).mappings()]
        for table, query in everything.items()
    }


@pytest.fixture(params=DATABASES)
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DatabaseSettings]:
    with database(request.param, tmp_path, migrated=False) as found:
        yield found


def earlier_database(dump: Path, settings: DatabaseSettings) -> dict[str, list[Mapping[str, Any]]]:
    """Put the dump into the empty database; return what is in it then."""
    sql = dump.read_text(encoding="utf-8")
    if settings.database_url is None:
        put_on_sqlite(sql, settings)
    else:
        put_on_postgresql(sql, dump.stem.removeprefix("database_"), settings)
    engine = create_engine(settings.url)
    with engine.connect() as connection:
        found = rows_by_table(connection)
    engine.dispose()
    return found


def meant(table: str, row: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a row of an earlier schema has become where a migration changes it on purpose."""
    if table == "services":
        return {**row, "site": row["site"] or ""}  # since 0004 a part of the key, so never NULL
    if table == "snapshots":  # since 0009 its documents are in a table of their own
        return {name: value for name, value in row.items() if name not in ("payload", "memory")}
    if table == "users":  # since 0021 a choice of three
        kept = {name: value for name, value in row.items() if name != "receives_summary"}
        return {**kept, "summary": "always" if row["receives_summary"] else ""}
    return row


@pytest.mark.parametrize("dump", DUMPS, ids=lambda path: path.stem)
def test_an_earlier_database_with_rows_in_every_table_loses_nothing(
    dump: Path, settings: DatabaseSettings
) -> None:
    before = earlier_database(dump, settings)
    assert [table for table, rows in before.items() if not rows] == []
    engine = open_database(settings)
    with reading(engine) as connection:
        after = rows_by_table(connection)
        assert compare_metadata(MigrationContext.configure(connection), SQLModel.metadata) == []
        if connection.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
    for table, rows in before.items():
        key = [column.name for column in SQLModel.metadata.tables[table].primary_key]
        for row in rows:
            expected = meant(table, row)
            (now,) = (each for each in after[table] if all(each[name] == expected[name] for name in key))
            assert {name: now.get(name, "no such column") for name in expected} == expected, table
    of_document = ("printer_id", "memory", "payload")
    moved = [{name: row[name] for name in of_document} for row in before["snapshots"]]
    assert after["state_documents"] == moved
    can_be_read_by_the_models(engine)
    engine.dispose()


def can_be_read_by_the_models(engine: Engine) -> None:
    with Session(engine) as session:
        for mapper in SQLModel._sa_registry.mappers:
            counted = session.scalar(select(func.count()).select_from(mapper.local_table))
            assert len(session.scalars(select(mapper.class_)).all()) == counted
    with reading(engine) as connection:
        states = connection.execute(select(DOCUMENTS.c.printer_id, DOCUMENTS.c.payload)).all()
    assert [PrinterState.model_validate(payload).printer_id for _, payload in states] == [
        printer_id for printer_id, _ in states
    ]


def test_moves_that_only_the_audit_knew_are_found(settings: DatabaseSettings) -> None:
    earlier_database(DUMPS[0], settings)
    with reading(open_database(settings)) as connection:
        moves = connection.execute(select(MOVES.c.printer_id, MOVES.c.site)).all()
    assert [tuple(move) for move in moves] == [("library-1", "depot")]


def test_a_database_from_before_the_first_release_is_refused_in_one_sentence(
    settings: DatabaseSettings,
) -> None:
    engine = open_database(settings)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    engine.dispose()
    with pytest.raises(
        DatabaseError, match=r"^the database has schema 0001, which no release .*\.$"
    ) as caught:
        open_database(settings)
    assert SCHEMA_HEAD in str(caught.value)
    assert "\n" not in str(caught.value)
