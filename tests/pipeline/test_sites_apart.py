"""The collector of site B at real brokers, as a raw client: it gets at nothing of site A.

The embedded brokers have the access list that `printers secrets` writes for others.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine

from console.broker.credentials import BrokerCredentials, broker_folder, write_private
from core.contract.messages import Presence, Reading, Receipt
from core.contract.values import SiteName
from processor.tables import SERVICES, SNAPSHOTS
from tests.console.embedded import KINDS, running_broker
from tests.console.raw_client import RawClient
from tests.processor.making import rows
from tests.processor.service_parts import STARTED, prepared, processor, recent, sqlite_in

A, B = "collector", "collector-library"
OWN_PRESENCE = "printers/$sites/library/presence/vm"
PRESENCE_OF_A = "printers/$sites/main/presence/vm"
RECEIPTS_OF_A = "printers/$sites/main/stored"
RECEIPTS_OF_B = "printers/$sites/library/stored"
INVENTORY_OF_A = "printers/$sites/main/inventory/0"


@pytest.fixture(params=KINDS)
def credentials(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[BrokerCredentials]:
    kept = json.dumps({"host": "127.0.0.1", "port": 1, "passwords": {B: "a secret of the library"}})
    write_private(broker_folder(tmp_path / "data") / "credentials.json", kept)
    with running_broker(request.param, tmp_path) as (_, found):
        yield found


@contextmanager
def processor_at_work(credentials: BrokerCredentials, tmp_path: Path) -> Iterator[Engine]:
    """A processor with printers of the site main, and its database."""
    database = sqlite_in(tmp_path)
    engine = prepared(database)
    environment = credentials.environment("processor")
    port = int(environment.pop("MQTT_PORT"))
    with processor(database, port, **environment):
        yield engine


def presence(site: SiteName, status: str) -> str:
    said = {"service": "collector", "instance": "vm", "site": site, "status": status, "at": STARTED}
    return Presence.model_validate(said).model_dump_json()


def topic_of(reading: Reading, site: str) -> str:
    return f"printers/{reading.printer_id}/reading/{site}"


def collectors(engine: Engine) -> list[tuple[str, str]]:
    """Site and status of each collector that the processor has heard of."""
    found = rows(engine, SERVICES, "service", "site", "status")
    return sorted((site, status) for service, site, status in found if service == "collector")


def refused_by(receipts: list[bytes]) -> dict[str, str]:
    found = [Receipt.model_validate_json(receipt) for receipt in receipts]
    return {refused.id: refused.reason for receipt in found for refused in receipt.refused}


def test_readings_of_another_site_are_dropped_by_the_broker_or_refused_with_a_receipt(
    credentials: BrokerCredentials, tmp_path: Path
) -> None:
    with (
        processor_at_work(credentials, tmp_path) as engine,
        RawClient(credentials, A) as ours,
        RawClient(credentials, B) as theirs,
    ):
        ours.subscribe(RECEIPTS_OF_A)
        theirs.subscribe(RECEIPTS_OF_B, RECEIPTS_OF_A, INVENTORY_OF_A)
        true = recent(1, "p-1")
        on_topic_of_a = recent(2, "p-1", id="on-topic-of-a")
        payload_of_a = recent(3, "p-1", id="payload-of-a")
        printer_of_a = recent(4, "p-1", id="printer-of-a", site="library")

        def both_are_answered() -> bool:
            """Send again, as a spool does: the processor may have connected only now."""
            ours.publish(topic_of(true, "main"), true.model_dump_json())
            theirs.publish(topic_of(on_topic_of_a, "main"), on_topic_of_a.model_dump_json())
            theirs.publish(topic_of(payload_of_a, "library"), payload_of_a.model_dump_json())
            theirs.publish(topic_of(printer_of_a, "library"), printer_of_a.model_dump_json())
            return bool(ours.of(RECEIPTS_OF_A)) and len(refused_by(theirs.of(RECEIPTS_OF_B))) == 2

        ours.wait_for(both_are_answered)
        refused = refused_by(theirs.of(RECEIPTS_OF_B))
        assert "the topic names 'p-1' of the site 'library'" in refused["payload-of-a"]
        assert refused["printer-of-a"] == "the printer belongs to the site 'main', not to 'library'"
        assert {topic for topic, _ in theirs.received} == {RECEIPTS_OF_B}
        stored = [Receipt.model_validate_json(receipt).stored for receipt in ours.of(RECEIPTS_OF_A)]
        assert {reading_id for ids in stored for reading_id in ids} == {true.id}
        assert rows(engine, SNAPSHOTS, "printer_id", "reading_id") == [("p-1", true.id)]


def test_presence_receipts_and_inventory_of_another_site_cannot_be_forged(
    credentials: BrokerCredentials, tmp_path: Path
) -> None:
    with processor_at_work(credentials, tmp_path) as engine:
        with RawClient(credentials, A) as ours, RawClient(credentials, B) as theirs:
            ours.subscribe(RECEIPTS_OF_A, INVENTORY_OF_A)
            ours.wait_for(lambda: ours.of(INVENTORY_OF_A))
            ours.publish(PRESENCE_OF_A, presence("main", "online"), retain=True)
            before = len(ours.received)
            theirs.publish(PRESENCE_OF_A, presence("main", "offline"), retain=True)
            theirs.publish("printers/$services/collector/vm", presence("main", "offline"), retain=True)
            theirs.publish(RECEIPTS_OF_A, Receipt(site="main", stored=("x",)).model_dump_json())
            theirs.publish(INVENTORY_OF_A, "", retain=True)
            theirs.publish(OWN_PRESENCE, presence("main", "offline"), retain=True)
            theirs.publish(OWN_PRESENCE, presence("library", "offline"), retain=True)
            expected = [("library", "offline"), ("main", "online")]
            theirs.wait_for(lambda: collectors(engine) == expected)
            # The processor publishes the inventory again for the collector that it takes for a new one.
            assert all(topic == INVENTORY_OF_A and text for topic, text in ours.received[before:])
        with RawClient(credentials, "reader") as reader:
            reader.subscribe("printers/$sites/#")
            reader.wait_for(lambda: reader.of(OWN_PRESENCE))
            assert [json.loads(payload)["status"] for payload in reader.of(PRESENCE_OF_A)] == ["online"]
            assert all(reader.of(INVENTORY_OF_A))


def test_the_will_of_another_sites_collector_is_not_published_for_ours(
    credentials: BrokerCredentials,
) -> None:
    with RawClient(credentials, A) as ours, RawClient(credentials, "reader") as reader:
        reader.subscribe("printers/$sites/#")
        ours.publish(PRESENCE_OF_A, presence("main", "online"), retain=True)
        with RawClient(credentials, B, will=(PRESENCE_OF_A, presence("main", "offline"))) as forger:
            forger.die()
        with RawClient(credentials, B, will=(OWN_PRESENCE, presence("library", "offline"))) as honest:
            honest.die()
        reader.wait_for(lambda: reader.of(OWN_PRESENCE))
        assert [json.loads(payload)["status"] for payload in reader.of(PRESENCE_OF_A)] == ["online"]
