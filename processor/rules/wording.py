"""What flags say, and who can mend what."""

from collections.abc import Mapping
from typing import Final

from core.contract.messages import Fixer, Supply
from core.domain.flag_wording import sentence
from core.domain.part_names import supply_name

__all__ = ["FIXERS", "sentence", "supply_sentence"]

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
