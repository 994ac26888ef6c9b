"""The broker connection: presence with a will, reconnecting for ever, and no silent queueing."""

import json
import queue
import socket
from collections.abc import Iterator
from functools import partial
from typing import BinaryIO

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from core.contract.errors import BrokerError
from core.runtime.mqtt_link import MqttLink
from core.runtime.settings import MqttSettings
from tests.brokers import BROKERS, BrokerProcess, free_port
from tests.patience import PATIENCE_SECONDS, until


@pytest.fixture(params=sorted(BROKERS))
def broker(request: pytest.FixtureRequest) -> Iterator[BrokerProcess]:
    with BROKERS[request.param]() as running:
        yield running


def link(broker: BrokerProcess, instance: str = "box") -> MqttLink:
    return MqttLink(MqttSettings(mqtt_host="127.0.0.1", mqtt_port=broker.port), "collector", instance, "main")


class Listener:
    """A plain paho client that gathers what it hears."""

    def __init__(self, port: int, topic: str) -> None:
        self.heard: queue.Queue[tuple[str, bytes]] = queue.Queue()
        self.client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv311)
        ready = queue.Queue[int]()
        self.client.on_connect = lambda client, *_: client.subscribe(topic, 1)
        self.client.on_subscribe = lambda *_: ready.put(1)
        self.client.on_message = lambda _c, _d, message: self.heard.put(
            (message.topic, bytes(message.payload))
        )
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()
        ready.get(timeout=PATIENCE_SECONDS)

    def next(self) -> tuple[str, bytes]:
        return self.heard.get(timeout=PATIENCE_SECONDS)


def test_presence_goes_online_with_counters_and_offline_at_the_goodbye(broker: BrokerProcess) -> None:
    listener = Listener(broker.port, "printers/$sites/#")
    ours = link(broker)
    ours.start()
    topic, payload = listener.next()
    assert (topic, json.loads(payload)["status"]) == ("printers/$sites/main/presence/box", "online")
    assert ours.heartbeat({"spool": 3})
    assert json.loads(listener.next()[1])["counters"] == {"spool": 3.0}
    ours.stop()
    assert json.loads(listener.next()[1])["status"] == "offline"
    listener.client.disconnect()
    listener.client.loop_stop()


def test_a_connection_that_dies_is_offline_by_its_will(broker: BrokerProcess) -> None:
    listener = Listener(broker.port, "printers/$sites/#")
    ours = link(broker)
    ours.start()
    listener.next()
    socket = ours._client.socket()
    assert socket is not None
    ours._client.loop_stop()
    socket.close()
    assert json.loads(listener.next()[1])["status"] == "offline"
    listener.client.disconnect()
    listener.client.loop_stop()


def test_an_acknowledged_publish_calls_back_and_a_subscription_receives_it(broker: BrokerProcess) -> None:
    heard: queue.Queue[tuple[str, bytes]] = queue.Queue()
    acknowledged: queue.Queue[int] = queue.Queue()
    ours = link(broker)
    ours.subscribe("printers/+/reading/+", lambda topic, payload: heard.put((topic, payload)))
    ours.start()
    until(ours.connected.is_set)
    for number in range(200):
        told = partial(acknowledged.put, number)
        assert ours.publish("printers/a/reading/main", str(number), on_puback=told)
    assert sorted(acknowledged.get(timeout=PATIENCE_SECONDS) for _ in range(200)) == list(range(200))
    assert [int(heard.get(timeout=PATIENCE_SECONDS)[1]) for _ in range(200)] == list(range(200))
    ours.stop()


def test_it_comes_back_by_itself_and_queues_nothing_while_the_broker_is_away(broker: BrokerProcess) -> None:
    heard: queue.Queue[bytes] = queue.Queue()
    ours = link(broker)
    ours.subscribe("printers/+/reading/+", lambda _topic, payload: heard.put(payload))
    ours.start()
    until(ours.connected.is_set)
    broker.kill()
    until(lambda: not ours.connected.is_set())
    assert not ours.publish("printers/a/reading/main", "while away")
    broker.start()
    until(ours.connected.is_set)
    until(lambda: ours.publish("printers/a/reading/main", "back"))
    assert heard.get(timeout=PATIENCE_SECONDS) == b"back"
    ours.stop()


