"""Putting a backup back into an idle DATA_DIR; what was there is set aside, not deleted."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from console.backup import postgres
from console.backup.manifest import DATABASE, DUMP, SETTINGS, BadBackup, Manifest
from console.lock import DataDirLock
from console.running import refuse_while_running
from core.contract.errors import DatabaseError, UserError
from core.runtime.settings import DatabaseSettings
from core.runtime.wall_clock import utc_now
from core.storage.database import NoDatabase, open_database, open_unchanged, reading, sqlite_file

_SIDE_FILES = ("-wal", "-shm")


@dataclass(frozen=True)
class Restored:
    """Result of a restore."""

    files: tuple[str, ...]
    aside: Path | None
    """Where the files are that were there before."""
    aside_schema: str = ""
    """Where the tables are that the PostgreSQL database had before."""


def put_back(
    settings: DatabaseSettings, folder: Path, manifest: Manifest, settings_to: Path | None
) -> Restored:
    """Make sure that nothing runs, exchange database and files, upgrade the schema.

    `manifest` has been held against the files. The settings file goes to `settings_to`, None: nowhere.
    """
    database = sqlite_file(settings.url)
    _refuse_other_kind(manifest, database)
    if DUMP in manifest.files:
        postgres.check_dump(settings, folder / DUMP)
    with DataDirLock(settings.data_dir, "printers restore"):
        _refuse_running_services(settings, database)
        now = f"{utc_now():%Y%m%d-%H%M%S}"
        aside, schema = settings.data_dir / f"before-restore-{now}", f"before_restore_{now.replace('-', '_')}"
        # First what fails most often and leaves everything as it was then.
        has_schema = DUMP in manifest.files and postgres.restore(settings, folder / DUMP, schema)
        kept = [name for name in manifest.files if name not in (DUMP, SETTINGS)]
        targets = {name: settings.data_dir / name for name in kept}
        if database is not None and DATABASE in targets:
            targets[DATABASE] = database
        try:
            moved = [_set_aside(target, aside / name) for name, target in targets.items()]
            for name, target in targets.items():
                _copy(folder / name, target)
        except OSError as error:
            raise UserError(
                f"the backup could not be put back ({error}); what was there before is in {aside}."
            ) from error
        open_database(settings).dispose()
        if settings_to is not None:
            moved.append(_put_settings(folder / SETTINGS, settings_to, aside))
    return Restored(tuple(targets), aside if any(moved) else None, schema if has_schema else "")


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
    try:
        engine = open_unchanged(settings)
    except NoDatabase:
        return
    except DatabaseError:
        if database is None:
            raise
        return  # a broken file is what people restore for
    try:
        with reading(engine) as connection:
            refuse_while_running(connection, utc_now())
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


def _put_settings(source: Path, target: Path, aside: Path) -> bool:
    """Write the settings file; one that is there keeps its owner and mode. True: another one is aside now."""
    try:
        if not target.exists():
            _copy(source, target)
            return False
        if target.read_bytes() == source.read_bytes():
            return False
        aside.mkdir(parents=True, exist_ok=True)
        _copy(target, aside / SETTINGS)
        target.write_bytes(source.read_bytes())
    except OSError as error:
        raise UserError(
            f"the data are restored, but the settings file {target} cannot be written ({error.strerror}): "
            f"copy {source} there."
        ) from error
    return True
