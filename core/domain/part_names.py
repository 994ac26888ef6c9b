"""Names for the parts of a printer (supplies, trays, covers) from their own descriptions."""

import re
from functools import lru_cache
from typing import Final

from core.contract.messages import Cover, InputTray, OutputTray, Supply

_MAX_NAME: Final = 80
# Part and serial numbers that vendors append to a supply's description.
_NUMBERS: Final = re.compile(r"[\s,;]*\b(?:PN|P/N|SN|S/N|Part No\.?)(?=[\s:\d;]|$).*$")

# Only the serial number of the piece: the part number is what is ordered.
_SERIAL: Final = re.compile(
    r"[\s,;]*\b(?:S/N|SN|Serial(?: No\.?)?)\s*[:#]?\s*(?P<serial>(?=[A-Z0-9-]*\d)[A-Z0-9-]{5,})",
    re.IGNORECASE,
)
_MAX_ORDER_NAME: Final = 120


def supply_name(supply: Supply) -> str:
    """Return its description without part numbers; else color and type; else its row."""
    text = _without_numbers(supply.description or "")
    if text:
        return text
    known = supply.supply_type and not supply.supply_type.startswith(("code_", "other", "unknown"))
    words = [supply.colorant, supply.supply_type.replace("_", " ") if known and supply.supply_type else None]
    return " ".join(word for word in words if word).capitalize() or f"Supply {row_of(supply.index)}"


@lru_cache(maxsize=2048)
def _without_numbers(description: str) -> str:
    return _NUMBERS.sub("", description).strip()[:_MAX_NAME].strip()


def order_name(description: str | None, colorant: str | None, supply_type: str | None) -> str:
    """Return what to order: its description, with the color where that does not say it."""
    text = _SERIAL.sub("", description or "").strip(" ,;")[:_MAX_ORDER_NAME]
    name = text or (supply_type or "").replace("_", " ").capitalize() or "Supply"
    color = (colorant or "").strip()
    says_it = not color or color.casefold() in name.casefold() or any(map(str.isdigit, name))
    return name if says_it else f"{name}, {color}"


def serial_in(description: str) -> str:
    """Return the serial number of the piece that the description of a supply has; "" where it has none."""
    found = _SERIAL.search(description)
    return found["serial"] if found else ""


def tray_name(tray: InputTray) -> str:
    """Return its name; a mere number becomes "Tray 2"."""
    text = (tray.name or tray.description or row_of(tray.index))[:_MAX_NAME].strip()
    return f"Tray {text}" if text.isdecimal() else text


def output_tray_name(tray: OutputTray) -> str:
    """Return its name; a mere number becomes "Output tray 2"."""
    text = (tray.name or tray.description or row_of(tray.index))[:_MAX_NAME].strip()
    return f"Output tray {text}" if text.isdecimal() else text


def cover_name(cover: Cover) -> str:
    """Return its description, or its number."""
    text = (cover.description or row_of(cover.index))[:_MAX_NAME].strip()
    return f"Cover {text}" if text.isdecimal() else text


def row_of(index: str) -> str:
    """Return the row of "hrDeviceIndex.rowIndex"."""
    return index.rpartition(".")[2]
