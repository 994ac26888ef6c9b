"""Change the purchase list: order, record deliveries, cancel, add a line by hand."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import Connection

from core.contract.errors import UserError
from core.domain.permissions import Permission
from core.domain.purchase_list import CANCELED, Purchase, PurchaseLine
from core.domain.supply_parts import LONGEST_NAME, read_name, read_pieces
from core.domain.text import one_line
from core.domain.units import calendar_day
from core.storage import purchases, stock
from core.storage.audit import note
from core.storage.database import writing
from core.storage.parts import ensure_part
from core.storage.purchases import NewPurchase, PartArrival, PlacedOrder
from dashboard.actor import Actor
from dashboard.undoing import Done


@dataclass(frozen=True)
class PurchaseStep:
    """A line that was changed: what it was before (None: not there), and what it is since."""

    before: Purchase | None
    after: Purchase

    def __call__(self, connection: Connection, *, actor: str, now: datetime) -> None:
        if self.before is None:
            purchases.cancel(connection, self.after)
        else:
            purchases.put_back(connection, self.after, self.before)
        note(connection, "purchase.undone", str(self.after.id), actor=actor, now=now)


@dataclass(frozen=True)
class ArrivalStep:
    """A delivery: undone in the list and on the shelf."""

    before: Purchase
    arrival: PartArrival

    def __call__(self, connection: Connection, *, actor: str, now: datetime) -> None:
        if self.arrival.rest is not None:
            purchases.cancel(connection, self.arrival.rest)
        if self.arrival.movement is not None:
            stock.undo(connection, self.arrival.movement, actor=actor, now=now)
        PurchaseStep(self.before, self.arrival.line)(connection, actor=actor, now=now)


@dataclass(frozen=True)
class OrderEntry:
    """Values of an order, as a person typed them."""

    quantity: object
    reference: str = ""
    expected_by: date | None = None


@dataclass(frozen=True)
class LineEntry:
    """Values of a line, as a person typed them."""

    text: str
    quantity: object
    needed_by: date | None = None
    for_whom: str = ""


_ORDERS: Final = Permission.ORDER_SUPPLIES
_STOCKS: Final = Permission.USE_STOCK


def order(by: Actor, line: PurchaseLine, entry: OrderEntry) -> Done:
    """Say that a line is ordered."""
    by.require(_ORDERS)
    pieces = read_pieces(entry.quantity, what="The quantity")
    placed = PlacedOrder(pieces, _short(entry.reference, "A reference"), entry.expected_by)

    def act(connection: Connection) -> PurchaseStep:
        if line.purchase is not None:
            after = purchases.place_order(connection, line.purchase, placed, actor=by.name, now=by.now)
            return PurchaseStep(line.purchase, after)
        part = line.part
        if part is None:
            if line.held is None:
                raise UserError("There is nothing to order in this line: reload the page.")
            part = ensure_part(connection, line.held, now=by.now)
        seen = line.open_purchases
        after = purchases.order_part(connection, part.id, seen, placed, actor=by.name, now=by.now)
        return PurchaseStep(None, after)

    said = f"{pieces:,} × {line.title}: ordered"
    if entry.expected_by is not None:
        said += f", expected by {calendar_day(entry.expected_by)}"
    return _write(by, "purchase.ordered", said, act)


def arrived(by: Actor, line: PurchaseLine, quantity: object, room_id: int | None) -> Done:
    """Say that pieces of an order have come, and into which store room."""
    by.require(_STOCKS)
    before = _stored(line)
    pieces = read_pieces(quantity, what="The quantity")

    def act(connection: Connection) -> ArrivalStep:
        arrival = purchases.mark_arrived(connection, before, pieces, room_id, actor=by.name, now=by.now)
        return ArrivalStep(before, arrival)

    rest = before.quantity - pieces
    said = f"{pieces:,} × {line.title}: arrived" + (f", {rest:,} still to come" if rest > 0 else "")
    return _write(by, "purchase.arrived", said, act, _STOCKS)


def expect(by: Actor, line: PurchaseLine, expected_by: date) -> Done:
    """Say until when an order is expected now."""
    by.require(_ORDERS)
    before = _stored(line)

    def act(connection: Connection) -> PurchaseStep:
        return PurchaseStep(before, purchases.expect_by(connection, before, expected_by))

    said = f"{line.title}: expected by {calendar_day(expected_by)}"
    return _write(by, "purchase.expected", said, act)


def cancel(by: Actor, line: PurchaseLine) -> Done:
    """Take a line that somebody has written off the list."""
    by.require(_ORDERS)
    before = _stored(line)

    def act(connection: Connection) -> PurchaseStep:
        return PurchaseStep(before, purchases.cancel(connection, before))

    return _write(by, "purchase.canceled", f"{line.title}: {CANCELED}", act)


def add_line(by: Actor, entry: LineEntry) -> Done:
    """Put something on the list that no printer asks for: paper, staples."""
    by.require(_ORDERS)
    text = read_name(entry.text, "Item")
    pieces = read_pieces(entry.quantity, what="The quantity")
    new = NewPurchase(
        pieces,
        text=text,
        needed_by=entry.needed_by,
        for_whom=_short(entry.for_whom, "For"),
    )

    def act(connection: Connection) -> PurchaseStep:
        return PurchaseStep(None, purchases.add_purchase(connection, new, actor=by.name, now=by.now))

    return _write(by, "purchase.added", f"{pieces:,} × {text}: on the list", act)


def _stored(line: PurchaseLine) -> Purchase:
    if line.purchase is None:
        raise UserError("This has not been ordered yet: reload the page.")
    return line.purchase


def _short(text: str, what: str) -> str:
    said = one_line(text)
    if len(said) > LONGEST_NAME:
        raise UserError(f"{what} has at most {LONGEST_NAME} characters; this has {len(said):,}. Shorten it.")
    return said


def _write(
    by: Actor,
    action: str,
    said: str,
    act: Callable[[Connection], PurchaseStep | ArrivalStep],
    permission: Permission = _ORDERS,
) -> Done:
    with writing(by.engine) as connection:
        step = act(connection)
        line = step.after if isinstance(step, PurchaseStep) else step.arrival.line
        note(connection, action, str(line.id), actor=by.name, now=by.now, details={"said": said})
    return Done(said, (step,), permission=permission)
