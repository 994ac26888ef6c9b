"""What flags say, and who can mend what."""

from collections.abc import Mapping
from typing import Final

from fleet.messages import Fixer, Supply
from fleet.part_names import supply_name

_WORN: Final = frozenset(
    {
        "opc",
        "fuser",
        "corona_wire",
        "fuser_oil_wick",
        "cleaner_unit",
        "fuser_cleaning_pad",
        "transfer_unit",
        "fuser_oiler",
    }
)

FIXERS: Final[Mapping[str, Fixer]] = {
    "jam": "anyone",
    "door_open": "anyone",
    "no_paper": "anyone",
    "paper_low": "anyone",
    "tray_missing": "anyone",
    "output_tray_missing": "anyone",
    "output_full": "anyone",
    "output_nearly_full": "anyone",
    "media_requested": "anyone",
    "service_requested": "vendor",
}
"""Who can mend it where the printer does not say; a technician if not named here."""

# {name} is the row concerned; the second sentence is for a report that names none.
_SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
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
    of_row, of_printer = _SENTENCES[code]
    return of_row.format(name=name) if name else of_printer


def part_sentence(code: str, part: str) -> str:
    """Return what a flag says of a part that the printer lists no row of: "cyan drum"."""
    if code == "supply_empty" and not part.endswith("toner"):
        return f"The {part} is at the end of its life."
    return sentence(code, f"The {part}")


def supply_sentence(code: str, supply: Supply, percent: int | None = None) -> str:
    """What a flag says of a supply, with the percentage where it is the reason."""
    measured = f" ({percent} %)" if percent is not None else ""
    if supply.supply_type in _WORN and code == "supply_low":
        return f"{supply_name(supply)} is near the end of its life{measured}."
    if supply.supply_type in _WORN and code == "supply_empty":
        return f"{supply_name(supply)} is at the end of its life."
    return sentence(code, supply_name(supply)).removesuffix(".") + f"{measured}."
