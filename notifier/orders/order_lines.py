"""The purchase list as a mail that a buyer can act on. Pure."""

from collections.abc import Sequence
from typing import Final

from core.domain.purchase_list import OVERDUE, PurchaseLine
from core.domain.purchase_words import needed_by, where, which_printers
from core.domain.supply_parts import money
from core.domain.units import counted
from core.mails.clean_text import one_line
from core.mails.lines import SummaryItem
from core.mails.phrases import overdue_facts

_LONGEST: Final = 120


def subject_of(lines: Sequence[PurchaseLine]) -> str:
    """Return how much there is to order, and what has not come."""
    wanted = [line for line in lines if line.state != OVERDUE]
    overdue = len(lines) - len(wanted)
    pieces = sum(line.quantity for line in wanted)
    said = [f"To order: {counted(pieces, 'piece')} of {counted(len(wanted), 'part')}"] if wanted else []
    return "; ".join([*said, *([f"{counted(overdue, 'order')} overdue"] if overdue else [])])


def mail_line(line: PurchaseLine, url: str, currency: str) -> SummaryItem:
    """Return a line of the list as a line of the mail."""
    if line.state == OVERDUE:
        facts = ["not arrived", *overdue_facts(line)]
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
