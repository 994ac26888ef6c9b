"""What the pages of a period cost, by printer and cost center. Pure."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, cached_property

from core.domain.page_prices import Charge, PriceList, PrintedPages, charge, charged
from dashboard.features.reports.queries import KnownPrinter, Usage, printer_of


@dataclass(frozen=True)
class CenterCharge:
    """What the pages of a cost center cost."""

    cost_center: str
    """"": of the printers that have none."""
    printers: int
    charge: Charge


@dataclass(frozen=True)
class Charges:
    """What the pages of a period cost."""

    printers: Mapping[str, Charge]
    """Of each printer that was read in it, or is watched."""
    known: Mapping[str, KnownPrinter]

    @cached_property
    def whole(self) -> Charge:
        """Of all printers."""
        return charged(self.printers.values())

    @cached_property
    def centers(self) -> list[CenterCharge]:
        """By cost center, the dearest first; printers without one come last."""
        found: dict[str, list[Charge]] = defaultdict(list)
        for printer_id, own in self.printers.items():
            found[printer_of(self.known, printer_id).cost_center].append(own)
        rows = [CenterCharge(center, len(own), charged(own)) for center, own in found.items()]
        return sorted(
            rows, key=lambda row: (not row.cost_center, *dearest_first(row.charge), row.cost_center)
        )


def charges(usage: Usage, prices: PriceList) -> Charges:
    """Return what the pages of a period cost: those of each month by the price that was in force in it."""
    in_force = cache(prices.price_of)  # a fleet has far fewer models than printers
    by_price: dict[tuple[str, int | None], PrintedPages] = {}
    for (printer_id, month), printed in usage.printed.items():
        price = in_force(printer_of(usage.known, printer_id).model, month)
        key = printer_id, None if price is None else price.id
        before = by_price.get(key)
        by_price[key] = printed if before is None else before.plus(printed)
    entries = {price.id: price.entry for price in prices.prices}
    found: dict[str, Charge] = defaultdict(Charge)
    for (printer_id, price_id), printed in by_price.items():
        found[printer_id] += charge(printed, None if price_id is None else entries[price_id])
    return Charges({name: found[name] for name in found.keys() | usage.read_or_watched}, usage.known)


def dearest_first(own: Charge) -> tuple[bool, Decimal | int, bool, int]:
    """Return by what charges are sorted: by amount, then those without a price, and those nobody counted."""
    return own.amount is None, -(own.amount or 0), not own.printed.is_counted, -own.pages
