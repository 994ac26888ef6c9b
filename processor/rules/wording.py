"""What flags say: the names of trays and supplies, the sentences, and who can mend what."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from fleet.messages import Cover, Fixer, InputTray, Supply

_MAX_NAME: Final = 80
# Part and serial numbers that vendors append to a supply's description.
_NUMBERS: Final = re.compile(r"[\s,;]*\b(?:PN|P/N|SN|S/N|Part No\.?)(?=[\s:\d;]|$).*$")
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
    "service_requested": "vendor",
}
"""Who can mend it where the printer does not say; a technician if not named here."""

# {name} is the row concerned; the second sentence is for a report that names none.
_SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    "jam": ("Paper is jammed at {name}.", "Paper is jammed."),
    "door_open": ("{name} is open.", "A cover is open."),
    "no_paper": ("{name} is out of paper.", "The printer is out of paper."),
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


def supply_sentence(code: str, supply: Supply, percent: int | None = None) -> str:
    """What a flag says of a supply, with the percentage where it is the reason."""
    measured = f" ({percent} %)" if percent is not None else ""
    if supply.supply_type in _WORN and code == "supply_low":
        return f"{supply_name(supply)} is near the end of its life{measured}."
    if supply.supply_type in _WORN and code == "supply_empty":
        return f"{supply_name(supply)} is at the end of its life."
    return sentence(code, supply_name(supply)).removesuffix(".") + f"{measured}."


def supply_name(supply: Supply) -> str:
    """Its description without part numbers; else colour and type; else its row."""
    text = _without_numbers(supply.description or "")
    if text:
        return text
    known = supply.supply_type and not supply.supply_type.startswith(("code_", "other", "unknown"))
    words = [supply.colorant, supply.supply_type.replace("_", " ") if known and supply.supply_type else None]
    return " ".join(word for word in words if word).capitalize() or f"Supply {row_of(supply.index)}"


@lru_cache(maxsize=2048)
def _without_numbers(description: str) -> str:
    return _NUMBERS.sub("", description).strip()[:_MAX_NAME].strip()


def tray_name(tray: InputTray) -> str:
    """Its name; a mere number becomes "Tray 2"."""
    text = (tray.name or tray.description or row_of(tray.index))[:_MAX_NAME].strip()
    return f"Tray {text}" if text.isdecimal() else text


def cover_name(cover: Cover) -> str:
    """Its description, or its number."""
    text = (cover.description or row_of(cover.index))[:_MAX_NAME].strip()
    return f"Cover {text}" if text.isdecimal() else text


def row_of(index: str) -> str:
    """The row of "hrDeviceIndex.rowIndex"."""
    return index.rpartition(".")[2]
