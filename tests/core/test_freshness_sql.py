"""The conditions of SQL say of the same times what the functions of Python say."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from core.contract.messages import PrinterState
from core.domain import freshness
from core.storage import freshness as in_sql
from core.storage.core_tables import PRINTERS, SERVICES, SNAPSHOTS
from core.storage.database import open_database, reading, writing
from core.storage.tables import ServiceRow
from tests.builders import printer, put, snapshot
from tests.postgres import DATABASES, database

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
TICK = timedelta(microseconds=1)
EDGES = (
    timedelta(),
    -freshness.MAX_AHEAD,
    freshness.SILENT_AFTER,
    freshness.FIRST_READING_WITHIN,
    timedelta(days=900),
    -timedelta(days=900),
)
AGES = tuple(edge + off for edge in EDGES for off in (-TICK, timedelta(), TICK))
"""How long before NOW: each boundary, and a microsecond on either side of it."""
ages = st.one_of(
    st.sampled_from(AGES), st.timedeltas(min_value=-timedelta(days=4_000), max_value=timedelta(days=4_000))
)


@contextmanager
def opened(kind: str, folder: Path) -> Iterator[Engine]:
    """A database of that kind with its tables."""
    with database(kind, folder) as settings:
        engine = open_database(settings)
        yield engine
        engine.dispose()


@pytest.mark.parametrize("kind", DATABASES)
def test_a_time_is_ahead_past_or_has_lasted_alike(kind: str, tmp_path: Path) -> None:
    with opened(kind, tmp_path) as engine:
        put(engine, printer("one"))

        @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), database=None)
        @given(age=ages, limit=st.sampled_from(EDGES[2:5]))
        def alike(age: timedelta, limit: timedelta) -> None:
            at = NOW - age
            with writing(engine) as connection:
                connection.execute(PRINTERS.update().values(created_at=at))
            column = PRINTERS.c.created_at
            conditions = (
                in_sql.is_ahead(column, NOW),
                in_sql.is_past(column, limit, NOW),
                in_sql.has_lasted(column, limit, NOW),
            )
            with reading(engine) as connection:
                found = connection.execute(select(*conditions)).one()
            assert tuple(map(bool, found)) == (
                freshness.is_ahead(at, NOW),
                freshness.is_past(at, limit, NOW),
                freshness.has_lasted(at, limit, NOW),
            )

        alike()


@pytest.mark.parametrize("kind", DATABASES)
def test_printers_are_stale_alike(kind: str, tmp_path: Path) -> None:
    with opened(kind, tmp_path) as engine:
        expected = _store_printers(engine)
        rows = select(PRINTERS.c.printer_id, in_sql.is_stale_printer(NOW)).select_from(
            PRINTERS.outerjoin(SNAPSHOTS, SNAPSHOTS.c.printer_id == PRINTERS.c.printer_id)
        )
        read = select(SNAPSHOTS.c.printer_id, in_sql.is_stale(NOW)).where(in_sql.HAS_READING)
        with reading(engine) as connection:
            found = {printer_id: bool(stale) for printer_id, stale in connection.execute(rows)}
            of_read = {printer_id: bool(stale) for printer_id, stale in connection.execute(read)}
        assert found == expected
        assert of_read == {printer_id: expected[printer_id] for printer_id in of_read}


def _store_printers(engine: Engine) -> dict[str, bool]:
    """Printers that were read, never read, and reserved for a reading; whether each is stale."""
    expected: dict[str, bool] = {}
    rows: list[Any] = []
    for number, (taken, due) in enumerate(product(AGES, AGES)):
        name, taken_at, stale_at = f"read-{number}", NOW - taken, NOW - due
        state = PrinterState(printer_id=name, taken_at=taken_at)
        rows += (printer(name), snapshot(name, state, stale_at=stale_at))
        expected[name] = freshness.is_stale(taken_at, stale_at, NOW)
    for number, age in enumerate(AGES):
        created_at = NOW - age
        new, reserved = f"new-{number}", f"reserved-{number}"
        long_ago = datetime(1970, 1, 1, tzinfo=UTC)
        state = PrinterState(printer_id=reserved, taken_at=long_ago)
        rows += (
            printer(new, created_at=created_at),
            printer(reserved, created_at=created_at),
            snapshot(reserved, state, reading_id=""),
        )
        expected |= dict.fromkeys((new, reserved), freshness.is_unread(created_at, NOW))
    put(engine, *rows)
    return expected


@pytest.mark.parametrize("kind", DATABASES)
def test_services_are_silent_alike(kind: str, tmp_path: Path) -> None:
    with opened(kind, tmp_path) as engine:
        lives = {
            f"{status}-{number}": (status, NOW - age)
            for status in ("online", "offline")
            for number, age in enumerate(AGES)
        }
        put(
            engine,
            *(
                ServiceRow(service="collector", instance=name, status=status, seen_at=at, counters={})
                for name, (status, at) in lives.items()
            ),
        )
        with reading(engine) as connection:
            rows = connection.execute(select(SERVICES.c.instance, in_sql.is_silent(NOW))).all()
        assert {name: bool(silent) for name, silent in rows} == {
            name: freshness.is_silent(status == "online", at, NOW) for name, (status, at) in lives.items()
        }


def test_a_state_is_stale_after_two_of_its_intervals() -> None:
    assert freshness.stale_at(NOW, 300.0) == NOW + timedelta(minutes=10)
    assert freshness.interval_of(NOW, freshness.stale_at(NOW, 300.0)) == timedelta(minutes=5)
    assert freshness.stale_at(NOW, float("nan")) == NOW + timedelta(days=60)
    assert freshness.stale_at(NOW, -1.0) == NOW