def test_a_broker_that_hangs_is_silent_until_it_answers_again(broker: BrokerProcess) -> None:
    ours = link(broker)
    ours.start()
    until(ours.connected.is_set)
    with broker.hanging():
        began = ours.silent_seconds
        assert ours.heartbeat({})  # it is connected, and takes nothing
        until(lambda: ours.silent_seconds > began + 0.3)
    until(lambda: ours.silent_seconds < 0.3)
    ours.stop()


def test_a_handler_that_fails_does_not_end_the_connection(broker: BrokerProcess) -> None:
    heard: queue.Queue[bytes] = queue.Queue()

    def handler(_topic: str, payload: bytes) -> None:
        if payload == b"bad":
            raise ValueError(payload)
        heard.put(payload)

    ours = link(broker)
    ours.subscribe("printers/+/reading/+", handler)
    ours.start()
    until(ours.connected.is_set)
    ours.publish("printers/a/reading/main", "bad")
    ours.publish("printers/a/reading/main", "good")
    assert heard.get(timeout=PATIENCE_SECONDS) == b"good"
    ours.stop()


def test_a_second_service_of_one_instance_is_named_by_both_and_neither_ends_the_other(
    broker: BrokerProcess, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = link(broker), link(broker)
    for each in (first, second):
        each.start()
        until(each.connected.is_set)
    until(lambda: first.heartbeat({"n": 1}))
    until(lambda: second.heartbeat({"n": 2}))
    said = "another collector has the same INSTANCE box and SITE main at this broker"
    until(lambda: sum(said in record.getMessage() for record in caplog.records) >= 2)
    for _ in range(5):
        for each in (first, second):
            assert each.heartbeat({"n": 1})
            until(lambda each=each: each._unechoed == 0)  # type: ignore[misc]
    assert first.connected.is_set()
    assert second.connected.is_set()
    first.stop()
    second.stop()
    assert sum(said in record.getMessage() for record in caplog.records) == 2  # once by each, not each time
    assert not any("connection to the broker is gone" in record.getMessage() for record in caplog.records)


def test_who_is_said_to_be_offline_although_it_is_not_says_so(broker: BrokerProcess) -> None:
    listener = Listener(broker.port, "printers/$sites/#")
    first, second = link(broker), link(broker)
    first.start()
    assert json.loads(listener.next()[1])["status"] == "online"
    second.start()
    assert json.loads(listener.next()[1])["status"] == "online"
    second.stop()
    while json.loads(listener.next()[1])["status"] != "offline":
        pass
    said = json.loads(listener.next()[1])
    assert (said["status"], said["run"]) == ("online", first._presence.run)
    first.stop()
    listener.client.disconnect()
    listener.client.loop_stop()


def test_a_connection_on_which_nothing_arrives_is_made_anew_ever_more_rarely(
    broker: BrokerProcess, caplog: pytest.LogCaptureFixture
) -> None:
    ours = link(broker)
    ours.start()
    until(ours.connected.is_set)
    connects: list[int] = []
    ours.on_connect(lambda: connects.append(1))
    until(lambda: ours._unechoed == 0)
    # As a broker does that has lost our subscriptions, or never honored them.
    ours._client.unsubscribe(ours.presence_topic)
    until(lambda: ours.heartbeat({}) and ours._unechoed > 0)
    for _ in range(3):
        ours.heartbeat({})
    until(lambda: connects == [1])
    assert "nothing comes back from the broker" in caplog.text
    until(lambda: ours._unechoed == 0)  # on the new connection it hears itself again
    ours.stop()


def test_a_presence_that_was_kept_from_an_earlier_run_is_no_rival(
    broker: BrokerProcess, caplog: pytest.LogCaptureFixture
) -> None:
    killed = link(broker)
    killed.start()
    until(killed.connected.is_set)
    until(lambda: killed._unechoed == 0)
    killed.stop()
    ours = link(broker)
    ours.start()
    until(ours.connected.is_set)
    until(lambda: ours._unechoed == 0)
    ours.stop()
    assert "same INSTANCE" not in caplog.text


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "core.runtime.mqtt_link"]


