"""Change stock and record each movement: a shelf is a part in a store room.

How many there are is the sum of the movements and never below zero. Every function takes the connection of
the caller's own writing transaction (core.storage.database.writing), locks the shelf, and writes both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, func, insert, select, update

from core.contract.errors import UserError
from core.domain.parts import CatalogPart
from core.domain.places import place_of
from core.domain.supply_events import SupplyEvent
from core.domain.supply_parts import MOST_PIECES, supply_part
from core.domain.units import counted
from core.storage.core_tables import MOVEMENTS, PARTS, PRINTERS, ROOMS, STOCK
from core.storage.database import conflict
from core.storage.parts import PART_COLUMNS, learn_fit, part_from, read_catalog
from core.storage.store_rooms import read_rooms, room_for
from core.storage.upserts import insert_into

UNDO_WITHIN: Final = timedelta(days=1)
PROCESSOR: Final = "processor"
"""The actor of what is taken for a detected replacement."""


class StockChange(StrEnum):
    """Kind of a movement."""

    COUNTED = "counted"
    ARRIVED = "arrived"
    TAKEN = "taken"
    UNDONE = "undone"
    CORRECTED = "corrected"


class Taken(StrEnum):
    """Result of a detected replacement."""

    TAKEN = "taken"
    ALREADY = "already"
    """The event is known: nothing was done again."""
    NONE_LEFT = "none_left"
    """There should be none on the shelf: it is to be counted."""
    COUNTED_SINCE = "counted_since"
    """Somebody has counted the shelf after the replacement."""
    NOT_STOCKED = "not_stocked"
    """No store room serves the place, or the part has no shelf there."""
    RETURNED = "returned"
    """It was no replacement after all: the piece is back."""


@dataclass(frozen=True)
class Shelf:
    """A part in a store room, as it is stored: who changes it says by its version what they have seen."""

    part_id: int
    room_id: int
    on_hand: int
    minimum: int
    counted_at: datetime | None
    counted_by: str
    to_count: bool
    version: int

    @property
    def is_low(self) -> bool:
        """Whether fewer are there than should be."""
        return self.on_hand < self.minimum


@dataclass(frozen=True)
class StockLine:
    """A shelf with its part and its room."""

    part: CatalogPart
    room_name: str
    shelf: Shelf


@dataclass(frozen=True)
class Movement:
    """A movement onto a shelf or from it."""

    id: int
    part_id: int
    room_id: int
    at: datetime
    actor: str
    change: str
    pieces: int
    on_hand: int
    event_id: str
    printer_id: str
    purchase_id: int | None
    undoes: int | None
    note: str


_SHELF_COLUMNS: Final = tuple(STOCK.c[name] for name in Shelf.__dataclass_fields__)
_MOVEMENT_COLUMNS: Final = tuple(MOVEMENTS.c[name] for name in Movement.__dataclass_fields__)


@dataclass(frozen=True)
class _Step:
    """Values of a new movement besides its numbers."""

    change: StockChange
    actor: str
    now: datetime
    event_id: str = ""
    printer_id: str = ""
    purchase_id: int | None = None
    undoes: int | None = None
    note: str = ""


def stock_lines(connection: Connection) -> list[StockLine]:
    """Return every shelf, by store room and part."""
    query = (
        select(*PART_COLUMNS, ROOMS.c.name, *_SHELF_COLUMNS)
        .select_from(
            STOCK.join(PARTS, PARTS.c.id == STOCK.c.part_id).join(ROOMS, ROOMS.c.id == STOCK.c.room_id)
        )
        .order_by(ROOMS.c.key, func.lower(PARTS.c.name), PARTS.c.id)
    )
    size = len(PART_COLUMNS)
    rows = connection.execute(query)
    return [StockLine(part_from(row[:size]), row[size], Shelf(*row[size + 1 :])) for row in rows]


def low_shelves(connection: Connection) -> list[StockLine]:
    """Return the shelves with fewer pieces than their minimum, and those that are to be counted."""
    return [line for line in stock_lines(connection) if line.shelf.is_low or line.shelf.to_count]


def movements(connection: Connection, part_id: int, room_id: int, limit: int = 50) -> list[Movement]:
    """Return the history of a shelf, the latest first."""
    query = select(*_MOVEMENT_COLUMNS).where(MOVEMENTS.c.part_id == part_id, MOVEMENTS.c.room_id == room_id)
    return [Movement(*row) for row in connection.execute(query.order_by(MOVEMENTS.c.id.desc()).limit(limit))]


def _after(connection: Connection, movement: Movement) -> list[Movement]:
    """Return all that has happened on its shelf since a movement."""
    query = select(*_MOVEMENT_COLUMNS).where(
        MOVEMENTS.c.part_id == movement.part_id,
        MOVEMENTS.c.room_id == movement.room_id,
        MOVEMENTS.c.id > movement.id,
    )
    return [Movement(*row) for row in connection.execute(query)]


def read_shelf(connection: Connection, part_id: int, room_id: int) -> Shelf | None:
    """Return a shelf; None where the part has none in that room."""
    query = select(*_SHELF_COLUMNS).where(STOCK.c.part_id == part_id, STOCK.c.room_id == room_id)
    row = connection.execute(query).one_or_none()
    return None if row is None else Shelf(*row)


def make_shelf(connection: Connection, part_id: int, room_id: int) -> Shelf:
    """Return the shelf of a part in a room, locked; an empty one is made where there is none."""
    row = {"part_id": part_id, "room_id": room_id, "on_hand": 0, "minimum": 0, "counted_by": ""}
    empty = {**row, "to_count": False, "version": 1}
    make = insert_into(STOCK, connection.dialect.name).on_conflict_do_nothing()
    connection.execute(make.values(**empty))
    return _locked(connection, part_id, room_id)


def count_shelf(connection: Connection, seen: Shelf, pieces: int, *, actor: str, now: datetime) -> Movement:
    """Write down how many somebody has counted; raise Conflict where the shelf has changed since `seen`."""
    shelf = _unchanged(connection, seen)
    step = _Step(StockChange.COUNTED, actor, now)
    counted_now = {"counted_at": now, "counted_by": actor, "to_count": False}
    return _move(connection, shelf, pieces - shelf.on_hand, step, counted_now)


def set_minimum(connection: Connection, seen: Shelf, minimum: int) -> None:
    """Say how many should be there; raise Conflict where the shelf has changed since `seen`."""
    _write(connection, _unchanged(connection, seen), {"minimum": minimum})


def arrive(  # noqa: PLR0913 (what is known of an arrival)
    connection: Connection,
    part_id: int,
    room_id: int,
    pieces: int,
    *,
    purchase_id: int | None,
    actor: str,
    now: datetime,
) -> Movement:
    """Put pieces that have come onto their shelf."""
    shelf = make_shelf(connection, part_id, room_id)
    return _move(connection, shelf, pieces, _Step(StockChange.ARRIVED, actor, now, purchase_id=purchase_id))


def take(connection: Connection, seen: Shelf, pieces: int, *, actor: str, now: datetime) -> Movement:
    """Take pieces by hand; raise UserError where fewer are there."""
    shelf = _locked(connection, seen.part_id, seen.room_id)
    return _move(connection, shelf, -pieces, _Step(StockChange.TAKEN, actor, now))


def correct(  # noqa: PLR0913 (what is known of a correction)
    connection: Connection, seen: Shelf, pieces: int, note: str, *, actor: str, now: datetime
) -> Movement:
    """Add pieces, or (negative) take them away, for a reason; raise UserError where fewer are there."""
    shelf = _locked(connection, seen.part_id, seen.room_id)
    return _move(connection, shelf, pieces, _Step(StockChange.CORRECTED, actor, now, note=note))


def take_for_replacement(connection: Connection, event: SupplyEvent) -> Taken:
    """Take one piece for a detected replacement from the store room of the printer's place, once.

    An event that was undone puts its piece back. Where none should be left nothing is taken, and the shelf
    is marked to be counted.
    """
    event_id = str(event.event_id)
    if event.event_id is None:
        raise ValueError("an event that is not stored cannot be told from others")
    known = connection.execute(
        select(*_MOVEMENT_COLUMNS).where(MOVEMENTS.c.event_id == event_id)
    ).one_or_none()
    if event.undone_at is not None:
        return _return(connection, None if known is None else Movement(*known), event.undone_at)
    if known is not None:
        return Taken.ALREADY
    shelf = _shelf_of(connection, event)
    if shelf is None:
        return Taken.NOT_STOCKED
    if shelf.counted_at is not None and shelf.counted_at >= event.at:
        return Taken.COUNTED_SINCE
    step = _Step(StockChange.TAKEN, PROCESSOR, event.at, event_id=event_id, printer_id=event.printer_id)
    pieces = -1 if shelf.on_hand else 0
    _move(connection, shelf, pieces, step, {} if shelf.on_hand else {"to_count": True})
    return Taken.TAKEN if shelf.on_hand else Taken.NONE_LEFT


def can_undo(movement: Movement, history: Sequence[Movement], now: datetime) -> bool:
    """Return whether a movement of this history (the latest first) can be taken back."""
    return not _why_not(movement, history, now)


def undo(connection: Connection, movement: Movement, *, actor: str, now: datetime) -> Movement:
    """Take a movement back within a day; raise UserError with the reason where that cannot be."""
    shelf = _locked(connection, movement.part_id, movement.room_id)
    if why := _why_not(movement, _after(connection, movement), now):
        raise UserError(why)
    return _move(
        connection, shelf, -movement.pieces, _Step(StockChange.UNDONE, actor, now, undoes=movement.id)
    )


def _why_not(movement: Movement, history: Sequence[Movement], now: datetime) -> str:
    if movement.change not in (StockChange.TAKEN, StockChange.ARRIVED) or not movement.pieces:
        return "Only what was taken or has arrived can be undone: count the shelf instead."
    if now - movement.at > UNDO_WITHIN:
        return "This is more than a day ago: count the shelf instead."
    later = [other for other in history if other.id > movement.id]
    if any(other.undoes == movement.id for other in later):
        return "Somebody has undone this already."
    if any(other.change == StockChange.COUNTED for other in later):
        return "The shelf has been counted since: what it says is what was found there."
    return ""


def _return(connection: Connection, movement: Movement | None, undone_at: datetime) -> Taken:
    """Put back what was taken for no replacement, unless that was done, or the shelf counted, since."""
    if movement is None:
        return Taken.NOT_STOCKED
    shelf = _locked(connection, movement.part_id, movement.room_id)
    later = _after(connection, movement)
    if any(other.undoes == movement.id for other in later) or not movement.pieces:
        return Taken.ALREADY
    if shelf.counted_at is not None and shelf.counted_at >= movement.at:
        return Taken.COUNTED_SINCE
    step = _Step(StockChange.UNDONE, PROCESSOR, undone_at, printer_id=movement.printer_id, undoes=movement.id)
    _move(connection, shelf, -movement.pieces, step)
    return Taken.RETURNED


def _shelf_of(connection: Connection, event: SupplyEvent) -> Shelf | None:
    held = supply_part(event.model, event.description or event.part, event.color, event.supply_type)
    part = read_catalog(connection).part_of(held)
    if part is None:
        return None
    learn_fit(connection, part.id, held)
    location = connection.execute(
        select(PRINTERS.c.location).where(PRINTERS.c.printer_id == event.printer_id)
    ).scalar()
    room = room_for(read_rooms(connection), place_of(location or ""))
    if room is None or read_shelf(connection, part.id, room.id) is None:
        return None
    return _locked(connection, part.id, room.id)


def _locked(connection: Connection, part_id: int, room_id: int) -> Shelf:
    """Return a shelf that nobody else can change before this transaction is over."""
    query = select(*_SHELF_COLUMNS).where(STOCK.c.part_id == part_id, STOCK.c.room_id == room_id)
    return Shelf(*connection.execute(query.with_for_update()).one())


def _unchanged(connection: Connection, seen: Shelf) -> Shelf:
    shelf = _locked(connection, seen.part_id, seen.room_id)
    if shelf.version != seen.version:
        raise conflict("This shelf")
    return shelf


def _move(
    connection: Connection, shelf: Shelf, pieces: int, step: _Step, also: dict[str, Any] | None = None
) -> Movement:
    on_hand = shelf.on_hand + pieces
    if on_hand < 0:
        there = counted(shelf.on_hand, "piece is", "pieces are")
        raise UserError(f"By the list {there} here, fewer than {-pieces:,}: count this shelf.")
    if on_hand > MOST_PIECES:
        raise UserError(f"A shelf holds at most {MOST_PIECES:,} pieces: look at the number again.")
    row = {
        **{"part_id": shelf.part_id, "room_id": shelf.room_id, "at": step.now, "actor": step.actor},
        **{"change": step.change.value, "pieces": pieces, "on_hand": on_hand, "event_id": step.event_id},
        **{"printer_id": step.printer_id, "purchase_id": step.purchase_id, "undoes": step.undoes},
        "note": step.note,
    }
    _write(connection, shelf, {"on_hand": on_hand, **(also or {})})
    stored = connection.execute(insert(MOVEMENTS).values(**row).returning(*_MOVEMENT_COLUMNS)).one()
    return Movement(*stored)


def _write(connection: Connection, shelf: Shelf, values: dict[str, Any]) -> None:
    which = (STOCK.c.part_id == shelf.part_id, STOCK.c.room_id == shelf.room_id)
    connection.execute(update(STOCK).where(*which).values(**values, version=shelf.version + 1))
