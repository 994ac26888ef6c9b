"""The command `printers simulate`."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from console.called import program
from console.files import file_errors
from console.terminal import make_console, plain
from core.contract.errors import EXIT_OK
from core.domain.inventory.csv_file import write_inventory
from core.runtime.shutdown import ShutdownSignal
from simulator.fleet_run import FleetOptions, SimulatedFleet, make_fleet, serve


def simulate(  # noqa: PLR0913, PLR0917 (the options of a command)
    printers: Annotated[int, typer.Option(min=1, max=20_000, help="How many printers.")] = 40,
    port: Annotated[
        int, typer.Option(min=1, max=65_535, help="The first of as many UDP ports as printers.")
    ] = 16_100,
    seed: Annotated[int, typer.Option(help="The same seed gives the same fleet.")] = 1,
    speed: Annotated[
        float, typer.Option(min=0.01, max=1000, help="1: as in life; 20: a jam is cleared within a minute.")
    ] = 1.0,
    recording: Annotated[
        list[Path] | None,
        typer.Option(help="Answer as recorded in this .snmprec file, instead of living; repeatable."),
    ] = None,
    csv: Annotated[
        Path | None, typer.Option("--csv", help="Write the inventory for `printers import`.")
    ] = None,
) -> int:
    """Run simulated printers alone: real SNMP agents (v1 and v2c) on 127.0.0.1, until Ctrl-C.

    They print, run low, jam, sleep, vanish and come back, each in the manner of its vendor. With --recording
    they answer what a file holds: to see how a printer that somebody recorded is judged.

    Example:  [bold]printers simulate --printers 10 --csv fleet.csv[/bold]
    """
    recordings = tuple(recording or ())
    count = len(recordings) or printers
    options = FleetOptions(count, port, seed=seed, speed=speed, recordings=recordings)
    shutdown = ShutdownSignal().install()
    fleet = make_fleet(options)
    if csv is not None:
        with file_errors(csv, "written"):
            csv.write_text(write_inventory(fleet.inventory), encoding="utf-8", newline="")
    asyncio.run(serve(fleet, options, shutdown, lambda: _tell(fleet, options, csv)))
    return EXIT_OK


def _tell(fleet: SimulatedFleet, options: FleetOptions, csv: Path | None) -> None:
    console = make_console()
    first = fleet.inventory[0]
    last = options.first_port + len(fleet.inventory) - 1
    console.print(
        f"[bold]{len(fleet.inventory)}[/bold] simulated printers on 127.0.0.1, UDP ports "
        f"{options.first_port} to {last}, community public. Ctrl-C ends them."
    )
    typed = plain(program())
    model = plain(first["model"])
    console.print(f"Ask one:   {typed} poll 127.0.0.1:{options.first_port}   ({model})", soft_wrap=True)
    if csv is not None:
        console.print(f"Watch all: {typed} import {plain(csv)} && {typed} up", soft_wrap=True)
    sys.stdout.flush()
