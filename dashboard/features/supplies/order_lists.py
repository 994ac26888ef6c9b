"""What to order, in words and as CSV; pure."""

from collections.abc import Iterable
from typing import Final

from core.domain.conditions import ORDERED_FOR
from core.domain.spreadsheets import Cell, to_csv
from dashboard.features.supplies.queries import DueSupply, OrderedPart
from dashboard.ui.places import NOWHERE
from dashboard.ui.wording import days_left

_PART_COLUMNS: Final = (
    "Model",
    "Part",
    "How many",
    "Already empty",
    "Lowest %",
    "Soonest (days)",
    "Where",
)
_SUPPLY_COLUMNS: Final = (
    "Part",
    "Model",
    "Printer",
    "Printer ID",
    "Location",
    "Level %",
    "Days left",
    "Why",
    "Read at",
)


def why(due: DueSupply) -> str:
    """Why it should be ordered, in few words."""
    reasons = [
        f"{due.percent} %" if due.percent is not None else "",
        ORDERED_FOR.get(due.flagged, ""),
        days_left(due.days_left, due.days_left_low, due.days_left_high) if due.days_left is not None else "",
    ]
    return ", ".join(reason for reason in reasons if reason)


def where(part: OrderedPart, most: int | None = None) -> str:
    """`Library: 3; Law School: 1`, and how many places more."""
    listed = part.places.most_common(most)
    more = len(part.places) - len(listed)
    said = [f"{place or NOWHERE}: {number}" for place, number in listed]
    return "; ".join([*said, f"{more} more places"] if more else said)


def order_csv(found: Iterable[OrderedPart]) -> bytes:
    """A line for each part."""
    return to_csv(_PART_COLUMNS, (_part_cells(part) for part in found))


def supplies_csv(due: Iterable[DueSupply]) -> bytes:
    """A line for each supply."""
    return to_csv(_SUPPLY_COLUMNS, (_supply_cells(each) for each in due))


def _part_cells(part: OrderedPart) -> list[Cell]:
    soonest = _tenths(part.soonest_days)
    return [part.model, part.name, part.count, part.empty, part.lowest_percent, soonest, where(part)]


def _supply_cells(due: DueSupply) -> list[Cell]:
    printer = (due.printer_name, due.printer_id, due.location)
    return [due.part, due.model, *printer, due.percent, _tenths(due.days_left), why(due), due.read_at]


def _tenths(days: float | None) -> float | None:
    return None if days is None else round(days, 1)
