"""With the clock set three days back and forward all goes on within an interval; the summary comes once."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from core.runtime.settings import DatabaseSettings
from core.storage.core_tables import WINDOWS
from core.storage.database import open_database
from tests.brokers import free_port, mosquitto
from tests.console.embedded import end, eventually, start
from tests.notifier.making import mail, outbox, put_mails
from tests.notifier.smtp_servers import Mailbox, mail_server
from tests.pipeline.plant import Plant, agents
from tests.processor.making import rows
from tests.processor.service_parts import Client, client
from tests.set_clock import HEARTBEAT_SECONDS

PRESENCE = {
    "collector": "printers/$sites/main/presence/test",
    "processor": "printers/$services/processor/test",
    "notifier": "printers/$services/notifier/test",
}
DAYS = timedelta(days=3)
WITHIN_SECONDS = 30
"""The interval of heartbeats where no test shortens it; polls and retries are looked at, too."""


class Services:
    """Collector, processor and notifier as processes by one clock that a test sets."""

    def __init__(self, folder: Path, listener: Client, engine: Engine) -> None:
        self.listener = listener
        self.engine = engine
        self._clock = folder / "clock"
        self._shift = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._shift

    def set_clock(self, shift: timedelta) -> None:
        """Be so far ahead of the machine's clock."""
        new = self._clock.with_suffix(".new")
        new.write_text(str(shift.total_seconds()))
        new.replace(self._clock)
        self._shift = shift

    def presence(self, service: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.listener.retained.get(PRESENCE[service], b"{}"))
        return found

    def counters(self, service: str) -> dict[str, float]:
        counted: dict[str, float] = self.presence(service).get("counters") or {}
        return counted

    def go_on(self) -> bool:
        """Whether heartbeats by the clock as it is now tell of new readings, and of their receipts."""
        before = self._progress
        fresh = all(self._is_fresh(service) for service in PRESENCE)
        made, stored = (
            self.counters("collector").get("readings", 0),
            self.counters("processor").get("readings", 0),
        )
        return fresh and made > before[0] + 1 and stored > before[1] + 1 and self._in_flight() <= 2

    def note_progress(self) -> None:
        self._progress = self.counters("collector")["readings"], self.counters("processor")["readings"]

    def _is_fresh(self, service: str) -> bool:
        at = datetime.fromisoformat(self.presence(service)["at"])
        return abs(at - self.now()) < timedelta(seconds=3 * HEARTBEAT_SECONDS)

    def _in_flight(self) -> float:
        return self.counters("collector").get("spool_readings", 0)


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def smtp_port() -> int:
    return free_port()


@pytest.fixture
def services(tmp_path: Path, smtp_port: int) -> Iterator[Services]:
    data = tmp_path / "data"
    database = DatabaseSettings(data_dir=data)
    engine = open_database(database)
    with ExitStack() as running:
        broker = running.enter_context(mosquitto())
        csv = running.enter_context(agents(tmp_path, 2))
        Plant(tmp_path, "mosquitto", database).command("import", str(csv))
        one = Services(tmp_path, running.enter_context(client(broker.port)), engine)
        one.set_clock(timedelta())
        settings = {
            **{"DATA_DIR": str(data), "INSTANCE": "test", "SNMP_POLL_INTERVAL_SECONDS": "1"},
            **{"MQTT_HOST": "127.0.0.1", "MQTT_PORT": str(broker.port), "SUMMARY_TIME": "07:00"},
            **{"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(smtp_port)},
            **{"ISSUE_SUMMARY_RECIPIENT": "lead@example.org", "TIME_ZONE": "Europe/Berlin"},
        }
        for service in PRESENCE:
            log = tmp_path / f"{service}.log"
            command = [sys.executable, "-m", "tests.set_clock", str(tmp_path / "clock"), service]
            running.callback(end_cleanly, start(command, log, settings), log)
        yield one
    engine.dispose()


def end_cleanly(process: subprocess.Popen[bytes], log: Path) -> None:
    code, said = end(process), log.read_text(errors="replace")
    sys.stderr.write(said)  # shown where the test fails
    assert code == 0
    assert "Traceback" not in said


def waits(engine: Engine, tries: int) -> bool:
    """Whether the mail has been tried so often and waits for the next time: it is not given up."""
    row = outbox(engine)[0]
    return bool(row["status"] == "due" and row["attempts"] >= tries)


def test_all_goes_on_and_the_summary_comes_once_at_its_time(
    services: Services, mailbox: Mailbox, smtp_port: int
) -> None:
    assert eventually(lambda: all(services.counters(service) for service in PRESENCE))
    assert eventually(lambda: services.counters("collector")["readings"] > 4)
    # No mail server is there: this one is tried, and again after a pause.
    put_mails(services.engine, mail(1), now=datetime.now(UTC))
    assert eventually(lambda: waits(services.engine, 1))
    for shift in (-DAYS, timedelta(), DAYS):
        services.note_progress()
        tries = outbox(services.engine)[0]["attempts"]
        services.set_clock(shift)
        began = time.monotonic()
        assert eventually(services.go_on), shift
        assert eventually(lambda tries=tries: waits(services.engine, tries + 1)), shift  # type: ignore[misc]
        assert time.monotonic() - began < WITHIN_SECONDS, shift
    with mail_server(mailbox, port=smtp_port):
        services.set_clock(DAYS + timedelta(minutes=20))  # longer than any pause between looks for the server
        assert eventually(lambda: len(outbox(services.engine, status="sent")) == 2)  # with a summary, late
        (late,) = rows(services.engine, WINDOWS)
        assert late["late"] or services.now() - late["ends_at"] < timedelta(hours=1)
        # Now it is shortly before the time of the next one.
        ends_at = late["ends_at"] + timedelta(days=1)
        services.set_clock(ends_at - timedelta(seconds=6) - datetime.now(UTC))
        assert eventually(lambda: len(mailbox.received) == 3)
        time.sleep(3 * HEARTBEAT_SECONDS)
    in_time = max(rows(services.engine, WINDOWS), key=lambda window: window["ends_at"])
    assert in_time["ends_at"] == ends_at
    assert timedelta() <= in_time["composed_at"] - ends_at < timedelta(seconds=WITHIN_SECONDS)
    assert len(mailbox.received) == 3
