"""`check`: what is wrong or unsafe, and how to mend it."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import Engine

from console.called import as_called
from console.check.broker import check_broker
from console.check.context import Blocks, StoredFleet, read_stored
from console.check.database import check_database, check_place
from console.check.devices import check_devices
from console.check.mail import check_mail
from console.check.safety import check_safety
from console.check.services import check_services
from console.check.settings import check_settings
from console.check.snmp import check_snmp
from console.check.timeseries import check_timeseries
from console.terminal import STYLES, foreign, make_console, mark, print_json
from core.contract.errors import EXIT_FAILED, EXIT_OK, DatabaseError, SettingsError
from core.domain.units import counted
from core.runtime.check_results import CheckLevel, CheckResult, error, warning
from core.runtime.private_files import whose
from core.runtime.settings import DatabaseSettings, load_blocks
from core.storage.database import NewerDatabase, NoDatabase, open_existing_database, sqlite_file

_KINDS = {"ok": "ok", "hint": "info", "warning": "warning", "error": "critical"}
_SUBJECT_WIDTH = 11
_LEVEL_WIDTH = 9

Finding = tuple[str, CheckResult]
"""A subject, and what was found."""


def check(
    as_json: Annotated[
        bool, typer.Option("--json", help="The findings as one object, for programs.")
    ] = False,
) -> int:
    """Say what is wrong or unsafe, and how to mend it.

    Looks at the settings, the database, the services, the broker (one printer is read again, all the way to
    the receipt), the time series, mail, SNMP from this machine, and at what should be safer. The exit code is
    1 where something does not work.

    Example: [bold]printers check[/bold]
    """
    findings: list[Finding] = []
    console = make_console()
    # On one terminal both must be of one console, or the one writes over the other.
    looking = console if console.is_terminal and not as_json else make_console(stderr=True)
    with looking.status("Looking ..."):
        for subject, found in _all_findings():
            if not as_json:
                _show(console, "" if findings and findings[-1][0] == subject else subject, found)
            findings.append((subject, found))
    counts = Counter(found.level for _, found in findings)
    if as_json:
        about = {"errors": counts["error"], "warnings": counts["warning"]}
        print_json(
            {**about, "findings": [{"subject": subject, **asdict(found)} for subject, found in findings]}
        )
    else:
        console.print(_verdict(counts))
    return EXIT_FAILED if counts["error"] else EXIT_OK


def _all_findings() -> Iterator[Finding]:
    yield from _about("settings", check_settings())
    try:
        blocks = load_blocks(Blocks)
    except SettingsError:
        return  # found above, and nothing below could be looked at as it is meant
    engine, stored = None, None
    try:
        engine, stored = _open(blocks.database)
    except NoDatabase as none:
        text, _, mend = str(none).partition(". ")
        yield "database", warning(text, mend)
        yield from _about("database", check_place(blocks.database.data_dir))
    except NewerDatabase as newer:
        text, _, _ = str(newer).partition(":")
        yield "database", error(text, "Install the newer program, or restore a backup of the older one.")
    except DatabaseError as refused:
        yield "database", error(str(refused).rstrip("."), _mend_database(blocks.database))
    if engine is not None and stored is not None:
        yield from _about("database", check_database(blocks.database, engine))
        yield from _about("services", check_services(stored))
        yield from _about("devices", check_devices(stored))
    yield from _about("broker", check_broker(blocks, stored))
    yield from _about("time series", check_timeseries(blocks.history, engine))
    if stored is not None:
        yield from _about("mail", check_mail())
        yield from _about("SNMP", check_snmp(blocks, stored))
    yield from _about("safety", check_safety(blocks, stored, os.environ))


def _mend_database(settings: DatabaseSettings) -> str:
    file = sqlite_file(settings.url)
    if file is None:
        return "Look at DATABASE_URL; does the server run?"
    if whose(file):
        return "Run this as the user of the services, or give the file to them."
    return "Look at DATA_DIR and DATABASE_URL; is the file whole? `printers restore` puts a saved one back."


def _about(subject: str, found: Iterable[CheckResult]) -> Iterator[Finding]:
    return ((subject, each) for each in found)


def _open(settings: DatabaseSettings) -> tuple[Engine, StoredFleet]:
    engine = open_existing_database(settings)
    return engine, read_stored(engine)


def _show(console: Console, subject: str, found: CheckResult) -> None:
    """Print one finding as it comes; without its subject where that stands above it."""
    table = Table.grid(padding=(0, 1))
    table.add_column(width=_SUBJECT_WIDTH, no_wrap=True)
    table.add_column(width=_LEVEL_WIDTH, no_wrap=True)
    table.add_column(overflow="fold")
    kind = _KINDS[found.level]
    text = foreign(as_called(found.text))
    if found.mend:
        text.append("\n").append_text(foreign(as_called(found.mend), "dim"))
    table.add_row(
        foreign(subject, "bold"), foreign(f"{mark(console, kind)} {found.level}", STYLES[kind]), text
    )
    console.print(table)


def _verdict(counts: Counter[CheckLevel]) -> str:
    if counts["error"]:
        also = f" and {counted(counts['warning'], 'warning')}" if counts["warning"] else ""
        return f"\n[bold red]{counted(counts['error'], 'error')}{also}.[/bold red]"
    if counts["warning"]:
        return f"\nNothing is broken; [yellow]{counted(counts['warning'], 'warning')}[/yellow]."
    return "\n[green]All is well.[/green]"
