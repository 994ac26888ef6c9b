"""A processor at work, in a thread or as a process; a client that plays collector and other systems."""

import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import astuple, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine

from core.contract.messages import Reading, Receipt
from core.contract.topics import READING, STORED
from core.runtime.mqtt_link import MqttLink
from core.runtime.settings import DatabaseSettings, MqttSettings, load_blocks
from core.runtime.shutdown import ShutdownSignal
from core.storage.database import open_database
from processor.app import run
from processor.batch.inbox import USUAL_SIZE, BatchSize
from processor.settings import ProcessorAppSettings
from processor.tables import OUTBOX, SNAPSHOTS
from tests.paths import ROOT
from tests.patience import PATIENCE_SECONDS, until
from tests.processor.history_points import stored
from tests.processor.making import MINUTES, add_printers, make_reading, rows

PRINTERS = [f"p-{n}" for n in range(20)]
STARTED = datetime.now(UTC) - timedelta(hours=3)


_WITH_BATCHES: Final = """
import sys
from dataclasses import replace
from core.runtime.settings import load_blocks
from core.runtime.shutdown import ShutdownSignal
from processor.app import run
from processor.batch.inbox import BatchSize
from processor.settings import ProcessorAppSettings
size = BatchSize(int(sys.argv[1]), float(sys.argv[2]))
run(replace(load_blocks(ProcessorAppSettings), batch=size), ShutdownSignal().install())
"""
"""The service as `python -m processor` starts it, with batches of another size."""


