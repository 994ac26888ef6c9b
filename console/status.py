"""`status`: the fleet as stored, worst first; once, as JSON, or refreshed in place."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.live import Live
from sqlalchemy import Engine

from console.database import open_to_read
from console.status_view import View, render, sort_worst_first
from console.terminal import make_console, print_json
from core.contract.errors import EXIT_OK, UserError
from core.storage.database import reading
from core.storage.fleet_states import FleetState, count_printers, read_services, read_states

_REFRESH_SECONDS = 2.0


def status(
    as_json: Annotated[bool, typer.Option("--json", help="A list of states, for programs.")] = False,
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Refresh in place until Ctrl-C.")] = False,
    site: Annotated[str | None, typer.Option(help="Only the printers of this site.")] = None,
    attention: Annotated[bool, typer.Option("--attention", help="Only what needs somebody.")] = False,
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
    engine = open_to_read()
    if as_json:
        print_json(_look(engine, site, attention=attention).states)
    elif watch:
        _watch(console, engine, site, attention=attention)
    else:
        console.print(render(_look(engine, site, attention=attention), console))
    return EXIT_OK


def _look(engine: Engine, site: str | None, *, attention: bool) -> View:
    """The fleet now, read in one transaction."""
    now = datetime.now(UTC)
    with reading(engine) as connection:
        states = read_states(connection, now, site)
        services = read_services(connection)
        total, disabled = count_printers(connection)
    shown = [state for state in states if _needs_somebody(state)] if attention else states
    return View(
        at=now,
        states=sort_worst_first(shown),
        services=services,
        watched=len(states),
        total=total,
        disabled=disabled,
        site=site,
        only_attention=attention,
    )


def _needs_somebody(state: FleetState) -> bool:
    return bool(state["stale"] or state["severity"] in ("warning", "critical"))


def _watch(console: Console, engine: Engine, site: str | None, *, attention: bool) -> None:
    with Live(console=console, screen=True, auto_refresh=False) as live:
        for _ in _until_stopped():
            view = _look(engine, site, attention=attention)
            live.update(render(view, console, lines=console.height), refresh=True)


def _until_stopped() -> Iterator[None]:
    """Once at once, then regularly; Ctrl-C is a good end."""
    try:
        while True:
            yield
            time.sleep(_REFRESH_SECONDS)
    except KeyboardInterrupt:
        return
