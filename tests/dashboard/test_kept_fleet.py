"""The fleet that the dashboard keeps: after any changes it is what a full read finds."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, select, update

from core.runtime.settings import RuleSettings
from core.storage.audit import DEVICE_REPORTED, note
from core.storage.core_tables import ATTENTION, ISSUES, MOVES, OUT_OF_SERVICE, PRINTERS, SNAPSHOTS, TRIAGE
from core.storage.core_tables import EVENTS as ISSUE_EVENTS
from core.storage.database import open_database, reading, writing
from core.storage.freshness import LATEST, is_stale_printer
from core.storage.inventory import apply_plan, edit_printer, plan_rows, read_printers, remove_printer
from core.storage.out_of_service import put_back_in_service, read_out_of_service, take_out_of_service
from dashboard.actor import Actor
from dashboard.features.attention.actions import snooze
from dashboard.features.attention.queries import FlagFilter, flags
from dashboard.features.fleet.kept_fleet import OVERLAP, WHOLE_EVERY, KeptFleet
from dashboard.features.fleet.queries import Fleet
from processor.batch.printer_batch import Received
from processor.batch.store import store
from tests.dashboard.harness import MANAGER
from tests.postgres import DATABASES, database
from tests.processor.making import DOOR_OPEN, JAMMED, NOON, NOTHING_WRONG, make_reading, unanswered, varbinds

SECOND: Final = timedelta(seconds=1)
RULES: Final = RuleSettings()
NAMES: Final = ("a", "b", "c")
TABLES: Final = (TRIAGE, ISSUE_EVENTS, ISSUES, ATTENTION, SNAPSHOTS, MOVES, OUT_OF_SERVICE, PRINTERS)
SERIAL_OID: Final = "1.3.6.1.2.1.43.5.1.1.17.1"


@pytest.fixture(scope="module", params=DATABASES)
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with database(request.param, tmp_path_factory.mktemp("kept")) as found:
        opened = open_database(found)
        yield opened
        opened.dispose()


class Deployment:
    """What happens to a fleet, by the names of the steps; its clock moves on with each."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.now, self.number = engine, NOON, 0
        with writing(engine) as connection:
            for table in (
                TRIAGE,
                ISSUE_EVENTS,
                ISSUES,
                ATTENTION,
                SNAPSHOTS,
                MOVES,
                OUT_OF_SERVICE,
                PRINTERS,
            ):
                connection.execute(delete(table))

    def wait(self, seconds: int) -> None:
        self.now += seconds * SECOND

    def read(self, name: str, bits: str, level: int, arrived: timedelta = timedelta(0)) -> None:
        self._store(name, arrived, bits=bits, level=level)

    def tell(self, name: str, serial: str) -> None:
        told = varbinds() | {SERIAL_OID: serial.encode().hex()}
        self._store(name, timedelta(0), varbinds=told)

    def fail(self, name: str) -> None:
        self.number += 1
        self._commit(unanswered(self.number, name, taken_at=self.now), timedelta(0))

    def ahead(self, name: str) -> None:
        """A snapshot dated ahead, of before the clock was set back."""
        later = self.now + timedelta(days=1)
        change = {"taken_at": later, "stale_at": later, "received_at": later}
        with writing(self.engine) as connection:
            connection.execute(update(SNAPSHOTS).where(SNAPSHOTS.c.printer_id == name).values(change))

    def add(self, name: str) -> None:
        with writing(self.engine) as connection:
            if name not in self._printers(connection):
                row = {"printer_id": name, "name": name.upper(), "host": f"host-{name}"}
                apply_plan(connection, plan_rows(connection, [row]), self.now, actor="test")

    def edit(self, name: str, field: str, value: Any) -> None:
        with writing(self.engine) as connection:
            if seen := self._printers(connection).get(name):
                edit_printer(connection, seen, {field: value}, self.now, actor="test")

    def remove(self, name: str) -> None:
        with writing(self.engine) as connection:
            if seen := self._printers(connection).get(name):
                remove_printer(connection, seen, self.now, actor="test")

    def take_out(self, name: str, seconds: int | None) -> None:
        until = None if seconds is None else self.now + seconds * SECOND
        with writing(self.engine) as connection:
            if name in self._printers(connection):
                take_out_of_service(connection, name, until=until, why="repair", actor="test", now=self.now)

    def put_back(self, name: str) -> None:
        with writing(self.engine) as connection:
            put_back_in_service(connection, name, actor="test", now=self.now)

    def snooze(self, hours: int) -> None:
        with reading(self.engine) as connection:
            found = flags(connection, FlagFilter(), now=self.now)
        snooze(Actor(self.engine, MANAGER, self.now), found, self.now + timedelta(hours=hours))

    def _store(self, name: str, arrived: timedelta, **told: Any) -> None:
        self.number += 1
        self._commit(make_reading(self.number, name, taken_at=self.now, **told), arrived)

    def _commit(self, made: Any, arrived: timedelta) -> None:
        store(self.engine, [Received(made, self.now - arrived)], RULES, self.now)

    @staticmethod
    def _printers(connection: Any) -> dict[str, Any]:
        return {row.printer_id: row for row in read_printers(connection)}


