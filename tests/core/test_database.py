"""The database: schema under a lock, one way to write, and edits that do not overwrite each other."""

import os
import re
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from pydantic import SecretStr
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

from core.contract.errors import Conflict, DatabaseError
from core.runtime.settings import DatabaseSettings
from core.storage import tables
from core.storage.core_tables import EVENTS
from core.storage.database import open_database, open_existing_database, reading, writing
from core.storage.issues import IssueRow, NewIssue, assign, change_status, comment, issue_row, open_issue
from core.storage.migrations.head import SCHEMA_HEAD
from core.storage.tables import IssueStatus
from tests.paths import ROOT
from tests.postgres import DATABASES, database

pytestmark = pytest.mark.usefixtures("real_migrations")
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.fixture(params=DATABASES)
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DatabaseSettings]:
    with database(request.param, tmp_path, migrated=False) as found:
        yield found


def python(code: str, settings: DatabaseSettings) -> subprocess.Popen[str]:
    url = settings.database_url.get_secret_value() if settings.database_url else ""
    environment = {**os.environ, "DATABASE_URL": url, "DATA_DIR": str(settings.data_dir)}
    return subprocess.Popen(
        [sys.executable, "-c", code],
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def test_the_schema_is_the_one_the_tables_declare(settings: DatabaseSettings) -> None:
    with open_database(settings).connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), SQLModel.metadata) == []


def test_the_head_named_in_the_code_is_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "core/storage/migrations"))
    assert ScriptDirectory.from_config(config).get_current_head() == SCHEMA_HEAD


def test_every_table_names_its_writers() -> None:
    for table in SQLModel.metadata.sorted_tables:
        assert table.info.get("writers"), f"{table.name} does not say who writes it"
    assert tables.Snapshot.__table__.info["writers"] == ("processor",)  # type: ignore[attr-defined]


def test_many_processes_can_open_an_empty_database_at_once(settings: DatabaseSettings) -> None:
    code = "from core.storage.database import *; from core.runtime.settings import *; "
    code += "open_database(load(DatabaseSettings))"
    started = [python(code, settings) for _ in range(3)]
    assert [(process.communicate(timeout=60)[0], process.returncode) for process in started] == [("", 0)] * 3


COUNT = """
from sqlalchemy import column, select, table, text
from core.storage.database import open_database, writing
from core.runtime.settings import DatabaseSettings, load
engine = open_database(load(DatabaseSettings))
count = select(column("n")).select_from(table("counted")).with_for_update()  # FOR UPDATE is PostgreSQL's part
for _ in range(150):
    with writing(engine) as connection:
        seen = connection.execute(count).scalar_one()
        connection.execute(text("UPDATE counted SET n = :n"), {"n": seen + 1})
"""


def test_two_processes_that_read_and_then_write_lose_no_increment(settings: DatabaseSettings) -> None:
    engine = open_database(settings)
    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE counted (n INTEGER NOT NULL)"))
        connection.execute(text("INSERT INTO counted VALUES (0)"))
    started = [python(COUNT, settings) for _ in range(2)]
    assert [(process.communicate(timeout=120)[0], process.returncode) for process in started] == [("", 0)] * 2
    with reading(engine) as connection:
        assert connection.execute(text("SELECT n FROM counted")).scalar_one() == 300


def test_a_reader_does_not_wait_for_a_writer(settings: DatabaseSettings) -> None:
    engine = open_database(settings)
    with writing(engine) as writer:
        open_issue(writer, NewIssue("lib-1", "Streaks"), actor="ann", now=NOW)
        with reading(engine) as reader:
            assert issue_row(reader, 1) is None


def test_a_reader_sees_one_moment_and_the_next_one_sees_what_was_written(settings: DatabaseSettings) -> None:
    engine = open_database(settings)
    with reading(engine) as reader:
        assert issue_row(reader, 1) is None
        with writing(engine) as writer:
            open_issue(writer, NewIssue("lib-1", "Streaks"), actor="ann", now=NOW)
        assert issue_row(reader, 1) is None
    with reading(engine) as reader:
        assert issue_row(reader, 1) is not None


@pytest.mark.processes
def test_on_postgresql_nothing_is_written_by_a_reader_and_the_next_writer_can(tmp_path: Path) -> None:
    with database("postgresql", tmp_path, migrated=False) as settings:
        engine = open_database(settings)
        with pytest.raises(DBAPIError, match="read-only"), reading(engine) as connection:
            open_issue(connection, NewIssue("lib-1", "Streaks"), actor="ann", now=NOW)
        with writing(engine) as connection:  # by the same connection, out of the pool
            open_issue(connection, NewIssue("lib-1", "Streaks"), actor="ann", now=NOW)
            assert connection.execute(text("SHOW transaction_isolation")).scalar() == "read committed"
        engine.dispose()


def test_a_failed_transaction_leaves_nothing(settings: DatabaseSettings) -> None:
    engine = open_database(settings)
    with pytest.raises(RuntimeError), writing(engine) as connection:
        open_issue(connection, NewIssue("lib-1", "Streaks"), actor="ann", now=NOW)
        raise RuntimeError
    with reading(engine) as connection:
        assert issue_row(connection, 1) is None