@pytest.mark.parametrize(
    ("host", "why"),
    [("127.0.0.1", "Connection refused"), ("no.such.host.invalid", "its host name is not known")],
)
def test_a_broker_that_cannot_be_reached_is_told_once(
    host: str, why: str, caplog: pytest.LogCaptureFixture
) -> None:
    port = free_port()
    ours = MqttLink(MqttSettings(mqtt_host=host, mqtt_port=port), "collector", "box", "main")
    attempts = []
    ours._client.on_log = lambda _c, _d, _level, text: attempts.append(text) if "retrying" in text else None
    ours.start()
    until(lambda: len(attempts) >= 2)
    ours.stop()
    assert told(caplog) == [
        f"the broker at {host}:{port} cannot be reached: {why} (MQTT_HOST, MQTT_PORT); trying again"
    ]


def test_what_is_no_broker_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """As a web server, or a broker that wants TLS, ends it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        ours = MqttLink(MqttSettings(mqtt_host="127.0.0.1", mqtt_port=port), "collector", "box", "main")
        ours.start()
        for _ in range(2):
            server.accept()[0].close()
        until(lambda: bool(told(caplog)))
        ours.stop()
    (said,) = told(caplog)
    assert said.startswith(
        f"the broker at 127.0.0.1:{port} ends the connection without an answer: is it an MQTT"
    )


def test_all_subscriptions_go_out_in_one_packet() -> None:
    """Else a message that is kept may be answered on a topic that the broker does not yet know to be ours."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        ours = MqttLink(MqttSettings(mqtt_host="127.0.0.1", mqtt_port=server.getsockname()[1]), "any", "box")
        topics = [f"topic/{number}" for number in range(9)]
        for topic in topics:
            ours.subscribe(topic, lambda *_: None)
        ours.start()
        connection, _ = server.accept()
        with connection, connection.makefile("rb") as sent:
            assert _packet(sent)[0] == _CONNECT
            connection.sendall(bytes((_CONNACK, 2, 0, 0)))
            kind, body = _packet(sent)
            assert kind == _SUBSCRIBE
            assert [topic for topic in topics if topic.encode() not in body] == []
        ours.stop()


_CONNECT, _CONNACK, _SUBSCRIBE = 0x10, 0x20, 0x82


def _packet(sent: BinaryIO) -> tuple[int, bytes]:
    """The first byte of an MQTT packet, and what follows its length."""
    kind, length, shift = sent.read(1)[0], 0, 0
    while True:
        octet = sent.read(1)[0]
        length |= (octet & 0x7F) << shift
        shift += 7
        if octet < 0x80:
            return kind, sent.read(length)


def test_a_certificate_that_is_not_there_is_named() -> None:
    tls = {"mqtt_host": "127.0.0.1", "mqtt_tls": True, "mqtt_ca": "nowhere.pem"}
    with pytest.raises(
        BrokerError, match=r"^MQTT_CA: the file nowhere.pem cannot be read: No such file or dir"
    ):
        MqttLink(MqttSettings.model_validate(tls), "collector", "box", "main")


def test_a_connection_that_ends_at_once_is_followed_by_an_ever_later_one(broker: BrokerProcess) -> None:
    ours = link(broker)
    ours.start()
    delays = []
    for _ in range(3):
        until(ours.connected.is_set)
        delays.append(ours._delay)
        broker.kill()
        until(lambda: not ours.connected.is_set())
        broker.start()
    until(ours.connected.is_set)
    assert [*delays, ours._delay] == [1, 2, 4, 8]
    ours.stop()
