"""`check`: one reading goes all the way from the request to the receipt."""

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from core.contract.messages import Reading, Receipt, RefreshRequest
from core.contract.topics import READING, REFRESH, STORED
from core.runtime.mqtt_link import MqttLink
from core.runtime.settings import DatabaseSettings, MqttSettings
from core.storage.database import open_database, reading
from core.storage.services import read_services
from tests.brokers import free_port, mosquitto
from tests.console.cli import printers
from tests.console.embedded import eventually, running_broker, start
from tests.console.small_fleet import fill
from tests.patience import PATIENCE_SECONDS

QUICK = {"SNMP_TIMEOUT": "0.2", "SNMP_RETRIES": "0"}


def found_of_the_broker(env: Mapping[str, str]) -> str:
    content = json.loads(printers("check", "--json", env=env).stdout)
    return "\n".join(str(finding) for finding in content["findings"] if finding["subject"] == "broker")


def test_the_whole_way_of_a_reading_is_proved_by_its_receipt(tmp_path: Path) -> None:
    printers("add", f"127.0.0.1:{free_port()}", "--name", "Nobody home")
    with running_broker("mosquitto", tmp_path) as (_, credentials), services(credentials):
        both_have_been_heard_of()
        found = found_of_the_broker(QUICK)
    assert "the whole way works: Nobody home was read after" in found, logs(found)


@contextmanager
def services(credentials: Any) -> Iterator[None]:
    """Collector and processor of the current folder."""
    running = [
        start([sys.executable, "-m", name], Path(f"{name}.log"), {**QUICK, **credentials.environment(name)})
        for name in ("processor", "collector")
    ]
    try:
        yield
    finally:
        for process in running:
            process.kill()
            process.wait()


def both_have_been_heard_of() -> None:
    engine = open_database(DatabaseSettings())
    try:
        assert eventually(lambda: len(heard_of(engine)) == 2), logs(heard_of(engine))
    finally:
        engine.dispose()


def heard_of(engine: Engine) -> set[str]:
    with reading(engine) as connection:
        return {life.service for life in read_services(connection)}


def logs(found: object) -> str:
    said_by = [Path(f"{name}.log").read_text(encoding="utf-8") for name in ("processor", "collector")]
    return "\n".join([str(found), *said_by])


class LateCollector:
    """Has its inventory only when it is asked for the second time; then reads and stores at once."""

    def __init__(self, port: int) -> None:
        self.asked: list[str] = []
        self.link = MqttLink(MqttSettings(mqtt_host="127.0.0.1", mqtt_port=port), "collector", "late")
        self.link.subscribe(REFRESH.filter(self.link.prefix), self.refresh)

    def refresh(self, topic: str, payload: bytes) -> None:
        self.asked.append(RefreshRequest.model_validate_json(payload).id)
        if len(self.asked) != 2:
            return
        printer_id = (REFRESH.levels(self.link.prefix, topic) or {})["printer_id"]
        answer = Reading(
            id="late-1",
            printer_id=printer_id,
            site="main",
            seq=1,
            taken_at=datetime.now(UTC),
            reachable=False,
            refresh_id=self.asked[-1],
        )
        self.link.publish(
            READING.name(self.link.prefix, printer_id=printer_id, site="main"), answer.model_dump_json()
        )
        receipt = Receipt(site="main", stored=(answer.id,))
        self.link.publish(STORED.name(self.link.prefix, site="main"), receipt.model_dump_json())


def test_a_collector_without_inventory_yet_is_asked_again() -> None:
    fill(open_database(DatabaseSettings()))
    with mosquitto() as broker:
        collector = LateCollector(broker.port)
        collector.link.start()
        try:
            assert collector.link.connected.wait(PATIENCE_SECONDS)
            found = found_of_the_broker({**QUICK, "MQTT_HOST": "127.0.0.1", "MQTT_PORT": str(broker.port)})
        finally:
            collector.link.stop()
    assert "the whole way works" in found
    assert len(collector.asked) == 2 and len(set(collector.asked)) == 1
