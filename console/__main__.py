"""`printers`: the operator's command."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from console.called import as_called, program
from console.registry import COMMANDS, LazyGroup, add_placeholders
from core.runtime.env_file import ENV_FILE_VARIABLE
from core.runtime.private_files import keep_files_private

_HELP = """Watches a fleet of printers: what is wrong, where, since when, and who can fix it.

Without printers at hand:  [bold]printers demo[/bold]

With your own:  [bold]printers poll HOST[/bold], then [bold]printers import FILE.csv[/bold] and \
[bold]printers up[/bold]

Settings come from the environment and from [bold].env[/bold], or from the file that [bold]--env-file[/bold] \
names; [bold].env.example[/bold] lists them all."""


def make_app() -> typer.Typer:
    """Return the application; every command is a line of help until it is called."""
    app = typer.Typer(
        name="printers",
        cls=LazyGroup,
        help=as_called(_HELP),
        rich_markup_mode="rich",
        pretty_exceptions_enable=False,
        add_completion=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback(invoke_without_command=True)(_start)
    add_placeholders(app, COMMANDS)
    return app


def main() -> None:
    """Run the `printers` program."""
    keep_files_private()
    for stream in (sys.stdout, sys.stderr):
        # What a printer or a person wrote must not end a command on a terminal with a small alphabet.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    make_app()(prog_name=program())


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"printers {version('printer-system')}")
        raise typer.Exit


def _start(
    context: typer.Context,
    _show_version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
    env_file: Annotated[
        Path | None,
        typer.Option(
            "--env-file",
            metavar="FILE",
            exists=True,
            dir_okay=False,
            readable=True,
            help=f"Read settings from FILE instead of .env; {ENV_FILE_VARIABLE} does the same.",
        ),
    ] = None,
) -> None:
    if env_file is not None:  # for the command and for every service that it starts
        os.environ[ENV_FILE_VARIABLE] = str(env_file.absolute())
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


if __name__ == "__main__":
    main()
