"""Store rooms: their names, and the places whose printers each of them serves."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from core.contract.errors import UserError
from core.storage.core_tables import ROOMS
from core.storage.database import update_seen


@dataclass(frozen=True)
class StoreRoom:
    """A room where parts lie."""

    id: int
    name: str
    places: tuple[str, ...]
    """The places whose printers it serves; none: all that no other room serves."""
    version: int


def read_rooms(connection: Connection) -> list[StoreRoom]:
    """Read all store rooms, by name."""
    rows = connection.execute(select(*ROOMS.c["id", "name", "places", "version"]).order_by(ROOMS.c.key))
    return [StoreRoom(room_id, name, tuple(places), version) for room_id, name, places, version in rows]


def room_for(rooms: Iterable[StoreRoom], place: str) -> StoreRoom | None:
    """Return the room that serves a place: the one that names it, else the one that names none."""
    known = list(rooms)
    named = [room for room in known if place in room.places]
    return next(iter(named or [room for room in known if not room.places]), None)


def add_room(connection: Connection, name: str, places: Iterable[str]) -> int:
    """Add a store room; return its id. Raises UserError where there is one of that name."""
    key = _free_key(connection, name, room_id=None)
    row = {"name": name, "key": key, "places": list(places), "version": 1}
    return int(connection.execute(insert(ROOMS).values(**row).returning(ROOMS.c.id)).scalar_one())


def edit_room(connection: Connection, seen: StoreRoom, name: str, places: Iterable[str]) -> None:
    """Rename a store room, or have it serve other places; raise Conflict where it has changed since."""
    key = _free_key(connection, name, room_id=seen.id)
    values = {"name": name, "key": key, "places": list(places)}
    update_seen(connection, ROOMS, (seen.id, seen.version), values, f"the store room {seen.name}")


def _free_key(connection: Connection, name: str, *, room_id: int | None) -> str:
    key = name.casefold()
    taken = connection.execute(select(ROOMS.c.id).where(ROOMS.c.key == key)).scalar()
    if taken not in (None, room_id):
        raise UserError(f"There is a store room {name} already: choose another name.")
    return key
