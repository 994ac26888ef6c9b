"""Change the stock: count, take, correct; edit parts, store rooms and minimums."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Final

from sqlalchemy import Connection

from core.contract.errors import UserError
from core.domain.parts import CatalogPart
from core.domain.permissions import Permission
from core.domain.supply_parts import (
    COLORS,
    KINDS,
    LONGEST_NAME,
    MOST_PIECES,
    SupplyPart,
    read_name,
    read_number,
    read_pieces,
    read_price,
)
from core.domain.text import one_line
from core.domain.units import counted
from core.storage import parts, stock
from core.storage.audit import note
from core.storage.database import writing
from core.storage.parts import PartEntry
from core.storage.stock import Movement, Shelf
from core.storage.store_rooms import StoreRoom, add_room, edit_room, read_rooms
from dashboard.actor import Actor
from dashboard.undoing import Done

_STOCKS: Final = Permission.USE_STOCK
_ORDERS: Final = Permission.ORDER_SUPPLIES
MOST_PLACES: Final = 500


@dataclass(frozen=True)
class TypedPart:
    """Values of a part, as a person typed them."""

    number: str
    name: str
    color: str = ""
    kind: str = "other"
    price: str = ""
    models: tuple[str, ...] = ()


def count(by: Actor, seen: Shelf, pieces: object) -> Done:
    """Write down how many lie on a shelf."""
    by.require(_STOCKS)
    found = read_pieces(pieces, least=0, what="A count")
    with writing(by.engine) as connection:
        movement = stock.count_shelf(connection, seen, found, actor=by.name, now=by.now)
        title = parts.read_part(connection, seen.part_id).title
    change = f" ({movement.pieces:+,})" if movement.pieces else ", as the list said"
    return Done(f"{title}: {found:,} counted{change}")


def take(by: Actor, seen: Shelf, pieces: object) -> Done:
    """Take pieces off a shelf."""
    by.require(_STOCKS)
    taken = read_pieces(pieces)
    with writing(by.engine) as connection:
        movement = stock.take(connection, seen, taken, actor=by.name, now=by.now)
        title = parts.read_part(connection, seen.part_id).title
    said = f"{title}: {taken:,} taken, {movement.on_hand:,} left"
    return Done(said, (partial(stock.undo, movement=movement),), permission=_STOCKS)


def correct(by: Actor, seen: Shelf, pieces: object, reason: str) -> Done:
    """Add pieces to a shelf, or (negative) take them away, for a reason."""
    by.require(_STOCKS)
    change = read_pieces(pieces, least=-MOST_PIECES)
    if not change:
        raise UserError("Say how many more there are (2), or how many fewer (-2).")
    why = read_name(reason, "The reason")
    with writing(by.engine) as connection:
        movement = stock.correct(connection, seen, change, why, actor=by.name, now=by.now)
        title = parts.read_part(connection, seen.part_id).title
    return Done(f"{title}: corrected by {change:+,} to {movement.on_hand:,}")


def undo(by: Actor, movement: Movement) -> Done:
    """Take back what was taken, or has arrived, within a day."""
    by.require(_STOCKS)
    if movement.purchase_id is not None:
        raise UserError("This came with an order: correct the number, or count the shelf.")
    with writing(by.engine) as connection:
        done = stock.undo(connection, movement, actor=by.name, now=by.now)
        title = parts.read_part(connection, movement.part_id).title
    return Done(f"{title}: undone, {done.on_hand:,} on hand")


def set_minimum(by: Actor, seen: Shelf, minimum: object) -> Done:
    """Say how many of a part should lie in a store room."""
    by.require(_ORDERS)
    pieces = read_pieces(minimum, least=0, what="A minimum")
    with writing(by.engine) as connection:
        stock.set_minimum(connection, seen, pieces)
        title = parts.read_part(connection, seen.part_id).title
        _note(connection, by, "stock.minimum", f"{title}: {seen.minimum} to {pieces}")
    return Done(f"{title}: minimum {pieces:,}")


def fill_shelf(
    by: Actor, room: StoreRoom, what: CatalogPart | SupplyPart | TypedPart, pieces: object
) -> Done:
    """Put a part onto a shelf of its own and count it; a part that nobody has stored is made."""
    by.require(_STOCKS)
    found = read_pieces(pieces, least=0, what="A count")
    with writing(by.engine) as connection:
        part = _part(connection, by, what)
        if stock.read_shelf(connection, part.id, room.id) is not None:
            raise UserError(f"{part.title} has a shelf in {room.name} already: count that.")
        shelf = stock.make_shelf(connection, part.id, room.id)
        stock.count_shelf(connection, shelf, found, actor=by.name, now=by.now)
    return Done(f"{part.title}: {found:,} counted in {room.name}")


def edit_part(by: Actor, seen: CatalogPart, typed: TypedPart) -> Done:
    """Change a part, its price and the models that it fits."""
    by.require(_ORDERS)
    entry = _entry(typed)
    with writing(by.engine) as connection:
        parts.edit_part(connection, seen, entry, now=by.now)
        parts.set_fits(connection, seen.id, _models(typed.models))
        _note(connection, by, "part.edited", entry.name)
    return Done(f"{entry.name} is saved")


def save_room(by: Actor, seen: StoreRoom | None, name: str, places: Iterable[str]) -> Done:
    """Add a store room, or change one; a place is served by one of them."""
    by.require(_ORDERS)
    called = read_name(name, "The name of the store room")
    served = sorted({read_name(place, "A place") for place in places})
    if len(served) > MOST_PLACES:
        raise UserError(f"A store room serves at most {MOST_PLACES} places; these are {len(served):,}.")
    with writing(by.engine) as connection:
        for other in read_rooms(connection):
            both = set(served) & set(other.places)
            if both and (seen is None or other.id != seen.id):
                raise UserError(f"{min(both)} is served by {other.name} already: take it away there first.")
        if seen is None:
            add_room(connection, called, served)
        else:
            edit_room(connection, seen, called, served)
        _note(connection, by, "store_room.saved", called)
    where = counted(len(served), "place") if served else "every place without a store room of its own"
    return Done(f"{called} is saved: it serves {where}")


def _part(connection: Connection, by: Actor, what: CatalogPart | SupplyPart | TypedPart) -> CatalogPart:
    if isinstance(what, CatalogPart):
        return parts.read_part(connection, what.id)
    if isinstance(what, SupplyPart):
        return parts.ensure_part(connection, what, now=by.now)
    by.require(_ORDERS)
    entry = _entry(what)
    _note(connection, by, "part.added", entry.name)
    return parts.add_part(connection, entry, _models(what.models), now=by.now)


def _entry(typed: TypedPart) -> PartEntry:
    if typed.color and typed.color not in COLORS:
        raise UserError(f"The color is one of {', '.join(COLORS)}, or none.")
    if typed.kind not in KINDS:
        raise UserError(f"The kind is one of {', '.join(KINDS.values())}.")
    return PartEntry(
        number=read_number(typed.number),
        name=read_name(typed.name, "The name of the part"),
        color=typed.color,
        kind=typed.kind,
        price=read_price(typed.price),
    )


def _models(models: Iterable[str]) -> list[str]:
    named = sorted({one_line(model) for model in models} - {""})
    if too_long := next((model for model in named if len(model) > LONGEST_NAME), ""):
        raise UserError(f"A model has at most {LONGEST_NAME} characters; this has {len(too_long):,}.")
    return named


def _note(connection: Connection, by: Actor, action: str, subject: str) -> None:
    note(connection, action, subject, actor=by.name, now=by.now)
