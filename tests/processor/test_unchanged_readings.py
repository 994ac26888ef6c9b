"""Readings that say the same are not judged: everything is as if they had been, on both databases."""

import json
import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import Engine, select

from core.contract.messages import Reading, VarbindValue
from core.contract.printer_mib import COLUMN_OID
from core.runtime.settings import RuleSettings
from core.storage.database import open_database
from core.storage.database import reading as reading_from
from processor.batch import store as store_module
from processor.batch.printer_batch import Received
from processor.batch.snapshots import stored_states
from processor.batch.store import store
from processor.judgment.judge import Context, Judged, judge
from processor.judgment.repeatable import said_in
from processor.publish.events import ISSUE_EVENTS, PendingEvents
from processor.publish.states import PendingStates
from processor.tables import (
    ATTENTION,
    EVENTS,
    FORECASTS,
    ISSUES,
    OUTBOX,
    SNAPSHOTS,
    SUPPLY_EVENTS,
)
from tests.paths import ROOT
from tests.postgres import database
from tests.processor.fakes import Wire
from tests.processor.making import MINUTES, NOON, add_printers, edit, make_reading, received, rows, state_of
from tests.recordings_reader import polled, read_recording, reading_of

RULES: Final = RuleSettings()
RECORDINGS: Final = sorted((ROOT / "tests/recordings").glob("*.snmprec"))
PRINTERS: Final = ("lib-1", "lib-2", "lib-3")
WRITTEN_OTHERWISE: Final = {"repeats", "said", "said_until", "point"}
CARRIED: Final = {
    *("model", "serial_number", "supplies", "attention"),
    *("counters", "counters_at", "counters_serial"),
    *("firmware", "system_description"),
}
"""The fields of the state before that a judgement may take something from, all tables answered."""


def oid(name: str) -> str:
    return COLUMN_OID[name]


@dataclass
class Device:
    """A printer that mostly says the same, and now and then something else."""

    printer_id: str
    chance: random.Random
    clock: datetime = NOON
    seq: int = 0
    ticks: int = 1000
    said: dict[str, VarbindValue] = field(default_factory=dict)
    tables: dict[str, Any] = field(default_factory=dict)
    kept: list[Received] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.said, self.tables = polled(read_recording(self.chance.choice(RECORDINGS)))
        self.usual = dict(self.said)

    def read(self) -> list[Received]:
        """The next reading, or an odd number of them."""
        self.clock += self.chance.choice((5, 5, 5, 5, 5, 5, 7, 0, 60)) * MINUTES
        self.seq += 1
        odd = self.chance.random()
        if odd < 0.03:
            self.clock += timedelta(hours=self.chance.choice((20, 30)))
        if odd < 0.3:
            self._change()
        found = self._reading()
        if 0.3 < odd < 0.36 and self.kept:
            return [self.chance.choice(self.kept), found]  # comes again, or late
        self.kept = [*self.kept[-5:], found]
        return [] if 0.36 < odd < 0.39 else [found]

    def _reading(self) -> Received:
        chance = self.chance
        self.ticks += chance.randrange(1, 30_000)
        fields: dict[str, Any] = {"taken_at": self.clock, "interval_seconds": chance.choice((300, 300, 60))}
        varbinds, tables = dict(self.said), dict(self.tables)
        if f"{oid('sysUpTime')}.0" in varbinds:
            varbinds[f"{oid('sysUpTime')}.0"] = self.ticks
        arrives, odd = self.clock + timedelta(seconds=1), chance.random()
        if odd < 0.04:
            fields |= {"reachable": False, "error": "no answer within 3 s"}
            varbinds, tables = {}, {}
        elif odd < 0.07:
            fields["refresh_id"] = f"asked-{self.seq}"
        elif odd < 0.10:
            tables[chance.choice(sorted(tables))] = chance.choice(("failed", "partial"))
        elif odd < 0.12:
            fields["taken_at"] = self.clock + timedelta(hours=chance.choice((1, 50)))
        elif odd < 0.13:
            arrives -= timedelta(days=2)  # the processor's clock was set back
        elif odd < 0.14:
            fields["error"] = "It answers, but not when asked for: covers."
        reading = make_reading(self.seq, self.printer_id, **fields, varbinds=varbinds, tables=tables)
        return Received(reading, arrives)

    def _change(self) -> None:
        chance = self.chance
        kind = chance.choice(("pages", "levels", "bits", "usual", "alerts", "serial", "order", "device"))
        if kind == "usual":
            self.said = dict(self.usual)
        elif kind == "pages":
            self._each("prtMarkerLifeCount", lambda value: value + 3)
        elif kind == "levels":
            less = chance.choice((1, 7, -100))
            self._each("prtMarkerSuppliesLevel", lambda value: max(0, value - less) if value > 0 else value)
        elif kind == "bits":
            bits = chance.choice(("00", "04", "08", "40", "20", "80"))
            self.said |= dict.fromkeys(self._keys("hrPrinterDetectedErrorState"), bits)
        elif kind == "alerts":
            row, code = chance.choice((7, 8)), chance.choice((8, 808, 1104, 1115, 501))
            columns = {"SeverityLevel": chance.choice((3, 4)), "Code": code, "GroupIndex": 1, "Group": 8}
            self.said |= {f"{oid(f'prtAlert{name}')}.1.{row}": value for name, value in columns.items()}
        elif kind == "serial":
            number = chance.choice(("A1", "B2", "")).encode().hex()
            self.said |= dict.fromkeys(self._keys("prtGeneralSerialNumber"), number)
        elif kind == "order":
            self.said = dict(reversed(self.said.items()))
        else:
            for key in chance.sample(sorted(self.said), min(2, len(self.said))):
                del self.said[key]

    def _keys(self, column: str) -> list[str]:
        return [key for key in self.said if key.startswith(f"{oid(column)}.")]

    def _each(self, column: str, changed: Any) -> None:
        for key in self._keys(column):
            if isinstance(value := self.said[key], int):
                self.said[key] = changed(value)


