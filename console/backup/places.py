"""Where the data is that a backup saves: files by their name in the backup."""

from pathlib import Path
from typing import Final

from sqlalchemy import URL, make_url

from console.backup.manifest import DATABASE
from fleet.settings import DatabaseSettings

HISTORY: Final = "history.sqlite3"
SECRETS: Final = ("secret_key", "broker/credentials.json")


def database_file(settings: DatabaseSettings) -> Path | None:
    """The file of the SQLite database; None where a server keeps it."""
    url = make_url(settings.url)
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def sqlite_files(settings: DatabaseSettings) -> dict[str, Path]:
    """The databases there are, in the order in which they are saved.

    A reading goes from the spool to the database, its history from there to the history file. Copied in this
    order, what moves on meanwhile is in two copies (and stored once, when they are restored), never in none.
    """
    data = settings.data_dir
    found = {f"collector/{spool.name}": spool for spool in sorted(data.glob("collector/spool-*.sqlite3"))}
    database = database_file(settings)
    if database is not None:
        found[DATABASE] = database
    found[HISTORY] = data / HISTORY
    return {name: path for name, path in found.items() if path.is_file()}


def secret_files(settings: DatabaseSettings) -> dict[str, Path]:
    """Keys and passwords that were made here."""
    return {name: settings.data_dir / name for name in SECRETS if (settings.data_dir / name).is_file()}


def server_url(settings: DatabaseSettings) -> URL:
    """The database server as PostgreSQL's own programs name it, without the password."""
    return make_url(settings.url).set(drivername="postgresql", password=None)
