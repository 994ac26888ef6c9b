"""The purchase list as a mail that a buyer can act on. Pure."""

from collections.abc import Mapping, Sequence
from typing import Final

from core.domain.purchase_list import OVERDUE, PurchaseLine
from core.domain.purchase_words import needed_by, where, which_printers
from core.domain.supply_parts import money
from core.domain.units import calendar_day, counted
from core.mails.clean_text import one_line
from core.mails.lines import SummaryItem

_LONGEST: Final = 120


def subject_of(lines: Sequence[PurchaseLine]) -> str:
    """Return how much there is to order, and what has not come."""
    wanted = [line for line in lines if line.state != OVERDUE]
    overdue = len(lines) - len(wanted)
    pieces = sum(line.quantity for line in wanted)
    said = [f"To order: {counted(pieces, 'piece')} of {counted(len(wanted), 'part')}"] if wanted else []
    return "; ".join([*said, *([f"{counted(overdue, 'order')} overdue"] if overdue else [])])


def mail_line(line: PurchaseLine, url: str, currency: str, names: Mapping[str, str]) -> SummaryItem:
    """Return a line of the list as a line of the mail. `names`: full names by username."""
    if line.state == OVERDUE:
        facts = ["not arrived", *_overdue_facts(line, names)]
    else:
        facts = [
            f"needed {needed_by(line.needed)}" if line.needed is not None else "",
            f"part number {one_line(line.part_number, 60)}" if line.part_number else "",
            line.color,
            f"{line.in_stock.on_hand:,} in stock" if line.part is not None else "",
            "" if line.total is None else money(line.total, currency),
        ]
    return SummaryItem(
        title=f"{line.quantity:,} × {one_line(line.title, _LONGEST)}",
        url=url,
        where=" · ".join(
            filter(None, (one_line(", ".join(line.models), _LONGEST), one_line(where(line), 200)))
        ),
        facts=tuple(filter(None, facts)),
        says=one_line(which_printers(line), 600),
        severity="critical" if line.empty else "warning" if line.state == OVERDUE else "",
    )


def _overdue_facts(line: PurchaseLine, names: Mapping[str, str]) -> tuple[str, ...]:
    """Return when an order was expected, who ordered it, under which reference."""
    order = line.purchase
    if order is None or order.expected_by is None:
        return ()
    ordered_by = one_line(names.get(order.ordered_by, order.ordered_by), 60)
    said = (f"expected by {calendar_day(order.expected_by)}", f"ordered by {ordered_by}")
    return (*said, f"reference {one_line(order.reference, _LONGEST)}") if order.reference else said
