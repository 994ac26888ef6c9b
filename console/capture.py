"""`capture`: record a printer without a word about whose it is, for others to look into."""

from pathlib import Path
from typing import Annotated

import typer

from collector.hosts import address_of, printer_at
from console.files import file_errors
from console.terminal import make_console, plain
from core.contract.errors import EXIT_OK, UserError
from core.domain.units import counted
from core.runtime.settings import SnmpSettings, load

_HEAD = "# A printer as `printers capture` has recorded it: names, numbers and addresses in it are made up.\n"


def capture(
    host: Annotated[str, typer.Argument(metavar="HOST[:PORT]", help="IP address or host name.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write, NAME.snmprec.")],
    profile: Annotated[
        str, typer.Option(help="The credential profile to ask with (SNMP_PROFILES).")
    ] = "default",
    also: Annotated[
        list[str] | None,
        typer.Option(metavar="OID", help="Record what stands below this object, too; repeatable."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace FILE.")] = False,
) -> int:
    """Record what a printer answers, anonymized: for a report of a printer that is judged wrongly.

    Serial numbers, names, places, addresses, phone numbers and mail addresses become others of the same
    shape, the same one everywhere in the file; the key to that is kept nowhere. Read the file before you
    give it away.

    Example: [bold]printers capture 10.0.0.5 copier.snmprec[/bold]
    """
    if file.exists() and not force:
        raise UserError(f"{file} is there already: choose another name, or replace it with --force.")
    from collector.capture.record import record

    printer = printer_at(host, profile)
    with make_console(stderr=True).status(f"Recording {plain(address_of(printer))} ..."):
        lines = record(printer, load(SnmpSettings), also or ())
    with file_errors(file, "written"):
        file.write_text(_HEAD + "".join(f"{line}\n" for line in lines), encoding="ascii", newline="\n")
    console = make_console()
    console.print(f"{counted(len(lines), 'object')} written to {plain(file)}.")
    console.print("Read it before you share it: it may still hold what only a person recognizes.")
    console.print(f"See how it is judged:  printers simulate --recording {plain(file)}")
    return EXIT_OK
