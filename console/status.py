"""`status`: the fleet as stored, worst first; once, as JSON, or refreshed in place."""

import time
from contextlib import suppress
from functools import partial
from typing import Annotated

import typer
from rich.live import Live
from sqlalchemy import Engine

from console.database import open_to_read
from console.fleet import FleetStatus, read_fleet
from console.fleet_view import render
from console.terminal import make_console, print_json
from core.contract.errors import EXIT_OK, UserError
from core.runtime.wall_clock import utc_now
from core.storage.database import reading

_REFRESH_SECONDS = 2.0


def status(
    as_json: Annotated[bool, typer.Option("--json", help="A list of states, for programs.")] = False,
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Refresh in place until Ctrl-C.")] = False,
    site: Annotated[str | None, typer.Option(help="Only the printers of this site.")] = None,
    attention: Annotated[bool, typer.Option("--attention", help="Only what needs attention.")] = False,
) -> int:
    """Show the fleet as stored, worst first: what is wrong, since when, the lowest supply, how old it is.

    Nothing is asked of the printers: `poll` does that.

    Example: [bold]printers status --watch --attention[/bold]
    """
    console = make_console()
    if as_json and watch:
        raise UserError("--json and --watch do not go together: subscribe to the state topics instead.")
    if watch and not console.is_terminal:
        raise UserError("--watch needs a terminal; `printers status --json` is for programs.")
    look = partial(_look, open_to_read(), site=site, attention=attention)
    if as_json:
        print_json([state.as_json() for state in look().printers])
    elif watch:
        with suppress(KeyboardInterrupt), Live(console=console, screen=True, auto_refresh=False) as live:
            while True:
                live.update(render(look(most=console.height), console, lines=console.height), refresh=True)
                time.sleep(_REFRESH_SECONDS)
    else:
        console.print(render(look(), console))
    return EXIT_OK


def _look(engine: Engine, *, site: str | None, attention: bool, most: int | None = None) -> FleetStatus:
    """Return the fleet now, read in one transaction."""
    with reading(engine) as connection:
        return read_fleet(connection, utc_now(), site=site, attention=attention, most=most)
