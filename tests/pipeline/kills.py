"""One run under random kill -9: afterwards every reading is committed and every point there, once."""

import os
import random
import shutil
import sys
import time
from collections import Counter
from pathlib import Path

from sqlalchemy import Engine

from core.storage.database import open_database
from core.storage.tables import Rejected
from core.timeseries.points import milliseconds
from tests.brokers import free_port
from tests.console.embedded import eventually
from tests.patience import PATIENCE_SECONDS
from tests.pipeline import evidence
from tests.pipeline.plant import Made, Plant, agents, plant
from tests.postgres import database

PRINTERS = 15
_KILLING_SECONDS = 7.0
_CONFIRM_SECONDS = 10.0  # longer than the killing: what a killed time series forgot is written once more


def run(folder: Path, broker: str, kind: str, *, victoria: bool = False) -> None:
    """Kill, start again, let it settle, compare what was made with what is kept."""
    seed = int(os.environ.get("PIPELINE_SEED") or random.SystemRandom().randrange(10_000))
    sys.stdout.write(f"PIPELINE_SEED={seed}\n")
    rng = random.Random(seed)
    with database(kind, folder / "data") as settings, plant(folder, broker, settings) as built:
        engine = open_database(settings)
        try:
            with agents(folder, PRINTERS) as csv:
                _begin(built, csv, engine, victoria=victoria)
                _kill_at_random(built, rng)
                made = _drain_the_spool(built)
                _compare(built, engine, made)
        finally:
            engine.dispose()


def _begin(built: Plant, csv: Path, engine: Engine, *, victoria: bool) -> None:
    built.command("import", str(csv))
    built.record_what_is_made()
    built.settings |= {"SNMP_POLL_INTERVAL_SECONDS": "1", "SNMP_TIMEOUT": "1"}
    if (
        victoria and shutil.which("victoria-metrics") is not None
    ):  # else all is the same with the embedded one
        url = f"http://127.0.0.1:{free_port()}"
        built.settings |= {"INFLUXDB_URL": url, "INFLUXDB_CONFIRM_SECONDS": str(_CONFIRM_SECONDS)}
        built.start("victoria-metrics")
    for name in ("broker", "processor", "collector"):
        built.start(name)
    built.wait_for_broker()
    # On a busy machine a collector may be killed each time before it has read anything.
    assert eventually(lambda: len(evidence.snapshots(engine)) >= PRINTERS), built.log("collector")


def _kill_at_random(built: Plant, rng: random.Random) -> None:
    ends = time.monotonic() + _KILLING_SECONDS
    kills: Counter[str] = Counter()
    names = sorted(built.running)
    while time.monotonic() < ends:
        time.sleep(rng.uniform(0.3, 1.2))
        # Everybody once, then anybody; sometimes two at a time.
        rest = [name for name in names if not kills[name]] or names
        victims = rng.sample(rest, min(len(rest), rng.choice([1, 1, 2])))
        for name in victims:
            built.kill(name, rng)
            kills[name] += 1
        time.sleep(rng.choice([0.0, 0.3, 1.5]))
        for name in victims:
            built.start(name)
    sys.stdout.write(f"killed: {dict(kills)}\n")


def _drain_the_spool(built: Plant) -> list[Made]:
    """Let the collector deliver what it has, and ask for little more."""
    built.settings["SNMP_POLL_INTERVAL_SECONDS"] = "86400"
    deadline = time.monotonic() + PATIENCE_SECONDS
    pause = 4.0
    while True:
        built.end("collector")
        waiting, made = built.spooled()
        if not waiting or time.monotonic() > deadline:
            break
        built.start("collector")
        time.sleep(pause)
        pause *= 2  # on a busy machine starting alone takes seconds
    logs = built.log("collector"), built.log("processor")
    assert waiting == 0, f"{waiting} of {len(made)} readings have no receipt: {logs}"
    sys.stdout.write(f"made: {len(made)} readings\n")
    assert len(made) >= PRINTERS
    return made


def _compare(built: Plant, engine: Engine, made: list[Made]) -> None:
    wanted = Counter((one.printer_id, milliseconds(one.taken_at)) for one in made)
    url = built.settings.get("INFLUXDB_URL")
    found = evidence.settled(
        lambda: evidence.victoria_points(url) if url else evidence.embedded_points(built.data),
        wanted,
        PATIENCE_SECONDS,
    )
    assert found == wanted, f"missing {wanted - found}, too many {found - wanted}"
    assert eventually(lambda: evidence.outbox_rows(engine) == 0)
    assert evidence.rows(engine, Rejected) == 0
    newest = {one.printer_id: one.id for one in sorted(made, key=lambda one: (one.taken_at, one.seq))}
    kept = evidence.snapshots(engine)
    assert {printer_id: row.reading_id for printer_id, row in kept.items()} == newest
    assert eventually(lambda: not any(row.owed for row in evidence.snapshots(engine).values()))
    told = evidence.retained_states(built.credentials(), len(kept))
    assert {name: state["state"] for name, state in told.items()} == {
        name: row.state for name, row in kept.items()
    }