class ProcessorProcess:
    """A processor on a broker and a database; can be killed and started again."""

    def __init__(
        self, database: DatabaseSettings, port: int, batch: BatchSize | None = None, /, **settings: str
    ) -> None:
        self._command = (
            ["-m", "processor"] if batch is None else ["-c", _WITH_BATCHES, *map(str, astuple(batch))]
        )
        self.log = database.data_dir / f"processor-{settings.get('INSTANCE', 'test')}.log"
        self._environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            **_environment(database, port, **settings),
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; it may need a moment to be there."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, *self._command],
                cwd=self.log.parent,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def kill(self) -> None:
        """kill -9."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def stop(self) -> int:
        """Ask it to end; returns its exit code."""
        assert self._process is not None
        self._process.terminate()
        code = self._process.wait(timeout=PATIENCE_SECONDS)
        self._process = None
        return code


def _environment(database: DatabaseSettings, port: int, **settings: str) -> dict[str, str]:
    url = database.database_url.get_secret_value() if database.database_url is not None else ""
    given = {"DATA_DIR": str(database.data_dir), "MQTT_HOST": "127.0.0.1", "MQTT_PORT": str(port)}
    return {**given, "INSTANCE": "test", **({"DATABASE_URL": url} if url else {}), **settings}


@contextmanager
def processor(
    database: DatabaseSettings, port: int, batch: BatchSize = USUAL_SIZE, /, **settings: str
) -> Iterator[None]:
    """A processor at work in a thread; ended as by a signal. To import a process takes 1.5 s of a CPU."""
    with pytest.MonkeyPatch.context() as patched:
        for name, value in _environment(database, port, **settings).items():
            patched.setenv(name, value)
        blocks = replace(load_blocks(ProcessorAppSettings), batch=batch)
    shutdown = ShutdownSignal()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(run, blocks, shutdown)
        try:
            yield
        finally:
            shutdown.stop()
            running.result(PATIENCE_SECONDS)


@contextmanager
def processor_process(
    database: DatabaseSettings, port: int, batch: BatchSize | None = None, /, **settings: str
) -> Iterator[ProcessorProcess]:
    """One that can be killed, ended afterwards; what it said is shown when the test fails."""
    process = ProcessorProcess(database, port, batch, **settings)
    process.start()
    try:
        yield process
    except BaseException:
        sys.stderr.write(process.log.read_text(errors="replace"))
        raise
    finally:
        process.kill()


class Client:
    """Publishes readings until they are receipted, and listens to everything."""

    def __init__(self, port: int, name: str = "collector-test", site: str = "main") -> None:
        settings = MqttSettings(mqtt_host="127.0.0.1", mqtt_port=port, mqtt_password=SecretStr(""))
        self.link = MqttLink(settings, "tester", name)
        self.site = site
        self.stored: list[str] = []
        self.refused: dict[str, str] = {}
        self.retained: dict[str, bytes] = {}
        """The newest message of each topic."""
        self.messages: list[tuple[str, bytes]] = []
        self._lock = threading.Lock()
        self.link.subscribe("printers/#", self._arrived)

    def _arrived(self, topic: str, payload: bytes) -> None:
        with self._lock:
            self.retained[topic] = payload
            self.messages.append((topic, payload))
            if topic == STORED.name("printers", site=self.site):
                receipt = Receipt.model_validate_json(payload)
                self.stored += receipt.stored
                self.refused |= {refused.id: refused.reason for refused in receipt.refused}

    def of(self, topic: str) -> list[bytes]:
        """All messages of a topic, in the order they came."""
        with self._lock:
            return [payload for name, payload in self.messages if name == topic]

    def send(self, *readings: Reading) -> None:
        """Publish once."""
        for reading in readings:
            topic = READING.name("printers", printer_id=reading.printer_id, site=reading.site)
            self.link.publish(topic, reading.model_dump_json())

    def unreceipted(self, readings: Sequence[Reading]) -> list[Reading]:
        """Those whose receipt has not come."""
        with self._lock:
            known = {*self.stored, *self.refused}
        return [reading for reading in readings if reading.id not in known]

    def send_until_receipted(
        self, readings: Sequence[Reading], seconds: float = 2 * PATIENCE_SECONDS
    ) -> None:
        """Publish again and again, as a spool does, until each one has its receipt."""
        deadline = time.monotonic() + seconds
        while left := self.unreceipted(readings):
            assert time.monotonic() < deadline, f"{len(left)} readings without a receipt"
            self.send(*left[:500])
            pause = time.monotonic() + 1.0
            while time.monotonic() < pause and self.unreceipted(left[:500]):
                time.sleep(0.02)


@contextmanager
def client(port: int, name: str = "collector-test") -> Iterator[Client]:
    """A connected client."""
    one = Client(port, name)
    one.link.start()
    try:
        until(one.link.connected.is_set, "a connection to the broker")
        yield one
    finally:
        one.link.stop()


def are_online(listener: Client, *instances: str) -> bool:
    """Whether these processors have said that they are there."""
    topics = [f"printers/$services/processor/{instance}" for instance in instances]
    return all(b'"online"' in listener.retained.get(topic, b"") for topic in topics)


def sqlite_in(folder: Path) -> DatabaseSettings:
    """The embedded database."""
    return DatabaseSettings(data_dir=folder)


def prepared(database: DatabaseSettings) -> Engine:
    """The database with PRINTERS in its inventory."""
    engine = open_database(database)
    add_printers(engine, *PRINTERS)
    return engine


def recent(number: int, printer_id: str, **changes: Any) -> Reading:
    """A reading of the last hours: older ones are thinned while a test looks."""
    return make_reading(number, printer_id, taken_at=STARTED + number * MINUTES, **changes)


def many(readings_each: int, printers: list[str] = PRINTERS) -> list[Reading]:
    """So many readings of each printer, out of order."""
    made = [recent(n, printer) for n in range(readings_each) for printer in printers]
    random.Random(4).shuffle(made)
    return made


def history_count(folder: Path) -> int:
    """Points of history of PRINTERS."""
    return sum(len(stored(folder, printer)) for printer in PRINTERS)


def history_is_whole(engine: Engine, folder: Path, count: int) -> None:
    """Every point has left the outbox, and is there once."""
    until(lambda: not rows(engine, OUTBOX, "id"), "an outbox that is drained")
    assert history_count(folder) == count


def newest_are_stored(engine: Engine, readings_each: int) -> None:
    """The last of many() is the snapshot of each printer."""
    found = dict(rows(engine, SNAPSHOTS, "printer_id", "seq"))
    assert found == dict.fromkeys(PRINTERS, readings_each - 1)
