"""The command `printers demo`."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from console.called import program, with_settings
from console.demo.folder import DemoFolder, DemoNote, default_directory, forget_settings, hold_ports
from console.terminal import make_console, mark, plain, progress
from core.contract.errors import UserError
from core.runtime.wall_clock import utc_now

SPEED: Final = 30.0
_NAME: Final = "printers demo"
_ELSEWHERE: Final = "name another folder with --dir"
_INTERVAL_SECONDS: Final = 5
_MQTT_PORT: Final = 18_830
_PAGES_PORT: Final = 8501
_SETTINGS: Final = {
    "SNMP_POLL_INTERVAL_SECONDS": str(_INTERVAL_SECONDS),
    "SNMP_TIMEOUT": "1",
    "INSTANCE": "demo",
    "PORTAL_PUBLIC": "true",
}


def demo(
    printers: Annotated[int, typer.Option(min=1, max=2_000, help="How many printers.")] = 40,
    directory: Annotated[
        Path | None,
        typer.Option(
            "--dir", help="Where everything is kept (default: printers-demo in the temporary folder)."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same fleet.")] = 1,
    port: Annotated[
        int | None, typer.Option(min=1, max=65_535, help="First UDP port of the printers.")
    ] = None,
    text: Annotated[bool, typer.Option("--plain", help="Log lines instead of the live view.")] = False,
) -> int:
    """Watch a simulated fleet live: printers of a college, with a past of ninety days and people's issues.

    Real SNMP agents on 127.0.0.1 print, run low, jam, sleep and vanish, and everything that `printers up`
    runs watches them. Nothing outside of the folder is touched; started again on it, the fleet goes on.

    Example:  [bold]printers demo --printers 100 --dir ./demo[/bold]
    """
    console = make_console()
    place = DemoFolder((directory or default_directory()).absolute())
    forget_settings()
    with ExitStack() as held:
        note = _prepare(console, place, DemoNote(printers, seed, 0), port, held)
        return _run(console, place, note, live=False if text else None)


def _prepare(
    console: Console, place: DemoFolder, wanted: DemoNote, port: int | None, held: ExitStack
) -> DemoNote:
    from console.lock import DataDirLock
    from core.domain.passwords import make_password

    known = place.read()
    note = known or wanted
    if (note.printers, note.seed) != (wanted.printers, wanted.seed) and known is not None:
        console.print(
            f"[yellow]{plain(place.directory)} holds a fleet of {known.printers} printers (seed "
            f"{known.seed}), which goes on; for another one name a new folder with --dir.[/yellow]"
        )
    place.write(note)
    with DataDirLock(place.data_dir, _NAME, elsewhere=_ELSEWHERE):
        password = note.password or make_password()
        first, keeper = hold_ports(note.printers, port, note.port or None)
        held.callback(keeper.close)
        note = replace(note, port=first, password=password)
        place.write(note)
        _fill(console, place, note)
        note = replace(note, complete=True)
        place.write(note)
    return note


def _fill(console: Console, place: DemoFolder, note: DemoNote) -> None:
    from console.demo.accounts import add_people
    from console.demo.prepare import write_fleet, write_history
    from simulator.fleet_run import FleetOptions, make_fleet

    now = utc_now()
    with _step(console) as say:
        fleet = make_fleet(FleetOptions(note.printers, note.port, note.seed, SPEED, memory=place.memory))
        done = write_fleet(place, fleet.inventory, fleet.living, now)
        models = len({one.plan.shape.name for one in fleet.living})
        add_people(place, note.password, now)
        say(f"{done.printers} printers of {models} models in {plain(place.directory)}")
    if note.complete:
        return
    with _step(console) as say:
        with progress("   the past of each printer") as bars:
            task = bars.add_task("", total=len(fleet.living))
            count = write_history(place, fleet.living, now, lambda: bars.advance(task))
        say(f"90 days of history: {count:,} points")
    console.print(f" [green]{mark(console, 'ok')}[/green] {done.issues} issues that people have filed")
    console.print(
        f" [green]{mark(console, 'ok')}[/green] {done.shelves} shelves in the store rooms, and orders"
    )


@contextmanager
def _step(console: Console) -> Iterator[Callable[[str], None]]:
    """Print a line that says what was done, and how long it took."""
    began = time.monotonic()

    def say(what: str) -> None:
        took = f"[bright_black]({time.monotonic() - began:.1f} s)[/bright_black]"
        console.print(f" [green]{mark(console, 'ok')}[/green] {what} {took}", soft_wrap=True)

    yield say


def _run(console: Console, place: DemoFolder, note: DemoNote, *, live: bool | None) -> int:
    from console.broker.credentials import make_credentials
    from console.demo.mail import mail_settings
    from console.up.options import LOOPBACK, ChildSpec, UpOptions
    from console.up.pages import first_free_port
    from console.up.runner import run_up

    mqtt_port = _mqtt_port()
    credentials = make_credentials(place.data_dir, LOOPBACK, mqtt_port)
    pages = f"{LOOPBACK}:{first_free_port(LOOPBACK, _PAGES_PORT)}"
    settings = {
        **_SETTINGS,
        **mail_settings(place, utc_now()),
        "DATA_DIR": str(place.data_dir),
        "DASHBOARD_LISTEN": pages,
        "DASHBOARD_URL": f"http://{pages}",
        "MQTT_PORT": str(mqtt_port),
    }
    place.write_settings(settings)
    console.print()
    return run_up(
        UpOptions(
            data_dir=place.data_dir,
            name=_NAME,
            elsewhere=_ELSEWHERE,
            environment=settings,
            directory=place.directory,
            mqtt_port=mqtt_port,
            extra=(ChildSpec("simulator", "simulator", _simulator_arguments(place, note)),),
            banner=_banner(place, note, mqtt_port, credentials.passwords["reader"]),
            live=live,
        )
    )


def _banner(place: DemoFolder, note: DemoNote, mqtt_port: int, reader_password: str) -> tuple[str, ...]:
    """Return what can be done with the demo; the first lines are all that a terminal of 24 has room for."""
    from console.demo.accounts import sign_in_lines
    from console.demo.mail import mail_line

    return (
        *sign_in_lines(note.password),
        f"Look     {plain(with_settings(place.settings_file))} status --watch",
        mail_line(place),
        f"Ask one  {plain(program())} poll 127.0.0.1:{note.port}",
        f"Listen   mosquitto_sub -p {mqtt_port} -u reader -P {reader_password} -t printers/+/attention",
        f"Printers simulated on 127.0.0.1, UDP ports {note.port} to {note.port + note.printers - 1}; "
        f"each is asked every {_INTERVAL_SECONDS} s",
    )


def _simulator_arguments(place: DemoFolder, note: DemoNote) -> tuple[str, ...]:
    arguments = {
        "--printers": note.printers,
        "--port": note.port,
        "--seed": note.seed,
        "--speed": SPEED,
        "--memory": place.memory,
    }
    return tuple(str(part) for pair in arguments.items() for part in pair)


def _mqtt_port() -> int:
    """Return a port that is the same from run to run, if nobody else has it."""
    from console.broker.probe import require_free
    from console.ports import free_port
    from console.up.options import LOOPBACK

    try:
        require_free(LOOPBACK, _MQTT_PORT)
    except UserError:
        return free_port(LOOPBACK)
    return _MQTT_PORT
