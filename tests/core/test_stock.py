"""Stock: on hand is the sum of its movements and never below zero; a replacement takes one piece once."""

import random
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, func, select

from core.contract.errors import Conflict, UserError
from core.domain.part_numbers import part_number_of
from core.domain.parts import CatalogPart
from core.domain.supply_events import SupplyEvent
from core.domain.supply_parts import color_of, read_number, read_price, supply_part
from core.storage import stock
from core.storage.core_tables import MOVEMENTS, STOCK
from core.storage.database import open_database, reading, writing
from core.storage.parts import (
    PartEntry,
    add_part,
    edit_part,
    ensure_part,
    part_prices,
    read_catalog,
    set_fits,
)
from core.storage.stock import Shelf, Taken, take_for_replacement
from core.storage.store_rooms import StoreRoom, add_room, read_rooms, room_for
from tests.builders import NOW, printer, put
from tests.postgres import DATABASES, database

TONER = supply_part("Model X", "Black Toner TN-1234", "black", "toner")


@pytest.fixture(params=DATABASES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with database(request.param, tmp_path) as settings:
        engine = open_database(settings)
        put(engine, printer("lib-1", location="Library, floor 1"), printer("sci-1", location="Science"))
        with writing(engine) as connection:
            add_room(connection, "Library store", ["Library"])
        yield engine
        engine.dispose()


def stocked(engine: Engine, pieces: int, *, counted_at: datetime = NOW - timedelta(hours=5)) -> Shelf:
    """So many toners in the library's store."""
    with writing(engine) as connection:
        part = ensure_part(connection, TONER, now=NOW)
        (room,) = read_rooms(connection)
        shelf = stock.make_shelf(connection, part.id, room.id)
        stock.count_shelf(connection, shelf, pieces, actor="tom", now=counted_at)
    return shelf_of(engine)


def shelf_of(engine: Engine) -> Shelf:
    with reading(engine) as connection:
        (line,) = stock.stock_lines(connection)
    return line.shelf


def event(event_id: int = 1, **values: Any) -> SupplyEvent:
    """A new toner in lib-1."""
    base = {
        **{"printer_id": "lib-1", "supply_index": "1.1", "at": NOW, "not_before": None, "model": "Model X"},
        **{"supply_type": "toner", "color": "black", "description": "Black Toner TN-1234;SN12345678"},
    }
    return SupplyEvent(**(base | values), event_id=event_id)


def replaced(engine: Engine, *events: SupplyEvent) -> list[Taken]:
    with writing(engine) as connection:
        return [take_for_replacement(connection, one) for one in events]


def changes(engine: Engine) -> list[tuple[str, int]]:
    shelf = shelf_of(engine)
    with reading(engine) as connection:
        found = stock.movements(connection, shelf.part_id, shelf.room_id)
    return [(movement.change, movement.pieces) for movement in reversed(found)]


def test_a_replacement_takes_one_from_the_store_of_its_place_once(engine: Engine) -> None:
    stocked(engine, 2)
    assert replaced(engine, event(), event(), event(2)) == [Taken.TAKEN, Taken.ALREADY, Taken.TAKEN]
    assert shelf_of(engine).on_hand == 0
    assert changes(engine) == [("counted", 2), ("taken", -1), ("taken", -1)]


def test_where_none_should_be_left_the_shelf_is_to_be_counted(engine: Engine) -> None:
    stocked(engine, 0)
    assert replaced(engine, event(), event()) == [Taken.NONE_LEFT, Taken.ALREADY]
    shelf = shelf_of(engine)
    assert (shelf.on_hand, shelf.to_count) == (0, True)
    with reading(engine) as connection:
        assert [line.part.name for line in stock.low_shelves(connection)] == ["Black Toner TN-1234"]
    with writing(engine) as connection:
        stock.count_shelf(connection, shelf, 4, actor="tom", now=NOW)
    assert (shelf_of(engine).on_hand, shelf_of(engine).to_count) == (4, False)


def test_what_was_counted_after_a_replacement_is_not_taken_again(engine: Engine) -> None:
    stocked(engine, 2, counted_at=NOW + timedelta(minutes=1))
    assert replaced(engine, event()) == [Taken.COUNTED_SINCE]
    assert shelf_of(engine).on_hand == 2


def test_a_place_without_a_store_and_a_part_without_a_shelf_take_nothing(engine: Engine) -> None:
    stocked(engine, 2)
    other = event(2, description="Drum DR-99", supply_type="opc", color="")
    assert replaced(engine, event(printer_id="sci-1"), other) == [Taken.NOT_STOCKED] * 2
    assert shelf_of(engine).on_hand == 2


def test_a_replacement_that_was_none_puts_its_piece_back_once(engine: Engine) -> None:
    stocked(engine, 2)
    undone = event(undone_at=NOW + timedelta(minutes=5))
    assert replaced(engine, event(), undone, undone) == [Taken.TAKEN, Taken.RETURNED, Taken.ALREADY]
    assert changes(engine) == [("counted", 2), ("taken", -1), ("undone", 1)]


def test_what_was_taken_is_put_back_within_a_day_once(engine: Engine) -> None:
    shelf = stocked(engine, 2)
    with writing(engine) as connection:
        taken = stock.take(connection, shelf, 1, actor="tom", now=NOW)
    with writing(engine) as connection:
        stock.undo(connection, taken, actor="tom", now=NOW + timedelta(hours=23))
    assert shelf_of(engine).on_hand == 2
    with writing(engine) as connection, pytest.raises(UserError, match="undone this already"):
        stock.undo(connection, taken, actor="maya", now=NOW + timedelta(hours=23))
    with writing(engine) as connection:
        taken = stock.take(connection, shelf, 1, actor="tom", now=NOW)
    with writing(engine) as connection, pytest.raises(UserError, match="more than a day ago"):
        stock.undo(connection, taken, actor="tom", now=NOW + timedelta(hours=25))
    with writing(engine) as connection:
        stock.count_shelf(connection, shelf_of(engine), 5, actor="tom", now=NOW)
    with writing(engine) as connection, pytest.raises(UserError, match="counted since"):
        stock.undo(connection, taken, actor="tom", now=NOW)
    assert shelf_of(engine).on_hand == 5


def test_what_was_undone_is_known_however_much_has_happened_since(engine: Engine) -> None:
    stocked(engine, 2)
    undone = event(undone_at=NOW + timedelta(minutes=5))
    assert replaced(engine, event(), undone) == [Taken.TAKEN, Taken.RETURNED]
    shelf = shelf_of(engine)
    with reading(engine) as connection:
        taken = stock.movements(connection, shelf.part_id, shelf.room_id)[1]
    for _ in range(60):
        with writing(engine) as connection:
            stock.take(connection, shelf_of(engine), 1, actor="tom", now=NOW)
            stock.undo(connection, last_movement(connection, shelf), actor="tom", now=NOW)
    assert replaced(engine, undone) == [Taken.ALREADY]
    with writing(engine) as connection, pytest.raises(UserError, match="undone this already"):
        stock.undo(connection, taken, actor="tom", now=NOW)


def last_movement(connection: Connection, shelf: Shelf) -> stock.Movement:
    return stock.movements(connection, shelf.part_id, shelf.room_id, limit=1)[0]


def test_two_people_who_count_one_shelf_are_told_of_each_other(engine: Engine) -> None:
    seen = stocked(engine, 2)
    with writing(engine) as connection:
        stock.count_shelf(connection, seen, 3, actor="tom", now=NOW)
    with writing(engine) as connection, pytest.raises(Conflict, match="This shelf was changed by somebody"):
        stock.count_shelf(connection, seen, 4, actor="maya", now=NOW)
    assert shelf_of(engine).on_hand == 3


def test_many_who_take_at_once_take_what_is_there_and_no_more(engine: Engine) -> None:
    shelf = stocked(engine, 5)
    refused: list[str] = []

    def take() -> None:
        try:
            with writing(engine) as connection:
                stock.take(connection, shelf, 1, actor="tom", now=NOW)
        except UserError as error:
            refused.append(str(error))

    people = [threading.Thread(target=take) for _ in range(8)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert shelf_of(engine).on_hand == 0
    assert refused == ["By the list 0 pieces are here, fewer than 1: count this shelf."] * 3


@pytest.mark.parametrize("seed", range(4))
def test_on_hand_is_the_sum_of_the_movements_and_never_below_zero(seed: int, tmp_path: Path) -> None:
    """Whatever is done in whatever order, done again, undone, refused."""
    chance = random.Random(seed)
    with database("sqlite", tmp_path) as settings:
        engine = open_database(settings)
        put(engine, printer("lib-1", location="Library"))
        with writing(engine) as connection:
            add_room(connection, "Store", [])
        stocked(engine, 3, counted_at=NOW - timedelta(days=1))
        events = [event(number, at=NOW + timedelta(minutes=number)) for number in range(1, 40)]
        for step in range(150):
            at = NOW + timedelta(minutes=step / 4)
            try:
                with writing(engine) as connection:
                    something(connection, chance, events, at)
            except (UserError, Conflict):
                pass
            with reading(engine) as connection:
                on_hand = connection.execute(select(STOCK.c.on_hand)).scalar_one()
                total = connection.execute(select(func.sum(MOVEMENTS.c.pieces))).scalar_one()
                last = select(MOVEMENTS.c.on_hand).order_by(MOVEMENTS.c.id.desc()).limit(1)
                assert 0 <= on_hand == total == connection.execute(last).scalar_one()
        with reading(engine) as connection:
            known = connection.execute(select(MOVEMENTS.c.event_id).where(MOVEMENTS.c.event_id != "")).all()
            undone = connection.execute(select(MOVEMENTS.c.undoes).where(MOVEMENTS.c.undoes > 0)).all()
        assert len(known) == len(set(known)) > 0
        assert len(undone) == len(set(undone)) > 0
        engine.dispose()


def something(connection: Connection, chance: random.Random, events: list[SupplyEvent], at: datetime) -> None:
    """One of the things that people and the processor do."""
    (line,) = stock.stock_lines(connection)
    shelf, pieces = line.shelf, chance.randrange(0, 5)
    history = stock.movements(connection, shelf.part_id, shelf.room_id)
    one = chance.choice(events)
    match chance.randrange(8):
        case 0:
            stock.count_shelf(connection, shelf, pieces, actor="tom", now=at)
        case 1:
            stock.take(connection, shelf, pieces + 1, actor="tom", now=at)
        case 2:
            stock.correct(connection, shelf, pieces - 3, "because", actor="tom", now=at)
        case 3:
            place = shelf.part_id, shelf.room_id
            stock.arrive(connection, *place, pieces, purchase_id=None, actor="tom", now=at)
        case 4:
            stock.undo(connection, chance.choice(history), actor="tom", now=at)
        case 5:
            take_for_replacement(connection, replace(one, undone_at=at))
        case _:
            take_for_replacement(connection, one)


def test_the_room_of_a_place_is_the_one_that_names_it_else_the_one_that_names_none() -> None:
    library, central = StoreRoom(1, "Library", ("Library",), 1), StoreRoom(2, "Central", (), 1)
    assert room_for([library, central], "Library") == library
    assert room_for([library, central], "Gym") == central
    assert room_for([library], "Gym") is None


def test_models_are_learnt_from_what_their_printers_hold_and_can_be_taken_away(engine: Engine) -> None:
    other = supply_part("Model Y", "Toner TN-1234", "black", "toner")
    with writing(engine) as connection:
        part = ensure_part(connection, TONER, now=NOW)
        assert ensure_part(connection, other, now=NOW) == part
        assert read_catalog(connection).models_of(part.id) == ("Model X", "Model Y")
        set_fits(connection, part.id, ["Model X", "Model Z"])
        catalog = read_catalog(connection)
    assert catalog.models_of(part.id) == ("Model X", "Model Z")
    assert catalog.part_of(other) is None
    assert catalog.part_of(TONER) == part
    third = supply_part("Model Z", "Cartridge 9", "Black", "toner_cartridge")  # by kind and color
    assert catalog.part_of(third) == part
    assert catalog.part_of(replace(third, color="cyan")) is None


def test_one_number_for_a_set_of_colors_is_a_part_for_each(engine: Engine) -> None:
    names = [f"Canon GPR-53 {color} Toner" for color in ("Black", "Cyan")]
    with writing(engine) as connection:
        parts = [ensure_part(connection, supply_part("iR", name, None, "toner"), now=NOW) for name in names]
    assert [(part.number, part.color) for part in parts] == [("GPR-53", "black"), ("GPR-53", "cyan")]
    assert len({part.id for part in parts}) == 2


def named(connection: Connection, part: CatalogPart, name: str) -> PartEntry:
    return PartEntry(part.number, name, part.color, part.kind, part.price)


def test_a_part_is_edited_by_one_of_two_and_a_number_is_given_once(engine: Engine) -> None:
    with writing(engine) as connection:
        part = ensure_part(connection, TONER, now=NOW)
        edit_part(connection, part, PartEntry("TN-9", "Toner", "black", "toner", Decimal("84.50")), now=NOW)
    with writing(engine) as connection, pytest.raises(Conflict):
        edit_part(connection, part, named(connection, part, "Mine"), now=NOW)
    with writing(engine) as connection, pytest.raises(UserError, match="the part number tn-9 already"):
        add_part(connection, PartEntry("tn-9", "Other", "black", "toner", None), [], now=NOW)
    with reading(engine) as connection:
        assert part_prices(connection) == {
            "TN-9": Decimal("84.50"),
            "Black Toner TN-1234": Decimal("84.50"),
        }


def test_a_name_that_has_two_prices_tells_none(engine: Engine) -> None:
    with writing(engine) as connection:
        for number, model in enumerate(("Model A", "Model B"), 1):
            part = ensure_part(connection, supply_part(model, "Black Toner", "black", "toner"), now=NOW)
            entry = PartEntry("", part.name, part.color, part.kind, Decimal(number))
            edit_part(connection, part, entry, now=NOW)
        assert part_prices(connection) == {}


@pytest.mark.parametrize(
    ("description", "number"),
    [
        ("Cyan Toner Cartridge, PN 006R01698;SN26A0C51003", "006R01698"),
        ("Black Toner S/N:CRUM-16021840417", ""),
        ("Black Cartridge HP W2020A", "W2020A"),
        ("TK-8375C", "TK-8375C"),
        ("Drum Cartridge [R1-R4]", ""),
        ("Black Ink Supply Unit T9451/T9441", "T9451"),
        ("Tray 1 Roller", ""),
    ],
)
def test_the_part_number_is_what_the_description_tells(description: str, number: str) -> None:
    assert part_number_of(description) == number


def test_the_color_is_known_in_german_too() -> None:
    assert [color_of(text) for text in ("Toner Schwarz", "Gelb", "CYAN", "Drum")] == [
        *("black", "yellow", "cyan", "")
    ]


def test_a_number_of_500_characters_is_a_sentence() -> None:
    with pytest.raises(UserError, match=r"^A part number has at most 60 characters; this has 500\."):
        read_number("x" * 500)


@pytest.mark.parametrize(
    ("typed", "price"),
    [("84.50", "84.50"), ("84,5", "84.50"), ("1,234.50", "1234.50"), (" 12 ", "12.00"), ("", None)],
)
def test_a_price_is_read_as_people_write_it(typed: str, price: str | None) -> None:
    assert read_price(typed) == (None if price is None else Decimal(price))


@pytest.mark.parametrize("typed", ["free", "-1", "1e9", "NaN", "Infinity", "12.3.4", "9" * 500])
def test_what_is_no_price_is_a_sentence(typed: str) -> None:
    with pytest.raises(UserError, match=r"^A price is (a number such as|at most)"):
        read_price(typed)
