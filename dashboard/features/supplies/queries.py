"""What to order: supplies that are low, that their printer calls low, or that will soon run out."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, or_, select

from core.contract.printer_mib import RECEPTACLE
from core.domain.conditions import ORDERED_FOR, USED_UP
from core.domain.part_names import order_name
from core.storage.core_tables import ATTENTION, FORECASTS, PRINTERS, SNAPSHOTS
from core.storage.states import ANSWERED_COLUMNS, STATES, SUPPLIES, last_answered
from dashboard.ui.places import place_of

_Days = tuple[float | None, float | None, float | None]
"""days_left, with its early and its late end."""


@dataclass(frozen=True)
class DueSupply:
    """A supply that should be ordered, and why."""

    printer_id: str
    printer_name: str
    location: str
    model: str
    part: str
    supply_type: str
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
        return place_of(self.location)


@dataclass(frozen=True)
class OrderedPart:
    """A part of one model, with the supplies that need it, the most urgent first."""

    model: str
    name: str
    supplies: tuple[DueSupply, ...]

    @property
    def count(self) -> int:
        return len(self.supplies)

    @property
    def places(self) -> Counter[str]:
        """How many are needed where."""
        return Counter(each.place for each in self.supplies)

    @property
    def soonest_days(self) -> float | None:
        return min((each.days_left for each in self.supplies if each.days_left is not None), default=None)

    @property
    def lowest_percent(self) -> int | None:
        return min((each.percent for each in self.supplies if each.percent is not None), default=None)

    @property
    def empty(self) -> int:
        """How many have run out already."""
        return sum(_is_empty(each) for each in self.supplies)


@dataclass(frozen=True)
class OrderFilter:
    """From when on a part is ordered, and for whom."""

    percent: int = 15
    days: int = 14
    text: str = ""
    """In the part, the model, the printer or its location."""


def due_supplies(connection: Connection, wanted: OrderFilter) -> list[DueSupply]:
    """The supplies to order for, the most urgent first."""
    watched = PRINTERS.join(STATES, SNAPSHOTS.c.printer_id == PRINTERS.c.printer_id)
    concerned = _concerned(wanted)
    statement = (
        select(
            PRINTERS.c.printer_id,
            PRINTERS.c.name,
            PRINTERS.c.location,
            func.coalesce(func.nullif(SNAPSHOTS.c.model, ""), PRINTERS.c.model).label("model"),
            SUPPLIES.label("supplies"),
            *ANSWERED_COLUMNS,
        )
        .select_from(watched)
        .where(PRINTERS.c.enabled, concerned)
    )
    flags = _flags(connection)
    forecasts = _forecasts(connection, select(SNAPSHOTS.c.printer_id).where(concerned))
    rows = connection.execute(statement)
    found = (due for row in rows for due in _of_printer(row, flags, forecasts, wanted))
    text = wanted.text.strip().casefold()
    return sorted((due for due in found if text in _words(due)), key=_urgency)


def _concerned(wanted: OrderFilter) -> ColumnElement[bool]:
    """Snapshots that may hold something to order."""
    soon = select(FORECASTS.c.printer_id).where(FORECASTS.c.days_left <= wanted.days)
    flagged = select(ATTENTION.c.printer_id).where(
        ATTENTION.c.cleared_at.is_(None), ATTENTION.c.code.in_(ORDERED_FOR)
    )
    return or_(
        SNAPSHOTS.c.lowest_supply_percent <= wanted.percent,
        SNAPSHOTS.c.printer_id.in_(soon),
        SNAPSHOTS.c.printer_id.in_(flagged),
    )


def parts(supplies: Iterable[DueSupply]) -> list[OrderedPart]:
    """The supplies by part, the most urgent part first."""
    groups: dict[tuple[str, str], list[DueSupply]] = {}
    for due in supplies:
        groups.setdefault((due.model, due.part), []).append(due)
    found = [OrderedPart(model, name, tuple(each)) for (model, name), each in groups.items()]
    return sorted(
        found, key=lambda part: (*_urgency(part.supplies[0])[:1], -part.count, part.model, part.name)
    )


def _of_printer(
    row: Any,
    flags: Mapping[tuple[str, str], str],
    forecasts: Mapping[tuple[str, str], _Days],
    wanted: OrderFilter,
) -> Iterator[DueSupply]:
    for supply in row.supplies or ():
        key = (row.printer_id, supply["index"])
        percent = supply.get("level_percent")
        days = forecasts.get(key, (None, None, None))
        # A receptacle's level may be what is in it or what is left: only its flags tell.
        measured = percent if supply.get("supply_class") != RECEPTACLE else None
        low = measured is not None and measured <= wanted.percent
        runs_out = days[0] is not None and days[0] <= wanted.days
        if not (low or runs_out or key in flags):
            continue
        yield DueSupply(
            printer_id=row.printer_id,
            printer_name=row.name,
            location=row.location,
            model=row.model or "Unknown model",
            part=order_name(supply.get("description"), supply.get("colorant"), supply.get("supply_type")),
            supply_type=supply.get("supply_type") or "",
            percent=measured,
            days_left=days[0],
            days_left_low=days[1],
            days_left_high=days[2],
            low=low,
            runs_out=runs_out,
            flagged=flags.get(key, ""),
            read_at=last_answered(row) or row.taken_at,
        )


def _flags(connection: Connection) -> dict[tuple[str, str], str]:
    statement = select(ATTENTION.c.printer_id, ATTENTION.c.subject, ATTENTION.c.code).where(
        ATTENTION.c.cleared_at.is_(None), ATTENTION.c.code.in_(ORDERED_FOR)
    )
    return {(printer_id, subject): code for printer_id, subject, code in connection.execute(statement)}


def _forecasts(connection: Connection, printers: Select[tuple[str]]) -> dict[tuple[str, str], _Days]:
    columns = FORECASTS.c
    statement = select(
        columns.printer_id,
        columns.supply_index,
        columns.days_left,
        columns.days_left_low,
        columns.days_left_high,
    ).where(columns.days_left.is_not(None), columns.printer_id.in_(printers))
    return {(row[0], row[1]): (row[2], row[3], row[4]) for row in connection.execute(statement)}


def _is_empty(due: DueSupply) -> bool:
    return due.percent == 0 or due.flagged in USED_UP


def _urgency(due: DueSupply) -> tuple[int, float, int, str, str]:
    """Empty, then about to run out, then by level."""
    days = due.days_left if due.days_left is not None else float("inf")
    percent = due.percent if due.percent is not None else 100
    return 0 if _is_empty(due) else 1, days, percent, due.printer_id, due.part


def _words(due: DueSupply) -> str:
    return " ".join((due.part, due.model, due.printer_name, due.printer_id, due.location)).casefold()