def everything(engine: Engine) -> dict[str, Any]:
    """All that the processor has written, in a form that does not know how."""
    with reading_from(engine) as connection:

        def stored(table: Any) -> list[dict[str, Any]]:
            found = connection.execute(select(table).order_by(*table.primary_key.columns))
            return [dict(row) for row in found.mappings()]

        return {
            "known": stored_states(connection, PRINTERS),
            "snapshots": [
                {name: value for name, value in row.items() if name not in WRITTEN_OTHERWISE}
                for row in stored(SNAPSHOTS)
            ],
            "history": sorted(connection.execute(select(OUTBOX.c.payload)).scalars()),
            **{table.name: stored(table) for table in (ATTENTION, ISSUES, EVENTS, FORECASTS, SUPPLY_EVENTS)},
        }


def published(engine: Engine) -> list[tuple[str, Any]]:
    """What is owed to other systems, published and acknowledged."""
    wire = Wire()
    states: Any = PendingStates(engine, wire)  # type: ignore[arg-type]
    events: Any = PendingEvents(engine, wire, ISSUE_EVENTS)  # type: ignore[arg-type]
    states.step()
    events.step()
    wire.acknowledge()
    states.step()
    events.step()
    return [(topic, json.loads(message)) for topic, message in wire.sent]


def repeats(engine: Engine) -> int:
    return sum(number for (number,) in rows(engine, SNAPSHOTS, "repeats"))


@contextmanager
def two(kind: str, folder: Path) -> Iterator[tuple[Engine, Engine]]:
    """Two databases of one kind: one for each way."""
    with database(kind, folder / "a") as one, database(kind, folder / "b") as other:
        engines = open_database(one), open_database(other)
        for engine in engines:
            add_printers(engine, *PRINTERS)
        yield engines
        for engine in engines:
            engine.dispose()


def inventory_changes(chance: random.Random) -> tuple[str, Mapping[str, Any]] | None:
    """Now and then somebody edits a printer."""
    if chance.random() > 0.06:
        return None
    column, value = chance.choice((("name", "Other"), ("location", "Attic"), ("serial", "A1")))
    statement = f"UPDATE printers SET {column} = :value WHERE printer_id = :printer_id"  # noqa: S608 (ours)
    return statement, {"value": value, "printer_id": chance.choice(PRINTERS)}


