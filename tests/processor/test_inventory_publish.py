"""The inventory of sites: chunks of one revision, superseded chunks cleared."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from core.contract.messages import InventoryChunk, PolledPrinter
from core.contract.topics import INVENTORY
from core.runtime.mqtt_link import MqttLink
from core.runtime.settings import MqttSettings
from processor.publish.inventory import InventoryPublisher, chunks_of
from tests.brokers import BrokerProcess, mosquitto
from tests.patience import until
from tests.processor.making import add_printers, edit
from tests.processor.service_parts import Client, client

printers_of_a_site = st.lists(
    st.builds(
        PolledPrinter, printer_id=st.from_regex(r"[a-z0-9]{1,9}", fullmatch=True), host=st.text(max_size=99)
    ),
    max_size=30,
)


@given(printers_of_a_site)
def test_chunks_hold_every_printer_in_order(printers: list[PolledPrinter]) -> None:
    chunks = [*chunks_of("main", printers)]
    assert [printer for chunk in chunks for printer in chunk.printers] == printers
    assert [(chunk.chunk, chunk.chunks) for chunk in chunks] == [(n, len(chunks)) for n in range(len(chunks))]
    assert len({chunk.revision for chunk in chunks}) == 1


def test_chunks_stay_under_100_kib() -> None:
    many = [PolledPrinter(printer_id=f"p-{n:05}", host="ü" * 100) for n in range(5000)]
    chunks = [*chunks_of("main", many)]
    assert len(chunks) > 5
    assert max(len(chunk.model_dump_json().encode()) for chunk in chunks) < 100 * 1024


def test_a_revision_names_its_content() -> None:
    one, two = PolledPrinter(printer_id="a", host="h"), PolledPrinter(printer_id="b", host="h")
    assert next(chunks_of("main", [one])).revision == next(chunks_of("main", [one])).revision
    assert len({next(chunks_of("main", content)).revision for content in ([], [one], [two], [one, two])}) == 4


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[BrokerProcess]:
    kept = tmp_path / "broker"
    kept.mkdir(mode=0o777)
    with mosquitto(data_dir=kept) as running:
        yield running


class Publishing:
    """An inventory publisher on a connection of its own."""

    def __init__(self, engine: Engine, port: int) -> None:
        self.link = MqttLink(MqttSettings(mqtt_host="127.0.0.1", mqtt_port=port), "processor", "test")
        self.publisher = InventoryPublisher(engine, self.link)
        self.link.subscribe(INVENTORY.filter("printers"), self.publisher.echoed)
        self.link.start()
        until(self.link.connected.is_set, "a connection")

    def until(self, condition: Any, what: str) -> None:
        """Step until something is so."""

        def stepped() -> object:
            self.publisher.step()
            return condition()

        until(stepped, what)


@pytest.fixture
def publishing(engine: Engine, broker: BrokerProcess) -> Iterator[Publishing]:
    one = Publishing(engine, broker.port)
    yield one
    one.link.stop()


@pytest.fixture
def listener(broker: BrokerProcess) -> Iterator[Client]:
    with client(broker.port, "listener") as one:
        yield one


def held(listener: Client, site: str = "main") -> dict[int, InventoryChunk]:
    """The chunks that the broker holds for a site."""
    topics = {INVENTORY.name("printers", site=site, chunk=n): n for n in range(50)}
    return {
        topics[topic]: InventoryChunk.model_validate_json(payload)
        for topic, payload in [*listener.retained.items()]
        if topic in topics and payload
    }


def ids(listener: Client, site: str = "main") -> list[str]:
    return [
        printer.printer_id for _, chunk in sorted(held(listener, site).items()) for printer in chunk.printers
    ]


def test_an_edit_is_published_and_superseded_chunks_are_cleared(
    engine: Engine, publishing: Publishing, listener: Client
) -> None:
    add_printers(engine, *(f"p-{n:04}" for n in range(2500)))
    publishing.until(lambda: len(ids(listener)) == 2500, "all printers")
    assert len(held(listener)) > 1
    edit(engine, "DELETE FROM printers WHERE printer_id <> 'p-0007'")
    publishing.until(lambda: ids(listener) == ["p-0007"], "the one that is left")
    publishing.until(lambda: len(held(listener)) == 1, "no superseded chunk")


def test_chunks_of_a_processor_before_us_are_cleared_too(
    engine: Engine, broker: BrokerProcess, listener: Client
) -> None:
    for topic in ("printers/$sites/main/inventory/3", "printers/$sites/gone/inventory/0"):
        listener.link.publish(topic, next(chunks_of("gone", ())).model_dump_json(), retain=True)
    until(lambda: len(listener.retained) >= 3, "chunks of long ago")
    add_printers(engine, "p-1")
    one = Publishing(engine, broker.port)
    one.until(lambda: ids(listener) == ["p-1"] and 3 not in held(listener), "only what is so")
    one.until(lambda: "gone" in held_sites(listener) and ids(listener, "gone") == [], "an empty inventory")
    one.link.stop()


def held_sites(listener: Client) -> set[str]:
    return {
        topic.split("/")[2]
        for topic, payload in listener.retained.items()
        if "inventory" in topic and payload
    }


def test_a_site_without_printers_gets_an_empty_revision_when_its_collector_comes(
    engine: Engine, publishing: Publishing, listener: Client
) -> None:
    publishing.publisher.step()
    publishing.publisher.request("annex")
    publishing.publisher.request("no/name")
    publishing.until(lambda: held(listener, "annex"), "an answer")
    assert held(listener, "annex")[0].chunks == 1


def test_a_new_connection_and_a_collector_get_it_again(
    engine: Engine, publishing: Publishing, listener: Client, broker: BrokerProcess
) -> None:
    add_printers(engine, "p-1")
    topic = "printers/$sites/main/inventory/0"
    publishing.until(lambda: len(listener.of(topic)) == 1, "the first")
    publishing.publisher.step()
    assert len(listener.of(topic)) == 1
    publishing.publisher.request("main")
    publishing.until(lambda: len(listener.of(topic)) == 2, "one for the collector")
    broker.kill()
    until(lambda: not publishing.link.connected.is_set(), "the broken connection")
    broker.start()
    publishing.until(lambda: len(listener.of(topic)) >= 3, "one for the new connection")


def test_a_printer_that_cannot_be_polled_is_left_out(
    engine: Engine, publishing: Publishing, listener: Client
) -> None:
    add_printers(engine, "p-1", "Not A Slug")
    add_printers(engine, "p-2", site="no/name")
    publishing.until(lambda: ids(listener) == ["p-1"], "the other one")
    edit(
        engine,
        "UPDATE printers SET host = 'elsewhere', version = 2, updated_at = :now",
        now=datetime.now(UTC),
    )
    publishing.until(lambda: held(listener)[0].printers[0].host == "elsewhere", "the edit")
