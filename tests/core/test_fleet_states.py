"""The fleet as stored: names of the inventory, stale by time, services by their heartbeats."""

from datetime import timedelta
from pathlib import Path

import pytest

from core.contract.messages import PrinterState
from core.domain.freshness import FIRST_READING_WITHIN
from core.storage.database import open_database, reading
from core.storage.fleet_states import count_printers, read_states
from core.storage.services import newest, read_services
from core.storage.tables import ServiceRow
from tests.builders import NOW, printer, put, snapshot
from tests.postgres import DATABASES, database


@pytest.mark.parametrize("kind", DATABASES)
def test_a_state_has_the_name_of_the_inventory_and_every_field(kind: str, tmp_path: Path) -> None:
    with database(kind, tmp_path / "data") as settings:
        engine = open_database(settings)
        state = PrinterState(printer_id="lib", name="old", taken_at=NOW, reachable=True, state="idle")
        put(engine, printer("lib", location="Room 1", site="annex"), snapshot("lib", state))
        put(engine, printer("new"), printer("off", enabled=False))
        with reading(engine) as connection:
            lib, new = read_states(connection, NOW)
            assert read_states(connection, NOW, site="annex") == [lib]
            assert count_printers(connection) == (3, 1)
        engine.dispose()
    assert (lib.latest.name, lib.latest.location, lib.latest.site, lib.latest.state) == (
        "Lib",
        "Room 1",
        "annex",
        "idle",
    )
    # `gaps` is left out of the JSON of a state that has none.
    assert (
        set(lib.as_json())
        == set(new.as_json())
        == {*PrinterState.model_fields, "stale", "out_of_service"} - {"gaps"}
    )
    assert (new.latest.state, new.latest.taken_at, new.stale) == ("unknown", None, False)


def test_a_state_is_stale_by_the_clock(tmp_path: Path) -> None:
    with database("sqlite", tmp_path) as settings:
        engine = open_database(settings)
        state = PrinterState(printer_id="lib", taken_at=NOW, reachable=True)
        put(engine, printer("lib"), snapshot("lib", state), printer("new"))
        with reading(engine) as connection:

            def stale(after: timedelta) -> list[bool]:
                return [state.stale for state in read_states(connection, NOW + after)]

            assert stale(timedelta(minutes=9)) == [False, False]
            assert stale(timedelta(minutes=10)) == [True, True]
            assert timedelta(minutes=10) == FIRST_READING_WITHIN


def test_a_state_of_an_older_program_has_the_new_fields_too(tmp_path: Path) -> None:
    with database("sqlite", tmp_path) as settings:
        engine = open_database(settings)
        told = PrinterState(printer_id="lib", state="idle")
        put(engine, printer("lib"), snapshot("lib", told, only={"printer_id", "state"}))
        with reading(engine) as connection:
            (state,) = read_states(connection, NOW)
        assert (state.latest.state, state.latest.supplies) == ("idle", ())


def test_a_service_is_silent_after_three_heartbeats_or_a_goodbye(tmp_path: Path) -> None:
    with database("sqlite", tmp_path) as settings:
        engine = open_database(settings)
        put(
            engine,
            ServiceRow(service="processor", instance="a", status="online", seen_at=NOW, counters={}),
            ServiceRow(
                service="collector", instance="b", site="x", status="offline", seen_at=NOW, counters={}
            ),
        )
        with reading(engine) as connection:
            heartbeats = read_services(connection)
    processor, collector = newest(heartbeats, "processor"), newest(heartbeats, "collector", "x")
    assert processor is not None
    assert collector is not None
    assert newest(heartbeats, "collector", "y") is None
    assert not processor.is_silent(NOW + timedelta(seconds=89))
    assert processor.is_silent(NOW + timedelta(seconds=91))
    assert collector.is_silent(NOW)
