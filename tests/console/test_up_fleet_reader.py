"""What the view reads from the database is what is stored."""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert, update
from sqlmodel import col

from console.up.fleet_summary import FleetSummaryReader, Rate, look
from core.storage.database import open_database, reading, writing
from core.storage.tables import AttentionRow, Printer, Service, Snapshot
from tests.patience import PATIENCE_SECONDS
from tests.postgres import DATABASES, database

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(params=DATABASES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with database(request.param, tmp_path) as settings:
        opened = open_database(settings)
        yield opened
        opened.dispose()


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
        "payload": {},
        "memory": {},
    } | changes


def flag(printer_id: str, severity: str, minutes: int, **changes: Any) -> dict[str, Any]:
    return {
        "printer_id": printer_id,
        "code": f"{severity}-{minutes}",
        "severity": severity,
        "message": f"{severity} for {minutes}",
        "fixer": "anyone",
        "since_at": NOW - timedelta(minutes=minutes),
        "evidence": [],
    } | changes


def fill(engine: Engine) -> None:
    for printer_id in ("a", "b", "c", "d"):
        add_printer(engine, printer_id)
    add_printer(engine, "off", enabled=False)
    with writing(engine) as connection:
        connection.execute(
            insert(Snapshot),
            [
                snapshot("a", "idle"),
                snapshot("b", "idle"),
                snapshot("c", "stopped", stale_at=NOW - timedelta(1)),
            ],
        )
        flags = [
            flag("a", "warning", 5),
            flag("b", "critical", 50),
            flag("c", "critical", 7),
            flag("a", "critical", 1, cleared_at=NOW),
        ]
        for row in flags:
            connection.execute(insert(AttentionRow).values(**row))
        for at, counters in ((NOW - timedelta(1), {"old": 1.0}), (NOW, {"spool": 3.0})):
            connection.execute(
                insert(Service).values(
                    service="collector",
                    instance=at.isoformat(),
                    status="online",
                    seen_at=at,
                    version="",
                    counters=counters,
                )
            )


def test_the_fleet_is_counted_and_the_worst_comes_first(engine: Engine) -> None:
    fill(engine)
    with reading(engine) as connection:
        glance = look(connection, NOW)
    assert (glance.printers, glance.states, glance.stale) == (4, {"idle": 2}, 1)
    assert glance.severities == {"critical": 2, "warning": 1}
    assert [(worry.printer, worry.message) for worry in glance.worst] == [
        ("C", "critical for 7"),
        ("B", "critical for 50"),
        ("A", "warning for 5"),
    ]
    assert glance.worst[0].since_at == NOW - timedelta(minutes=7)
    assert glance.heartbeats["collector"].counters == {"spool": 3.0}


def test_an_empty_database_is_an_empty_glance(engine: Engine) -> None:
    with reading(engine) as connection:
        glance = look(connection, NOW)
    assert (glance.printers, glance.states, glance.worst, glance.heartbeats) == (0, {}, (), {})


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
    reader = FleetSummaryReader(engine)
    reader.look_once()
    with writing(engine) as connection:
        connection.exec_driver_sql("DROP TABLE snapshots")
    reader.look_once()
    assert reader.latest.error is not None
    assert "snapshots" in reader.latest.error
    assert reader.latest.printers == 4


def test_it_looks_again_by_itself_until_it_is_stopped(tmp_path: Path) -> None:
    with database("sqlite", tmp_path) as settings:
        engine = open_database(settings)
    reader = FleetSummaryReader(engine)
    reader.start()
    add_printer(engine, "a")
    deadline = time.monotonic() + PATIENCE_SECONDS
    while reader.latest.printers == 0 and time.monotonic() < deadline:
        time.sleep(0.02)
    reader.stop()
    assert reader.latest.printers == 1
    assert "glance" not in {thread.name for thread in threading.enumerate()}
