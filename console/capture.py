"""`capture`: record a printer without a word about whose it is, for others to look into."""

import subprocess
from pathlib import Path
from typing import Annotated

import typer

from console.poll import address_of
from console.services import module_command
from console.terminal import make_console, plain
from core.contract.errors import EXIT_OK, UserError
from core.domain.units import counted

_LONGEST_SECONDS = 600.0
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
    """Record what a printer answers, anonymised: for a report of a printer that is judged wrongly.

    Serial numbers, names, places, addresses, phone numbers and mail addresses become others of the same
    shape, the same one everywhere in the file; the key to that is kept nowhere. Read the file before you
    give it away.

    Example: [bold]printers capture 10.0.0.5 copier.snmprec[/bold]
    """
    if file.exists() and not force:
        raise UserError(f"{file} is there already: choose another name, or replace it with --force.")
    address = address_of(host)
    named = [f"--also={oid}" for oid in also or ()]
    with make_console(stderr=True).status(f"Recording {plain(address)} ..."):
        text = _recorded(
            module_command("collector", "--capture", "--host", address, "--profile", profile, *named)
        )
    try:
        file.write_text(_HEAD + text, encoding="ascii", newline="\n")
    except OSError as error:
        raise UserError(f"{file} cannot be written: {error.strerror}.") from error
    console = make_console()
    console.print(f"{counted(text.count(chr(10)), 'object')} written to {plain(file)}.")
    console.print("Read it before you give it away: what only a person recognises may still be in it.")
    console.print(f"See how it is judged:  printers simulate --recording {plain(file)}")
    return EXIT_OK


def _recorded(command: list[str]) -> str:
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=_LONGEST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise UserError(f"the printer was not recorded within {_LONGEST_SECONDS:.0f} s.") from None
    if done.returncode or not done.stdout:
        last = (done.stderr.strip().splitlines() or [f"the collector ended with {done.returncode}"])[-1]
        raise UserError(last.removeprefix("error: "))
    return done.stdout
