"""Which settings and which database a command works with: named, never guessed, never created by looking."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect

from core.runtime.settings import DatabaseSettings
from core.storage.database import NoDatabase, open_database, open_existing_database, reading
from core.storage.inventory import read_printers
from tests.console.cli import call_printers, printers
from tests.postgres import DATABASES, database

LOOKING = [
    ("status",),
    ("status", "--json"),
    ("users", "list"),
    ("users", "edit", "ada", "--role", "admin"),
    ("users", "remove", "ada"),
    ("users", "password", "ada"),
    ("export",),
    ("export", "--all"),
    ("remove", "library"),
]


@pytest.mark.parametrize("arguments", LOOKING, ids=" ".join)
def test_what_only_looks_says_where_it_looked_and_creates_nothing(arguments: tuple[str, ...]) -> None:
    said = printers(*arguments)
    assert said.exit_code == 2
    assert said.output.startswith(f"error: there is no database {Path('data/db.sqlite3').absolute()}. ")
    assert f"the environment alone (there is no .env in {Path.cwd()})" in said.output
    assert "--env-file" in said.output
    assert list(Path.cwd().iterdir()) == []


@pytest.mark.parametrize("arguments", [("import", "printers.csv"), ("import-django", "printers.csv")])
def test_a_dry_run_on_no_database_shows_everything_as_new_and_creates_nothing(
    arguments: tuple[str, ...],
) -> None:
    Path("printers.csv").write_text("host,name\n10.0.0.5,Library\n", encoding="utf-8")
    said = printers(*arguments, "--dry-run")
    assert (said.exit_code, "1 printer to add" in said.output) == (0, True), said.output
    assert [path.name for path in Path.cwd().iterdir()] == ["printers.csv"]


def test_a_database_that_has_to_be_created_is_named() -> None:
    said = call_printers("add", "10.0.0.5")
    file = Path("data/db.sqlite3").absolute()
    assert said.stderr.startswith(f"A new database was created: {file}. Settings come from the environment")
    assert call_printers("add", "10.0.0.6").stderr == ""


@pytest.mark.parametrize("kind", DATABASES)
def test_an_empty_database_stays_empty_when_it_is_looked_at(kind: str, tmp_path: Path) -> None:
    with database(kind, tmp_path, migrated=False) as settings:
        if kind == "sqlite":
            (settings.data_dir / "db.sqlite3").touch()
        with pytest.raises(NoDatabase, match="is empty: no service has used it"):
            open_existing_database(settings)
        engine = create_engine(settings.url)
        assert inspect(engine).get_table_names() == []
        engine.dispose()
        open_database(settings).dispose()
        open_existing_database(settings).dispose()


def test_one_option_gives_a_command_the_settings_of_the_services(tmp_path: Path) -> None:
    folder = tmp_path / "etc"
    folder.mkdir()
    (folder / "printers.env").write_text(f"DATA_DIR={tmp_path / 'var'}\n", encoding="utf-8")
    Path(".env").write_text("DATA_DIR=elsewhere\n", encoding="utf-8")
    said = printers("--env-file", "etc/printers.env", "add", "10.0.0.5", "--name", "Library")
    assert f"Settings come from the environment and {folder / 'printers.env'}" in said.output
    engine = open_database(DatabaseSettings(data_dir=tmp_path / "var"))
    with reading(engine) as connection:
        assert [printer.name for printer in read_printers(connection)] == ["Library"]
    engine.dispose()
    assert not Path("elsewhere").exists()


def test_what_a_command_starts_reads_the_same_file(tmp_path: Path) -> None:
    """The collector asks with the profiles of the file, in a process of its own."""
    profile = '{"v3": {"version": "3", "user": "x", "auth_protocol": "SHA", "auth_password": "short"}}'
    (tmp_path / "other.env").write_text(f"SNMP_PROFILES={profile}\n", encoding="utf-8")
    said = call_printers("--env-file", "other.env", "poll", "127.0.0.1:9", "--profile", "v3")
    assert (said.returncode, "at least 8 characters" in said.stderr) == (2, True), said.stderr
    assert "Correct it in the environment or in " + str(tmp_path / "other.env") in said.stderr


def test_a_file_that_is_not_there_is_refused() -> None:
    said = printers("--env-file", "nowhere.env", "status")
    assert (said.exit_code, "nowhere.env" in said.output) == (2, True)
    named = printers("status", env={"PRINTERS_ENV_FILE": "nowhere.env"})
    assert named.exit_code == 2
    assert named.output == "error: PRINTERS_ENV_FILE: there is no file nowhere.env.\n"
