"""What a flag says, by its code: with the name of the part concerned, or of the printer as a whole."""

from collections.abc import Mapping
from typing import Final

# {name} is the row concerned; the second sentence is for a report that names none.
SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    "jam": ("Paper is jammed at {name}.", "Paper is jammed."),
    "door_open": ("{name} is open.", "A cover is open."),
    "no_paper": ("{name} is out of paper.", "The printer is out of paper."),
    "media_requested": ("The printer asks for paper in {name}.", "The printer asks for paper."),
    "paper_low": ("{name} is low on paper.", "Paper is low."),
    "tray_missing": ("{name} is missing or open.", "A paper tray is missing or open."),
    "output_tray_missing": ("{name} is missing.", "An output tray is missing."),
    "output_full": ("{name} is full.", "The output tray is full."),
    "output_nearly_full": ("{name} is nearly full.", "The output tray is nearly full."),
    "supply_low": ("{name} is low.", "Toner or ink is low."),
    "supply_empty": ("{name} is empty.", "Toner or ink is empty."),
    "supply_missing": ("{name} is missing.", "A cartridge or another supply is missing."),
    "waste_nearly_full": ("{name} is nearly full.", "The waste container is nearly full."),
    "waste_full": ("{name} is full.", "The waste container is full."),
    "service_requested": ("The printer asks for service.", "The printer asks for service."),
    "maintenance_due": ("Maintenance is due.", "Maintenance is due."),
    "offline": ("The printer has been taken offline.", "The printer has been taken offline."),
}


def sentence(code: str, name: str | None = None) -> str:
    """What a flag says of the row of that name, or of the printer."""
    of_row, of_printer = SENTENCES[code]
    return of_row.format(name=name) if name else of_printer
