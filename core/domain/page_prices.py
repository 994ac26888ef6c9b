"""Prices of pages, and what the pages of printers cost by them. Pure.

Amounts are exact: whole pages times decimal prices. They are rounded where they are shown, never before they
are added up.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from operator import attrgetter
from typing import Final

from core.contract.errors import UserError
from core.domain.supply_parts import LONGEST_NAME, read_amount
from core.domain.text import one_line
from core.domain.units import month

EVERY_OTHER: Final = "Every other model"
"""What the price without a model is called: it is that of models without one of their own."""
DIGITS: Final = 4
"""Behind the point: a page costs fractions of a cent."""
_STEP: Final = Decimal(1).scaleb(-DIGITS)
_CENT: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class PriceEntry:
    """A price as somebody wants it."""

    model: str
    """"": of every model without a price of its own."""
    mono: Decimal
    """Of a page in mono; 0: it is free."""
    color: Decimal | None
    """Of a page in color; None: there is no price."""
    since: date
    """The first day of the month from which it holds."""

    @property
    def key(self) -> str:
        """What tells models apart: their names without case."""
        return model_key(self.model)

    @property
    def called(self) -> str:
        """The model, or what stands for all others."""
        return self.model or EVERY_OTHER

    def words(self, currency: str) -> str:
        """Return `Every other model since Nov 2026: EUR 0.02 mono, EUR 0.085 color`."""
        color = "no price for color" if self.color is None else f"{page_money(self.color, currency)} color"
        return f"{self.called} since {month(self.since)}: {page_money(self.mono, currency)} mono, {color}"


@dataclass(frozen=True, slots=True)
class PagePrice:
    """A price as it is stored: who changes it says by its version what they have seen."""

    id: int
    entry: PriceEntry
    version: int


@dataclass(frozen=True)
class PriceList:
    """All prices, those before today's as well: an old period costs what it cost."""

    prices: tuple[PagePrice, ...]

    def price_of(self, model: str, on: date) -> PriceEntry | None:
        """Return the price of a model in the month of a day; None where none was in force yet."""
        return self._in_force(model_key(model), on) or self._in_force("", on)

    def _in_force(self, key: str, on: date) -> PriceEntry | None:
        known = self._by_model.get(key, ())
        at = bisect_right(known, on, key=attrgetter("since"))
        return known[at - 1] if at else None

    @cached_property
    def _by_model(self) -> Mapping[str, list[PriceEntry]]:
        found: dict[str, list[PriceEntry]] = defaultdict(list)
        for price in sorted(self.prices, key=attrgetter("entry.since")):
            found[price.entry.key].append(price.entry)
        return found


@dataclass(frozen=True, slots=True)
class PrintedPages:
    """Pages of a printer in a month; None where nobody knows."""

    pages: int | None
    mono: int | None = None
    """As its maker counts them,"""
    color: int | None = None
    """and these, too."""


@dataclass(frozen=True, slots=True)
class Charge:
    """Pages, and what they cost; those of several printers or months are added up by +."""

    mono: int = 0
    color: int = 0
    untold: int = 0
    """Pages that nobody tells apart: they are charged as mono."""
    unpriced: int = 0
    """Pages of these that have no price, and so are not in the amount."""
    amount: Decimal | None = None
    """None where no page has a price: that is not 0, which is free."""
    is_counted: bool = False
    """Whether anybody knows how many pages there were."""
    is_told: bool = False
    """Whether the maker counts mono or color."""

    @property
    def pages(self) -> int:
        """All pages that are known."""
        return self.mono + self.color + self.untold

    def __add__(self, other: "Charge") -> "Charge":
        amounts = [each for each in (self.amount, other.amount) if each is not None]
        return Charge(
            self.mono + other.mono,
            self.color + other.color,
            self.untold + other.untold,
            self.unpriced + other.unpriced,
            sum(amounts, start=Decimal(0)) if amounts else None,
            self.is_counted or other.is_counted,
            self.is_told or other.is_told,
        )


def charge(printed: PrintedPages, price: PriceEntry | None) -> Charge:
    """Return what the pages of a month cost by the price that is in force in it.

    A maker may count more than the pages that the printer itself has counted: then its counts hold.
    """
    told = [each for each in (printed.mono, printed.color) if each is not None]
    if printed.pages is None and not told:
        return Charge()
    mono, color = printed.mono or 0, printed.color or 0
    untold = max(0, (printed.pages or 0) - mono - color)
    unpriced, amount = mono + color + untold, None
    if price is not None:
        unpriced, amount = 0, price.mono * (mono + untold)
        if price.color is not None:
            amount += price.color * color
        elif color:
            unpriced, amount = color, amount if mono + untold else None
    return Charge(mono, color, untold, unpriced, amount, is_counted=True, is_told=bool(told))


def charged(charges: Iterable[Charge]) -> Charge:
    """Return all of them together."""
    return sum(charges, start=Charge())


def model_key(model: str) -> str:
    """Return what models are compared by."""
    return one_line(model).casefold()


def read_price_entry(model: str, mono: str, color: str, since: date) -> PriceEntry:
    """Return a price that somebody has typed; raise UserError with a sentence."""
    named = one_line(model)
    if len(named) > LONGEST_NAME:
        raise UserError(f"A model has at most {LONGEST_NAME} characters; this has {len(named):,}.")
    of_mono = _read(mono)
    if of_mono is None:
        raise UserError("The price of a page in mono is missing: type it in, 0 where pages are free.")
    return PriceEntry(named, of_mono, _read(color), since.replace(day=1))


def page_money(price: Decimal, currency: str) -> str:
    """Return `EUR 0.02`, `EUR 0.0125`: cents, and what of them a price needs."""
    fewest = price.quantize(_CENT)
    return f"{currency} {fewest if fewest == price else price.normalize():,f}"


def _read(text: str) -> Decimal | None:
    price = read_amount(text)
    if price is None:
        return None
    kept = price.quantize(_STEP)
    if kept != price:
        raise UserError(f"A price of a page has at most {DIGITS} digits behind the point; {price} has more.")
    return kept
