"""`backup` while everything writes, `restore` into an idle folder; nothing is overwritten or lost."""

import json
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from console.lock import DataDirLock
from core.runtime.settings import DatabaseSettings
from core.storage.database import open_database, writing
from tests.console.cli import printers
from tests.console.small_fleet import fill
from tests.house.documents import command_of
from tests.patience import PATIENCE_SECONDS
from tests.postgres import fresh_postgres

LONG_AGO = datetime.now(UTC) - timedelta(hours=1)

_WRITER = """
import sys, sqlite3
base = sqlite3.connect(sys.argv[1], timeout=30, isolation_level=None)
print("writing", flush=True)
number = 0
while True:
    number += 1
    base.execute("BEGIN IMMEDIATE")
    base.execute("INSERT INTO pairs VALUES (?)", (number,))
    base.execute("INSERT INTO twins VALUES (?)", (number,))
    base.execute("COMMIT")
"""


@pytest.fixture
def data() -> Path:
    """A DATA_DIR as `up` leaves it behind."""
    engine = open_database(DatabaseSettings())
    fill(engine, LONG_AGO)
    engine.dispose()
    data = Path("data")
    with closing(sqlite3.connect(data / "history.sqlite3")) as history:
        history.execute("CREATE TABLE points (at INTEGER)")
        history.execute("INSERT INTO points VALUES (1)")
        history.commit()
    (data / "secret_key").write_text("key")
    (data / "broker").mkdir()
    (data / "broker" / "credentials.json").write_text('{"passwords": {}}')
    return data


