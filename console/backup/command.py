"""`backup` and `restore`."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer

from console.backup.manifest import DUMP, SETTINGS, BadBackup, Manifest, read_manifest
from console.backup.paths import settings_elsewhere
from console.backup.restore import Restored, put_back
from console.backup.save import Wanted, save
from console.terminal import make_console, plain
from core.domain.units import counted, size
from core.runtime.env_file import ENV_FILE_VARIABLE, env_file
from core.runtime.settings import DatabaseSettings, load
from core.storage.database import database_place, sqlite_file

_WITH_SETTINGS: Final = "--with-settings"


def backup(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that is not there yet.")],
    with_settings: Annotated[
        bool, typer.Option(_WITH_SETTINGS, help="The settings file (.env), too, with the passwords in it.")
    ] = False,
    without_database: Annotated[
        bool, typer.Option("--without-database", help="Leave a PostgreSQL database to its own backups.")
    ] = False,
) -> None:
    """Save the data into a new folder, while everything runs.

    Database and history are copied so that no reading falls between the two copies; a PostgreSQL database by
    pg_dump, which must be installed here, a history in InfluxDB not at all. The signing key and the broker's
    passwords come along: keep the folder as safe as DATA_DIR.

    Example: [bold]printers backup backups/2026-01-31[/bold]
    """
    settings = load(DatabaseSettings)
    manifest = save(settings, folder, Wanted(with_settings, not without_database))
    console = make_console()
    octets = sum((folder / name).stat().st_size for name in manifest.files)
    console.print(
        f"Saved {counted(len(manifest.files), 'file')} ({size(octets)}) in "
        f"[bold]{plain(folder)}[/bold]; put them back with `printers restore {plain(folder)}`."
    )
    if without_database:
        console.print(f"The database {plain(database_place(settings))} is not in it.", soft_wrap=True)
    if with_settings and (elsewhere := settings_elsewhere()):
        names = ", ".join(elsewhere)
        console.print(f"Not in it, because they are set outside of {plain(env_file())}: {names}.")


def restore(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="What `printers backup` made.")],
    with_settings: Annotated[
        bool, typer.Option(_WITH_SETTINGS, help="Use the settings file of the backup, and put it back, too.")
    ] = False,
) -> None:
    """Put a backup back into DATA_DIR and the database; refuses while anything runs.

    The files are checked first. What is there now is set aside, not deleted: files in a folder of DATA_DIR,
    tables of a PostgreSQL database in a schema of their own.

    Example: [bold]printers restore backups/2026-01-31[/bold]
    """
    manifest = read_manifest(folder)
    settings_to = env_file().absolute()
    if with_settings and SETTINGS not in manifest.files:
        raise BadBackup(f"{folder} has no settings file: it was made without {_WITH_SETTINGS}.")
    with _settings_of(folder / SETTINGS if with_settings else None):
        settings = load(DatabaseSettings)
        done = put_back(settings, folder, manifest, settings_to if with_settings else None)
    console = make_console()
    parts = [f"the database {plain(database_place(settings))}"] if DUMP in manifest.files else []
    parts += [f"{counted(len(done.files), 'file')} into {plain(settings.data_dir)}"] if done.files else []
    parts += [f"the settings file {plain(settings_to)}"] if with_settings else []
    console.print(
        f"Restored {', '.join(parts)} as of {plain(manifest.created_at)}. "
        "`printers check` looks at them, `printers up` runs on them.",
        soft_wrap=True,
    )
    for line in _left_as_it_is(manifest, settings, folder, None if with_settings else settings_to):
        console.print(line, soft_wrap=True)
    for line in _what_was_there(done):
        console.print(f"[dim]{line}[/dim]", soft_wrap=True)


def _left_as_it_is(
    manifest: Manifest, settings: DatabaseSettings, folder: Path, settings_file: Path | None
) -> Iterator[str]:
    """Give a sentence for each thing that was not put back; `settings_file`: the one that was left."""
    if sqlite_file(settings.url) is None and DUMP not in manifest.files:
        yield f"The database {plain(database_place(settings))} is not in it."
    if settings_file is not None and SETTINGS in manifest.files:
        yield (
            f"The settings file is in it, and was not put back: {plain(folder / SETTINGS)}. {_WITH_SETTINGS} "
            f"writes it to {plain(settings_file)}."
        )


def _what_was_there(done: Restored) -> Iterator[str]:
    if done.aside is not None:
        yield f"What was there before is in {plain(done.aside)}."
    if done.aside_schema:
        yield (
            f"The tables there were before are in the schema {done.aside_schema} of the database: "
            f"DROP SCHEMA {done.aside_schema} CASCADE deletes them."
        )


@contextmanager
def _settings_of(file: Path | None) -> Iterator[None]:
    """Have settings come from that file; None: from where they come anyway."""
    before = os.environ.get(ENV_FILE_VARIABLE)
    if file is not None:
        os.environ[ENV_FILE_VARIABLE] = str(file.absolute())
    try:
        yield
    finally:
        if file is not None:
            os.environ.pop(ENV_FILE_VARIABLE)
            if before is not None:
                os.environ[ENV_FILE_VARIABLE] = before
