"""Statements of the batch: they write and read what SQLAlchemy's own would."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import BigInteger, Boolean, Column, Engine, MetaData, String, Table, insert, select
from sqlalchemy.dialects import sqlite
from sqlmodel.sql.sqltypes import UTCDateTime

from core.storage.database import open_database, writing
from processor.batch.prepared import PreparedQuery, PreparedStatement
from processor.tables import JsonText
from tests.postgres import DATABASES, database

ROWS = Table(
    "prepared_rows",
    MetaData(),
    Column("name", String, primary_key=True),
    Column("at", UTCDateTime, nullable=True),
    Column("number", BigInteger),
    Column("plain", Boolean),
    Column("said", JsonText),
)
NAMES = ("lib-1", "it's", '"quoted"', "a,b", "{x}", "\\", "naïve", "")
FIRST, LAST = datetime(1, 1, 3), datetime(9999, 12, 29)  # noqa: DTZ001 (as Hypothesis wants them)
TIMES = st.none() | st.datetimes(FIRST, LAST, timezones=st.timezones())


class Made(NamedTuple):
    name: str
    at: datetime | None
    number: int
    plain: bool
    said: str


WRITE = PreparedStatement(lambda _dialect: insert(ROWS), Made._fields)
READ = PreparedQuery(select(ROWS).order_by(ROWS.c.number), ROWS.c.name, Made)


@pytest.fixture(params=DATABASES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with database(request.param, tmp_path) as settings:
        opened = open_database(settings)
        ROWS.metadata.create_all(opened)
        yield opened
        opened.dispose()


def test_rows_are_read_as_they_were_written_and_no_others(engine: Engine) -> None:
    now = datetime.now(UTC)
    rows = [
        Made(name, None if at % 2 else now, at * 10**10, at % 3 == 0, '{"a": 1}')
        for at, name in enumerate(NAMES)
    ]
    with writing(engine) as connection:
        WRITE.run(connection, [row._asdict() for row in rows])
        WRITE.run(connection, [])
    with engine.connect() as connection:
        assert READ.rows(connection, NAMES) == rows
        assert READ.rows(connection, ["nobody", *NAMES[1:3]]) == rows[1:3]
        assert READ.rows(connection, []) == []
        assert [Made(*row) for row in connection.execute(select(ROWS).order_by(ROWS.c.number))] == rows


def test_a_row_that_lacks_a_name_is_not_written(engine: Engine) -> None:
    with pytest.raises(KeyError, match="said"), writing(engine) as connection:
        WRITE.run(connection, [{"name": "lib-1", "at": None, "number": 1, "plain": True}])


@given(TIMES)
def test_times_go_into_sqlite_as_sqlalchemy_writes_them(time: datetime | None) -> None:
    dialect = sqlite.dialect()
    theirs = UTCDateTime().dialect_impl(dialect).bind_processor(dialect)
    ours = dict(WRITE._compiled(dialect)[2])[Made._fields.index("at")]
    assert theirs is not None
    assert ours(time) == theirs(time)


def test_a_time_without_a_zone_is_refused_as_sqlalchemy_does() -> None:
    ours = dict(WRITE._compiled(sqlite.dialect())[2])[Made._fields.index("at")]
    with pytest.raises(ValueError, match="no time zone"):
        ours(datetime(2026, 1, 1))  # noqa: DTZ001
