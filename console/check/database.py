"""Does the database open, take a write, and have room?"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final

from sqlalchemy import Engine, text, update
from sqlalchemy.exc import DBAPIError

from core.domain.units import counted, size
from core.runtime.check_results import CheckResult, error, ok, warning
from core.runtime.private_files import whose
from core.runtime.settings import DatabaseSettings
from core.storage.core_tables import PRINTERS
from core.storage.database import database_place, database_said, sqlite_file, writing
from core.storage.migrations.head import SCHEMA_HEAD

_LITTLE_BYTES: Final = 1_000_000_000
_TOO_LITTLE_BYTES: Final = 100_000_000
_NETWORK_SYSTEMS: Final = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "afs", "ceph"}
)


def check_database(settings: DatabaseSettings, engine: Engine) -> Iterator[CheckResult]:
    """Yield findings on the opened database, then on the folder of the data."""
    try:
        printers = _try_a_write(engine)
    except DBAPIError as refused:
        mend = "Give this user the right to write (owner of DATA_DIR, or GRANT on PostgreSQL)."
        yield error(f"{_where(settings)} takes no writes: {database_said(refused)}", mend)
    else:
        about = f"schema {SCHEMA_HEAD}, writable, {counted(printers, 'printer')}"
        yield ok(f"{_where(settings)}, {about}")
    yield from _room(settings.data_dir)
    file = sqlite_file(settings.url)
    if file is not None:
        yield from _network(file)


def check_place(data_dir: Path) -> Iterator[CheckResult]:
    """Yield a finding where there is no database yet, and none could be made."""
    folder = data_dir.absolute()
    # Path.exists would raise where a folder may not be entered.
    there = next(each for each in (folder, *folder.parents) if os.path.exists(each))  # noqa: PTH110
    if not there.is_dir():
        yield error(f"{there} is no folder", "Set DATA_DIR to a folder.")
    elif not _may_write(there):
        owner = whose(there)
        mend = "Run this as the user of the services, give the folder to them, or set DATA_DIR."
        yield error(f"nothing can be written in {there}{f' ({owner})' if owner else ''}", mend)


def _may_write(folder: Path) -> bool:
    """Return whether files can be made in a folder: it may be mounted to be read alone."""
    try:
        with TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _try_a_write(engine: Engine) -> int:
    """Ask for a write that changes nothing."""
    with writing(engine) as connection:
        connection.execute(update(PRINTERS).where(PRINTERS.c.printer_id == "").values(notes=""))
        return int(connection.execute(text("SELECT count(*) FROM printers")).scalar_one())


def _where(settings: DatabaseSettings) -> str:
    file = sqlite_file(settings.url)
    if file is None:
        return database_place(settings)
    octets = file.stat().st_size if file.exists() else 0
    return f"SQLite {file} ({size(octets)})"


def _room(folder: Path) -> Iterator[CheckResult]:
    try:
        free = shutil.disk_usage(folder).free
    except OSError as refused:
        yield error(f"{folder} cannot be looked at: {refused.strerror}", "Is DATA_DIR right?")
        return
    if free < _LITTLE_BYTES:
        say = error if free < _TOO_LITTLE_BYTES else warning
        mend = "Make room, shorten HISTORY_DAYS, or move DATA_DIR to a larger disk."
        yield say(f"only {size(free)} are free in {folder}", mend)


def _network(file: Path) -> Iterator[CheckResult]:
    kind = _file_system(file.resolve())
    if kind in _NETWORK_SYSTEMS or str(file.resolve()).startswith("\\\\"):
        mend = "SQLite's locks do not hold there: use a local disk, or PostgreSQL (DATABASE_URL)."
        yield warning(f"{file} is on a network file system ({kind or 'UNC path'})", mend)


def _file_system(path: Path) -> str:
    """Return the kind of file system a path is on, where Linux tells it."""
    try:
        mounts = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    fields = [line.split() for line in mounts]
    places = [(Path(field[1]), field[2]) for field in fields if len(field) > 2]  # noqa: PLR2004
    found = [(len(place.parts), kind) for place, kind in places if path.is_relative_to(place)]
    return max(found)[1] if found else ""
