"""Up to where messages have been derived, and the lock under which they are: a row of notifier_cursors."""

from datetime import datetime

from sqlalchemy import Connection, select, update

from core.storage.core_tables import CURSORS
from core.storage.upserts import insert_into


def position_of(connection: Connection, name: str) -> int | None:
    """Return how far; None where it has never moved."""
    position: int | None = connection.execute(
        select(CURSORS.c.position).where(CURSORS.c.name == name)
    ).scalar()
    return position


def lock(connection: Connection, name: str, *, now: datetime, first: int = 0) -> int:
    """Lock the position until the end of the transaction: another notifier waits, and then sees our work.

    `first`: where it begins, if this is the first time.
    """
    row = {"name": name, "position": first, "updated_at": now}
    make = insert_into(CURSORS, connection.dialect.name).on_conflict_do_nothing(index_elements=["name"])
    connection.execute(make, row)
    held = select(CURSORS.c.position).where(CURSORS.c.name == name).with_for_update()
    return int(connection.execute(held).scalar_one())


def move(connection: Connection, name: str, position: int, *, now: datetime) -> None:
    """Store a position in the transaction that writes what was derived."""
    connection.execute(
        update(CURSORS).where(CURSORS.c.name == name).values(position=position, updated_at=now)
    )
