"""Lines of the purchase list that people write: wanted, ordered, arrived, canceled.

Every function takes the connection of the caller's own writing transaction (core.storage.database.writing);
Conflict where somebody else was faster, and then nothing is counted twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, insert, select

from core.contract.errors import UserError
from core.domain.purchase_list import ARRIVED, CANCELED, NEEDED, ORDERED, Purchase
from core.storage.core_tables import PURCHASES
from core.storage.database import conflict, update_seen
from core.storage.parts import lock_part
from core.storage.stock import Movement, arrive

PURCHASE_COLUMNS: Final = tuple(PURCHASES.c[field.name] for field in fields(Purchase))
"""What is selected for a Purchase: `Purchase(*row)`."""


@dataclass(frozen=True)
class NewPurchase:
    """Values of a new line: a part, or what `text` says."""

    quantity: int
    part_id: int | None = None
    text: str = ""
    needed_by: date | None = None
    for_whom: str = ""


@dataclass(frozen=True)
class PlacedOrder:
    """How something was ordered: when, by whom, under which reference."""

    quantity: int
    reference: str = ""
    expected_by: date | None = None


@dataclass(frozen=True)
class PartArrival:
    """A delivery and its store room."""

    line: Purchase
    movement: Movement | None
    """How it came onto its shelf; None of what is no part."""
    rest: Purchase | None
    """What is still to come; None where all has."""


def open_purchases(connection: Connection) -> list[Purchase]:
    """Return the lines that are not over."""
    query = select(*PURCHASE_COLUMNS).where(PURCHASES.c.state.in_((NEEDED, ORDERED)))
    return [Purchase(*row) for row in connection.execute(query.order_by(PURCHASES.c.id))]


def past_purchases(connection: Connection, limit: int) -> list[Purchase]:
    """Return the lines that have arrived or were canceled, the latest first."""
    query = select(*PURCHASE_COLUMNS).where(PURCHASES.c.state.in_((ARRIVED, CANCELED)))
    return [Purchase(*row) for row in connection.execute(query.order_by(PURCHASES.c.id.desc()).limit(limit))]


def read_purchase(connection: Connection, purchase_id: int) -> Purchase:
    """Return a line; raise UserError where there is none of that number."""
    row = connection.execute(select(*PURCHASE_COLUMNS).where(PURCHASES.c.id == purchase_id)).one_or_none()
    if row is None:
        raise UserError("There is no such line on the purchase list: reload the page.")
    return Purchase(*row)


def add_purchase(connection: Connection, new: NewPurchase, *, actor: str, now: datetime) -> Purchase:
    """Put a line on the list by hand."""
    row = {
        **{"part_id": new.part_id, "text": new.text, "quantity": new.quantity, "needed_by": new.needed_by},
        **{"for_whom": new.for_whom, "state": NEEDED, "created_by": actor, "created_at": now},
        **{"ordered_by": "", "reference": "", "arrived_by": "", "version": 1},
    }
    stored = connection.execute(insert(PURCHASES).values(**row).returning(*PURCHASE_COLUMNS)).one()
    return Purchase(*stored)


def order_part(  # noqa: PLR0913 (what is known of an order)
    connection: Connection,
    part_id: int,
    seen: Sequence[tuple[int, int]],
    order: PlacedOrder,
    *,
    actor: str,
    now: datetime,
) -> Purchase:
    """Order a part that printers need. `seen` are the open lines of the part that the buyer has seen.

    Raises Conflict where there are others now: somebody else has just ordered it.
    """
    lock_part(connection, part_id)
    query = select(PURCHASES.c.id, PURCHASES.c.version).where(
        PURCHASES.c.part_id == part_id, PURCHASES.c.state.in_((NEEDED, ORDERED))
    )
    if {tuple(row) for row in connection.execute(query)} != set(seen):
        raise conflict("What is ordered of this part")
    line = add_purchase(connection, NewPurchase(order.quantity, part_id), actor=actor, now=now)
    return place_order(connection, line, order, actor=actor, now=now)


def place_order(
    connection: Connection, seen: Purchase, order: PlacedOrder, *, actor: str, now: datetime
) -> Purchase:
    """Say that a line is ordered; raise Conflict where it has changed since it was read."""
    _require(seen, NEEDED)
    values = {
        **{"state": ORDERED, "quantity": order.quantity, "reference": order.reference},
        **{"expected_by": order.expected_by, "ordered_by": actor, "ordered_at": now},
    }
    return _write(connection, seen, values)


def expect_by(connection: Connection, seen: Purchase, expected_by: date | None) -> Purchase:
    """Say until when an order is expected now."""
    _require(seen, ORDERED)
    return _write(connection, seen, {"expected_by": expected_by})


def mark_arrived(  # noqa: PLR0913 (what is known of a delivery)
    connection: Connection, seen: Purchase, pieces: int, room_id: int | None, *, actor: str, now: datetime
) -> PartArrival:
    """Say that pieces have come; those of a part go onto the shelf of a store room.

    Where fewer have come than were ordered, the rest stays ordered as a line of its own. Raises UserError
    for more than were ordered or a part without a room, Conflict where the line has changed since.
    """
    _require(seen, ORDERED)
    if pieces > seen.quantity:
        raise UserError(f"{seen.quantity:,} were ordered, so {pieces:,} cannot arrive with this line.")
    if seen.part_id is not None and room_id is None:
        raise UserError("Choose the store room that they went into. There must be one: make it on Stock.")
    room = room_id if seen.part_id is not None else None
    values = {"state": ARRIVED, "quantity": pieces, "arrived_by": actor, "arrived_at": now, "room_id": room}
    arrived = _write(connection, seen, values)
    remaining = movement = None
    if pieces < seen.quantity:
        rest = NewPurchase(seen.quantity - pieces, seen.part_id, seen.text, seen.needed_by, seen.for_whom)
        line = add_purchase(connection, rest, actor=seen.created_by, now=now)
        kept = PlacedOrder(rest.quantity, seen.reference, seen.expected_by)
        ordered_at = seen.ordered_at or now
        remaining = place_order(connection, line, kept, actor=seen.ordered_by, now=ordered_at)
    if seen.part_id is not None and room is not None:
        movement = arrive(connection, seen.part_id, room, pieces, purchase_id=seen.id, actor=actor, now=now)
    return PartArrival(arrived, movement, remaining)


def cancel(connection: Connection, seen: Purchase) -> Purchase:
    """Take a line off the list: what printers need of it asks again."""
    _require(seen, NEEDED, ORDERED)
    return _write(connection, seen, {"state": CANCELED})


def put_back(connection: Connection, seen: Purchase, before: Purchase) -> None:
    """Make a line what it was before; raise Conflict where somebody has changed it since `seen`."""
    columns = {field.name: getattr(before, field.name) for field in fields(Purchase)}
    del columns["id"], columns["version"]
    _write(connection, seen, columns)


def _require(seen: Purchase, *states: str) -> None:
    if seen.state not in states:
        raise UserError(f"This line is {seen.state}: that cannot be done with it any more.")


def _write(connection: Connection, seen: Purchase, values: dict[str, Any]) -> Purchase:
    what = "This line of the purchase list"
    update_seen(connection, PURCHASES, (seen.id, seen.version), values, what)
    return read_purchase(connection, seen.id)
