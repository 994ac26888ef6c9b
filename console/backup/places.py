"""Where the data is that a backup saves: files by their name in the backup."""

from pathlib import Path
from typing import Final

from sqlalchemy import URL, make_url

from console.backup.manifest import DATABASE
from fleet.database import sqlite_file
from fleet.series.layout import FILE_NAME
from fleet.settings import DatabaseSettings

HISTORY: Final = FILE_NAME
SECRETS: Final = ("secret_key", "broker/credentials.json")


def database_file(settings: DatabaseSettings) -> Path | None:
    """The file of the SQLite database; None where a server keeps it."""
    return sqlite_file(settings.url)


def sqlite_files(settings: DatabaseSettings) -> dict[str, Path]:
    """The databases there are, in the order in which they are saved.

    Points of history go from the database's outbox to the history file. Copied in this order, what moves on
    meanwhile is in both copies (and counts once when they are restored), never in none.
    """
    database = database_file(settings)
    found = {} if database is None else {DATABASE: database}
    found[HISTORY] = settings.data_dir / HISTORY
    return {name: path for name, path in found.items() if path.is_file()}


def secret_files(settings: DatabaseSettings) -> dict[str, Path]:
    """Keys and passwords that were made here."""
    return {name: settings.data_dir / name for name in SECRETS if (settings.data_dir / name).is_file()}


def server_url(settings: DatabaseSettings) -> URL:
    """The database server as PostgreSQL's own programs name it, without the password."""
    return make_url(settings.url).set(drivername="postgresql", password=None)
