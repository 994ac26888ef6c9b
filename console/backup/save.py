"""Saving everything into a new folder while the services run."""

import os
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from console.backup.manifest import DATABASE, Manifest, checksum, write_manifest
from console.backup.places import database_file, secret_files, sqlite_files
from fleet.database import SCHEMA_HEAD
from fleet.errors import FleetError
from fleet.settings import DatabaseSettings

_OWNER_ONLY = 0o700
_PATIENCE_SECONDS = 30.0


def save(settings: DatabaseSettings, folder: Path) -> Manifest:
    """Make the folder; it appears when it is whole, and nothing there is is overwritten."""
    database = database_file(settings)
    if database is not None and not database.is_file():
        raise FleetError(f"there is no database {database}, so there is nothing to save: is DATA_DIR right?")
    partial = folder.with_name(f"{folder.name}.partial")
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise FleetError(f"{folder} is there already and not empty: give the backup a folder of its own.")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True, mode=_OWNER_ONLY)
        manifest = _fill(settings, partial)
        if folder.exists():
            folder.rmdir()
        partial.rename(folder)
    except OSError as error:
        shutil.rmtree(partial, ignore_errors=True)
        raise FleetError(f"the backup {folder} cannot be written: {error.strerror or error}.") from error
    except sqlite3.Error as error:
        shutil.rmtree(partial, ignore_errors=True)
        raise FleetError(f"a database cannot be copied: {error}; nothing was saved.") from error
    return manifest


def _fill(settings: DatabaseSettings, folder: Path) -> Manifest:
    databases, secrets = sqlite_files(settings), secret_files(settings)
    for name, source in databases.items():
        _copy_database(source, _place(folder, name))
    for name, source in secrets.items():
        shutil.copy2(source, _place(folder, name))
    copied = folder / DATABASE
    manifest = Manifest(
        program=version("printer-system"),
        schema=schema_of(copied) if copied.is_file() else SCHEMA_HEAD,
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        database="sqlite" if database_file(settings) is not None else "postgresql",
        files={name: checksum(folder / name) for name in (*databases, *secrets)},
    )
    write_manifest(folder, manifest)
    return manifest


def _copy_database(source: Path, target: Path) -> None:
    """A consistent copy by SQLite's online backup, in one read transaction: writers do not wait."""
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
    if os.name == "posix":
        target.chmod(0o600)


def _impatience(source: Path) -> Callable[[int, int, int], None]:
    """SQLite waits for ever for a file that somebody keeps locked; we do not."""
    deadline = time.monotonic() + _PATIENCE_SECONDS

    def look(status: int, _remaining: int, _total: int) -> None:
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) and time.monotonic() > deadline:
            raise sqlite3.OperationalError(f"{source} is kept locked by another program")

    return look


def schema_of(database: Path) -> str:
    """The schema a database file has."""
    with closing(sqlite3.connect(database)) as connection:
        try:
            return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])
        except (sqlite3.Error, TypeError):
            return ""


def _place(folder: Path, name: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
