"""Supplies as things to order: the name of a part without what is particular to one piece of it."""

import re
from typing import Final

# Vendors append the serial number of the piece; the part number is what is ordered, and stays.
_SERIAL: Final = re.compile(
    r"[\s,;]*\b(?:S/N|SN|Serial(?: No\.?)?)\s*[:#]?\s*(?=[A-Z0-9-]*\d)[A-Z0-9-]{5,}", re.IGNORECASE
)
_LONGEST: Final = 120


def part_name(description: str | None, colorant: str | None, supply_type: str | None) -> str:
    """What to order: its description, with the colour where that does not say it."""
    text = _SERIAL.sub("", description or "").strip(" ,;")[:_LONGEST]
    kind = (supply_type or "").replace("_", " ")
    name = text or kind.capitalize() or "Supply"
    colour = (colorant or "").strip()
    says_it = not colour or colour.casefold() in name.casefold() or any(map(str.isdigit, name))
    return name if says_it else f"{name}, {colour}"
