"""What the live view reads of the database: the rate, and what it does while the database is away."""

import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, insert, update
from sqlmodel import col

from console.up.fleet_reader import FleetReader, Rate
from core.storage.database import open_database, reading, writing
from core.storage.tables import Printer, Snapshot
from tests.patience import PATIENCE_SECONDS
from tests.postgres import database

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def add_printer(engine: Engine, printer_id: str, *, enabled: bool = True) -> None:
    times = {"created_at": NOW, "updated_at": NOW}
    with writing(engine) as connection:
        connection.execute(
            insert(Printer).values(
                printer_id=printer_id, name=printer_id.title(), host="h", enabled=enabled, **times
            )
        )


def snapshot(printer_id: str, state: str, **changes: Any) -> dict[str, Any]:
    return {
        "printer_id": printer_id,
        "reading_id": printer_id,
        "taken_at": NOW,
        "seq": 1,
        "received_at": NOW,
        "stale_at": NOW + timedelta(minutes=10),
        "reachable": True,
        "state": state,
    } | changes


def fill(engine: Engine) -> None:
    add_printer(engine, "a")
    add_printer(engine, "b")
    with writing(engine) as connection:
        connection.execute(insert(Snapshot), [snapshot("a", "idle"), snapshot("b", "idle")])


def test_the_rate_counts_what_is_new_at_each_look(engine: Engine) -> None:
    fill(engine)
    rate = Rate()

    def count(clock: float) -> float | None:
        with reading(engine) as connection:
            return rate.count(connection, clock)

    assert count(0.0) is None
    assert count(10.0) == 0
    with writing(engine) as connection:
        later = update(Snapshot).where(col(Snapshot.state) == "idle")
        connection.execute(later.values(received_at=NOW + timedelta(seconds=12)))
    assert count(20.0) == 6.0  # two in twenty seconds
    assert count(70.0) == 2.0  # two in the last minute
    assert count(200.0) == 0


def test_a_database_that_is_away_is_said_and_the_last_look_kept(tmp_path: Path) -> None:
    with database("sqlite", tmp_path) as settings:
        engine = open_database(settings)
    fill(engine)
    reader = FleetReader(engine)
    reader.look_once()
    with writing(engine) as connection:
        connection.exec_driver_sql("DROP TABLE snapshots")
    reader.look_once()
    assert reader.latest.error is not None
    assert "snapshots" in reader.latest.error
    assert reader.latest.fleet.watched == 2


def test_it_looks_again_by_itself_until_it_is_stopped(tmp_path: Path) -> None:
    with database("sqlite", tmp_path) as settings:
        engine = open_database(settings)
    reader = FleetReader(engine)
    reader.start()
    add_printer(engine, "a")
    deadline = time.monotonic() + PATIENCE_SECONDS
    while reader.latest.fleet.watched == 0 and time.monotonic() < deadline:
        time.sleep(0.02)
    reader.stop()
    assert reader.latest.fleet.watched == 1
    assert "fleet" not in {thread.name for thread in threading.enumerate()}