@contextmanager
def somebody_writing(file: Path) -> Iterator[None]:
    """A process that writes pairs of rows as fast as it can."""
    with closing(sqlite3.connect(file)) as base:
        base.execute("PRAGMA journal_mode=WAL")
        base.executescript("CREATE TABLE pairs (n INTEGER); CREATE TABLE twins (n INTEGER);")
    process = subprocess.Popen([sys.executable, "-c", _WRITER, str(file)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        process.stdout.readline()
        yield
    finally:
        process.kill()
        process.communicate()


def test_a_backup_comes_back_as_it_was(data: Path) -> None:
    before = printers("export").output
    said = printers("backup", "saved")
    assert said.exit_code == 0, said.output
    assert "Saved 4 files" in said.output
    printers("add", "10.9.9.9")
    (data / "secret_key").write_text("other")
    said = printers("restore", "saved")
    assert said.exit_code == 0, said.output
    assert printers("export").output == before
    assert (data / "secret_key").read_text() == "key"
    with closing(sqlite3.connect(data / "history.sqlite3")) as history:
        assert history.execute("SELECT * FROM points").fetchall() == [(1,)]
    (aside,) = data.glob("before-restore-*")
    assert (aside / "secret_key").read_text() == "other"
    assert (aside / "db.sqlite3").exists()


def test_a_backup_comes_back_on_a_new_machine(data: Path) -> None:
    before = printers("export").output
    printers("backup", "saved")
    assert printers("restore", "saved", env={"DATA_DIR": "elsewhere"}).exit_code == 0
    assert printers("export", env={"DATA_DIR": "elsewhere"}).output == before
    assert (data / "db.sqlite3").exists()


def test_copies_are_consistent_while_others_write(data: Path) -> None:
    with somebody_writing(data / "db.sqlite3"):
        for number in range(3):
            said = printers("backup", f"saved-{number}")
            assert said.exit_code == 0, said.output
    for number in range(3):
        with closing(sqlite3.connect(f"saved-{number}/db.sqlite3")) as copy:
            pairs = copy.execute("SELECT count(*) FROM pairs").fetchone()
            assert pairs == copy.execute("SELECT count(*) FROM twins").fetchone()
            assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
def test_a_backup_is_for_its_owner_alone(data: Path) -> None:
    printers("backup", "saved")
    assert stat.S_IMODE(Path("saved").stat().st_mode) == 0o700
    assert stat.S_IMODE(Path("saved/db.sqlite3").stat().st_mode) == 0o600
    printers("restore", "saved")
    assert stat.S_IMODE((data / "secret_key").stat().st_mode) == 0o600


def test_a_folder_with_something_in_it_is_never_overwritten(data: Path) -> None:
    assert data.exists()
    Path("saved").mkdir()
    assert printers("backup", "saved").exit_code == 0, "an empty folder will do"
    before = {path: path.read_bytes() for path in Path("saved").rglob("*") if path.is_file()}
    said = printers("backup", "saved")
    assert said.exit_code == 2
    assert "is there already and not empty" in said.output
    assert {path: path.read_bytes() for path in Path("saved").rglob("*") if path.is_file()} == before
    assert not Path("saved.partial").exists()


def test_without_a_database_there_is_nothing_to_save() -> None:
    said = printers("backup", "saved")
    assert said.exit_code == 2
    assert "there is no database" in said.output
    assert not Path("saved").exists()


def test_a_file_that_stays_locked_is_not_waited_for_for_ever(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.backup.save._PATIENCE_SECONDS", 0.2)
    with closing(sqlite3.connect(data / "history.sqlite3")) as history:
        history.execute("BEGIN EXCLUSIVE")
        said = printers("backup", "saved")
    assert said.exit_code == 2
    assert "kept locked by another program" in said.output
    assert not Path("saved").exists()


def test_nothing_is_restored_while_up_runs(data: Path) -> None:
    printers("backup", "saved")
    with DataDirLock(data, "printers up"):
        taken: list[str] = []
        # Another thread has another open file, as another process would.
        thread = threading.Thread(target=lambda: taken.append(printers("restore", "saved").output))
        thread.start()
        thread.join()
    assert "printers up (process" in taken[0]


def test_nothing_is_restored_while_services_send_heartbeats(data: Path) -> None:
    printers("backup", "saved")
    engine = open_database(DatabaseSettings())
    with writing(engine) as connection:
        connection.execute(text("UPDATE services SET seen_at = :now"), {"now": datetime.now(UTC)})
    engine.dispose()
    said = printers("restore", "saved")
    assert said.exit_code == 2
    assert "services work with this database" in said.output
    assert not list(data.glob("before-restore-*"))


def spoil(folder: Path, how: str) -> None:
    """Make a backup one that must not be restored."""
    manifest = folder / "manifest.json"
    content = json.loads(manifest.read_text())
    changes = {
        "a newer schema": {"schema": "9999"},
        "another format": {"format_version": 99},
        "a file outside": {"files": {"../../evil": ""}},
        "an unknown field": {"colour": "red"},
    }
    if how == "a flipped bit":
        database = folder / "db.sqlite3"
        octets = bytearray(database.read_bytes())
        octets[-1] ^= 1
        database.write_bytes(octets)
    elif how == "a lost file":
        (folder / "history.sqlite3").unlink()
    elif how == "no manifest":
        manifest.unlink()
    else:
        manifest.write_text(json.dumps(content | changes[how]))


@pytest.mark.parametrize(
    "how",
    [
        "a flipped bit",
        "a lost file",
        "no manifest",
        "a newer schema",
        "another format",
        "a file outside",
        "an unknown field",
    ],
)
def test_a_spoiled_backup_changes_nothing(data: Path, how: str) -> None:
    printers("backup", "saved")
    spoil(Path("saved"), how)
    before = (data / "db.sqlite3").read_bytes()
    said = printers("restore", "saved")
    assert said.exit_code == 2, said.output
    assert said.output.startswith("error: ")
    assert (data / "db.sqlite3").read_bytes() == before


def test_a_broken_database_can_be_replaced(data: Path) -> None:
    before = printers("export").output
    printers("backup", "saved")
    for suffix in ("-wal", "-shm"):
        Path(f"{data}/db.sqlite3{suffix}").unlink(missing_ok=True)
    (data / "db.sqlite3").write_bytes(b"this was a database once" * 200)
    assert printers("restore", "saved").exit_code == 0
    assert printers("export").output == before


@pytest.mark.skipif(os.name != "posix" or not shutil.which("pg_dump"), reason="pg_dump is not installed")
def test_a_dump_as_documented_comes_back(tmp_path: Path) -> None:
    """The lines for the container, in which `printers` is user and database, at a server of ours."""
    dump, put_back = (
        command_of("docs/operations.md", f"docker compose exec -T postgres {program} ").split(" postgres ")[1]
        for program in ("pg_dump", "pg_restore")
    )

    def run(line: str, url: str) -> None:
        server, _, name = url.rpartition("/")
        line = line.replace("-U printers", "-U postgres").replace("-Fc printers", f"-Fc {name}")
        address = urlsplit(server)
        place = {"PGHOST": str(address.hostname), "PGPORT": str(address.port)}
        subprocess.run(
            ["sh", "-c", line.replace("-d printers", f"-d {name}")],
            env={**os.environ, **place}, cwd=tmp_path, timeout=2 * PATIENCE_SECONDS, check=True,
        )  # fmt: skip

    with fresh_postgres() as url, fresh_postgres() as other:
        engine = open_database(DatabaseSettings(database_url=SecretStr(url)))
        fill(engine)
        engine.dispose()
        run(dump, url)
        open_database(DatabaseSettings(database_url=SecretStr(other))).dispose()
        run(put_back, other)
        before, after = (printers("export", env={"DATABASE_URL": each}).output for each in (url, other))
    assert "jammed" in before
    assert after == before


def test_the_settings_file_is_saved_on_request_and_put_back_on_request(data: Path) -> None:
    Path(".env").write_text("ORGANIZATION=College\nSNMP_COMMUNITY_FILE=community\n")
    Path("community").write_text("hush")
    assert printers("backup", "without").exit_code == 0
    assert not Path("without/.env").exists()
    said = printers("backup", "saved", "--with-settings", env={"MQTT_PASSWORD": "hush"})
    assert said.exit_code == 0, said.output
    assert "Saved 5 files" in said.output
    assert (
        "Not in it, because they are set outside of .env: MQTT_PASSWORD, SNMP_COMMUNITY_FILE." in said.output
    )
    assert "hush" not in said.output
    if os.name == "posix":
        assert stat.S_IMODE(Path("saved/.env").stat().st_mode) == 0o600
    Path(".env").unlink()
    said = printers("restore", "saved")
    assert said.exit_code == 0, said.output
    assert "The settings file is in it, and was not put back" in said.output
    assert not Path(".env").exists()
    said = printers("restore", "saved", "--with-settings")
    assert said.exit_code == 0, said.output
    assert Path(".env").read_text() == Path("saved/.env").read_text()
    if os.name == "posix":
        assert stat.S_IMODE(Path(".env").stat().st_mode) == 0o600
    assert printers("restore", "without", "--with-settings").exit_code == 2
    assert data.exists()


def test_a_backup_is_restored_where_its_settings_say(data: Path) -> None:
    before = printers("export").output
    Path(".env").write_text("DATA_DIR=data\n")
    printers("backup", "saved", "--with-settings")
    Path("there").mkdir()
    Path("saved").rename("there/saved")
    Path("there/.env").write_text("DATA_DIR=another\n")
    os.chdir("there")
    said = printers("restore", "saved", "--with-settings")
    assert said.exit_code == 0, said.output
    assert Path(".env").read_text() == "DATA_DIR=data\n"
    assert not Path("another").exists()
    (aside,) = Path("data").glob("before-restore-*")
    assert (aside / ".env").read_text() == "DATA_DIR=another\n"
    assert printers("export").output == before
    assert not data.is_absolute()


def test_a_settings_file_that_is_not_there_is_not_promised(data: Path) -> None:
    said = printers("backup", "saved", "--with-settings")
    assert said.exit_code == 2
    assert f"there is no settings file {Path('.env').absolute()}" in said.output
    assert not Path("saved").exists()
    said = printers("backup", "saved", "--without-database")
    assert (said.exit_code, "--without-database is for PostgreSQL" in said.output) == (2, True)
    assert data.exists()


def test_a_backup_of_the_first_format_is_still_restored(data: Path) -> None:
    printers("backup", "saved")
    manifest = json.loads(Path("saved/manifest.json").read_text())
    Path("saved/manifest.json").write_text(json.dumps(manifest | {"format_version": 1}))
    assert printers("restore", "saved").exit_code == 0
    assert data.exists()
