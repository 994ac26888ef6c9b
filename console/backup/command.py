"""`backup` and `restore`."""

from pathlib import Path
from typing import Annotated

import typer

from console.backup.places import database_file, server_url
from console.backup.put_back import put_back
from console.backup.save import save
from console.terminal import counted, make_console, plain
from fleet.settings import DatabaseSettings, load

_SERVER = "The database itself is PostgreSQL's"


def backup(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that is not there yet.")],
) -> None:
    """Save the data into a new folder, while everything runs.

    Database and history are copied so that no reading falls between the two copies. The signing key and the
    broker's passwords come along: keep the folder as safe as DATA_DIR.

    Example: [bold]printers backup backups/2026-01-31[/bold]
    """
    settings = load(DatabaseSettings)
    console = make_console()
    manifest = save(settings, folder)
    size = sum((folder / name).stat().st_size for name in manifest.files)
    console.print(
        f"Saved {counted(len(manifest.files), 'file')} ({size / 1_000_000:,.1f} MB) in "
        f"[bold]{plain(folder)}[/bold]; put them back with `printers restore {plain(folder)}`."
    )
    if database_file(settings) is None:
        command = f'pg_dump --format=custom --file="{folder / "db.dump"}" "{server_url(settings)}"'
        console.print(f"{_SERVER}; save it, too:\n\n    {plain(command)}\n", soft_wrap=True)


def restore(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="What `printers backup` made.")],
) -> None:
    """Put a backup back into DATA_DIR; refuses while anything runs.

    The files are checked first. What is in DATA_DIR now is set aside in a folder there, not deleted.

    Example: [bold]printers restore backups/2026-01-31[/bold]
    """
    settings = load(DatabaseSettings)
    console = make_console()
    done = put_back(settings, folder)
    console.print(
        f"Restored {counted(len(done.files), 'file')} of {plain(done.manifest.created_at)} "
        f"into {plain(settings.data_dir)}. `printers check` looks at them, `printers up` runs on them."
    )
    if done.aside is not None:
        console.print(f"[dim]What was there before is in {plain(done.aside)}.[/dim]")
    if database_file(settings) is None:
        dump = f'"{server_url(settings)}" "{folder / "db.dump"}"'
        command = f"pg_restore --clean --if-exists --no-owner --dbname={dump}"
        console.print(f"{_SERVER}; put it back with:\n\n    {plain(command)}\n", soft_wrap=True)
