"""Measure what storing a reading costs, batch by batch: CPU time and octets written; prints JSON."""

import argparse
import gc
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import psutil
from sqlalchemy import Engine

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # a script finds only what is beside it

from collector.drivers.protocol import Varbind  # noqa: E402 (the path above comes first)
from collector.poll.result import varbinds_of  # noqa: E402
from core.contract import ber  # noqa: E402
from core.contract.errors import EXIT_OK, UserError, run_command  # noqa: E402
from core.contract.messages import Reading, VarbindValue  # noqa: E402
from core.contract.printer_mib import COLUMN_OID, POLL_TABLES  # noqa: E402
from core.domain.inventory.csv_file import read_inventory, write_inventory  # noqa: E402
from core.domain.inventory.import_plan import plan_import  # noqa: E402
from core.runtime.settings import DatabaseSettings, RuleSettings  # noqa: E402
from core.storage.database import open_database, writing  # noqa: E402
from core.storage.inventory import apply_plan  # noqa: E402
from processor.batch.printer_batch import Received  # noqa: E402
from processor.batch.store import store  # noqa: E402
from scripts.bench_machine import loop_seconds, machine_now  # noqa: E402
from simulator.recording import content_of, read_recording  # noqa: E402
from simulator.shape import SHAPES  # noqa: E402

_GOAL_MS, _GOAL_OCTETS = 0.18, 6_800
"""A reading, at 20 a batch of which 15 % have changed."""
_ROUNDS, _WARM_UP = 9, 4
_INTERVAL: Final = timedelta(minutes=5)
_UPTIME: Final = f"{COLUMN_OID['sysUpTime']}.0"
_PAGES: Final = f"{COLUMN_OID['prtMarkerLifeCount']}."
_ASKED: Final = tuple(f"{oid}." for oid in COLUMN_OID.values())
_LEVELS: Final = f"{COLUMN_OID['prtMarkerSuppliesLevel']}."


@dataclass(frozen=True)
class Measured:
    """Cost of some rounds."""

    readings: int
    seconds: float
    octets: int


def measure(printers: int, size: int, changing: float, recordings: Sequence[Path]) -> dict[str, Any]:
    """Store some rounds of readings in batches of that size, after some that are not counted."""
    speed = loop_seconds()
    fleet = _Fleet(printers, changing, [_said(path) for path in recordings])
    cost = Measured(0, 0.0, 0)
    with tempfile.TemporaryDirectory(prefix="printers-bench-") as folder:
        engine = open_database(DatabaseSettings(data_dir=Path(folder)))
        _add_printers(engine, fleet.names, fleet.began)
        for number in range(_ROUNDS):
            seconds, octets = _store_all(engine, fleet.next_round(number, size))
            if number >= _WARM_UP:
                cost = Measured(cost.readings + printers, cost.seconds + seconds, cost.octets + octets)
        engine.dispose()
    return {
        "readings_per_batch": size,
        "changing_percent": round(100 * changing, 1),
        **machine_now(speed),
        **_figures(cost),
    }


def _add_printers(engine: Engine, names: Sequence[str], now: datetime) -> None:
    rows: Iterator[dict[str, Any]] = (
        {
            "printer_id": name,
            "name": name,
            "host": f"10.1.{at >> 8}.{at & 255}",
            "port": 161,
            "enabled": True,
        }
        for at, name in enumerate(names)
    )
    plan = plan_import(read_inventory(write_inventory(rows).encode()).rows, [])
    with writing(engine) as connection:
        apply_plan(connection, plan, now, actor="console")


