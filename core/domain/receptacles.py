"""Which supplies fill up and are not used up: waste containers. Pure."""

import re
from typing import Final

from core.contract.messages import Supply
from core.contract.printer_mib import RECEPTACLE, RECEPTACLE_TYPES

_WASTE_TEXT: Final = re.compile(r"\bwaste\b|rest-?toner|used toner", re.IGNORECASE)


def is_untold(supply: Supply) -> bool:
    """Return whether its type is not reported."""
    return supply.supply_type in (None, "other", "unknown") or str(supply.supply_type).startswith("code_")


def is_receptacle(supply: Supply) -> bool:
    """Return whether it fills up: by its type, which vendors get right more often than the class.

    Else by class or text.
    """
    if not is_untold(supply):
        return supply.supply_type in RECEPTACLE_TYPES
    return supply.supply_class == RECEPTACLE or says_waste(supply)


def says_waste(supply: Supply) -> bool:
    """Return whether its description speaks of waste."""
    return bool(_WASTE_TEXT.search(supply.description or ""))
