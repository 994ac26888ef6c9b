"""Replacements in the ledger: stored with their readings, once, in whatever order those come."""

import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete

from core.contract.messages import Reading
from core.contract.printer_mib import COLUMN_OID
from core.runtime.settings import RuleSettings
from core.storage.database import writing
from processor.batch.printer_batch import Received
from processor.batch.store import store
from processor.tables import ATTENTION, SNAPSHOTS, SUPPLY_EVENTS
from tests.processor.making import (
    DOOR_OPEN,
    MINUTES,
    NOON,
    add_printers,
    make_reading,
    received,
    rows,
    unanswered,
)

RULES = RuleSettings()
SERIAL_OID = f"{COLUMN_OID['prtGeneralSerialNumber']}.1"
DESCRIPTION_OID = f"{COLUMN_OID['prtMarkerSuppliesDescription']}.1.1"


def put(engine: Engine, *readings: Reading) -> None:
    store(engine, received(*readings), RULES, NOON)


def levels(*values: int, start: int = 0, **changes: Any) -> list[Reading]:
    return [make_reading(start + at, level=level, **changes) for at, level in enumerate(values)]


def named(reading: Reading, *, serial: str = "", description: str = "") -> Reading:
    more: dict[str, Any] = {SERIAL_OID: serial.encode().hex()} if serial else {}
    if description:
        more[DESCRIPTION_OID] = description.encode().hex()
    return reading.model_copy(update={"varbinds": {**reading.varbinds, **more}})


@pytest.fixture(autouse=True)
def printers(engine: Engine) -> None:
    add_printers(engine, "lib-1", "lib-2")


def test_a_replacement_is_stored_with_what_is_known_of_it(engine: Engine) -> None:
    put(engine, *levels(5, 4, 100, 100, 100))
    (event,) = rows(engine, SUPPLY_EVENTS)
    assert (event["printer_id"], event["supply_index"], event["part"]) == ("lib-1", "1.1", "Black Toner")
    assert (event["not_before"], event["at"]) == (NOON + 5 * MINUTES, NOON + 10 * MINUTES)
    assert (event["old_percent"], event["new_percent"], event["life_count"]) == (4, 100, 1002)
    assert (event["pages"], event["began_at"], event["undone_at"], event["owed"]) == (None, None, None, True)


def test_the_second_one_knows_what_the_first_has_printed(engine: Engine) -> None:
    put(engine, *levels(4, 100, 100, 100))
    put(engine, *levels(*range(97, 3, -4), 100, 99, 99, start=10))
    first, second = rows(engine, SUPPLY_EVENTS)
    assert second["pages"] == second["life_count"] - first["life_count"] == 33
    assert (second["began_at"], second["began_percent"]) == (first["at"], 100)


def test_it_is_found_over_readings_without_an_answer(engine: Engine) -> None:
    put(engine, *levels(6, 5), *(unanswered(n) for n in range(2, 8)), *levels(100, 99, 99, start=8))
    (event,) = rows(engine, SUPPLY_EVENTS, "not_before", "at", "old_percent")
    assert event == (NOON + 5 * MINUTES, NOON + 40 * MINUTES, 5)


def test_what_is_read_while_the_cover_is_open_says_nothing(engine: Engine) -> None:
    opened = [make_reading(n, level=0, bits=DOOR_OPEN) for n in range(2, 9)]
    put(engine, *levels(40, 40), *opened, *levels(40, 40, 40, start=9))
    assert rows(engine, SUPPLY_EVENTS) == []


def test_another_device_at_the_address_is_no_replacement(engine: Engine) -> None:
    old = [named(reading, serial="AAAA1111") for reading in levels(5, 5)]
    new = [named(reading, serial="BBBB2222") for reading in levels(100, 100, 100, 100, start=2)]
    put(engine, *old, *new)
    assert rows(engine, SUPPLY_EVENTS) == []
    worn = [
        named(reading, serial="BBBB2222") for reading in levels(*range(97, 0, -4), 100, 100, 100, start=6)
    ]
    put(engine, *worn)
    (event,) = rows(engine, SUPPLY_EVENTS, "device", "old_percent", "pages")
    assert event == (1, 1, None)


def test_a_device_without_serial_number_is_another_one_where_its_counter_is_lower(engine: Engine) -> None:
    put(engine, *levels(5, 5, pages=90_000), *levels(100, 100, 100, start=2, pages=120))
    assert rows(engine, SUPPLY_EVENTS) == []


def test_the_serial_number_of_the_piece_tells(engine: Engine) -> None:
    before = [named(reading, description="Black Toner;SN00000001") for reading in levels(50, 50)]
    after = [named(reading, description="Black Toner;SN00000002") for reading in levels(52, 52, start=2)]
    put(engine, *before, *after)
    (event,) = rows(engine, SUPPLY_EVENTS, "old_serial", "serial", "old_percent", "new_percent")
    assert event == ("00000001", "00000002", 50, 52)


def test_the_old_one_that_comes_back_undoes_it_and_is_told_again(engine: Engine) -> None:
    put(engine, *levels(40, 40, 100, 100, 100))
    with writing(engine) as connection:
        connection.execute(SUPPLY_EVENTS.update().values(owed=False))
    put(engine, *levels(40, 40, 40, start=5))
    (event,) = rows(engine, SUPPLY_EVENTS, "undone_at", "undone_by", "owed", "revision")
    assert event == (NOON + 35 * MINUTES, "", True, 2)


def test_a_supply_that_is_numbered_anew_takes_its_events_with_it(engine: Engine) -> None:
    put(engine, *levels(4, 100, 100, 100))
    moved = [
        reading.model_copy(
            update={
                "varbinds": {
                    (oid[: -len("1.1")] + "1.7" if ".43.11.1." in oid else oid): value
                    for oid, value in reading.varbinds.items()
                }
            }
        )
        for reading in levels(*range(97, 3, -4), 100, 100, 100, start=4)
    ]
    put(engine, *moved)
    first, second = rows(engine, SUPPLY_EVENTS, "supply_index", "pages")
    assert (first, second) == (("1.7", None), ("1.7", 27))


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6))
def test_batches_repeated_and_cut_anywhere_store_the_same_events(engine: Engine, seed: int) -> None:
    chance = random.Random(seed)
    shown = [12, 10, 8, 4, 4, 100, 100, 99, 98, 0, 0, 98, *range(97, 3, -4), 100, 99, 99, 99]
    readings = [make_reading(number, level=level) for number, level in enumerate(shown)]
    with writing(engine) as connection:
        connection.execute(delete(SNAPSHOTS))
        connection.execute(delete(ATTENTION))
        connection.execute(delete(SUPPLY_EVENTS))
    at = 0
    while at < len(readings):
        size = chance.randint(1, 6)
        batch = readings[at : at + size] + chance.sample(readings[: at + size], k=min(at + size, 4))
        chance.shuffle(batch)
        for _ in range(chance.randint(1, 2)):  # no receipt came: the same again
            store(engine, [Received(reading, NOON + 5000 * MINUTES) for reading in batch], RULES, NOON)
        at += size
    found = rows(engine, SUPPLY_EVENTS, "at", "old_percent", "new_percent", "pages")
    assert found == [
        (NOON + 25 * MINUTES, 4, 100, None),
        (NOON + 180 * MINUTES, 5, 100, 31),
    ]