class _Fleet:
    """Printers that are read every five minutes, in an order that differs a little; the same in each run."""

    def __init__(self, printers: int, changing: float, said: Sequence[Mapping[str, VarbindValue]]) -> None:
        self.names: Final = [f"bench-{number:05}" for number in range(printers)]
        self.began: Final = datetime.now(UTC) - _ROUNDS * _INTERVAL
        self._changing = changing
        self._said = said
        self._versions = [0] * printers
        self._chance = random.Random(1)  # noqa: S311 (the same in each run)
        self._phases = [0.0] * printers
        for place, at in enumerate(self._chance.sample(range(printers), printers)):
            self._phases[at] = float(place)

    def next_round(self, number: int, size: int) -> list[list[Received]]:
        """Have some printers change and read them all; returns the readings in batches."""
        for at in range(len(self.names)):
            self._versions[at] += self._chance.random() < self._changing
        every = range(len(self.names))
        order = sorted(every, key=lambda at: self._phases[at] + self._chance.gauss(0, 5))
        return [
            [self._reading(at, number) for at in order[first : first + size]]
            for first in range(0, len(order), size)
        ]

    def _reading(self, at: int, number: int) -> Received:
        said = self._said[at % len(self._said)]
        return _received(self.names[at], said, self._versions[at], number, self.began)


def _store_all(engine: Engine, batches: Sequence[Sequence[Received]]) -> tuple[float, int]:
    """Store the batches; returns the seconds of CPU time and the octets written."""
    gc.collect()
    gc.freeze()
    octets, cpu = _written(), time.process_time()
    for batch in batches:
        refused = store(engine, batch, RuleSettings(), batch[-1].at).refused
        if refused:
            raise UserError(f"a reading is refused: {refused[0].reason}.")
    return time.process_time() - cpu, _written() - octets


def _figures(cost: Measured) -> dict[str, Any]:
    milliseconds, octets = 1000 * cost.seconds / cost.readings, round(cost.octets / cost.readings)
    return {
        "readings": cost.readings,
        "cpu_ms_per_reading": round(milliseconds, 3),
        "octets_written_per_reading": octets,
        "goals": [
            {"figure": "cpu_ms_per_reading", "goal": _GOAL_MS, "met": milliseconds <= _GOAL_MS},
            {"figure": "octets_written_per_reading", "goal": _GOAL_OCTETS, "met": octets <= _GOAL_OCTETS},
        ],
    }


def _said(path: Path) -> Mapping[str, VarbindValue]:
    """Return the varbinds of a recording that a collector asks for, as it sends them."""
    found: dict[str, VarbindValue] = {}
    for arcs, value in read_recording(path).items():
        if ".".join(map(str, arcs)).startswith(_ASKED):
            cell = Varbind(ber.encode_arcs(arcs), value[0], content_of(value))
            found |= varbinds_of([cell]) or {}
    return found


def _received(
    name: str, said: Mapping[str, VarbindValue], version: int, number: int, began: datetime
) -> Received:
    """Return a printer's reading of that round, after so many changes."""
    varbinds = {
        oid: _changed(oid, value, version, number) if isinstance(value, int) else value
        for oid, value in said.items()
    }
    taken_at = began + number * _INTERVAL
    reading = Reading(
        id=f"{name}-{number}",
        printer_id=name,
        site="main",
        seq=number,
        taken_at=taken_at,
        reachable=True,
        tables=dict.fromkeys(POLL_TABLES, "complete"),
        varbinds=varbinds,
    )
    return Received(reading, taken_at + timedelta(seconds=1))


def _changed(oid: str, value: int, version: int, number: int) -> int:
    if oid == _UPTIME:
        return value + 30_000 * number
    if oid.startswith(_PAGES):
        return value + 7 * version
    if oid.startswith(_LEVELS) and value > 1:
        return max(1, value - version % value)
    return value


def _written() -> int:
    """Return octets that this process has written so far; 0 where the system does not tell."""
    counters = getattr(psutil.Process(), "io_counters", None)
    return int(counters().write_chars) if counters and hasattr(counters(), "write_chars") else 0


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--printers", type=int, default=600)
    parser.add_argument("--batch", type=int, default=20, help="readings a batch (default 20)")
    parser.add_argument("--changing", type=float, default=15.0, help="percent that change (default 15)")
    parser.add_argument("--recordings", type=Path, help="a folder of .snmprec files")
    given = parser.parse_args()
    folder = given.recordings or (ROOT.parent / "shared" / "recordings")
    recordings = sorted(folder.glob("*.snmprec")) or sorted(SHAPES.glob("*.snmprec"))

    def command() -> int:
        print(json.dumps(measure(given.printers, given.batch, given.changing / 100, recordings), indent=2))
        return EXIT_OK

    return run_command(command)


if __name__ == "__main__":
    sys.exit(main())
