"""Reading what the purchase list is made of: supplies that are low or will run out, stock, orders."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, or_, select

from core.contract.printer_mib import RECEPTACLE
from core.domain.conditions import ORDERED_FOR
from core.domain.mutes import Mute, is_supply_muted
from core.domain.purchase_list import (
    OVERDUE,
    DueSupply,
    InStock,
    OrderFilter,
    PurchaseFacts,
    PurchaseLine,
    purchase_lines,
)
from core.domain.supply_parts import supply_part
from core.storage.core_tables import ATTENTION, FORECASTS, PRINTERS, SNAPSHOTS, STOCK
from core.storage.mutes import mutes_by_printer
from core.storage.parts import read_catalog
from core.storage.purchases import open_purchases, past_purchases
from core.storage.states import ANSWERED_COLUMNS, STATES, SUPPLIES, last_answered

_Days = tuple[float | None, float | None, float | None]
"""days_left, with its early and its late end."""


def purchase_list(
    connection: Connection, wanted: OrderFilter, now: datetime, zone: tzinfo, *, past: int = 0
) -> list[PurchaseLine]:
    """Return the purchase list, with so many lines that are over."""
    purchases = [*open_purchases(connection), *(past_purchases(connection, past) if past else ())]
    facts = PurchaseFacts(
        due=tuple(due_supplies(connection, wanted, now)),
        catalog=read_catalog(connection),
        stock=stock_of_parts(connection),
        purchases=tuple(purchases),
        now=now.astimezone(zone),
    )
    return purchase_lines(facts)


def overdue_orders(connection: Connection, now: datetime, zone: tzinfo) -> list[PurchaseLine]:
    """Return the orders that have not come by the day on which they were expected."""
    purchases = tuple(one for one in open_purchases(connection) if one.expected_by is not None)
    facts = PurchaseFacts((), read_catalog(connection), {}, purchases, now.astimezone(zone))
    return [line for line in purchase_lines(facts) if line.state == OVERDUE]


def stock_of_parts(connection: Connection) -> dict[int, InStock]:
    """Return how many there are of each part, over all store rooms."""
    query = select(STOCK.c.part_id, func.sum(STOCK.c.on_hand), func.sum(STOCK.c.minimum))
    rows = connection.execute(query.group_by(STOCK.c.part_id))
    return {part_id: InStock(int(on_hand), int(minimum)) for part_id, on_hand, minimum in rows}


def due_supplies(connection: Connection, wanted: OrderFilter, now: datetime) -> list[DueSupply]:
    """Return the supplies that need a new part, the most urgent first.

    Of one that somebody has muted only what is not: where *low* is muted, that it is empty.
    """
    watched = PRINTERS.join(STATES, SNAPSHOTS.c.printer_id == PRINTERS.c.printer_id)
    concerned = _concerned(wanted)
    statement = (
        select(
            *PRINTERS.c["printer_id", "name", "location"],
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
    mutes = mutes_by_printer(connection, now)
    found = (due for due in found if not _is_muted(due, mutes.get(due.printer_id, ())))
    return sorted(found, key=lambda due: due.urgency)


def _is_muted(due: DueSupply, mutes: Collection[Mute]) -> bool:
    told = due.flagged and not any(mute.covers(due.flagged, due.index, None) for mute in mutes)
    return not told and is_supply_muted(mutes, due.index)


def _concerned(wanted: OrderFilter) -> ColumnElement[bool]:
    """Return the condition on snapshots that may hold something to order."""
    soon = select(FORECASTS.c.printer_id).where(FORECASTS.c.days_left <= wanted.days)
    flagged = select(ATTENTION.c.printer_id).where(
        ATTENTION.c.cleared_at.is_(None), ATTENTION.c.code.in_(ORDERED_FOR)
    )
    return or_(
        SNAPSHOTS.c.lowest_supply_percent <= wanted.percent,
        SNAPSHOTS.c.printer_id.in_(soon),
        SNAPSHOTS.c.printer_id.in_(flagged),
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
        held = supply_part(
            row.model, supply.get("description"), supply.get("colorant"), supply.get("supply_type")
        )
        yield DueSupply(
            printer_id=row.printer_id,
            printer_name=row.name,
            location=row.location,
            index=supply["index"],
            held=held,
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
    own = FORECASTS.c
    columns = own["printer_id", "supply_index", "days_left", "days_left_low", "days_left_high"]
    statement = select(*columns).where(own.days_left.is_not(None), own.printer_id.in_(printers))
    return {(row[0], row[1]): (row[2], row[3], row[4]) for row in connection.execute(statement)}