def fleet(engine: Engine, kept: KeptFleet, now: datetime) -> Fleet:
    with reading(engine) as connection:
        return kept.read(connection, now)


def stale_by_sql(engine: Engine, now: datetime) -> set[str]:
    query = select(PRINTERS.c.printer_id).select_from(PRINTERS.outerjoin(SNAPSHOTS, LATEST))
    with reading(engine) as connection:
        return set(connection.scalars(query.where(PRINTERS.c.enabled, is_stale_printer(now))))


name = st.sampled_from(NAMES)
STEP: Final = st.one_of(
    st.tuples(st.just("wait"), st.sampled_from([1, 5, 59, 300, 601])),
    st.tuples(
        st.just("read"),
        name,
        st.sampled_from([NOTHING_WRONG, JAMMED, DOOR_OPEN]),
        st.sampled_from([80, 7, 0]),
        st.sampled_from([0 * SECOND, SECOND, OVERLAP - SECOND / 10]),
    ),
    st.tuples(st.just("tell"), name, st.sampled_from(["X1Z0001", "X1Z0002"])),
    st.tuples(st.just("fail"), name),
    st.tuples(st.just("ahead"), name),
    st.tuples(st.just("add"), name),
    st.tuples(st.just("edit"), name, st.just("location"), st.sampled_from(["Hall", "Hall, room 1"])),
    st.tuples(st.just("edit"), name, st.just("model"), st.sampled_from(["", "Acme 9"])),
    st.tuples(st.just("edit"), name, st.just("enabled"), st.booleans()),
    st.tuples(st.just("remove"), name),
    st.tuples(st.just("take_out"), name, st.sampled_from([None, 3, 90])),
    st.tuples(st.just("put_back"), name),
    st.tuples(st.just("snooze"), st.sampled_from([1, 8])),
)


@pytest.mark.parametrize(("kind", "examples"), [("sqlite", 40), ("postgresql", 8)])
def test_after_any_changes_the_kept_fleet_is_what_a_full_read_finds(
    kind: str, examples: int, tmp_path: Path
) -> None:
    with database(kind, tmp_path) as found:
        opened = open_database(found)

        @given(steps=st.lists(STEP, min_size=5, max_size=25))
        @settings(max_examples=examples)
        def holds(steps: list[tuple[Any, ...]]) -> None:
            play(opened, steps)

        holds()
        opened.dispose()


