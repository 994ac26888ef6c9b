"""Show the findings of a sweep as a table, and as JSON."""

from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from console.tables import word_table
from console.terminal import STYLES, foreign
from core.domain.inventory.discovery_plan import Proposal, Sighting, Status
from core.domain.units import counted

_STYLES: Final[dict[Status, str]] = {
    "new": "green",
    "moved": "cyan",
    "known": STYLES["quiet"],
    "same": STYLES["quiet"],
    "conflict": STYLES["warning"],
}
_TITLES: Final = ("", "address", "model", "serial", "location", "")
_SIGNS: Final = {"serial": "serial number", "mac": "MAC address", "host": "address", "": ""}


def show(console: Console, proposal: Proposal, *, added: bool) -> None:
    """Print every printer with its status, the sums, and the next steps."""
    if proposal.sightings:
        console.print(_table(console, proposal.sightings))
    new, moved = len(proposal.of("new")), len(proposal.of("moved"))
    console.print(
        f"{counted(len(proposal.sightings), 'printer')} found: [green]{new} new[/green], "
        f"[cyan]{moved} under another address[/cyan], {len(proposal.of('known'))} known as they are."
    )
    if not proposal.sightings:
        console.print(
            "[dim]Is SNMP switched on in the printers, their community that of SNMP_COMMUNITY (or "
            "--profile), and UDP port 161 open between here and there?[/dim]"
        )
    for refused in proposal.plan.refused:
        console.print(foreign(f"Not imported: {refused.reason}.", STYLES["warning"]))
    if added:
        changed = counted(len(proposal.plan.changed), "printer")
        console.print(f"{counted(len(proposal.plan.added), 'printer')} added, {changed} changed.")
    elif proposal.plan.added or proposal.plan.changed:
        console.print("[dim]--add takes this over; --csv FILE writes it for a spreadsheet.[/dim]")


def as_json(sighting: Sighting) -> dict[str, Any]:
    """Return one sighting for programs."""
    about = {name: getattr(sighting, name) for name in ("status", "printer_id", "known_by", "note")}
    return {**sighting.found.model_dump(mode="json"), **about}


def _table(console: Console, sightings: list[Sighting]) -> Table:
    return word_table(console, _TITLES, [_row(sighting) for sighting in sightings])


def _row(sighting: Sighting) -> list[Text]:
    one = sighting.found
    about = (f"{one.host}:{one.port}", one.model, one.serial_number, one.system_location)
    status = foreign(sighting.status, _STYLES[sighting.status])
    return [status, *(foreign(cell or "") for cell in about), foreign(_about(sighting), "dim")]


def _about(sighting: Sighting) -> str:
    known = f"{sighting.printer_id} by its {_SIGNS[sighting.known_by]}" if sighting.known_by else ""
    return ", ".join(part for part in (known, sighting.note) if part)
