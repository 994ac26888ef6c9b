"""Paths of the data that a backup saves: files by their name in the backup."""

import os
from pathlib import Path
from typing import Final

from console.backup.manifest import DATABASE
from core.runtime.env_file import read_env_file
from core.runtime.secret_files import secret_names
from core.runtime.settings import DatabaseSettings
from core.runtime.settings_doc import BLOCKS
from core.storage.database import sqlite_file
from core.timeseries.embedded.layout import FILE_NAME

HISTORY: Final = FILE_NAME
SECRETS: Final = ("secret_key", "secret_key.previous", "broker/credentials.json")


def sqlite_files(settings: DatabaseSettings) -> dict[str, Path]:
    """Return the databases there are, in the order in which they are saved.

    Points of history go from the database's outbox to the history file. Copied in this order, what moves on
    meanwhile is in both copies (and counts once when they are restored), never in none.
    """
    database = sqlite_file(settings.url)
    found = {} if database is None else {DATABASE: database}
    found[HISTORY] = settings.data_dir / HISTORY
    return {name: path for name, path in found.items() if path.is_file()}


def secret_files(settings: DatabaseSettings) -> dict[str, Path]:
    """Return keys and passwords that were made here."""
    return {name: settings.data_dir / name for name in SECRETS if (settings.data_dir / name).is_file()}


def settings_elsewhere() -> list[str]:
    """Return the settings that no copy of the settings file holds: of the environment, and NAME_FILE."""
    named = {name.upper() for block in BLOCKS for name in block.model_fields}
    files = {f"{name.upper()}_FILE" for block in BLOCKS for name in secret_names(block)}
    given = {name.upper() for name, text in os.environ.items() if text}
    return sorted((given & (named | files)) | (read_env_file().keys() & files))
