"""The fleet as the portal lists it: found, filtered, counted, sorted."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from core.runtime.settings import DatabaseSettings
from core.storage.database import open_database, reading
from dashboard.features.fleet.kept_fleet import KeptFleet
from dashboard.features.fleet.listed import read_details
from dashboard.features.fleet.queries import Fleet, FleetFilter
from dashboard.features.printer.nearby import alternatives, works
from tests.builders import printer, put
from tests.console.small_fleet import fill
from tests.dashboard.listed import listed
from tests.dashboard.portal import add_hostile
from tests.postgres import DATABASES, database

NOW = datetime.now(UTC)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    opened = open_database(DatabaseSettings(data_dir=tmp_path / "data"))
    fill(opened, NOW)
    yield opened
    opened.dispose()


@pytest.fixture(params=DATABASES)
def both(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """What is read by SQL that differs between the databases."""
    with database(request.param, tmp_path / "data") as settings:
        opened = open_database(settings)
        fill(opened, NOW)
        yield opened
        opened.dispose()


def fleet(engine: Engine, now: datetime = NOW) -> Fleet:
    with reading(engine) as connection:
        return KeptFleet().read(connection, now)


def ids(rows: Any) -> list[str]:
    return [row.printer_id for row in rows]


def test_the_worst_come_first_and_the_disabled_not_at_all(both: Engine) -> None:
    rows = fleet(both).rows
    assert [(row.printer_id, row.health, row.state) for row in rows] == [
        ("jammed", "critical", "stopped"),
        ("old", "stale", "stale"),
        ("low", "warning", "idle"),
        ("new", "new", "unknown"),
        ("fine", "ok", "asleep"),
    ]


def test_a_printer_that_is_not_read_in_time_is_no_news(engine: Engine) -> None:
    later = fleet(engine, NOW + timedelta(hours=1))
    assert {row.printer_id: row.health for row in later.rows}["new"] == "stale"
    assert {row.printer_id: row.state for row in later.rows}["fine"] == "stale"


def test_each_count_is_of_what_the_other_filters_leave(engine: Engine) -> None:
    found = fleet(engine).find(FleetFilter(health=("critical", "warning"), states=("idle",)), True)
    assert ids(found.rows) == ["low"]
    assert found.by_health == {"warning": 1}
    assert found.by_state == {"stopped": 1, "idle": 1}


@pytest.mark.parametrize(
    ("words", "expected"), [("low", ["low"]), ("ROOM 12", ["low"]), ("low nothing", []), ("%", []), ("_", [])]
)
def test_words_are_found_in_name_and_place_all_of_them(
    engine: Engine, words: str, expected: list[str]
) -> None:
    assert ids(fleet(engine).find(FleetFilter(words=words), True).rows) == expected


def test_addresses_and_serial_numbers_are_found_only_by_who_sees_them(engine: Engine) -> None:
    put(engine, printer("hidden", host="10.9.8.7", serial="SER-77"))
    for words in ("10.9.8.7", "ser-77"):
        assert ids(fleet(engine).find(FleetFilter(words=words), True).rows) == ["hidden"]
        assert ids(fleet(engine).find(FleetFilter(words=words), False).rows) == []


def test_the_model_the_printer_names_counts_where_the_inventory_has_none(engine: Engine) -> None:
    add_hostile(engine)
    put(engine, printer("named", model="Acme 9"))
    assert "Acme 9" in fleet(engine).models
    assert ids(fleet(engine).find(FleetFilter(model="Acme 9"), True).rows) == ["named"]


def test_a_building_is_everything_in_it() -> None:
    rows = [
        listed("a", location="Library, floor 1"),
        listed("b", location="Library"),
        listed("c", location="Library 2"),
    ]
    whole = Fleet(rows)
    assert whole.places == ["Library", "Library 2", "Library, floor 1"]
    assert ids(whole.find(FleetFilter(location="Library"), False).rows) == ["a", "b"]


def test_the_choice_of_places_stays_short() -> None:
    rows = [listed(f"p{n}", location=f"Hall {n % 7}, floor {n % 5}, room {n}") for n in range(2000)]
    places = Fleet(rows).places
    assert "Hall 3" in places
    assert "Hall 3, floor 2" in places
    assert len(places) <= 300
    assert not any("room" in place for place in places)


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("worst", ["b", "c", "a"]),
        ("name", ["a", "b", "c"]),
        ("location", ["c", "b", "a"]),
        ("supply", ["c", "a", "b"]),
        ("invented", ["b", "c", "a"]),
    ],
)
def test_the_list_is_sorted_as_wanted(order: str, expected: list[str]) -> None:
    rows = [
        listed("a", location="Z", lowest_percent=30),
        listed("b", location="Y", health="critical"),
        listed("c", location="X", health="warning", lowest_percent=3),
    ]
    assert ids(Fleet(rows).find(FleetFilter(order=order), False).rows) == expected


def test_the_page_knows_the_first_flag_and_the_lowest_supply(both: Engine) -> None:
    with reading(both) as connection:
        details = read_details(connection, ["low", "jammed", "new"], NOW)
    assert details["low"].message == "Black toner is low (9 %)"
    assert details["low"].supply == "Black toner"
    assert details["low"].since_at == NOW - timedelta(hours=3)
    assert details["jammed"].flags == 2
    assert (details["jammed"].state, details["jammed"].severity) == ("stopped", "critical")
    assert "new" not in details


def test_what_works_in_the_same_room_is_offered_before_the_building() -> None:
    rows = [
        listed("broken", location="Library, floor 1, hall", health="critical", state="stopped"),
        listed("near", location="Library, floor 1, hall"),
        listed("dead", location="Library, floor 1, hall", state="unreachable"),
        listed("floor", location="Library, floor 1, office"),
        listed("house", location="Library, floor 9"),
        listed("else", location="Gym"),
    ]
    assert ids(alternatives(Fleet(rows), "broken")) == ["near"]
    assert ids(alternatives(Fleet([row for row in rows if row.printer_id != "near"]), "broken")) == [
        "floor",
        "house",
    ]
    assert alternatives(Fleet(rows), "unknown") == []
    assert not works(rows[0])
