"""A whole collector in this process for tests: real spool, real broker, printers that are made up."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from collector.app import open_app
from collector.event_loop import run
from collector.poll import Capabilities, PollResult
from collector.poll.result import unanswered
from collector.poll.status_check import Status
from collector.service import CollectorService
from collector.settings import CollectorSettings
from core.contract.messages import PolledPrinter
from core.runtime.integration_settings import MetricsSettings
from core.runtime.service import Service
from core.runtime.settings import CommonSettings, MqttSettings, SnmpSettings
from core.runtime.shutdown import ShutdownSignal
from tests.patience import PATIENCE_SECONDS


class FakePrinters:
    """Stands in for PrinterClient: printers answer at once, those in `dead` never, after `patience`."""

    def __init__(self) -> None:
        self.dead: set[str] = set()
        self.patience = 0.2
        self.delay = 0.0
        self.asked: list[tuple[float, str]] = []
        self.running = 0
        self.most_running = 0
        self.status: dict[str, Status] = {}

    async def __call__(self, printer: PolledPrinter) -> PollResult:
        self.asked.append((time.monotonic(), printer.printer_id))
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            if printer.printer_id in self.dead:
                await asyncio.sleep(self.patience)
                return unanswered(f"{printer.host} did not answer.", Capabilities())
            await asyncio.sleep(self.delay)
        finally:
            self.running -= 1
        return PollResult(True, None, {"1.3.6.1.2.1.1.5.0": "61"}, {"system": "complete"}, Capabilities())

    async def read_status(self, printer: PolledPrinter) -> Status | None:
        return self.status.get(printer.printer_id)

    def times(self, printer_id: str) -> int:
        return sum(asked == printer_id for _, asked in self.asked)


def printers(*numbers: int) -> tuple[PolledPrinter, ...]:
    return tuple(PolledPrinter(printer_id=f"p{number}", host="192.0.2.1") for number in numbers)


def settings_for(
    port: int, data_dir: Path, *, interval: float = 300.0, check: float = 60.0, concurrency: int = 20
) -> CollectorSettings:
    return CollectorSettings(
        CommonSettings(data_dir=data_dir, instance="here"),
        SnmpSettings(
            snmp_poll_interval_seconds=interval,
            snmp_check_interval_seconds=check,
            snmp_concurrency=concurrency,
        ),
        MqttSettings(mqtt_host="127.0.0.1", mqtt_port=port),
        MetricsSettings(),
    )


@contextmanager
def service(
    settings: CollectorSettings, fake: FakePrinters, monkeypatch: pytest.MonkeyPatch
) -> Iterator[CollectorService]:
    """The service in a thread of its own, until the end of the block."""
    monkeypatch.setattr("collector.app.PrinterClient", lambda *_: fake)
    shutdown, ready, made = ShutdownSignal(), threading.Event(), list[CollectorService]()

    async def serve() -> None:
        async with open_app(settings) as app:
            made.append(CollectorService(app))
            ready.set()
            await made[0].run(Service(app.link, shutdown))

    thread = threading.Thread(target=lambda: run(serve()))
    thread.start()
    try:
        assert ready.wait(PATIENCE_SECONDS)
        yield made[0]
    finally:
        shutdown.stop()
        thread.join(PATIENCE_SECONDS)
        assert not thread.is_alive()
