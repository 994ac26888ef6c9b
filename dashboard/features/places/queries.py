"""What the pages of places show beside the printers: issues, supplies to bring, pages and availability.

Each is read for the whole fleet at once, bounded, and kept for all who look
(features/shared/manager_cached.py); a place takes its printers' part of it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Final

from sqlalchemy import Connection, select

from core.domain.parts import titled
from core.domain.purchase_list import DueSupply, OrderFilter, PurchaseFacts
from core.domain.wording import CATEGORIES, PRIORITIES, word
from core.storage.core_tables import ISSUES
from core.storage.parts import read_catalog
from core.storage.purchase_list import due_supplies, stock_of_parts
from core.storage.tables import LIVING, IssueKind
from core.timeseries.reader import SeriesReader
from dashboard.features.reports.days_out import DaysOut
from dashboard.features.reports.periods import Period
from dashboard.features.reports.queries import Tally, month_sums
from dashboard.public_state import public_title

USAGE_DAYS: Final = 30
_URGENCY: Final = {priority: rank for rank, priority in enumerate(PRIORITIES)}


@dataclass(frozen=True, slots=True)
class LivingIssue:
    """An issue that is not ended."""

    issue_id: int
    printer_id: str
    title: str
    category: str
    status: str
    priority: str
    kind: str
    assignee: str
    opened_at: datetime
    vendor_case: str = ""
    """The number of the vendor's case."""

    @property
    def words(self) -> str:
        """What it is about: its title, or else its category."""
        return self.title or word(CATEGORIES, self.category)

    def for_everybody(self) -> "LivingIssue":
        """Return the same without what people wrote, a printer's own words and who has it."""
        title = public_title(self.title) if self.kind == IssueKind.DEVICE else ""
        return replace(self, title=title, assignee="", vendor_case="")


def open_issues(connection: Connection) -> list[LivingIssue]:
    """Return all issues that are not ended, the most urgent first, then the newest."""
    columns = (
        *("id", "printer_id", "title", "category", "status", "priority", "kind", "assignee", "opened_at"),
        "vendor_case",
    )
    query = select(*(ISSUES.c[name] for name in columns)).where(ISSUES.c.status.in_(LIVING))
    found = [LivingIssue(*row) for row in connection.execute(query.order_by(ISSUES.c.id.desc()))]
    return sorted(found, key=lambda issue: _URGENCY.get(issue.priority, len(_URGENCY)))


@dataclass(frozen=True)
class PartToBring:
    """A part with the supplies that need it, the most urgent first."""

    part_id: int | None
    """None where nobody has stored it."""
    title: str
    color: str
    due: tuple[DueSupply, ...]
    on_hand: int | None
    """How many are in store; None where the part is not known to the stock."""

    @property
    def empty(self) -> int:
        """How many of the supplies have run out."""
        return sum(each.is_empty for each in self.due)


def parts_to_bring(
    connection: Connection, wanted: OrderFilter, now: datetime, zone: tzinfo
) -> list[PartToBring]:
    """Return what the whole fleet's printers need by now, by part; whether it is in store or not."""
    facts = PurchaseFacts(
        due=tuple(due_supplies(connection, wanted, now)),
        catalog=read_catalog(connection),
        stock=stock_of_parts(connection),
        purchases=(),
        now=now.astimezone(zone),
    )
    found = []
    for key, due in facts.due_of_part.items():
        part = facts.catalog.parts[key] if isinstance(key, int) else None
        held = due[0].held
        title = titled(held.called, held.number) if part is None else part.title
        there = facts.stock.get(part.id) if part is not None else None
        color = held.color if part is None else part.color
        on_hand = there.on_hand if there is not None else None
        found.append(PartToBring(part.id if part else None, title, color, tuple(due), on_hand))
    return found


def bring_to(parts: Iterable[PartToBring], printer_ids: Collection[str]) -> list[PartToBring]:
    """Return what some printers need of it, the most urgent first."""
    found = []
    for part in parts:
        due = tuple(each for each in part.due if each.printer_id in printer_ids)
        if due:
            found.append(replace(part, due=due))
    return sorted(found, key=lambda part: (part.due[0].urgency, part.title))


def usage_by_printer(series: SeriesReader, chosen: Period, out: DaysOut) -> Mapping[str, Tally]:
    """Return the UTC days of each printer, added up by the time series. Raises TimeSeriesUnavailable."""
    tallies: dict[str, Tally] = defaultdict(Tally)
    for sums in month_sums(series, chosen, out):
        tallies[sums.printer_id].add(sums)
    return dict(tallies)


def usage_of(tallies: Mapping[str, Tally], printer_ids: Sequence[str]) -> Tally:
    """Return the sum of some printers."""
    total = Tally()
    for tally in (tallies[printer_id] for printer_id in printer_ids if printer_id in tallies):
        total.add_all(tally)
    return total
