"""Every message of a working installation fits the published schemas, and what is retired is cleared."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from sqlalchemy import insert

from console.broker.credentials import BrokerCredentials
from core.domain.supply_events import SupplyEvent
from core.runtime.settings import DatabaseSettings
from core.storage.core_tables import SUPPLY_EVENTS
from core.storage.database import open_database, writing
from core.storage.issues import NewIssue, open_issue
from core.storage.supply_events import event_values
from tests.console.embedded import eventually
from tests.contract.subscriber import Stranger
from tests.paths import ROOT
from tests.pipeline.plant import Plant, agents, plant

RUBBISH = b"no reading at all"
SWEEP = '{"id":"sweep-1","requested_at":"2026-01-31T12:00:00Z","networks":["127.0.0.1"],"ports":[%s]}'
REQUEST = '{"schema_version":2,"id":"mine-1","requested_at":"2026-01-31T12:00:00Z"}'


@contextmanager
def connected(credentials: BrokerCredentials, user: str) -> Iterator[paho.Client]:
    client = paho.Client(CallbackAPIVersion.VERSION2, client_id=f"stranger-{user}")
    client.username_pw_set(user, credentials.passwords[user])
    ready = threading.Event()
    client.on_connect = lambda *_: ready.set()
    client.connect(credentials.host, credentials.port)
    client.loop_start()
    try:
        assert ready.wait(20)
        yield client
    finally:
        client.disconnect()
        client.loop_stop()


@contextmanager
def listening(credentials: BrokerCredentials) -> Iterator[Stranger]:
    stranger, lock = Stranger.of(ROOT / "docs" / "contract"), threading.Lock()

    def take(_client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        if message.payload != RUBBISH:
            with lock:
                stranger.take(message.topic, bytes(message.payload))

    with connected(credentials, "reader") as client:
        client.on_message = take
        client.subscribe("printers/#", qos=1)
        yield stranger


def prod(built: Plant, credentials: BrokerCredentials) -> None:
    """What does not happen by itself within seconds: an issue, a replacement, a refresh, a sweep, rubbish."""
    engine = open_database(built.database)
    with writing(engine) as connection:
        new = NewIssue(printer_id=an_id(built), title="Prints pink", details="Since Monday.")
        now = datetime.now(UTC)
        open_issue(connection, new, actor="someone", now=now)
        replaced = SupplyEvent(an_id(built), "1.1", now, now, old_percent=3, new_percent=100)
        connection.execute(insert(SUPPLY_EVENTS).values(event_values(replaced)))
    engine.dispose()
    with connected(credentials, "console") as client:
        client.publish(f"printers/{an_id(built)}/refresh", REQUEST, qos=1).wait_for_publish(10)
        sweep = SWEEP % of_first(built, "port")
        client.publish("printers/$sites/main/discover", sweep, qos=1).wait_for_publish(10)
    with connected(credentials, "collector") as client:
        client.publish(f"printers/{an_id(built)}/reading/main", RUBBISH, qos=1).wait_for_publish(10)


def of_first(built: Plant, column: str) -> str:
    lines = (built.folder / "fleet.csv").read_text(encoding="utf-8-sig").splitlines()
    return lines[1].split(",")[lines[0].split(",").index(column)]


def an_id(built: Plant) -> str:
    return of_first(built, "printer_id")


def test_a_subscriber_that_knows_the_schemas_alone_understands_everything(tmp_path: Path) -> None:
    settings = DatabaseSettings(data_dir=tmp_path / "data")
    with plant(tmp_path, "mosquitto", settings) as built, agents(tmp_path, 16) as inventory:
        built.settings |= {"SNMP_POLL_INTERVAL_SECONDS": "1", "SNMP_TIMEOUT": "1"}
        built.command("import", str(inventory))
        built.start("broker")
        built.wait_for_broker()
        with listening(built.credentials()) as stranger:
            for name in ("processor", "collector"):
                built.start(name)
            assert eventually(lambda: stranger.seen["state"] >= 16, 40), built.log("processor")
            prod(built, built.credentials())
            wanted = set(stranger.document["channels"])
            assert eventually(lambda: wanted <= set(stranger.seen), 30), wanted - set(stranger.seen)
            built.command("remove", an_id(built))
            topics = {f"printers/{an_id(built)}/{kind}" for kind in ("state", "attention")}
            assert eventually(lambda: topics <= stranger.cleared, 30), built.log("processor")
    assert stranger.wrong == []
    assert stranger.seen["reading"] > 16
