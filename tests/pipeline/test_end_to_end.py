"""The whole way of a reading through `printers`: inventory in, `up`, judged states out."""

import csv
import json
import re
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
import psutil
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from core.contract.messages import RefreshRequest
from core.runtime.settings import DatabaseSettings
from core.storage.database import open_database, reading
from core.storage.fleet_states import read_states
from tests.brokers import free_port
from tests.console.embedded import KINDS, end, eventually, start
from tests.paths import SHARED, needs_shared
from tests.patience import PATIENCE_SECONDS
from tests.pipeline.plant import Plant, agents, plant
from tests.postgres import DATABASES, database

UP = [sys.executable, "-m", "console", "up", "--plain"]
RECORDINGS = sorted((SHARED / "recordings").glob("*.snmprec"))
FIELDS = ("index", "description", "level", "max_capacity", "level_state", "level_percent")
TRAY_FIELDS = ("index", "name", "level", "max_capacity", "level_state", "level_percent")


@contextmanager
def up(built: Plant, broker: str = "auto") -> Iterator[None]:
    """`printers up` on the plant's folder; it must end cleanly."""
    pages = {"DASHBOARD_LISTEN": f"127.0.0.1:{free_port()}"}
    environment = {**built.environment(), "MQTT_PORT": str(built.port), **pages}
    process = start([*UP, "--broker", broker], built.folder / "up.log", environment)
    built.running["up"] = process
    try:
        yield
    finally:
        del built.running["up"]
        assert end(process) == 0, built.log("up")


def states(built: Plant) -> dict[str, Any]:
    """What `printers status --json` shows, without starting it each time."""
    engine = open_database(built.database)
    with reading(engine) as connection:
        found = read_states(connection, datetime.now(UTC), None)
    engine.dispose()
    return {state.printer_id: state.as_json() for state in found}


def read_by_now(built: Plant, count: int) -> dict[str, Any]:
    """The states once so many printers have been read."""

    def all_read() -> dict[str, Any] | None:
        found = states(built)
        return found if sum(state["taken_at"] is not None for state in found.values()) >= count else None

    found = eventually(all_read)
    assert found is not None, built.log("up")
    return found


@needs_shared
@pytest.mark.parametrize("kind", DATABASES)
def test_the_ten_recordings_are_read_judged_and_shown(kind: str, tmp_path: Path) -> None:
    expected = json.loads((SHARED / "recordings" / "expected.json").read_text(encoding="utf-8"))
    with (
        database(kind, tmp_path / "data") as settings,
        plant(tmp_path, "mosquitto", settings) as built,
        agents(tmp_path, len(RECORDINGS), RECORDINGS) as inventory,
    ):
        built.command("import", str(inventory))
        with inventory.open(encoding="utf-8-sig", newline="") as file:
            ids = [row["printer_id"] for row in csv.DictReader(file)]
        with up(built):
            read_by_now(built, len(RECORDINGS))
            shown = json.loads(built.command("status", "--json"))
    found = {state["printer_id"]: state for state in shown}
    for recording, printer_id in zip(RECORDINGS, ids, strict=True):
        state, wanted = found[printer_id], expected[recording.stem]
        assert state["reachable"], recording.stem
        for table, fields in (("supplies", FIELDS), ("input_trays", TRAY_FIELDS)):
            seen = [{name: row[name] for name in fields} for row in state[table]]
            assert seen == [{name: row[name] for name in fields} for row in wanted[table]], recording.stem


@pytest.fixture
def living(tmp_path: Path) -> Iterator[Plant]:
    """Five simulated printers in the inventory, asked every second; nothing runs yet."""
    settings = DatabaseSettings(data_dir=tmp_path / "data")
    with plant(tmp_path, "mosquitto", settings) as built, agents(tmp_path, 5) as inventory:
        built.settings |= {"SNMP_POLL_INTERVAL_SECONDS": "1", "SNMP_TIMEOUT": "3"}
        built.command("import", str(inventory))
        yield built


def child_of_up(built: Plant, module: str) -> psutil.Process:
    children = psutil.Process(built.running["up"].pid).children()
    return next(child for child in children if module in child.cmdline()[:4])


@pytest.mark.parametrize("kind", KINDS)
def test_readings_go_on_after_the_broker_was_killed(kind: str, living: Plant) -> None:
    with up(living, kind):
        read_by_now(living, 5)
        holder = child_of_up(living, "console.broker")
        for process in (*holder.children(), holder):
            process.kill()
        killed_at = datetime.now(UTC)

        def newer() -> bool:
            taken = [state["taken_at"] for state in states(living).values()]
            return all(datetime.fromisoformat(at) > killed_at for at in taken)

        assert eventually(newer), living.log("up")


def test_who_is_silent_is_stale_and_a_killed_service_is_seen(living: Plant) -> None:
    with up(living):
        read_by_now(living, 5)
        child_of_up(living, "processor").suspend()  # it hears nothing, and cannot be started again either
        assert eventually(lambda: all(state["stale"] for state in states(living).values()))
        child_of_up(living, "processor").resume()
        assert eventually(lambda: not any(state["stale"] for state in states(living).values()))


def test_everything_started_at_once_on_an_empty_folder_works(living: Plant) -> None:
    for path in (living.data / "db.sqlite3", living.data / "db.sqlite3-wal", living.data / "db.sqlite3-shm"):
        path.unlink(missing_ok=True)
    # Credentials come first, as `up` makes them; then nobody waits for anybody.
    living.start("broker")
    living.credentials()
    for name in ("collector", "processor"):
        living.start(name)
    living.command("import", str(living.folder / "fleet.csv"))
    read_by_now(living, 5)
    for name in ("collector", "processor", "broker"):
        living.end(name)


def test_a_refresh_is_answered_within_two_seconds(living: Plant) -> None:
    living.settings["SNMP_POLL_INTERVAL_SECONDS"] = "3600"
    with up(living):
        found = read_by_now(living, 5)
        printer_id = next(name for name, state in found.items() if state["reachable"])
        took = [_ask(living, printer_id) for _ in range(5)]
    assert min(took) < 2, took  # the best of them: the machine may be busy with other things


def _ask(built: Plant, printer_id: str) -> float:
    """Seconds from a request to the published reading that answers it; its state is stored, too."""
    request = RefreshRequest(id=uuid.uuid4().hex, requested_at=datetime.now(UTC))
    credentials, answer = built.credentials(), threading.Event()
    client = paho.Client(CallbackAPIVersion.VERSION2, client_id="asking")
    client.username_pw_set("console", credentials.passwords["console"])

    def take(_client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        if re.search(rb'"refresh_id": ?"' + request.id.encode(), bytes(message.payload)):
            answer.set()

    client.on_message = take
    subscribed = threading.Event()
    client.on_subscribe = lambda *_: subscribed.set()
    client.connect(credentials.host, credentials.port)
    client.subscribe(f"printers/{printer_id}/reading/+", qos=1)
    client.loop_start()
    try:
        assert subscribed.wait(PATIENCE_SECONDS)
        asked = time.monotonic()
        client.publish(f"printers/{printer_id}/refresh", request.model_dump_json(), qos=1)
        assert answer.wait(PATIENCE_SECONDS), built.log("up")
        took = time.monotonic() - asked
        assert eventually(lambda: states(built)[printer_id]["refresh_id"] == request.id)
        return took
    finally:
        client.disconnect()
        client.loop_stop()
