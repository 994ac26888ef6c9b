"""Manifest of a backup: versions, and the size and checksum of every file."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Literal

from core.contract.errors import UserError
from core.storage.migrations.head import SCHEMA_HEAD

MANIFEST: Final = "manifest.json"
DATABASE: Final = "db.sqlite3"
DUMP: Final = "db.dump"
"""A PostgreSQL database as pg_dump writes it."""
SETTINGS: Final = ".env"
"""The settings file, whatever its name was."""
_FORMAT: Final = "printer-system/backup"
_FORMAT_VERSION: Final = 2
_READABLE: Final = (1, 2)
"""Version 1 had neither the dump nor the settings file."""


class BadBackup(UserError):
    """A folder that cannot be restored."""


@dataclass(frozen=True)
class Manifest:
    """The first thing that is read of a backup, the last that is written."""

    program: str
    schema: str
    created_at: str
    database: Literal["sqlite", "postgresql"]
    files: Mapping[str, str]
    """Path below the folder -> SHA-256."""
    format: str = _FORMAT
    format_version: int = _FORMAT_VERSION


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write it into a backup's folder."""
    (folder / MANIFEST).write_text(json.dumps(asdict(manifest), indent=2) + "\n", encoding="utf-8")


def read_manifest(folder: Path) -> Manifest:
    """Read it and hold every file against it; raises BadBackup."""
    try:
        manifest = Manifest(**json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
    except (FileNotFoundError, NotADirectoryError):
        raise BadBackup(f"{folder} is not a backup: it has no {MANIFEST}.") from None
    except (OSError, ValueError, TypeError) as error:
        raise BadBackup(f"{folder / MANIFEST} cannot be read: {error}.") from error
    if manifest.format != _FORMAT or manifest.format_version not in _READABLE:
        raise BadBackup(
            f"{folder} was made by another version ({manifest.program}): restore it with that one."
        )
    if manifest.schema > SCHEMA_HEAD:
        raise BadBackup(
            f"{folder} has schema {manifest.schema}, this program knows up to {SCHEMA_HEAD}: "
            f"install version {manifest.program} first."
        )
    for name, expected in manifest.files.items():
        if not _is_inside(folder, name) or checksum(folder / name) != expected:
            raise BadBackup(f"{folder / name} is missing or not as it was saved: nothing was restored.")
    return manifest


def checksum(path: Path) -> str:
    """Return the SHA-256 of a file; empty where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _is_inside(folder: Path, name: str) -> bool:
    return (folder / name).resolve().is_relative_to(folder.resolve())
