"""`printers history` and `printers influx`: what the processor does for the time series, by starting it."""

import json
import subprocess
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from console.services import module_command
from console.terminal import counted, make_console, mark


class Target(StrEnum):
    """Where history is copied to."""

    INFLUX = "influx"
    EMBEDDED = "embedded"


def setup(
    set_retention: Annotated[
        bool,
        typer.Option("--set-retention", help="Change how long buckets that are there keep points."),
    ] = False,
) -> int:
    """Make what InfluxDB needs and has not: two buckets, and the task that fills the second.

    The first keeps every point for HISTORY_HOURLY_DAYS, the second one point and the sums of each day for
    HISTORY_DAYS. Run it as often as you like. It needs a token that may make buckets and tasks, the services
    one that may read and write both buckets.

    Example: [bold]INFLUXDB_TOKEN=all-access printers influx setup[/bold]
    """
    arguments = ["--influx-setup", *(["--set-retention"] if set_retention else [])]
    return subprocess.run(module_command("processor", *arguments), check=False).returncode


def copy(
    to: Annotated[Target, typer.Option("--to", help="The server of INFLUXDB_URL, or DATA_DIR.")],
) -> int:
    """Copy the history in DATA_DIR to InfluxDB (or VictoriaMetrics), or back.

    What is there already stays, and everything may run meanwhile. Stopped, it goes on where it was when it is
    called again.

    Example: [bold]printers history copy --to influx[/bold]
    """
    console = make_console(stderr=True)
    columns = TextColumn("copying"), BarColumn(), MofNCompleteColumn(), TextColumn("printers")
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task("", total=None)
        code, so_far = _run(
            module_command("processor", "--copy-history", to),
            lambda said: progress.update(bar, total=said["of"], completed=said["printers"]),
        )
    if so_far:
        _tell(so_far, done=code in (0, 1))
    return code


def _run(command: list[str], told: Callable[[dict[str, Any]], object]) -> tuple[int, dict[str, Any]]:
    """Its exit code and the last it has told; what it complains about goes to our stderr."""
    last: dict[str, Any] = {}
    with subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8") as child:
        try:
            for line in child.stdout or ():
                last = json.loads(line)
                told(last)
        except KeyboardInterrupt:  # it was interrupted, too
            with suppress(subprocess.TimeoutExpired):
                child.wait(10)
            child.kill()
            return 130, last
    return child.returncode, last


def _tell(so_far: dict[str, Any], *, done: bool) -> None:
    console = make_console()
    printers = counted(so_far["printers"], "printer")
    if not done:
        of = counted(so_far["of"], "printer")
        console.print(f"{so_far['printers']:,} of {of} copied; the same command goes on from there.")
        return
    before = f" ({so_far['resumed']:,} of them by an earlier run)" if so_far["resumed"] else ""
    console.print(
        f"[green]{mark(console, 'ok')}[/green] {printers}{before}, {counted(so_far['points'], 'point')}, "
        f"{counted(so_far['days'], 'sum', 'sums')} of days"
    )
    if so_far["refused"]:
        console.print(f"{counted(so_far['refused'], 'point')} refused by the time series.")
