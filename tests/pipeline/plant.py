"""A whole installation as processes that a test may kill and start again: agents, broker, services."""

import json
import random
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import psutil

from collector.spool_file import SpoolFile
from console.broker.credentials import BrokerCredentials, read_credentials
from console.broker.probe import wait_until_ready
from core.runtime.settings import DatabaseSettings
from tests.brokers import free_port
from tests.console.cli import call_printers
from tests.console.embedded import broker_arguments, end, eventually, start
from tests.patience import PATIENCE_SECONDS

_RECORD_WHAT_IS_MADE = """
CREATE TABLE IF NOT EXISTS made (seq INTEGER PRIMARY KEY, printer_id TEXT, payload TEXT);
CREATE TRIGGER IF NOT EXISTS record_made AFTER INSERT ON readings BEGIN
    INSERT OR IGNORE INTO made VALUES (NEW.seq, NEW.printer_id, CAST(NEW.payload AS TEXT));
END;
"""


@dataclass(frozen=True)
class Made:
    """A reading that was spooled: from then on it must not be lost."""

    seq: int
    printer_id: str
    id: str
    taken_at: datetime


@dataclass
class Plant:
    """Processes by name; all of one folder, in which logs and data are."""

    folder: Path
    broker: str
    database: DatabaseSettings
    port: int = field(default_factory=free_port)
    settings: dict[str, str] = field(default_factory=dict)
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def spool(self) -> Path:
        return self.data / "collector" / "spool-main.sqlite3"

    def environment(self, user: str | None = None) -> dict[str, str]:
        """The settings of a process, with its user at the broker."""
        url = self.database.database_url
        found = {"DATA_DIR": str(self.data), **self.settings}
        if url is not None:
            found["DATABASE_URL"] = url.get_secret_value()
        if user is not None:
            found |= self.credentials().environment(user)
        return found

    def credentials(self) -> BrokerCredentials:
        """Of the embedded broker."""

        def written() -> BrokerCredentials | None:
            found = read_credentials(self.data)
            return found if found and found.port == self.port else None

        credentials = eventually(written)
        assert credentials is not None
        return credentials

    def start(self, name: str) -> None:
        """Start a broker or a service."""
        if name == "broker":
            command, environment = broker_arguments(self.broker, self.data, self.port), self.environment()
        elif name == "victoria-metrics":
            command, environment = self._victoria(), {}
        else:
            command, environment = [sys.executable, "-m", name], self.environment(name)
        self.running[name] = start(command, self.folder / f"{name}.log", environment)

    def kill(self, name: str, rng: random.Random | None = None) -> None:
        """kill -9; of a broker the program itself, the process that holds it, or both."""
        process = self.running.pop(name)
        programs = psutil.Process(process.pid).children() if name == "broker" else []
        what = rng.choice(["program", "holder", "both"]) if programs and rng else "both"
        for program in programs if what != "holder" else []:
            program.kill()
        if what != "program":
            process.kill()
        process.wait(PATIENCE_SECONDS)  # the holder ends when its program has

    def wait_for_broker(self) -> None:
        assert wait_until_ready(self.credentials().settings("console"), PATIENCE_SECONDS), self.log("broker")

    def end(self, name: str) -> None:
        """End it cleanly."""
        if (process := self.running.pop(name, None)) is not None:
            end(process)

    def command(self, *arguments: str) -> str:
        """What `printers ...` prints."""
        said = call_printers(*arguments, env=self.environment())
        assert said.returncode == 0, said.stdout + said.stderr
        return said.stdout

    def log(self, name: str) -> str:
        path = self.folder / f"{name}.log"
        return path.read_text(encoding="utf-8", errors="replace")[-4000:] if path.exists() else ""

    def record_what_is_made(self) -> None:
        """From now on every reading that is spooled is noted, in the spool's own transaction."""
        SpoolFile.open(self.spool).close()
        with closing(sqlite3.connect(self.spool)) as connection:
            connection.executescript(_RECORD_WHAT_IS_MADE)

    def spooled(self) -> tuple[int, list[Made]]:
        """How many readings wait, and all that were ever made; the collector must not run."""
        with closing(sqlite3.connect(self.spool)) as connection:
            waiting = connection.execute("SELECT count(*) FROM readings").fetchone()[0]
            rows = connection.execute("SELECT seq, printer_id, payload FROM made").fetchall()
        made = []
        for seq, printer_id, payload in rows:
            reading = json.loads(payload)
            made.append(Made(seq, printer_id, reading["id"], datetime.fromisoformat(reading["taken_at"])))
        return waiting, made

    def _victoria(self) -> list[str]:
        return [
            "victoria-metrics",
            f"-storageDataPath={self.folder / 'victoria'}",
            f"-httpListenAddr={self.settings['INFLUXDB_URL'].removeprefix('http://')}",
            "-retentionPeriod=12",
            "-dedup.minScrapeInterval=1ms",
        ]


@contextmanager
def agents(folder: Path, count: int, recordings: Sequence[Path] = ()) -> Iterator[Path]:
    """Simulated printers, or recorded ones, that answer by SNMP; the inventory for `printers import`."""
    csv, log = folder / "fleet.csv", folder / "agents.log"
    arguments = ["--printers", str(count), "--port", str(_udp_ports(count)), "--csv", str(csv)]
    for recording in recordings:
        arguments += ["--recording", str(recording)]
    process = start([sys.executable, "-m", "console", "simulate", *arguments], log)
    try:
        assert eventually(lambda: "simulated printers" in log.read_text(errors="replace")), log.read_text()
        yield csv
    finally:
        end(process)


@contextmanager
def plant(folder: Path, broker: str, database: DatabaseSettings) -> Iterator[Plant]:
    """An installation; whatever of it still runs at the end is ended."""
    built = Plant(folder, broker, database)
    try:
        yield built
    finally:
        for name in list(built.running):
            process = built.running.pop(name)
            for program in psutil.Process(process.pid).children() if process.poll() is None else []:
                program.kill()
            process.kill()
            process.wait()


def _udp_ports(count: int) -> int:
    """The first of as many UDP ports in a row that are free."""
    for first in random.SystemRandom().sample(range(26_000, 31_000, count), 50):
        sockets = []
        try:
            for port in range(first, first + count):
                sockets.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
                sockets[-1].bind(("127.0.0.1", port))
        except OSError:
            continue
        finally:
            for one in sockets:
                one.close()
        return first
    raise RuntimeError("no free UDP ports")