def compare(engines: tuple[Engine, Engine], seed: int, batches: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """Feed both the same batches, one of them the full way; return how many were not judged."""
    short, full = engines
    chance = random.Random(seed)
    devices = [Device(printer_id, chance) for printer_id in PRINTERS]
    rules, seen = RULES, 0
    for _ in range(batches):
        times = chance.choice((1, 1, 1, 2, 3))
        batch = [each for device in devices for _ in range(times) for each in device.read()]
        if chance.random() < 0.03:
            rules = RuleSettings(supply_low_percent=chance.choice((15, 40)))
        edited = inventory_changes(chance)
        now = max(device.clock for device in devices)
        for engine in engines:
            if edited:
                edit(engine, edited[0], **edited[1])
            with monkeypatch.context() as patched:
                if engine is full:
                    patched.setattr(store_module, "unchanged", lambda *_: None)
                store(engine, batch, rules, now)
        assert everything(short) == everything(full)
        if chance.random() < 0.3:
            assert published(short) == published(full)
        seen += repeats(short)
    assert repeats(full) == 0
    return seen


@pytest.mark.parametrize(("kind", "seed"), [("sqlite", 0), ("sqlite", 1), ("sqlite", 2), ("postgresql", 3)])
def test_random_readings_leave_the_same_as_if_each_had_been_judged(
    kind: str, seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with two(kind, tmp_path) as engines:
        assert compare(engines, seed, 60, monkeypatch) > 20


def test_a_state_is_judged_from_nothing_else_of_the_one_before() -> None:
    """All tables answered: whatever else the state before says, the next one is the same."""
    context = Context(RULES, NOON + timedelta(days=365))
    judged: list[tuple[Reading, Judged]] = []
    for path in RECORDINGS:
        last: Judged | None = None
        for number in range(3):
            reading = reading_of(read_recording(path), number)
            last = judge(reading, last, context)
        assert last is not None
        judged.append((reading_of(read_recording(path), 3), last))
    compared = 0
    for reading, past in judged:
        if past.state.incomplete_tables:
            continue
        expected = judge(reading, past, context)
        kept = {name: getattr(past.state, name) for name in CARRIED}
        kept["supplies"] = tuple(
            supply.model_copy(update={"level": 7, "level_percent": 7, "max_capacity": 9, "pages_left": 1})
            for supply in past.state.supplies
        )
        for _, other in judged:
            foreign = other.state.model_copy(update=kept)
            assert judge(reading, Judged(foreign, past.memory), context) == expected
            compared += 1
    assert compared > 500


def repeated_after(engine: Engine, *readings: Reading) -> int:
    for each in readings:
        (given,) = received(each)
        store(engine, [given], RULES, given.at)
    ((count,),) = rows(engine, SNAPSHOTS, "repeats")
    return int(count)


@pytest.fixture
def fleet(engine: Engine) -> Engine:
    add_printers(engine, "lib-1")
    return engine


def test_what_has_settled_is_judged_once_however_many_pages_were_printed(fleet: Engine) -> None:
    same = [make_reading(number, pages=7) for number in range(4)]
    assert repeated_after(fleet, *same) == 2  # the first shows what is there, the second that it stays
    assert repeated_after(fleet, make_reading(5, pages=8)) == 0
    assert repeated_after(fleet, make_reading(6, pages=8)) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"refresh_id": "asked-1"},
        {"reachable": False, "error": "no answer", "varbinds": {}, "tables": {}},
        {"taken_at": NOON + timedelta(days=2)},
        {"bits": "04"},
    ],
    ids=["a refresh", "no answer", "a clock ahead", "a jam"],
)
def test_what_needs_a_judgement_gets_it(fleet: Engine, changes: dict[str, Any]) -> None:
    same = [make_reading(number, pages=7) for number in range(4)]
    assert repeated_after(fleet, *same) == 2
    odd = make_reading(4, pages=7, **changes)
    store(fleet, [Received(odd, NOON + 21 * MINUTES)], RULES, NOON)
    assert rows(fleet, SNAPSHOTS, "repeats") == [(0,)]


def test_a_jam_is_counted_until_its_issue_is_open(fleet: Engine) -> None:
    for number in range(8):
        (given,) = received(make_reading(number, bits="04", pages=7))
        store(fleet, [given], RULES, given.at)
        assert len(rows(fleet, ISSUES)) == (number >= 1)
    assert rows(fleet, SNAPSHOTS, "repeats") == [(6,)]
    assert [flag.readings for flag in state_of(fleet).attention] == [8]


def test_names_rules_and_program_are_part_of_what_was_said(monkeypatch: pytest.MonkeyPatch) -> None:
    reading = make_reading(1)
    usual = said_in(reading, Context(RULES, NOON))
    assert said_in(make_reading(1, seq=9, duration_ms=7, interval_seconds=9), Context(RULES, NOON)) == usual
    others = [
        Context(RuleSettings(supply_low_percent=14), NOON),
        Context(RULES, NOON, name="Library"),
        Context(RULES, NOON, location="Attic"),
        Context(RULES, NOON, serial="A1"),
    ]
    assert len({usual, *(said_in(reading, other) for other in others)}) == 5
