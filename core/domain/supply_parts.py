"""Identify the part that a supply takes: part number, color and kind, from its description. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from core.contract.errors import UserError
from core.domain.part_names import order_name
from core.domain.part_numbers import part_number_of
from core.domain.text import one_line

LONGEST_NUMBER: Final = 60
LONGEST_NAME: Final = 120
MOST_PIECES: Final = 100_000
"""Of one part, on a shelf or in an order."""
_HIGHEST_PRICE: Final = Decimal(1_000_000)
_CENT: Final = Decimal("0.01")

COLORS: Final = (
    "light cyan",
    "light magenta",
    "black",
    "cyan",
    "magenta",
    "yellow",
    "gray",
    "red",
    "green",
    "blue",
)
_COLORS_ELSEWHERE: Final[Mapping[str, str]] = {"schwarz": "black", "gelb": "yellow", "grey": "gray"}

KINDS: Final[Mapping[str, str]] = {
    "toner": "Toner",
    "ink": "Ink",
    "drum": "Drum",
    "developer": "Developer",
    "fuser": "Fuser",
    "transfer": "Transfer unit",
    "waste": "Waste container",
    "staples": "Staples",
    "maintenance": "Maintenance kit",
    "other": "Other",
}
"""The kinds of parts in words."""
_KIND_OF_TYPE: Final[Mapping[str, str]] = {
    "toner": "toner",
    "toner_cartridge": "toner",
    "ink": "ink",
    "ink_cartridge": "ink",
    "opc": "drum",
    "developer": "developer",
    "fuser": "fuser",
    "transfer_unit": "transfer",
    "waste_toner": "waste",
    "waste_ink": "waste",
    "staples": "staples",
    "maintenance_kit": "maintenance",
}


@dataclass(frozen=True)
class SupplyPart:
    """The part that a supply of a model takes, as its printer tells."""

    model: str
    called: str
    """What is ordered, as the printer calls it: see part_names.order_name."""
    number: str
    """The part number; "" where the printer tells none."""
    color: str
    """One of COLORS; "" where it has none."""
    kind: str
    """One of KINDS."""


def supply_part(
    model: str, description: str | None, colorant: str | None, supply_type: str | None
) -> SupplyPart:
    """Return the part that a supply takes; texts are those of the printer."""
    said = one_line(description or "", 200)
    called = order_name(said, one_line(colorant or "", 40), one_line(supply_type or "", 40))
    return SupplyPart(
        model=one_line(model, 80) or "Unknown model",
        called=called,
        number=part_number_of(said),
        color=color_of(colorant or "") or color_of(called),
        kind=_KIND_OF_TYPE.get(supply_type or "", "other"),
    )


def color_of(text: str) -> str:
    """Return the first of COLORS that a text names; "" where it names none."""
    said = text.casefold()
    for elsewhere, ours in _COLORS_ELSEWHERE.items():
        said = said.replace(elsewhere, ours)
    return next((color for color in COLORS if color in said), "")


def part_key(part: SupplyPart) -> str:
    """Return what tells a part from others: its number, else what one model's printers call it.

    Some vendors have one number for a set, such as Canon's GPR-53: color and kind tell its parts apart.
    """
    if part.number:
        return f"number:{part.number}|{part.kind}|{part.color}".casefold()
    return f"name:{part.model}|{part.called}".casefold()


def read_number(text: str) -> str:
    """Return a part number that somebody has typed; raise UserError with a sentence."""
    number = one_line(text)
    if len(number) > LONGEST_NUMBER:
        raise UserError(
            f"A part number has at most {LONGEST_NUMBER} characters; this has {len(number):,}. Shorten it."
        )
    return number


def read_name(text: str, what: str) -> str:
    """Return a name that somebody has typed; raise UserError with a sentence."""
    name = one_line(text)
    if not name:
        raise UserError(f"{what} is missing: type it in.")
    if len(name) > LONGEST_NAME:
        raise UserError(f"{what} has at most {LONGEST_NAME} characters; this has {len(name):,}. Shorten it.")
    return name


def read_pieces(value: object, *, least: int = 1, what: str = "A quantity") -> int:
    """Return a number of pieces that somebody has typed; raise UserError with a sentence."""
    text = str(value).strip()
    if not re.fullmatch(r"[+-]?[0-9]{1,12}", text):
        raise UserError(f"{what} is a whole number; {one_line(text, 30, ellipsis=True)!r} is none.")
    pieces = int(text)
    if pieces < least:
        raise UserError(f"{what} is {least} or more; {pieces} cannot be.")
    if pieces > MOST_PIECES:
        raise UserError(f"{what} is at most {MOST_PIECES:,}; {pieces:,} cannot be.")
    return pieces


def read_price(text: str) -> Decimal | None:
    """Return a price in cents that somebody has typed, None for nothing; raise UserError with a sentence."""
    price = read_amount(text)
    return None if price is None else price.quantize(_CENT)


def read_amount(text: str) -> Decimal | None:
    """Return the same with all of its digits."""
    typed = one_line(text).replace(" ", "")
    if not typed:
        return None
    # 1234,50 is a price in half of Europe; 1,234.50 in the other half and overseas.
    plain = typed.replace(",", "") if "." in typed else typed.replace(",", ".")
    try:
        price = Decimal(plain)
    except InvalidOperation:
        price = Decimal("NaN")
    if not price.is_finite() or not re.fullmatch(r"[0-9.]+", plain):
        raise UserError(f"A price is a number such as 84.50; {one_line(text, 30, ellipsis=True)!r} is none.")
    if price > _HIGHEST_PRICE:
        raise UserError(f"A price is at most {_HIGHEST_PRICE:,}; {price:,} cannot be.")
    return price


def money(amount: Decimal, currency: str) -> str:
    """Return `EUR 1,234.50`."""
    return f"{currency} {amount:,.2f}"
