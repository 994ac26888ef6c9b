"""Part numbers that vendors write into the description of a supply. Pure.

Xerox: "Cyan Toner Cartridge, PN 006R01702;SN1A2B3C"; Kyocera: "TK-5240C"; HP: "Black Cartridge HP CF226X";
Ricoh and Konica Minolta tell none.
"""

import re
from functools import lru_cache
from typing import Final

_SERIAL: Final = re.compile(
    r"\b(?:S/N|SN|Serial(?: No\.?| Number)?)\s*[:#]?\s*(?=[A-Z0-9-]*\d)[A-Z0-9-]{5,40}", re.IGNORECASE
)
_LABELED: Final = re.compile(
    r"\b(?:PN|P/N|Part(?: No\.?| Number)?)\s*[:#]?\s*(?P<number>[A-Z0-9][A-Z0-9-]{3,30})", re.IGNORECASE
)
_BARE: Final = re.compile(r"\b(?P<number>(?=[A-Z0-9-]*[0-9]{2})[A-Z]{1,4}-?[0-9]{2,}[A-Z0-9-]{0,12})\b")
"""A word of capitals and digits, as vendors name their parts: TK-5240C, CF226X, W2020A, TN-423BK."""


@lru_cache(maxsize=4096)
def part_number_of(description: str) -> str:
    """Return the part number that a description tells; "" where it tells none."""
    text = _SERIAL.sub(" ", description)
    found = _LABELED.search(text) or _BARE.search(text)
    number = found["number"].strip("-") if found else ""
    return number.upper() if any(map(str.isdigit, number)) else ""
