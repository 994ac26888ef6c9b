"""The purchase list in words and as the CSV that a buyer can act on. Pure."""

from collections.abc import Iterable, Mapping
from typing import Final

from core.domain.conditions import ORDERED_FOR
from core.domain.places import NOWHERE
from core.domain.purchase_list import PURCHASE_STATES, DueSupply, NeedDate, PurchaseLine
from core.domain.spreadsheets import Cell, to_csv
from core.domain.units import calendar_day, counted

_COLUMNS: Final = (
    "State",
    "Needed by",
    "Earliest",
    "Latest",
    "Quantity",
    "Part number",
    "Part",
    "Color",
    "Models",
    "Places",
    "Printers",
    "In stock",
    "Minimum",
    "On order",
    "Price",
    "Total",
    "Currency",
    "Ordered by",
    "Ordered on",
    "Reference",
    "Expected by",
)
_MOST_PRINTERS: Final = 40


def purchase_csv(lines: Iterable[PurchaseLine], currency: str, names: Mapping[str, str]) -> bytes:
    """Return a line of the file for each line of the list. `names`: full names by username."""
    return to_csv(_COLUMNS, (_cells(line, currency, names) for line in lines))


def needed_by(needed: NeedDate | None) -> str:
    """Return `Thu 3 Dec (1 Dec to 9 Dec)`; "" where nothing tells."""
    if needed is None:
        return ""
    words = calendar_day(needed.day)
    early, late = (
        None if end is None else calendar_day(end, weekday=False) for end in (needed.early, needed.late)
    )
    if early is not None and late is not None and early != late:
        return f"{words} ({early} to {late})"
    if early is not None and late is None and needed.early != needed.day:
        return f"{words} ({early} or later)"
    return words


def why(due: DueSupply) -> str:
    """Return why a supply needs a new part, in few words: `4 %, low`."""
    reasons = [f"{due.percent} %" if due.percent is not None else "", ORDERED_FOR.get(due.flagged, "")]
    if due.days_left is not None:
        days = counted(round(due.days_left), "day")
        reasons.append(f"about {days} left" if due.days_left >= 1 else "less than a day left")
    return ", ".join(reason for reason in reasons if reason)


def where(line: PurchaseLine, most: int | None = None) -> str:
    """Return `Library: 3; Law School: 1`, and how many places more."""
    if not line.due and line.purchase is not None:
        return line.purchase.for_whom
    listed = line.places.most_common(most)
    more = len(line.places) - len(listed)
    said = [f"{place or NOWHERE}: {number}" for place, number in listed]
    return "; ".join([*said, f"{more} more places"] if more else said)


def which_printers(line: PurchaseLine) -> str:
    """Return `lib-1 (empty), lib-2 (4 %, low)`."""
    listed = [f"{due.printer_id} ({why(due)})" for due in line.due[:_MOST_PRINTERS]]
    more = len(line.due) - len(listed)
    return ", ".join([*listed, f"and {more:,} more"] if more else listed)


def _cells(line: PurchaseLine, currency: str, names: Mapping[str, str]) -> list[Cell]:
    needed, order = line.needed, line.purchase
    return [
        PURCHASE_STATES[line.state],
        needed.day.isoformat() if needed is not None else None,
        needed.early.isoformat() if needed is not None and needed.early is not None else None,
        needed.late.isoformat() if needed is not None and needed.late is not None else None,
        line.quantity,
        line.part_number,
        line.name,
        line.color,
        ", ".join(line.models),
        where(line),
        which_printers(line),
        line.in_stock.on_hand if line.part is not None else None,
        line.in_stock.minimum if line.part is not None else None,
        line.on_order if line.part is not None else None,
        None if line.price is None else f"{line.price:.2f}",
        None if line.total is None else f"{line.total:.2f}",
        currency if line.price is not None else None,
        names.get(order.ordered_by, order.ordered_by) if order is not None else None,
        order.ordered_at if order is not None else None,
        order.reference if order is not None else None,
        order.expected_by.isoformat() if order is not None and order.expected_by is not None else None,
    ]
