"""The command `printers discover`."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Final

import typer

from console.database import open_to_preview, open_to_write
from console.discover.sweep import run_sweep
from console.discover.view import as_json, show
from console.files import write_spreadsheet
from console.terminal import make_console, plain, print_json
from core.contract.discovery_messages import FoundPrinter
from core.contract.errors import EXIT_OK, UserError
from core.domain.inventory.csv_file import write_inventory
from core.domain.inventory.discovery_plan import Proposal, propose
from core.domain.inventory.fields import BadValue, clean_site
from core.domain.units import counted
from core.runtime.settings import CommonSettings, load
from core.runtime.wall_clock import utc_now
from core.storage.audit import COMMAND_LINE
from core.storage.database import reading, writing
from core.storage.inventory import apply_plan, hold_inventory, read_known_printers

_PORTS: Final = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?")
_MOST_PORTS: Final = 64


def discover(  # noqa: PLR0913, PLR0917 (the options of a command)
    networks: Annotated[
        list[str], typer.Argument(metavar="NETWORK", help="Networks such as 10.0.0.0/24, or addresses.")
    ],
    profile: Annotated[
        str, typer.Option(help="The credential profile to ask with (SNMP_PROFILES).")
    ] = "default",
    port: Annotated[
        list[str] | None, typer.Option(metavar="PORT", help="UDP port or ports (161, 1161-1180); repeatable.")
    ] = None,
    site: Annotated[str, typer.Option(help="Whose collector polls the new ones; SITE if not given.")] = "",
    add: Annotated[
        bool, typer.Option("--add", help="Take over the new ones and the new addresses of those that moved.")
    ] = False,
    csv: Annotated[
        Path | None,
        typer.Option("--csv", metavar="FILE", help="Write that as CSV, to be edited and imported."),
    ] = None,
    json_: Annotated[bool, typer.Option("--json", help="What was found as one JSON list.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="More addresses than a /16 has are meant.")] = False,
) -> int:
    """Look for printers in networks, and say which are new, known, or known under another address.

    Each address is asked once, a hundred a second. A printer is known by its serial number, else by its
    MAC address, else by its address; nobody is added twice. Without --add nothing is changed.

    Example: [bold]printers discover 10.0.0.0/24 --add[/bold]
    """
    if add + (csv is not None) + json_ > 1:
        raise UserError("--add, --csv and --json do not go together: look first, then choose one.")
    at = _site(site)
    found, notes = run_sweep(networks, _ports(port or []), profile, confirmed=yes)
    proposal = _proposal(found, at, profile, write=add)
    if json_:
        print_json([as_json(sighting) for sighting in proposal.sightings])
        return EXIT_OK
    _tell(proposal, notes, added=add, csv=csv)
    return EXIT_OK


def _tell(proposal: Proposal, notes: Iterable[str], *, added: bool, csv: Path | None) -> None:
    console = make_console()
    for note in notes:
        console.print(f"[yellow]{plain(note)}[/yellow]")
    show(console, proposal, added=added)
    if csv is not None and (proposal.plan.added or proposal.plan.changed):
        changes = [*proposal.plan.added, *proposal.plan.changed]
        write_spreadsheet(csv, write_inventory(change.after for change in changes))
        console.print(f"Written to {plain(csv)}: edit it, then [bold]printers import {plain(csv)}[/bold]")
    elif csv is not None:
        console.print(f"{plain(csv)} is not written: there is nothing to import.")


def _proposal(found: Iterable[FoundPrinter], site: str, profile: str, *, write: bool) -> Proposal:
    """Plan what the found printers mean for the inventory, and with `write` do it, in one transaction."""
    engine = open_to_write() if write else open_to_preview()
    with (writing if write else reading)(engine) as connection:
        if write:
            hold_inventory(connection)
        proposal = propose(found, read_known_printers(connection), site=site, profile=profile)
        if write:
            apply_plan(connection, proposal.plan, utc_now(), actor=COMMAND_LINE)
    return proposal


def _site(name: str) -> str:
    try:
        return clean_site(name) if name else load(CommonSettings).site
    except BadValue as bad:
        raise UserError(f"{bad}.") from bad


def _ports(texts: Iterable[str]) -> list[int]:
    """Return every port that is named; none: the usual one."""
    ports: list[int] = []
    for text in texts:
        match = _PORTS.fullmatch(text.strip())
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if match is None or first > last:
            raise UserError(f"`{text}` is not a UDP port: write it as 161, or several as 1161-1180.")
        if last - first >= _MOST_PORTS:
            raise UserError(f"{counted(last - first + 1, 'port')} are too many: name {_MOST_PORTS} at most.")
        ports += range(first, last + 1)
    return ports
