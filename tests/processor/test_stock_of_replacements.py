"""A replacement that readings show takes a piece from its shelf; one that was none puts it back."""

from datetime import timedelta

from sqlalchemy import Engine

from core.domain.supply_parts import supply_part
from core.runtime.settings import RuleSettings
from core.storage.database import reading, writing
from core.storage.parts import ensure_part
from core.storage.stock import count_shelf, make_shelf, movements
from core.storage.store_rooms import add_room
from processor.batch.store import store
from processor.tables import SUPPLY_EVENTS
from tests.processor.making import NOON, add_printers, make_reading, received, rows

RULES = RuleSettings()


def seen(engine: Engine, *levels: int, start: int = 0) -> None:
    """Readings of lib-1 with these levels of its black toner, every five minutes."""
    readings = [make_reading(start + at, level=level) for at, level in enumerate(levels)]
    store(engine, received(*readings), RULES, NOON)


def test_it_is_taken_once_and_put_back_where_the_old_one_comes_back(engine: Engine) -> None:
    add_printers(engine, "lib-1")
    seen(engine, 60, 40)
    with writing(engine) as connection:
        part = ensure_part(connection, supply_part("", "Black Toner", "black", "toner"), now=NOON)
        shelf = make_shelf(connection, part.id, add_room(connection, "Store", []))
        count_shelf(connection, shelf, 2, actor="tom", now=NOON - timedelta(days=1))
    seen(engine, 40, 100, 100, 100, start=2)
    seen(engine, 40, 100, 100, 100, start=2)  # the same readings once more
    (event,) = rows(engine, SUPPLY_EVENTS, "id", "at")
    with reading(engine) as connection:
        found = movements(connection, part.id, shelf.room_id)
    assert [(one.change, one.pieces, one.printer_id) for one in found] == [
        ("taken", -1, "lib-1"),
        ("counted", 2, ""),
    ]
    assert (found[0].event_id, found[0].at) == (str(event[0]), event[1])
    seen(engine, 40, 40, 40, start=6)
    with reading(engine) as connection:
        found = movements(connection, part.id, shelf.room_id)
    assert [(one.change, one.on_hand) for one in found] == [("undone", 2), ("taken", 1), ("counted", 2)]
