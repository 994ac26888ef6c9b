"""Putting a backup back into an idle DATA_DIR; what was there is set aside, not deleted."""

import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from console.backup.manifest import DATABASE, BadBackup, Manifest, read_manifest
from console.backup.places import database_file
from console.lock import DataDirLock
from console.running import refuse_while_running
from fleet.database import open_database, reading
from fleet.errors import DatabaseError, FleetError
from fleet.settings import DatabaseSettings

_SIDE_FILES = ("-wal", "-shm")


@dataclass(frozen=True)
class Restored:
    """What was done."""

    manifest: Manifest
    files: tuple[str, ...]
    aside: Path | None
    """Where the files are that were there before."""


def put_back(settings: DatabaseSettings, folder: Path) -> Restored:
    """Check the backup, make sure that nothing runs, exchange the files, upgrade the schema."""
    manifest = read_manifest(folder)
    database = database_file(settings)
    _refuse_other_kind(manifest, database)
    with DataDirLock(settings.data_dir, "printers restore"):
        _refuse_running_services(settings, database)
        targets = {name: settings.data_dir / name for name in manifest.files}
        if database is not None and DATABASE in targets:
            targets[DATABASE] = database
        aside = settings.data_dir / f"before-restore-{datetime.now(UTC):%Y%m%d-%H%M%S}"
        try:
            moved = [_set_aside(target, aside / name) for name, target in targets.items()]
            for name, target in targets.items():
                _copy(folder / name, target)
        except OSError as error:
            raise FleetError(
                f"the backup could not be put back ({error}); what was there before is in {aside}."
            ) from error
        open_database(settings).dispose()
    return Restored(manifest, tuple(targets), aside if any(moved) else None)


def _refuse_other_kind(manifest: Manifest, database: Path | None) -> None:
    if manifest.database == "postgresql" and database is not None:
        raise BadBackup(
            "this backup belongs to a PostgreSQL database: set DATABASE_URL, or use `import --all`."
        )
    if manifest.database == "sqlite" and database is None:
        raise BadBackup(
            "this backup holds a SQLite database, DATABASE_URL names PostgreSQL: restore it without "
            "DATABASE_URL, then carry it over with `export --all` and `import --all`."
        )


def _refuse_running_services(settings: DatabaseSettings, database: Path | None) -> None:
    if database is not None and not database.exists():
        return
    try:
        engine = open_database(settings)
    except DatabaseError:
        if database is None:
            raise
        return  # a broken file is what people restore for
    try:
        with reading(engine) as connection:
            refuse_while_running(connection, datetime.now(UTC))
    except DBAPIError:
        if database is None:
            raise
    finally:
        engine.dispose()


def _set_aside(target: Path, place: Path) -> bool:
    moved = False
    for suffix in ("", *_SIDE_FILES):
        source = target.with_name(target.name + suffix)
        if source.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            source.rename(place.with_name(place.name + suffix))
            moved = True
    return moved


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f"{target.name}.partial")
    shutil.copyfile(source, partial)
    if os.name == "posix":
        partial.chmod(0o600)
    partial.replace(target)