def play(engine: Engine, steps: list[tuple[Any, ...]]) -> None:
    """Take them, and compare what is kept with a full read after each."""
    deployment, kept = Deployment(engine), KeptFleet()
    for known in NAMES[:2]:
        deployment.add(known)
    for step, *details in steps:
        getattr(deployment, step)(*details)
        full = fleet(engine, KeptFleet(), deployment.now)
        assert fleet(engine, kept, deployment.now).rows == full.rows
        with reading(engine) as connection:
            out = read_out_of_service(connection, deployment.now)
        assert {row.printer_id for row in full.rows if row.health == "out"} == out.keys() & full.by_id.keys()
        stale = {row.printer_id for row in full.rows if row.state == "stale"}
        assert stale == stale_by_sql(engine, deployment.now)


@pytest.fixture
def two(engine: Engine) -> Deployment:
    deployment = Deployment(engine)
    deployment.add("a")
    deployment.add("b")
    deployment.read("a", NOTHING_WRONG, 80)
    return deployment


def test_a_fleet_that_looks_the_same_is_the_same_object(two: Deployment) -> None:
    kept = KeptFleet()
    first = fleet(two.engine, kept, two.now)
    two.wait(5)
    two.read("a", NOTHING_WRONG, 80)
    assert fleet(two.engine, kept, two.now) is first
    two.read("a", JAMMED, 80)
    assert fleet(two.engine, kept, two.now) is not first


def test_a_printer_that_reports_another_name_has_no_other_one_read(
    two: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = KeptFleet()
    fleet(two.engine, kept, two.now)
    monkeypatch.setattr(kept, "_read_whole", lambda *_: pytest.fail("the whole fleet was read"))
    with writing(two.engine) as connection:
        note(connection, DEVICE_REPORTED, "a", actor="processor", now=two.now)
    two.wait(5)
    two.read("a", JAMMED, 80)
    assert fleet(two.engine, kept, two.now).by_id["a"].state == "stopped"


def test_what_is_committed_long_after_it_arrived_is_there_within_a_minute(two: Deployment) -> None:
    kept = KeptFleet()
    fleet(two.engine, kept, two.now)
    two.wait(30)
    two.read("b", NOTHING_WRONG, 80)
    fleet(two.engine, kept, two.now)
    two.read("a", JAMMED, 80, 10 * SECOND)
    assert fleet(two.engine, kept, two.now).by_id["a"].state == "idle"
    assert fleet(two.engine, kept, NOON + WHOLE_EVERY).by_id["a"].state == "stopped"


def test_what_is_dated_ahead_hides_nothing_that_comes_after_it(two: Deployment) -> None:
    kept = KeptFleet()
    two.ahead("a")
    assert fleet(two.engine, kept, two.now).by_id["a"].state == "stale"
    two.wait(5)
    two.read("b", JAMMED, 80)
    assert fleet(two.engine, kept, two.now).by_id["b"].state == "stopped"


def test_a_clock_set_back_has_everything_read_anew(two: Deployment) -> None:
    kept = KeptFleet()
    assert fleet(two.engine, kept, two.now).by_id["a"].state == "idle"
    assert fleet(two.engine, kept, two.now - timedelta(hours=1)).by_id["a"].state == "stale"


@pytest.mark.processes
def test_a_transaction_that_becomes_visible_late_is_read_all_the_same(tmp_path: Path) -> None:
    with database("postgresql", tmp_path) as found:
        opened = open_database(found)
        deployment, kept = Deployment(opened), KeptFleet()
        for known in NAMES:
            deployment.add(known)
            deployment.read(known, NOTHING_WRONG, 80)
        fleet(opened, kept, deployment.now)
        deployment.wait(5)
        arrived = deployment.now
        slow = (
            update(SNAPSHOTS).where(SNAPSHOTS.c.printer_id == "a").values(state="slow", received_at=arrived)
        )
        with opened.connect() as connection, connection.begin():
            connection.execute(slow.where(SNAPSHOTS.c.printer_id == "a"))
            deployment.wait(1)
            deployment.read("b", JAMMED, 80)
            seen = fleet(opened, kept, deployment.now).by_id
            assert (seen["a"].state, seen["b"].state) == ("idle", "stopped")
        assert fleet(opened, kept, deployment.now).by_id["a"].state == "slow"
        opened.dispose()
