"""`backup` and `restore` on PostgreSQL, by its own programs: all or nothing, and no password is shown."""

import json
import os
import shutil
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, inspect, text

from console.backup.manifest import checksum
from core.runtime.settings import DatabaseSettings
from core.storage.database import open_database, reading, writing
from tests.console.cli import printers
from tests.console.small_fleet import fill
from tests.postgres import fresh_postgres

pytestmark = [
    pytest.mark.skipif(not shutil.which("pg_dump"), reason="pg_dump is not installed"),
    pytest.mark.skipif(os.name != "posix", reason="programs in place of pg_dump are shell scripts"),
]

LONG_AGO = datetime.now(UTC) - timedelta(hours=1)
PASSWORD = "pass@word"


def engine_of(url: str) -> Engine:
    return open_database(DatabaseSettings(database_url=SecretStr(url)))


@pytest.fixture
def url(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A PostgreSQL database with a small fleet, which commands use; keys in DATA_DIR."""
    with fresh_postgres() as bare:
        url = bare.replace("//postgres@", "//postgres:pass%40word@")
        monkeypatch.setenv("DATABASE_URL", url)
        engine = engine_of(url)
        fill(engine, LONG_AGO)
        engine.dispose()
        Path("data").mkdir()
        Path("data/secret_key").write_text("key")
        yield url


def program(name: str, script: str) -> dict[str, str]:
    """An environment in which a program of that name is this shell script."""
    folder = Path("programs")
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)
    return {"PATH": f"{folder.absolute()}{os.pathsep}{os.environ['PATH']}"}


def watched(name: str) -> dict[str, str]:
    """The real program, whose arguments and password are written down."""
    return program(
        name,
        f'echo "$@" >> said-arguments; echo "$PGPASSWORD" > said-password; exec {shutil.which(name)} "$@"',
    )


def test_a_database_comes_back_as_it_was_and_goes_on(url: str) -> None:
    before = printers("export", "--all").output.split("\n")
    said = printers("backup", "saved")
    assert said.exit_code == 0, said.output
    assert "Saved 2 files" in said.output
    manifest = json.loads(Path("saved/manifest.json").read_text())
    assert (manifest["database"], sorted(manifest["files"])) == ("postgresql", ["db.dump", "secret_key"])
    assert (Path("saved/db.dump").stat().st_mode & 0o777) == 0o600
    printers("add", "10.9.9.9")
    Path("data/secret_key").write_text("other")

    said = printers("restore", "saved")
    assert said.exit_code == 0, said.output
    assert "Restored the database postgresql://postgres:***@" in said.output
    after = printers("export", "--all").output.split("\n")
    assert [line for line in after if "exported_at" not in line] == [
        line for line in before if "exported_at" not in line
    ]
    assert Path("data/secret_key").read_text() == "key"
    assert printers("users", "add", "ada", "--role", "admin").exit_code == 0, "numbers of rows go on"
    engine = engine_of(url)
    (aside,) = [name for name in inspect(engine).get_schema_names() if name.startswith("before_restore_")]
    with reading(engine) as connection:
        connection.execute(text("SELECT set_config('search_path', :aside, true)"), {"aside": aside})
        hosts = connection.execute(text("SELECT host FROM printers")).scalars().all()
    assert "10.9.9.9" in hosts
    assert f"DROP SCHEMA {aside} CASCADE" in said.output


def test_a_database_comes_back_on_a_new_server(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = printers("export").output
    Path(".env").write_text(f"DATABASE_URL={url}\n")
    assert printers("backup", "saved", "--with-settings").exit_code == 0
    with fresh_postgres() as other:
        monkeypatch.setenv("DATABASE_URL", other)
        said = printers("restore", "saved")
        assert said.exit_code == 0, said.output
        assert "before_restore_" not in said.output
        assert printers("export").output == before
        assert url not in said.output


def test_the_password_is_in_no_argument(url: str) -> None:
    said = [
        printers("backup", "saved", env=watched("pg_dump")),
        printers("restore", "saved", env=watched("pg_restore")),
    ]
    assert [result.exit_code for result in said] == [0, 0], said[1].output
    assert Path("said-password").read_text() == f"{PASSWORD}\n"
    arguments = Path("said-arguments").read_text()
    assert "--dbname=" in arguments
    for shown in (arguments, said[0].output, said[1].output):
        assert PASSWORD not in shown
        assert "pass%40word" not in shown


def test_a_password_among_the_parameters_is_no_argument_either(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = f"{url.replace(':pass%40word', '')}?password=pass%40word&application_name=it%27s"
    monkeypatch.setenv("DATABASE_URL", other)
    said = printers("backup", "saved", env=watched("pg_dump"))
    assert said.exit_code == 0, said.output
    restored = printers("restore", "saved")
    assert restored.exit_code == 0
    assert Path("said-password").read_text() == f"{PASSWORD}\n"
    for shown in (Path("said-arguments").read_text(), said.output, restored.output):
        assert PASSWORD not in shown
        assert "pass%40word" not in shown
    monkeypatch.setenv("DATABASE_URL", f"{url}?sslpassword=hush")
    refused = printers("backup", "again")
    assert (refused.exit_code, "has an sslpassword" in refused.output) == (2, True)
    assert "hush" not in refused.output


def test_tables_of_others_in_the_same_database_stay_as_they_are(url: str) -> None:
    engine = engine_of(url)
    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE elsewhere (n INTEGER)"))
        connection.execute(text("INSERT INTO elsewhere VALUES (1)"))
    assert printers("backup", "saved").exit_code == 0
    with writing(engine) as connection:
        connection.execute(text("INSERT INTO elsewhere VALUES (2)"))
    assert printers("restore", "saved").exit_code == 0
    with reading(engine) as connection:
        assert connection.execute(text("SELECT n FROM elsewhere ORDER BY n")).scalars().all() == [1, 2]


def test_a_newer_schema_gives_way_to_the_backup_of_an_older_program(url: str) -> None:
    assert printers("backup", "saved").exit_code == 0
    engine = engine_of(url)
    with writing(engine) as connection:
        connection.execute(text("ALTER TABLE users ADD COLUMN favorite TEXT"))
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    assert printers("export").exit_code == 2
    said = printers("restore", "saved")
    assert said.exit_code == 0, said.output
    assert printers("export").exit_code == 0


def test_what_cannot_be_put_back_leaves_everything_as_it_was(url: str) -> None:
    assert printers("backup", "saved").exit_code == 0
    printers("add", "10.9.9.9")
    before = printers("export").output
    Path("data/secret_key").write_text("other")
    engine = engine_of(url)
    with writing(engine) as connection:  # a table that is not among ours: it would be in the way
        connection.execute(text("CREATE SCHEMA elsewhere"))
        connection.execute(text("ALTER TABLE triage SET SCHEMA elsewhere"))
        connection.execute(text("CREATE VIEW triage AS SELECT 1 AS n"))
    said = printers("restore", "saved")
    assert said.exit_code == 2
    assert "pg_restore fails at the database postgresql://postgres:***@" in said.output
    assert "Traceback" not in said.output
    assert printers("export").output == before
    assert not [name for name in inspect(engine).get_schema_names() if name.startswith("before_restore_")]
    assert Path("data/secret_key").read_text() == "other"


def test_a_dump_that_cannot_be_read_changes_nothing(url: str) -> None:
    assert printers("backup", "saved").exit_code == 0
    before = printers("export").output
    Path("saved/db.dump").write_bytes(b"no dump at all" * 100)
    assert "not as it was saved" in printers("restore", "saved").output
    manifest = json.loads(Path("saved/manifest.json").read_text())
    manifest["files"]["db.dump"] = checksum(Path("saved/db.dump"))
    Path("saved/manifest.json").write_text(json.dumps(manifest))
    said = printers("restore", "saved")
    assert (said.exit_code, "does not appear to be a valid archive" in said.output) == (2, True)
    assert printers("export").output == before
    assert url


def test_nothing_is_restored_while_services_work_with_the_database(url: str) -> None:
    assert printers("backup", "saved").exit_code == 0
    with writing(engine_of(url)) as connection:
        connection.execute(text("UPDATE services SET seen_at = :now"), {"now": datetime.now(UTC)})
    said = printers("restore", "saved")
    assert (said.exit_code, "services work with this database" in said.output) == (2, True)


@pytest.mark.parametrize(
    ("name", "complaint", "word"),
    [
        (
            "pg_dump",
            "pg_dump: error: aborting because of server version mismatch\n"
            "pg_dump: detail: server version: 17.1; pg_dump version: 15.18",
            "pg_dump is older than the database server (server version: 17.1; pg_dump version: 15.18)",
        ),
        (
            "pg_restore",
            "pg_restore: error: unsupported version (1.16) in file header",
            "pg_restore is older than the one that made the backup",
        ),
    ],
)
def test_a_program_that_is_too_old_is_one_sentence(url: str, name: str, complaint: str, word: str) -> None:
    assert printers("backup", "earlier").exit_code == 0
    arguments = ("backup", "saved") if name == "pg_dump" else ("restore", "earlier")
    said = printers(*arguments, env=program(name, f"echo '{complaint}' >&2; exit 1"))
    assert said.exit_code == 2
    assert said.output.startswith(f"error: {word}: install a newer PostgreSQL's client programs")
    assert said.output.count("\n") == 1
    assert not Path("saved").exists()
    assert not Path("saved.partial").exists()
    assert url


def test_without_the_program_nothing_is_called_saved(url: str) -> None:
    nowhere = {"PATH": ""}
    said = printers("backup", "saved", env=nowhere)
    assert said.exit_code == 2
    assert said.output.startswith(
        "error: pg_dump is not installed here: the database postgresql://postgres:***@"
    )
    assert "Debian: postgresql-client" in said.output
    assert "--without-database" in said.output
    assert not Path("saved").exists()

    said = printers("backup", "saved", "--without-database", env=nowhere)
    assert said.exit_code == 0, said.output
    assert "Saved 1 file " in said.output
    assert "is not in it" in said.output
    said = printers("restore", "saved", env=nowhere)
    assert said.exit_code == 0, said.output
    assert "is not in it" in said.output
    Path("data/secret_key").unlink()
    said = printers("backup", "nothing", "--without-database", env=nowhere)
    assert (said.exit_code, "there is nothing to save" in said.output) == (2, True)
    assert not Path("nothing").exists()

    assert printers("backup", "whole").exit_code == 0
    said = printers("restore", "whole", env=nowhere)
    assert said.exit_code == 2
    assert said.output.startswith("error: pg_restore is not installed here")
    assert url


def test_an_empty_database_is_not_called_saved(monkeypatch: pytest.MonkeyPatch) -> None:
    with fresh_postgres() as url:
        monkeypatch.setenv("DATABASE_URL", url)
        said = printers("backup", "saved")
        assert (said.exit_code, "is empty: no service has used it" in said.output) == (2, True)
        assert not Path("saved").exists()


def test_a_backup_of_another_kind_of_database_is_refused(url: str) -> None:
    assert printers("backup", "of-postgresql").exit_code == 0
    sqlite = {"DATABASE_URL": "", "DATA_DIR": "sqlite"}
    printers("add", "10.0.0.1", env=sqlite)
    assert printers("backup", "of-sqlite", env=sqlite).exit_code == 0
    assert "holds a SQLite database" in printers("restore", "of-sqlite").output
    assert "belongs to a PostgreSQL database" in printers("restore", "of-postgresql", env=sqlite).output
    assert url


def test_a_user_that_may_make_no_schema_is_told_what_is_missing(url: str) -> None:
    name = f"r_{uuid.uuid4().hex}"
    database = url.rpartition("/")[2]
    with writing(engine_of(url)) as connection:
        connection.execute(text(f"CREATE ROLE {name} LOGIN"))
        connection.execute(text(f"GRANT ALL ON SCHEMA public TO {name}"))
    limited = {"DATABASE_URL": url.replace("//postgres:pass%40word@", f"//{name}@")}
    assert printers("backup", "saved").exit_code == 0
    with writing(engine_of(url)) as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text(f"CREATE SCHEMA public AUTHORIZATION {name}"))
    assert printers("restore", "saved", env=limited).exit_code == 0, "into an empty database"
    before = printers("export", env=limited).output
    said = printers("restore", "saved", env=limited)
    assert said.exit_code == 2
    assert said.output.startswith(
        "error: the tables that are there cannot be set aside (permission denied for"
    )
    assert "GRANT CREATE ON DATABASE" in said.output
    assert printers("export", env=limited).output == before
    with writing(engine_of(url)) as connection:
        connection.execute(text(f"GRANT CREATE ON DATABASE {database} TO {name}"))
    assert printers("restore", "saved", env=limited).exit_code == 0
    with writing(engine_of(url)) as connection:
        connection.execute(text(f"DROP OWNED BY {name} CASCADE"))
        connection.execute(text(f"DROP ROLE {name}"))
