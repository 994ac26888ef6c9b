"""The broker connection: presence with a will, reconnecting for ever, and no silent queueing."""

import json
import queue
import time
from collections.abc import Callable, Iterator

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from fleet.mqtt_link import MqttLink
from fleet.settings import MqttSettings
from tests.brokers import BROKERS, BrokerProcess
from tests.patience import PATIENCE_SECONDS


@pytest.fixture(params=sorted(BROKERS))
def broker(request: pytest.FixtureRequest) -> Iterator[BrokerProcess]:
    with BROKERS[request.param]() as running:
        yield running


def link(broker: BrokerProcess, instance: str = "box") -> MqttLink:
    return MqttLink(MqttSettings(mqtt_host="127.0.0.1", mqtt_port=broker.port), "collector", instance, "main")


def until(condition: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


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
    listener = Listener(broker.port, "printers/$services/#")
    ours = link(broker)
    ours.start()
    topic, payload = listener.next()
    assert (topic, json.loads(payload)["status"]) == ("printers/$services/collector/box", "online")
    assert ours.heartbeat({"spool": 3})
    assert json.loads(listener.next()[1])["counters"] == {"spool": 3.0}
    ours.stop()
    assert json.loads(listener.next()[1])["status"] == "offline"
    listener.client.disconnect()
    listener.client.loop_stop()


def test_a_connection_that_dies_is_offline_by_its_will(broker: BrokerProcess) -> None:
    listener = Listener(broker.port, "printers/$services/#")
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
    ours.subscribe("printers/+/reading", lambda topic, payload: heard.put((topic, payload)))
    ours.start()
    until(ours.connected.is_set)
    for number in range(200):
        assert ours.publish("printers/a/reading", str(number), on_puback=lambda n=number: acknowledged.put(n))  # type: ignore[misc]
    assert sorted(acknowledged.get(timeout=PATIENCE_SECONDS) for _ in range(200)) == list(range(200))
    assert [int(heard.get(timeout=PATIENCE_SECONDS)[1]) for _ in range(200)] == list(range(200))
    ours.stop()


def test_it_comes_back_by_itself_and_queues_nothing_while_the_broker_is_away(broker: BrokerProcess) -> None:
    heard: queue.Queue[bytes] = queue.Queue()
    ours = link(broker)
    ours.subscribe("printers/+/reading", lambda _topic, payload: heard.put(payload))
    ours.start()
    until(ours.connected.is_set)
    broker.kill()
    until(lambda: not ours.connected.is_set())
    assert not ours.publish("printers/a/reading", "while away")
    broker.start()
    until(ours.connected.is_set)
    until(lambda: ours.publish("printers/a/reading", "back"))
    assert heard.get(timeout=PATIENCE_SECONDS) == b"back"
    ours.stop()


def test_a_handler_that_fails_does_not_end_the_connection(broker: BrokerProcess) -> None:
    heard: queue.Queue[bytes] = queue.Queue()

    def handler(_topic: str, payload: bytes) -> None:
        if payload == b"bad":
            raise ValueError(payload)
        heard.put(payload)

    ours = link(broker)
    ours.subscribe("printers/+/reading", handler)
    ours.start()
    until(ours.connected.is_set)
    ours.publish("printers/a/reading", "bad")
    ours.publish("printers/a/reading", "good")
    assert heard.get(timeout=PATIENCE_SECONDS) == b"good"
    ours.stop()
