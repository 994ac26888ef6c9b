"""The whole collector at a real broker: a trap has a printer read, a sweep is asked for and told by MQTT."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from collector.settings import CollectorSettings
from core.contract import ber
from core.contract.discovery_messages import Discovered, DiscoverRequest
from core.contract.messages import PolledPrinter
from core.contract.topics import DISCOVER, DISCOVERED
from core.runtime.collector_settings import TrapSettings
from core.runtime.mqtt_link import MqttLink
from core.runtime.settings import MqttSettings, SnmpSettings
from tests.brokers import BrokerProcess, free_port, mosquitto
from tests.collector.agents import FakeAgent, column, small_printer, text
from tests.collector.at_work import FakePrinters, service, settings_for
from tests.collector.processor_double import PREFIX, processor
from tests.patience import PATIENCE_SECONDS, until


@pytest.fixture(scope="module")
def broker() -> Iterator[BrokerProcess]:
    with mosquitto() as running:
        yield running


def trap(community: str = "public") -> bytes:
    """A v2c trap: printerV2Alert."""
    names = (("1.3.6.1.2.1.1.3.0", ber.encode_integer(1, ber.TIME_TICKS)),)
    alert = ber.encode_tlv(ber.OBJECT_IDENTIFIER, ber.encode_oid("1.3.6.1.2.1.43.18.2.0.1"))
    varbinds = [(oid, value) for oid, value in (*names, ("1.3.6.1.6.3.1.1.4.1.0", alert))]
    rows = b"".join(
        ber.encode_tlv(ber.SEQUENCE, ber.encode_tlv(ber.OBJECT_IDENTIFIER, ber.encode_oid(oid)) + value)
        for oid, value in varbinds
    )
    numbers = ber.encode_integer(7) + ber.encode_integer(0) + ber.encode_integer(0)
    pdu = ber.encode_tlv(0xA7, numbers + ber.encode_tlv(ber.SEQUENCE, rows))
    head = ber.encode_integer(1) + ber.encode_tlv(ber.OCTET_STRING, community.encode())
    return ber.encode_tlv(ber.SEQUENCE, head + pdu)


def test_a_trap_has_its_printer_read_at_once_and_is_counted(
    broker: BrokerProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake, port = FakePrinters(), free_port(socket.SOCK_DGRAM)
    settings = replace(
        settings_for(broker.port, tmp_path), traps=TrapSettings(trap_port=port, trap_listen="127.0.0.1")
    )
    printers = (
        PolledPrinter(printer_id="p0", host="127.0.0.1"),
        PolledPrinter(printer_id="p1", host="192.0.2.1"),
    )
    with processor(broker.port) as double, service(settings, fake, monkeypatch) as collector:
        double.publish_inventory(printers)
        double.wait_until(lambda readings: len(readings) >= 2)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.sendto(trap(), ("127.0.0.1", port))
            double.wait_until(lambda readings: [r.printer_id for r in readings].count("p0") == 2)
        newest = double.readings[-1]
        assert (newest.printer_id, newest.refresh_id) == ("p0", None)
        counters = collector.traps.counters()
    assert fake.times("p1") == 1
    assert (counters["traps"], counters["traps_unknown"]) == (1, 0)


def test_a_flood_of_traps_does_not_keep_the_other_printers_from_being_read(
    broker: BrokerProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake, port = FakePrinters(), free_port(socket.SOCK_DGRAM)
    settings = replace(
        settings_for(broker.port, tmp_path, interval=1),
        traps=TrapSettings(trap_port=port, trap_listen="127.0.0.1"),
    )
    printers = tuple(
        PolledPrinter(printer_id=f"p{n}", host="127.0.0.1" if n == 0 else f"192.0.2.{n}") for n in range(20)
    )
    with processor(broker.port) as double, service(settings, fake, monkeypatch) as collector:
        double.publish_inventory(printers)
        until(lambda: collector.traps.limiter.admit("127.0.0.1", 0.0) != (), "the printers")
        stop, message = threading.Event(), trap()

        def flood() -> None:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
                while not stop.is_set():
                    for _ in range(200):
                        sock.sendto(message, ("127.0.0.1", port))
                    stop.wait(0.01)

        flooding = threading.Thread(target=flood)
        flooding.start()
        try:
            until(lambda: collector.traps.counters()["traps_dropped"] > 500, "a flood")
            before = {n: fake.times(f"p{n}") for n in range(1, 20)}
            until(lambda: all(fake.times(f"p{n}") > before[n] + 2 for n in before), "their readings")
        finally:
            stop.set()
            flooding.join()
        assert collector.traps.counters()["traps"] < 200


@contextmanager
def asking(broker: BrokerProcess) -> Iterator[tuple[Callable[..., None], list[Discovered]]]:
    """Somebody at the dashboard: asks for sweeps, and hears what comes of them."""
    link = MqttLink(MqttSettings(mqtt_host="127.0.0.1", mqtt_port=broker.port), "dashboard", "test")
    heard: list[Discovered] = []
    link.subscribe(
        DISCOVERED.filter(PREFIX),
        lambda _topic, payload: heard.append(Discovered.model_validate_json(payload)),
    )
    link.start()

    def ask(name: str, *, tries: int = 60, **values: Any) -> None:
        """Ask, and ask again while nothing comes of it: the collector may be just about to subscribe."""
        request = DiscoverRequest(id=name, requested_at=datetime.now(UTC), **values)
        so_far = len(of(heard, name))
        for _ in range(tries):
            link.publish(DISCOVER.name(PREFIX, site="main"), request.model_dump_json())
            with suppress(AssertionError):
                until(lambda: len(of(heard, name)) > so_far, "an answer", 1)
                return

    try:
        assert link.connected.wait(PATIENCE_SECONDS)
        yield ask, heard
    finally:
        link.stop()


@contextmanager
def printers_on_loopback(count: int) -> Iterator[list[int]]:
    """So many printers in a thread of their own, and their ports."""
    loop, ready, ports = asyncio.new_event_loop(), threading.Event(), list[int]()
    done = asyncio.Event()

    async def serve() -> None:
        agents = [
            FakeAgent(small_printer() | column("prtGeneralSerialNumber", {"1": text(f"SN-100{n}")}))
            for n in range(count)
        ]
        for agent in agents:
            await agent.__aenter__()
            ports.append(agent.agent().port)
        ready.set()
        await done.wait()
        for agent in agents:
            await agent.__aexit__()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    assert ready.wait(PATIENCE_SECONDS)
    try:
        yield ports
    finally:
        loop.call_soon_threadsafe(done.set)
        thread.join(PATIENCE_SECONDS)
        loop.close()


def sweeping_settings(broker: BrokerProcess, tmp_path: Path, per_second: float = 500) -> CollectorSettings:
    return replace(
        settings_for(broker.port, tmp_path),
        snmp=SnmpSettings(snmp_timeout=1, snmp_retries=0),
        addresses_per_second=per_second,
    )


def of(heard: list[Discovered], name: str) -> list[Discovered]:
    return [message for message in heard if message.request_id == name]


def has_ended(heard: list[Discovered], name: str) -> bool:
    return any(message.status != "running" for message in of(heard, name))


def test_a_sweep_is_told_step_by_step_and_each_printer_once(
    broker: BrokerProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        printers_on_loopback(3) as ports,
        service(sweeping_settings(broker, tmp_path), FakePrinters(), monkeypatch) as collector,
        asking(broker) as (ask, heard),
    ):
        until(collector.app.link.connected.is_set, "the collector")
        ask("s-1", networks=("127.0.0.1", "127.0.0.1/32"), ports=(*ports, free_port(socket.SOCK_DGRAM)))
        ask("s-1", tries=1, networks=("127.0.0.1",), ports=ports)  # delivered twice
        until(lambda: has_ended(heard, "s-1"), "the end of the sweep")
    last = of(heard, "s-1")[-1]
    assert (last.status, last.site, last.addresses, last.asked, last.answering) == ("done", "main", 4, 4, 3)
    found = [printer for message in heard for printer in message.printers]
    assert sorted(str(printer.serial_number) for printer in found) == ["SN-1000", "SN-1001", "SN-1002"]
    assert sorted(printer.port for printer in found) == sorted(ports)
    asked = [message.asked for message in of(heard, "s-1")]
    assert asked == sorted(asked)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"networks": ("10.0.0.0/8",)}, "too many for a sweep"),
        ({"networks": ("10.0.0.0/15",)}, "more than a /16"),
        ({"networks": ("library",)}, "`library` is not a network"),
        ({"networks": ()}, "no network is named"),
        ({"networks": ("127.0.0.1",), "profile": "secret"}, "the SNMP profile 'secret' is not known here"),
        ({"networks": ("127.0.0.1",), "ports": (0,)}, "UDP ports"),
    ],
)
def test_nonsense_is_refused_in_a_sentence(
    broker: BrokerProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, values: dict[str, Any], says: str
) -> None:
    with (
        service(sweeping_settings(broker, tmp_path), FakePrinters(), monkeypatch) as collector,
        asking(broker) as (ask, heard),
    ):
        until(collector.app.link.connected.is_set, "the collector")
        ask("s-2", **values)
        until(lambda: has_ended(heard, "s-2"), "an answer")
    answer = of(heard, "s-2")[-1]
    assert answer.status == "refused"
    assert says in str(answer.error)


def test_one_sweep_at_a_time_and_it_can_be_stopped(
    broker: BrokerProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        service(sweeping_settings(broker, tmp_path, 50), FakePrinters(), monkeypatch) as collector,
        asking(broker) as (ask, heard),
    ):
        until(collector.app.link.connected.is_set, "the collector")
        ask("s-3", networks=("127.0.0.0/18",))
        until(lambda: any(message.asked for message in of(heard, "s-3")), "a sweep under way")
        ask("s-4", networks=("127.0.0.1",))
        until(lambda: has_ended(heard, "s-4"), "an answer")
        ask("s-3", stop=True)
        until(lambda: has_ended(heard, "s-3"), "the end")
        ask("s-5", networks=("127.0.0.1",), ports=(free_port(socket.SOCK_DGRAM),))
        until(lambda: has_ended(heard, "s-5"), "the next sweep")
    assert "another sweep is under way" in str(of(heard, "s-4")[-1].error)
    stopped = of(heard, "s-3")[-1]
    assert stopped.status == "stopped"
    assert 0 < stopped.asked < stopped.addresses == 16382
    assert of(heard, "s-5")[-1].status == "done"


def test_a_sweep_of_networks_elsewhere_is_refused_over_mqtt(
    broker: BrokerProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with service(sweeping_settings(broker, tmp_path), FakePrinters(), monkeypatch), asking(broker) as found:
        ask, heard = found
        ask("elsewhere", networks=("8.8.8.0/24",))
        (refused,) = of(heard, "elsewhere")
    assert refused.status == "refused"
    assert refused.error is not None
    assert "DISCOVER_NETWORKS" in refused.error
