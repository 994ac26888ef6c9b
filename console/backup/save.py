"""Saving everything into a new folder while the services run."""

import os
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from console.backup import postgres
from console.backup.manifest import DATABASE, DUMP, SETTINGS, Manifest, checksum, write_manifest
from console.backup.paths import secret_files, sqlite_files
from core.contract.errors import UserError
from core.runtime.env_file import env_file
from core.runtime.settings import DatabaseSettings
from core.runtime.wall_clock import utc_now
from core.storage.database import open_unchanged, reading, sqlite_file, stored_schema

_OWNER_ONLY = 0o700
_PATIENCE_SECONDS = 30.0


@dataclass(frozen=True)
class Wanted:
    """Content of a backup beside the files of DATA_DIR."""

    settings_file: bool = False
    database: bool = True
    """False: a PostgreSQL database is left to its own backups."""


def save(settings: DatabaseSettings, folder: Path, wanted: Wanted) -> Manifest:
    """Make the folder; it appears when it is whole, and nothing there is is overwritten."""
    _refuse_nothing(settings, wanted)
    partial = folder.with_name(f"{folder.name}.partial")
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UserError(f"{folder} is there already and not empty: choose an empty folder.")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True, mode=_OWNER_ONLY)
        manifest = _fill(settings, partial, wanted)
        if folder.exists():
            folder.rmdir()
        partial.rename(folder)
    except OSError as error:
        raise UserError(f"the backup {folder} cannot be written: {error.strerror or error}.") from error
    except sqlite3.Error as error:
        raise UserError(f"a database cannot be copied: {error}; nothing was saved.") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return manifest


def _refuse_nothing(settings: DatabaseSettings, wanted: Wanted) -> None:
    """Raise where there is nothing to save, or a part that is asked for is not there."""
    database = sqlite_file(settings.url)
    if database is not None and not wanted.database:
        raise UserError("--without-database is for PostgreSQL; this database is the file that is saved.")
    if database is not None and not database.is_file():
        raise UserError(f"there is no database {database}, so there is nothing to save: is DATA_DIR right?")
    if wanted.settings_file and not env_file().is_file():
        raise UserError(
            f"there is no settings file {env_file().absolute()}: settings come from the environment. "
            "Leave --with-settings away, or name the file with `printers --env-file FILE backup`."
        )
    if not (wanted.database or wanted.settings_file or sqlite_files(settings) or secret_files(settings)):
        raise UserError(
            f"without the database there is nothing to save: {settings.data_dir} has no history and no keys."
        )


def _fill(settings: DatabaseSettings, folder: Path, wanted: Wanted) -> Manifest:
    on_server = sqlite_file(settings.url) is None
    schema = _schema_on_server(settings) if on_server and wanted.database else ""
    names = []
    if schema:
        # Before the history, as on SQLite: see sqlite_files.
        postgres.dump(settings, _place(folder, DUMP))
        names.append(DUMP)
    for name, source in sqlite_files(settings).items():
        _copy_database(source, _place(folder, name))
        names.append(name)
    for name, source in secret_files(settings).items():
        shutil.copy2(source, _place(folder, name))
        names.append(name)
    if wanted.settings_file:
        shutil.copyfile(env_file(), _place(folder, SETTINGS))
        names.append(SETTINGS)
    if os.name == "posix":
        for name in names:
            (folder / name).chmod(0o600)
    copied = folder / DATABASE
    manifest = Manifest(
        program=version("printer-system"),
        schema=schema_of(copied) if copied.is_file() else schema,
        created_at=utc_now().isoformat(timespec="seconds"),
        database="postgresql" if on_server else "sqlite",
        files={name: checksum(folder / name) for name in names},
    )
    write_manifest(folder, manifest)
    return manifest


def _schema_on_server(settings: DatabaseSettings) -> str:
    """Return the schema of the database on a server. Raises NoDatabase where that is empty."""
    engine = open_unchanged(settings)
    try:
        with reading(engine) as connection:
            return stored_schema(connection) or ""
    finally:
        engine.dispose()


def _copy_database(source: Path, target: Path) -> None:
    """Copy by SQLite's online backup, in one read transaction: consistent, and writers do not wait."""
    uri = f"{source.resolve().as_uri()}?mode=rw"
    with (
        closing(sqlite3.connect(uri, uri=True, timeout=1)) as read,
        closing(sqlite3.connect(target)) as write,
    ):
        read.backup(write, progress=_impatience(source))
        # One file that can be moved about: without this it asks for its -wal beside it.
        write.execute("PRAGMA journal_mode=DELETE")
        found = write.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise sqlite3.DatabaseError(f"{source} is damaged: {found}")


def _impatience(source: Path) -> Callable[[int, int, int], None]:
    """Return a progress handler that gives up: SQLite waits forever for a file that somebody keeps locked."""
    deadline = time.monotonic() + _PATIENCE_SECONDS

    def look(status: int, _remaining: int, _total: int) -> None:
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) and time.monotonic() > deadline:
            raise sqlite3.OperationalError(f"{source} is kept locked by another program")

    return look


def schema_of(database: Path) -> str:
    """Return the schema a database file has."""
    with closing(sqlite3.connect(database)) as connection:
        try:
            return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])
        except (sqlite3.Error, TypeError):
            return ""


def _place(folder: Path, name: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
