"""The cartridge ledger: yields with their spread, early swaps and what they cost, early failures. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from statistics import median, quantiles
from typing import Final

from core.domain.supply_events import SupplyEvent

FULL_PERCENT: Final = 90
"""A cartridge that began with less was a used one: its yield is not counted."""
LEAST_YIELDS: Final = 5
"""So many cartridges of a part and model must be known to say of another one that it failed early."""
FAILED_SHARE: Final = 0.5
"""It failed where it printed less than this share of what the median one prints with as much of it."""
_CENT: Final = Decimal("0.01")
_FULL: Final = 100

Key = tuple[str, str]
"""Part and model."""


@dataclass(frozen=True)
class LedgerLine:
    """A replacement, and the printer that it was in."""

    event: SupplyEvent
    printer_name: str
    location: str
    place: str
    failed: bool = False
    """Whether the old one failed early."""
    cost: Decimal | None = None
    """What was left in the old one, by the price of its part; None where it was not early or has no price."""

    @property
    def key(self) -> Key:
        return self.event.part, self.event.model


@dataclass(frozen=True)
class Yield:
    """Pages that used-up cartridges of a part print in printers of a model."""

    part: str
    model: str
    count: int
    low: float
    """A quarter printed less than this."""
    median: float
    high: float
    """A quarter printed more than this."""


@dataclass(frozen=True)
class LedgerFilter:
    """Filter of the replacements; "" is all."""

    place: str = ""
    model: str = ""
    part: str = ""
    printer_id: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def takes(self, line: LedgerLine) -> bool:
        """Return whether a line is wanted."""
        event = line.event
        found = line.place, event.model, event.part, event.printer_id
        asked = self.place, self.model, self.part, self.printer_id
        if any(want not in ("", have) for want, have in zip(asked, found, strict=True)):
            return False
        after = self.since is None or event.at >= self.since
        return after and (self.until is None or event.at < self.until)


def judged(lines: Sequence[LedgerLine], prices: Mapping[str, Decimal]) -> list[LedgerLine]:
    """Return the lines with early failures and the cost of early swaps."""
    pages = _pages(lines)
    return [
        replace(line, failed=_failed(line, pages[line.key]), cost=_cost(line.event, prices)) for line in lines
    ]


def yields(lines: Iterable[LedgerLine]) -> list[Yield]:
    """Return the yield by part and model, by name."""
    found = []
    for (part, model), pages in sorted(_pages(lines).items()):
        low, _, high = quantiles(pages, n=4, method="inclusive") if len(pages) > 1 else pages * 3
        found.append(Yield(part, model, len(pages), low, median(pages), high))
    return found


def early(lines: Iterable[LedgerLine]) -> list[LedgerLine]:
    """Return the replacements that were made too early, the costliest first."""
    found = [line for line in lines if line.event.is_early and line.event.undone_at is None]
    return sorted(found, key=lambda line: (-(line.cost or 0), -(line.event.old_percent or 0)))


def _pages(lines: Iterable[LedgerLine]) -> dict[Key, list[int]]:
    """Return what each cartridge printed that began full and was used up."""
    pages: dict[Key, list[int]] = defaultdict(list)
    for line in lines:
        if line.event.pages is not None and _counts(line.event) and not line.event.is_early:
            pages[line.key].append(line.event.pages)
    return pages


def _counts(event: SupplyEvent) -> bool:
    began = event.began_percent
    return event.undone_at is None and event.pages is not None and began is not None and began >= FULL_PERCENT


def _failed(line: LedgerLine, pages: Sequence[int]) -> bool:
    event = line.event
    if event.pages is None or event.began_percent is None or not _counts(event):
        return False
    others = list(pages)
    if not event.is_early:
        others.remove(event.pages)
    if len(others) < LEAST_YIELDS:
        return False
    used = (event.began_percent - (event.old_percent or 0)) / _FULL
    return used > 0 and event.pages < FAILED_SHARE * median(others) * used


def _cost(event: SupplyEvent, prices: Mapping[str, Decimal]) -> Decimal | None:
    if not event.is_early or event.undone_at is not None or event.old_percent is None:
        return None
    price = prices.get(event.part, prices.get(event.part_number))
    return None if price is None else (price * event.old_percent / _FULL).quantize(_CENT)
