"""The purchase list: what printers need that is neither in stock nor ordered, and what people have ordered.

One list for the page, the CSV, the mail and the JSON route. Pure: core/storage/purchase_list.py reads it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Final

from core.domain.conditions import USED_UP
from core.domain.parts import Catalog, CatalogPart, titled
from core.domain.places import place_of
from core.domain.supply_parts import SupplyPart, part_key

NEEDED: Final = "needed"
ORDERED: Final = "ordered"
OVERDUE: Final = "overdue"
ARRIVED: Final = "arrived"
CANCELED: Final = "canceled"
PURCHASE_STATES: Final[Mapping[str, str]] = {
    OVERDUE: "Overdue",
    NEEDED: "To order",
    ORDERED: "Ordered",
    ARRIVED: "Arrived",
    CANCELED: "Canceled",
}
"""In words. `overdue` is not stored: it is `ordered` after the day by which it was expected."""
ACTING: Final = (OVERDUE, NEEDED)
"""States that ask somebody to do something."""


@dataclass(frozen=True)
class OrderFilter:
    """Thresholds from which a supply is needed."""

    percent: int = 15
    """At or under this level, SUPPLY_LOW_PERCENT where nobody says otherwise,"""
    days: int = 14
    """or forecast to run out within so many days, ORDER_MAIL_DAYS where nobody says otherwise."""


@dataclass(frozen=True)
class DueSupply:
    """A supply that needs a new part, and why."""

    printer_id: str
    printer_name: str
    location: str
    index: str
    """Which of the printer's supplies it is."""
    held: SupplyPart
    percent: int | None
    """None where the printer gives no measure."""
    days_left: float | None
    days_left_low: float | None
    days_left_high: float | None
    low: bool
    """At or under the threshold."""
    runs_out: bool
    """Forecast to run out within the days asked for."""
    flagged: str
    """The code of the flag that says so; "" where there is none."""
    read_at: datetime
    """When the printer last answered."""

    @property
    def place(self) -> str:
        """Where the printer stands."""
        return place_of(self.location)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left of it."""
        return self.percent == 0 or self.flagged in USED_UP

    @property
    def urgency(self) -> tuple[int, float, int, str, str]:
        """What it is sorted by: empty, then about to run out, then by level."""
        days = self.days_left if self.days_left is not None else float("inf")
        percent = self.percent if self.percent is not None else 100
        return 0 if self.is_empty else 1, days, percent, self.printer_id, self.held.called


@dataclass(frozen=True)
class Purchase:
    """A line that somebody has ordered, or wants ordered by hand, as it is stored."""

    id: int
    part_id: int | None
    text: str
    """What it is where it is no part."""
    quantity: int
    needed_by: date | None
    for_whom: str
    state: str
    created_by: str
    created_at: datetime
    ordered_by: str
    ordered_at: datetime | None
    reference: str
    expected_by: date | None
    arrived_by: str
    arrived_at: datetime | None
    room_id: int | None
    version: int


@dataclass(frozen=True)
class NeedDate:
    """The day by which something is needed, with the band of its forecast."""

    day: date
    early: date | None = None
    late: date | None = None


@dataclass(frozen=True)
class InStock:
    """Pieces of a part, over all store rooms."""

    on_hand: int = 0
    minimum: int = 0


@dataclass(frozen=True)
class PurchaseLine:
    """A line of the list."""

    state: str
    """needed, ordered, overdue, arrived or canceled."""
    quantity: int
    """How many are to be ordered, are on their way or have come."""
    part: CatalogPart | None
    """None where nobody has stored the part yet, or it is none: paper, staples."""
    held: SupplyPart | None
    """What printers say of it; None where none of them needs it."""
    purchase: Purchase | None
    """The stored line; None where printers alone ask for it."""
    needed: NeedDate | None
    models: tuple[str, ...] = ()
    due: tuple[DueSupply, ...] = ()
    """The supplies that need it, the most urgent first."""
    in_stock: InStock = InStock()
    on_order: int = 0
    open_purchases: tuple[tuple[int, int], ...] = ()
    """Id and version of each stored line of the part that is not over: what whoever orders has seen."""

    @property
    def name(self) -> str:
        """What is to be bought."""
        if self.part is not None:
            return self.part.name
        return self.held.called if self.held is not None else self.purchase.text if self.purchase else ""

    @property
    def part_number(self) -> str:
        """The part number; "" where there is none."""
        if self.part is not None:
            return self.part.number
        return self.held.number if self.held is not None else ""

    @property
    def color(self) -> str:
        """Its color; "" where it has none."""
        if self.part is not None:
            return self.part.color
        return self.held.color if self.held is not None else ""

    @property
    def title(self) -> str:
        """The name with the number, where that does not say it."""
        return titled(self.name, self.part_number)

    @property
    def price(self) -> Decimal | None:
        """Return the price of one piece."""
        return self.part.price if self.part is not None else None

    @property
    def total(self) -> Decimal | None:
        """Return the price of all pieces."""
        return None if self.price is None else self.price * self.quantity

    @property
    def places(self) -> Counter[str]:
        """How many are needed where."""
        return Counter(each.place for each in self.due)

    @property
    def empty(self) -> int:
        """How many supplies have run out already."""
        return sum(each.is_empty for each in self.due)

    @property
    def key(self) -> str:
        """What tells it from the other lines of the list."""
        if self.purchase is not None:
            return f"purchase-{self.purchase.id}"
        return f"part-{self.part.id}" if self.part is not None else part_key(self.held) if self.held else ""


@dataclass(frozen=True)
class PurchaseFacts:
    """Input of the list."""

    due: tuple[DueSupply, ...]
    catalog: Catalog
    stock: Mapping[int, InStock]
    """By the id of the part."""
    purchases: tuple[Purchase, ...]
    now: datetime
    """In TIME_ZONE: something is needed, and an order overdue, by the calendar of people."""

    @cached_property
    def due_of_part(self) -> Mapping[int | str, list[DueSupply]]:
        """The supplies by the id of their part, or by what tells the part apart where it is not stored."""
        groups: dict[int | str, list[DueSupply]] = {}
        for each in self.due:
            part = self.catalog.part_of(each.held)
            groups.setdefault(part_key(each.held) if part is None else part.id, []).append(each)
        return {key: sorted(group, key=lambda each: each.urgency) for key, group in groups.items()}

    @cached_property
    def open_of_part(self) -> Mapping[int, list[Purchase]]:
        """The stored lines of a part that are not over, by its id."""
        found: dict[int, list[Purchase]] = {}
        for purchase in self.purchases:
            if purchase.part_id is not None and purchase.state in (NEEDED, ORDERED):
                found.setdefault(purchase.part_id, []).append(purchase)
        return found


def purchase_lines(facts: PurchaseFacts) -> list[PurchaseLine]:
    """Return the list, by the day on which something is needed.

    Printers' needs and minimums count less what is on hand, on its way or already on the list: that does
    not ask again. An order that has not come by its day does.
    """
    lines = [_stored_line(purchase, facts) for purchase in facts.purchases]
    low = {part_id for part_id, there in facts.stock.items() if there.on_hand < there.minimum}
    for key in [*facts.due_of_part, *(low - facts.due_of_part.keys())]:
        line = _needed_line(key, facts)
        if line is not None:
            lines.append(line)
    return sorted(lines, key=_order)


def matching(lines: Iterable[PurchaseLine], text: str) -> list[PurchaseLine]:
    """Return the lines with this text in the part, a model, a printer, its place or the order."""
    wanted = text.strip().casefold()
    return [line for line in lines if wanted in _words(line)]


def _needed_line(key: int | str, facts: PurchaseFacts) -> PurchaseLine | None:
    """Return what is needed of a part and not provided for; None where all is."""
    due = facts.due_of_part.get(key, [])
    part = facts.catalog.parts[key] if isinstance(key, int) else None
    there = facts.stock.get(part.id, InStock()) if part is not None else InStock()
    own = facts.open_of_part.get(part.id, []) if part is not None else []
    on_order = sum(one.quantity for one in own)
    quantity = len(due) + there.minimum - there.on_hand - on_order
    if quantity <= 0:
        return None
    # What is on hand or on its way serves the most urgent.
    unserved = due[there.on_hand + on_order :]
    models = facts.catalog.models_of(part.id) if part is not None else ()
    return PurchaseLine(
        state=NEEDED,
        quantity=quantity,
        part=part,
        held=due[0].held if due else None,
        purchase=None,
        needed=_need_date(unserved, facts.now),
        models=tuple(sorted({*models, *(each.held.model for each in due)})),
        due=tuple(due),
        in_stock=there,
        on_order=on_order,
        open_purchases=tuple((one.id, one.version) for one in own),
    )


def _stored_line(purchase: Purchase, facts: PurchaseFacts) -> PurchaseLine:
    part = facts.catalog.parts[purchase.part_id] if purchase.part_id is not None else None
    own = facts.open_of_part.get(part.id, []) if part is not None else []
    is_over = purchase.state in (ARRIVED, CANCELED)
    due = facts.due_of_part.get(part.id, []) if part is not None and not is_over else []
    is_late = purchase.expected_by is not None and purchase.expected_by < facts.now.date()
    by_hand = NeedDate(purchase.needed_by) if purchase.needed_by is not None else None
    return PurchaseLine(
        state=OVERDUE if purchase.state == ORDERED and is_late else purchase.state,
        quantity=purchase.quantity,
        part=part,
        held=None,
        purchase=purchase,
        needed=by_hand or _need_date(due, facts.now),
        models=facts.catalog.models_of(part.id) if part is not None else (),
        due=tuple(due),
        in_stock=facts.stock.get(part.id, InStock()) if part is not None else InStock(),
        on_order=sum(one.quantity for one in own if one.state == ORDERED),
        open_purchases=tuple((one.id, one.version) for one in own),
    )


def _need_date(due: list[DueSupply], now: datetime) -> NeedDate | None:
    """Return the day of the most urgent supply; today where it is empty, None where nothing tells."""
    if any(each.is_empty for each in due):
        return NeedDate(now.date())
    dated = [each for each in due if each.days_left is not None]
    if not dated:
        return None
    first = min(dated, key=lambda each: each.days_left or 0.0)
    return NeedDate(
        _day(now, first.days_left) or now.date(),
        _day(now, first.days_left_low),
        _day(now, first.days_left_high),
    )


_FARTHEST_DAYS: Final = 3650


def _day(now: datetime, days: float | None) -> date | None:
    return None if days is None else (now + timedelta(days=min(max(days, 0.0), _FARTHEST_DAYS))).date()


_STATE_ORDER: Final = {state: place for place, state in enumerate(PURCHASE_STATES)}


def _order(line: PurchaseLine) -> tuple[int, date, int, str]:
    day = line.needed.day if line.needed is not None else date.max
    if line.state in (ORDERED, OVERDUE) and line.purchase is not None and line.purchase.expected_by:
        day = line.purchase.expected_by
    return _STATE_ORDER[line.state], day, -line.quantity, line.title


def _words(line: PurchaseLine) -> str:
    own = (line.title, line.color, *line.models)
    printers = (f"{each.printer_name} {each.printer_id} {each.location}" for each in line.due)
    order = (line.purchase.reference, line.purchase.for_whom) if line.purchase is not None else ()
    return " ".join((*own, *printers, *order)).casefold()