@pytest.mark.skipif(os.name != "posix", reason="POSIX permissions")
def test_what_sqlite_stores_is_its_owners_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    engine = open_database(DatabaseSettings(data_dir=folder))
    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE more (n INTEGER)"))
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.iterdir())}
    engine.dispose()
    assert modes == {
        "data": 0o700,
        **dict.fromkeys(("db.sqlite3", "db.sqlite3-wal", "db.sqlite3-shm"), 0o600),
    }


def test_a_newer_schema_is_refused_in_one_sentence(settings: DatabaseSettings) -> None:
    with writing(open_database(settings)) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseError, match=r"schema 9999.*install the newer program"):
        open_database(settings)


def test_an_unusable_url_is_one_sentence_without_the_password() -> None:
    for url in (
        "nonsense",
        "mysql://u:hush@h/x",
        "postgresql://u:hush@127.0.0.1:1/x",
        "postgresql://u@127.0.0.1:1/x?password=hush",
    ):
        with pytest.raises(DatabaseError) as caught:
            open_database(DatabaseSettings(database_url=SecretStr(url)))
        assert "hush" not in str(caught.value)
        assert "\n" not in str(caught.value)


def test_an_issue_lives_from_opened_to_reopened_with_every_step_on_its_timeline(
    settings: DatabaseSettings,
) -> None:
    engine = open_database(settings)
    with writing(engine) as connection:
        number = open_issue(connection, NewIssue("lib-1", "Streaks", reporter="Ann"), actor="ann", now=NOW)
    steps: tuple[Callable[[Connection, IssueRow], object], ...] = (
        lambda c, row: assign(c, row, "bob", actor="cleo", now=NOW),
        lambda c, row: comment(c, row.id, "Drum ordered.", actor="bob", now=NOW),
        lambda c, row: change_status(c, row, IssueStatus.RESOLVED, actor="bob", now=NOW),
        lambda c, row: change_status(c, row, IssueStatus.OPEN, actor="ann", now=NOW),
    )
    for step in steps:
        with writing(engine) as connection:
            row = issue_row(connection, number)
            assert row is not None
            step(connection, row)
    with reading(engine) as connection:
        row = issue_row(connection, number)
        changes = connection.execute(EVENTS.select().order_by(EVENTS.c.id)).mappings().all()
    assert row is not None
    assert (row.status, row.assignee, row.resolved_at) == ("open", "bob", None)
    assert [event["change"] for event in changes] == [
        "opened",
        "assigned",
        "commented",
        "resolved",
        "reopened",
    ]
    assert all(event["owed"] for event in changes)


def test_the_second_of_two_editors_is_told_and_nothing_is_overwritten(settings: DatabaseSettings) -> None:
    engine = open_database(settings)
    with writing(engine) as connection:
        number = open_issue(connection, NewIssue("lib-1", "Streaks"), actor="ann", now=NOW)
        seen = issue_row(connection, number)
        assert seen is not None
        assign(connection, seen, "bob", actor="cleo", now=NOW)
    with pytest.raises(Conflict, match="changed by somebody else"), writing(engine) as connection:
        assign(connection, seen, "dan", actor="eve", now=NOW)
    with reading(engine) as connection:
        row = issue_row(connection, number)
    assert row is not None
    assert row.assignee == "bob"


def test_a_file_that_is_no_database_is_named_with_its_whole_path(tmp_path: Path) -> None:
    path = tmp_path / "db.sqlite3"
    path.write_text("no database, but long enough to be looked at" * 50)
    named = re.escape(f"the database {path} cannot be opened: file is not")
    with pytest.raises(DatabaseError, match=f"^{named}"):
        open_database(DatabaseSettings(data_dir=tmp_path))


@pytest.mark.skipif(os.name != "posix", reason="elsewhere a name that is too long is that of no file")
def test_a_folder_that_cannot_be_looked_into_is_one_sentence(tmp_path: Path) -> None:
    """As another user's; who runs tests as root may enter all, but no name is that long."""
    with pytest.raises(
        DatabaseError, match=r"db.sqlite3 cannot be opened: File name too long. May you enter its"
    ):
        open_existing_database(DatabaseSettings(data_dir=tmp_path / ("x" * 300)))


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "full"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("a file system of its own takes root")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.processes
@pytest.mark.skipif(sys.platform != "linux", reason="tmpfs is Linux's")
def test_a_database_on_a_full_disk_says_so(full_disk: Path) -> None:
    settings = DatabaseSettings(data_dir=full_disk)
    open_database(settings).dispose()
    with suppress(OSError), (full_disk / "fill").open("wb") as fill:
        for _ in range(1000):
            fill.write(bytes(4096))
            fill.flush()
    with pytest.raises(DatabaseError, match=r"cannot be opened: .* \(no space is left on its disk\)$"):
        open_database(settings)
