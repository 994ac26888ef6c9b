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
from typing import Final, NamedTuple

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

    def price_of(self, model: str, on: date) -> PagePrice | None:
        """Return the price of a model in the month of a day; None where none was in force yet."""
        return self._in_force(model_key(model), on) or self._in_force("", on)

    def _in_force(self, key: str, on: date) -> PagePrice | None:
        known = self._by_model.get(key, ())
        at = bisect_right(known, on, key=attrgetter("entry.since"))
        return known[at - 1] if at else None

    @cached_property
    def _by_model(self) -> Mapping[str, list[PagePrice]]:
        found: dict[str, list[PagePrice]] = defaultdict(list)
        for price in sorted(self.prices, key=attrgetter("entry.since")):
            found[price.entry.key].append(price)
        return found


class PrintedPages(NamedTuple):
    """Pages as they are charged; `printed_pages` makes them of what was counted in a month."""

    mono: int = 0
    color: int = 0
    untold: int = 0
    """Pages that nobody tells apart: they are charged as mono."""
    is_counted: bool = False
    """Whether anybody knows how many pages there were."""
    is_told: bool = False
    """Whether the maker counts mono or color."""

    def plus(self, other: "PrintedPages") -> "PrintedPages":
        """Return both together."""
        return PrintedPages(
            self.mono + other.mono,
            self.color + other.color,
            self.untold + other.untold,
            self.is_counted or other.is_counted,
            self.is_told or other.is_told,
        )


_NOTHING: Final = PrintedPages()


@dataclass(frozen=True, slots=True)
class Charge:
    """Pages, and what they cost; those of several printers or prices are added up by +."""

    printed: PrintedPages = _NOTHING
    unpriced: int = 0
    """Pages of these that have no price, and so cost nothing here."""
    cost: Decimal = Decimal(0)
    """Of the others."""
    is_priced: bool = False
    """Whether there was any price."""

    @property
    def pages(self) -> int:
        """All pages that are known."""
        return self.printed.mono + self.printed.color + self.printed.untold

    @property
    def amount(self) -> Decimal | None:
        """What is owed; None where no page has a price: that is not 0, which is free."""
        return self.cost if self.is_priced and not 0 < self.unpriced == self.pages else None

    def __add__(self, other: "Charge") -> "Charge":
        return Charge(
            self.printed.plus(other.printed),
            self.unpriced + other.unpriced,
            self.cost + other.cost,
            self.is_priced or other.is_priced,
        )


def printed_pages(pages: int | None, mono: int | None, color: int | None) -> PrintedPages:
    """Return what was printed in a month: pages as the printer counts them, mono and color as its maker does.

    None: not known. A maker may count more than the printer itself: then its counts hold.
    """
    is_told = mono is not None or color is not None
    of_mono, of_color = mono or 0, color or 0
    untold = max(0, (pages or 0) - of_mono - of_color)
    return PrintedPages(of_mono, of_color, untold, is_told or pages is not None, is_told)


def charge(printed: PrintedPages, price: PriceEntry | None) -> Charge:
    """Return what pages cost by the price that was in force when they were printed."""
    if not printed.is_counted:
        return Charge(printed)
    as_mono = printed.mono + printed.untold
    if price is None:
        return Charge(printed, as_mono + printed.color)
    if price.color is None:
        return Charge(printed, printed.color, price.mono * as_mono, is_priced=True)
    return Charge(printed, 0, price.mono * as_mono + price.color * printed.color, is_priced=True)


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
