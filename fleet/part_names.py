"""What the parts of a printer are called: supplies, trays and covers, by what they say of themselves."""

import re
from functools import lru_cache
from typing import Final

from fleet.messages import Cover, InputTray, Supply

_MAX_NAME: Final = 80
# Part and serial numbers that vendors append to a supply's description.
_NUMBERS: Final = re.compile(r"[\s,;]*\b(?:PN|P/N|SN|S/N|Part No\.?)(?=[\s:\d;]|$).*$")


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
