"""The service between real brokers and made-up printers: what is promised holds with each broker."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from collector import service as service_module
from collector.inventory import StoredInventory
from core.contract.messages import InventoryChunk, Presence, Reading
from core.contract.topics import INVENTORY, SITE_PRESENCE
from core.runtime.mqtt_link import MqttLink
from core.runtime.settings import MqttSettings
from tests.brokers import BROKERS, BrokerProcess, mosquitto
from tests.collector.at_work import FakePrinters, printers, service, settings_for
from tests.collector.processor_double import PREFIX, ProcessorDouble, processor
from tests.patience import PATIENCE_SECONDS, until


@pytest.fixture(params=list(BROKERS))
def broker(request: pytest.FixtureRequest) -> Iterator[BrokerProcess]:
    with BROKERS[request.param]() as running:
        yield running


@pytest.fixture
def fast_broker() -> Iterator[BrokerProcess]:
    with mosquitto() as running:
        yield running


@pytest.fixture
def fake() -> FakePrinters:
    return FakePrinters()


def ids(readings: list[Reading]) -> set[str]:
    return {reading.printer_id for reading in readings}


def test_printers_of_the_inventory_are_read_and_receipts_empty_the_spool(
    broker: BrokerProcess, fake: FakePrinters, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        processor(broker.port) as double,
        service(settings_for(broker.port, tmp_path), fake, monkeypatch) as collector,
    ):
        double.publish_inventory(printers(*range(30)))
        double.wait_until(lambda readings: len(ids(readings)) == 30)
        until(lambda: collector.app.publisher.spool.readings == 0, "an empty spool")
        first = double.readings[0]
        assert (first.site, first.reachable, first.interval_seconds >= 300) == ("main", True, True)
        assert first.varbinds == {"1.3.6.1.2.1.1.5.0": "61"}
        assert len({reading.seq for reading in double.readings}) == 30
        assert len({reading.id for reading in double.readings}) == 30
    assert fake.most_running <= 20
    assert StoredInventory(tmp_path, "main").read() == printers(*range(30))


def test_a_broker_that_was_killed_and_is_back_loses_nothing(
    broker: BrokerProcess, fake: FakePrinters, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with processor(broker.port) as double:
        double.answers = False
        with service(settings_for(broker.port, tmp_path, interval=1), fake, monkeypatch) as collector:
            double.publish_inventory(printers(*range(10)))
            double.wait_until(lambda readings: len(ids(readings)) == 10)
            broker.kill()
            made = len(fake.asked)
            until(lambda: len(fake.asked) > made + 30, "readings while the broker is away")
            double.answers = True
            broker.start()
            until(collector.app.link.connected.is_set, "the connection")
            collector.scheduler.stop()
            until(lambda: collector.app.publisher.spool.readings == 0, "an empty spool")
            got = {reading.id for reading in double.readings}
            assert len(got) == collector.app.poller.readings


def test_after_an_outage_the_newest_reading_of_each_printer_comes_first(
    fast_broker: BrokerProcess, fake: FakePrinters, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker = fast_broker
    with (
        processor(broker.port) as double,
        person_at(broker.port) as person,
        service(settings_for(broker.port, tmp_path), fake, monkeypatch) as collector,
    ):
        double.publish_inventory(printers(*range(5)))
        double.wait_until(lambda readings: len(ids(readings)) == 5)
        until(lambda: collector.app.publisher.spool.readings == 0, "an empty spool")
        double.link.stop()
        until(lambda: not collector.app.publisher.processor_is_there, "the processor's goodbye")
        for number in range(1, 4):
            for printer in printers(*range(5)):
                person.ask_for(printer.printer_id, f"wish-{number}")
            until(
                lambda number=number: collector.app.publisher.spool.readings == 5 * number,  # type: ignore[misc]
                "readings while no processor is there",
            )
        with processor(broker.port, instance="back") as back:
            back.wait_until(lambda readings: len(readings) == 15)
            newest = sorted(back.readings, key=lambda reading: reading.seq)[-5:]
            assert set(map(seq_of, back.readings[:5])) == set(map(seq_of, newest))
            rest = [reading.seq for reading in back.readings[5:]]
            assert rest == sorted(rest)


def test_a_processor_that_is_away_is_told_at_the_second_heartbeat_and_its_return_at_once(
    fast_broker: BrokerProcess,
    fake: FakePrinters,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with service(settings_for(fast_broker.port, tmp_path), fake, monkeypatch) as collector:
        until(lambda: bool(collector.app.link.told), "the first heartbeat")
        caplog.set_level("INFO")
        for there, says in (
            (False, []),  # while everything starts the processor may be the last
            (False, ["no processor is there: readings wait in the spool"]),
            (False, []),
            (True, ["a processor is there again"]),
            (False, []),
            (True, []),
        ):
            caplog.clear()
            collector.app.publisher.processor_is_there = there
            collector._tell_of_the_processor()
            assert [text for text in caplog.messages if "processor" in text] == says


@contextmanager
def person_at(port: int) -> Iterator[ProcessorDouble]:
    """Somebody who can ask for readings, and is no processor."""
    person = ProcessorDouble(port, service="console")
    person.answers = False
    person.link.start()
    try:
        assert person.link.connected.wait(PATIENCE_SECONDS)
        yield person
    finally:
        person.link.stop()


def seq_of(reading: Reading) -> int:
    return reading.seq


def test_refused_readings_leave_the_spool_and_are_told(
    fast_broker: BrokerProcess,
    fake: FakePrinters,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with (
        processor(fast_broker.port) as double,
        service(settings_for(fast_broker.port, tmp_path), fake, monkeypatch) as collector,
    ):
        double.refuses = lambda reading: reading.printer_id == "p2"
        double.publish_inventory(printers(1, 2, 3))
        double.wait_until(lambda readings: len(readings) == 3)
        until(lambda: collector.app.publisher.spool.readings == 0, "an empty spool")
        assert collector.messages.refused == 1
        assert "it is Monday" in caplog.text


def test_a_refresh_waits_for_no_printer_that_is_dead_and_echoes_its_id(
    broker: BrokerProcess, fake: FakePrinters, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.dead = {f"p{number}" for number in range(100, 130)}
    fake.patience = 10 * PATIENCE_SECONDS
    with (
        processor(broker.port) as double,
        service(settings_for(broker.port, tmp_path, concurrency=5), fake, monkeypatch),
    ):
        double.publish_inventory(printers(1, 2, *range(100, 130)))
        until(lambda: fake.running == 5, "dead printers in every place")
        double.ask_for("p1", "wish-1")
        double.ask_for("p1", "wish-2")
        double.ask_for("p2", "wish-3")
        double.ask_for("nobody", "wish-4")
        double.wait_until(lambda readings: {"wish-1", "wish-2", "wish-3"} <= {r.refresh_id for r in readings})
        answers = [reading for reading in double.readings if reading.refresh_id in ("wish-1", "wish-2")]
        assert {reading.printer_id for reading in answers} == {"p1"}
        assert len({reading.id for reading in answers}) == 2


def test_a_printer_that_does_not_answer_costs_the_others_nothing(
    fast_broker: BrokerProcess, fake: FakePrinters, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.dead = {f"p{number}" for number in range(10)}
    fake.patience = 0.5
    with (
        processor(fast_broker.port) as double,
        service(settings_for(fast_broker.port, tmp_path, interval=1, concurrency=4), fake, monkeypatch),
    ):
        double.publish_inventory(printers(*range(20)))
        double.wait_until(lambda readings: len(ids(readings)) == 20)
        until(lambda: fake.times("p0") >= 3, "a dead printer asked again and again")

        def the_lively_are_ahead() -> bool:
            lively = [fake.times(f"p{number}") for number in range(10, 20)]
            return min(lively) > 1 + max(fake.times(f"p{number}") for number in range(10))

        until(the_lively_are_ahead, "those that answer are asked more often")
        silent = [reading for reading in double.readings if not reading.reachable]
        assert max(reading.interval_seconds for reading in silent) > 1.5


def test_the_last_inventory_is_read_while_the_broker_is_away(
    fake: FakePrinters, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    StoredInventory(tmp_path, "main").write(printers(1, 2))
    with service(settings_for(1, tmp_path), fake, monkeypatch) as collector:
        until(lambda: fake.times("p1") and fake.times("p2"), "both printers asked")
        until(lambda: collector.app.publisher.spool.readings == 2, "both readings in the spool")
    with (
        mosquitto() as broker,
        processor(broker.port) as double,
        service(settings_for(broker.port, tmp_path), fake, monkeypatch),
    ):
        double.wait_until(lambda readings: len(readings) >= 4)
        assert len({reading.seq for reading in double.readings}) == 4


def test_only_a_complete_inventory_changes_what_is_read(
    broker: BrokerProcess, fake: FakePrinters, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def publish(double: ProcessorDouble, revision: str, number: int, of: int, *who: int) -> None:
        chunk = InventoryChunk(
            site="main", revision=revision, chunk=number, chunks=of, printers=printers(*who)
        )
        topic = INVENTORY.name(PREFIX, site="main", chunk=number)
        assert double.link.publish(topic, chunk.model_dump_json(), retain=True)

    with (
        processor(broker.port) as double,
        service(settings_for(broker.port, tmp_path), fake, monkeypatch) as collector,
    ):
        schedule = collector.scheduler.schedule
        double.publish_inventory(printers(9), revision="zero")
        until(lambda: len(schedule) == 1, "the beginning")
        publish(double, "one", 1, 2, 3, 4)
        publish(double, "two", 1, 2, 30)
        publish(double, "one", 0, 2, 1, 2)
        until(lambda: len(schedule) == 4, "the first revision")
        double.link.publish(INVENTORY.name(PREFIX, site="main", chunk=1), b"", retain=True)
        double.link.publish(INVENTORY.name(PREFIX, site="main", chunk=0), b"{nonsense", retain=True)
        publish(double, "three", 1, 2, 5)
        double.wait_until(lambda readings: {"p1", "p2", "p3", "p4"} <= ids(readings))
        assert len(schedule) == 4
        publish(double, "three", 0, 2, 1)
        until(lambda: len(schedule) == 2, "the third revision")
        publish(double, "empty", 0, 1)
        until(lambda: len(schedule) == 0, "no printer at all")
        until(lambda: StoredInventory(tmp_path, "main").read() == (), "it on disk")


def test_presence_tells_of_the_spool_and_of_the_end(
    broker: BrokerProcess, fake: FakePrinters, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[Presence] = []
    watcher = MqttLink(MqttSettings(mqtt_host="127.0.0.1", mqtt_port=broker.port), "console", "test")
    watcher.subscribe(
        SITE_PRESENCE.filter(PREFIX),
        lambda _topic, payload: heard.append(Presence.model_validate_json(payload)),
    )
    watcher.start()
    try:
        with service(settings_for(broker.port, tmp_path), fake, monkeypatch):
            until(lambda: any(presence.counters for presence in heard), "counters")
        until(lambda: heard[-1].status == "offline", "the goodbye")
    finally:
        watcher.stop()
    counted = next(presence for presence in heard if presence.counters)
    assert (counted.instance, counted.site, counted.status) == ("here", "main", "online")
    assert {"spool_readings", "in_flight", "dropped", "refused", "unreachable", "printers"} <= set(
        counted.counters
    )


def test_a_broker_that_lets_nothing_through_is_told_with_its_likely_cause(
    fast_broker: BrokerProcess,
    fake: FakePrinters,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(service_module, "HEARTBEAT_SECONDS", 0.2)
    monkeypatch.setattr(service_module, "_SECONDS_WITHOUT_INVENTORY", 0.5)
    with service(settings_for(fast_broker.port, tmp_path, interval=1.0), fake, monkeypatch):
        until(lambda: "no list of printers to read has come" in caplog.text, "what is missing")
        assert "read printers/$sites/main/inventory/+" in caplog.text
        with processor(fast_broker.port) as double:
            double.answers = False
            double.publish_inventory(printers(1))
            until(lambda: "no receipt has come" in caplog.text, "what is missing now", 60)
    assert "publish printers/+/reading/main and read printers/$sites/main/stored" in caplog.text
    assert caplog.text.count("no receipt has come") == 1


def test_only_changes_of_a_printer_are_logged(
    fast_broker: BrokerProcess,
    fake: FakePrinters,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    fake.patience = 0.0
    fake.dead = {"p1"}
    with service(settings_for(fast_broker.port, tmp_path, interval=1), fake, monkeypatch) as collector:
        collector.app.inventory.write(printers(1))
        with processor(fast_broker.port) as double:
            double.publish_inventory(printers(1))
            until(lambda: fake.times("p1") >= 2, "two failed readings")
            fake.dead = set()
            double.wait_until(lambda readings: any(reading.reachable for reading in readings))
    assert caplog.text.count("p1: unreachable: 192.0.2.1 did not answer.") == 1
    assert caplog.text.count("p1: answers again") == 1
    assert threading.active_count() < 20
