"""The embedded broker as it runs: both kinds let in who they should, and end with their parent."""

import asyncio
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
import psutil
import pytest
from amqtt.adapters import StreamWriterAdapter
from paho.mqtt.enums import CallbackAPIVersion

from console.broker.amqtt_broker import ClosableWriter, Subscriptions
from console.broker.credentials import BrokerCredentials, broker_folder, read_credentials
from console.broker.limits import LARGEST_MESSAGE
from console.broker.probe import ACCEPTED, connack, wait_until_ready
from console.broker.processes import PID_FILE, end_remembered
from core.runtime.mqtt_link import MqttLink
from core.runtime.settings import MqttSettings
from tests.brokers import free_port
from tests.console.embedded import (
    KINDS,
    all_gone,
    broker_arguments,
    end,
    eventually,
    family,
    ready_credentials,
    running_broker,
    start,
)
from tests.patience import PATIENCE_SECONDS


class Client:
    """A connected client of one user, with what it has received."""

    def __init__(self, credentials: BrokerCredentials, user: str, name: str = "") -> None:
        self.received: list[tuple[str, bytes]] = []
        self.granted = threading.Event()
        self.paho = paho.Client(CallbackAPIVersion.VERSION2, client_id=name or f"test-{user}")
        self.paho.username_pw_set(user, credentials.passwords[user])
        self.paho.on_message = self._take
        self.paho.on_subscribe = lambda *_: self.granted.set()
        self.paho.connect(credentials.host, credentials.port)
        self.paho.loop_start()

    def subscribe(self, topic: str) -> "Client":
        self.paho.subscribe(topic, qos=1)
        assert self.granted.wait(PATIENCE_SECONDS)
        return self

    def _take(self, _client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        self.received.append((message.topic, bytes(message.payload)))

    def publish(self, topic: str, payload: str) -> None:
        self.paho.publish(topic, payload, qos=1).wait_for_publish(PATIENCE_SECONDS)

    def close(self) -> None:
        self.paho.disconnect()
        self.paho.loop_stop()


@pytest.fixture(scope="module", params=KINDS)
def credentials(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BrokerCredentials]:
    """A broker of each kind for all tests that leave it running: what one retains, no other listens to."""
    with running_broker(request.param, tmp_path_factory.mktemp("broker")) as (_, found):
        yield found


def test_a_reading_goes_from_collector_to_processor_and_a_forgery_to_nobody(
    credentials: BrokerCredentials,
) -> None:
    processor = Client(credentials, "processor").subscribe("printers/+/reading/+")
    collector, reader = Client(credentials, "collector"), Client(credentials, "reader")
    reader.publish("printers/lib-1/reading/main", "forged")
    collector.publish("printers/lib-1/reading/main", "true")
    assert eventually(lambda: processor.received) == [("printers/lib-1/reading/main", b"true")]
    for client in (processor, collector, reader):
        client.close()


def test_what_is_not_granted_is_not_heard(credentials: BrokerCredentials) -> None:
    curious = Client(credentials, "collector").subscribe("printers/#")
    reader = Client(credentials, "reader").subscribe("printers/lib-1/#")
    processor = Client(credentials, "processor")
    processor.publish("printers/lib-1/state", "{}")
    assert eventually(lambda: reader.received) == [("printers/lib-1/state", b"{}")]
    assert "printers/lib-1/state" not in dict(curious.received)
    for client in (curious, reader, processor):
        client.close()


def test_nobody_is_sent_what_only_others_have_subscribed_to(credentials: BrokerCredentials) -> None:
    processor = Client(credentials, "processor")
    processor.paho.publish("printers/lib-2/state", "{}", qos=1, retain=True).wait_for_publish(
        PATIENCE_SECONDS
    )
    reader = Client(credentials, "reader").subscribe("printers/lib-2/#")
    assert eventually(lambda: reader.received) == [("printers/lib-2/state", b"{}")]
    collector = Client(credentials, "collector").subscribe("printers/+/refresh")
    console = Client(credentials, "console").subscribe("printers/lib-2/+")
    assert eventually(lambda: console.received) == [("printers/lib-2/state", b"{}")]
    assert collector.received == []
    for client in (processor, reader, collector, console):
        client.close()


@pytest.mark.parametrize("clean", [True, False])
def test_a_stranger_cannot_take_the_place_of_a_service(credentials: BrokerCredentials, clean: bool) -> None:
    processor = Client(credentials, "processor", "processor-vm").subscribe("printers/+/reading/+")
    for password in ("wrong", None):
        stranger = paho.Client(CallbackAPIVersion.VERSION2, client_id="processor-vm", clean_session=clean)
        if password:
            stranger.username_pw_set("processor", password)
        refused = threading.Event()
        stranger.on_connect = lambda *_, told=refused: told.set()
        stranger.connect(credentials.host, credentials.port)
        stranger.loop_start()
        assert refused.wait(PATIENCE_SECONDS)
        stranger.loop_stop()
    collector = Client(credentials, "collector")
    collector.publish("printers/lib-1/reading/main", "true")
    assert eventually(lambda: processor.received) == [("printers/lib-1/reading/main", b"true")]
    processor.publish("printers/lib-1/state", "{}")
    processor.close()
    collector.close()


def test_a_will_on_a_forbidden_topic_reaches_nobody(credentials: BrokerCredentials) -> None:
    processor = Client(credentials, "processor").subscribe("printers/+/reading/+")
    collector = Client(credentials, "collector")
    forger = paho.Client(CallbackAPIVersion.VERSION2, client_id="forger")
    forger.username_pw_set("reader", credentials.passwords["reader"])
    forger.will_set("printers/lib-1/reading/main", "forged", qos=1)
    forger.connect(credentials.host, credentials.port)
    forger.loop_start()
    eventually(forger.is_connected, 0.5)
    if (connection := forger.socket()) is not None:
        connection.close()  # without goodbye: its will is due
    forger.loop_stop()
    collector.publish("printers/lib-1/reading/main", "true")
    assert eventually(lambda: processor.received) == [("printers/lib-1/reading/main", b"true")]
    processor.close()
    collector.close()


def test_a_user_cannot_take_the_place_of_another_by_its_client_id(credentials: BrokerCredentials) -> None:
    """mosquitto ends the first connection, as MQTT says; so ids of ours cannot be guessed."""
    processor = Client(credentials, "processor", "processor-vm").subscribe("printers/+/reading/+")
    thief = Client(credentials, "reader", "processor-vm")
    collector = Client(credentials, "collector")

    def arrives() -> bool:
        collector.publish("printers/lib-1/reading/main", "true")
        return bool(processor.received)

    processor.paho.on_connect = lambda client, *_: client.subscribe("printers/+/reading/+", 1)
    thief.close()
    assert eventually(arrives)
    for client in (processor, collector):
        client.close()


def test_our_services_have_client_ids_that_nobody_can_guess() -> None:
    links = [MqttLink(MqttSettings(mqtt_host="127.0.0.1"), "processor", "vm") for _ in range(2)]
    ids = {link._client._client_id.decode() for link in links}
    assert len(ids) == 2
    assert all(len(each.removeprefix("processor-vm-")) == 16 for each in ids)


def test_a_message_beyond_the_limit_is_not_delivered_and_the_broker_goes_on(
    credentials: BrokerCredentials,
) -> None:
    processor = Client(credentials, "processor").subscribe("printers/+/reading/+")
    sender, collector = Client(credentials, "collector", "sender"), Client(credentials, "collector")
    sender.paho.publish("printers/lib-1/reading/main", bytes(LARGEST_MESSAGE + 1000), qos=1)
    largest = b"x" * 262_144
    assert eventually(lambda: sender.paho.want_write() is False)
    collector.paho.publish("printers/lib-2/reading/main", largest, qos=1).wait_for_publish(PATIENCE_SECONDS)
    assert eventually(lambda: processor.received) == [("printers/lib-2/reading/main", largest)]
    for client in (processor, sender, collector):
        client.close()


def test_strangers_are_refused(credentials: BrokerCredentials) -> None:
    anonymous = MqttSettings(mqtt_host=credentials.host, mqtt_port=credentials.port)
    wrong = credentials.settings("collector").model_copy(update={"mqtt_username": "processor"})
    assert connack(credentials.settings("collector")) == ACCEPTED
    assert connack(anonymous) not in (None, ACCEPTED)
    assert connack(wrong) not in (None, ACCEPTED)


def test_garbage_harms_nobody(credentials: BrokerCredentials) -> None:
    rubbish = (
        b"",
        b"\xff" * 2000,
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x10\xff\xff\xff\x7f",
        b"\x10\x0c\x00\x04MQTT\x04",
    )
    for octets in rubbish:
        with socket.create_connection(
            (credentials.host, credentials.port), timeout=PATIENCE_SECONDS
        ) as connection:
            connection.sendall(octets)
    assert connack(credentials.settings("collector")) == ACCEPTED


@pytest.mark.parametrize("user", ["collector", "processor", "notifier", "dashboard"])
def test_every_service_can_say_that_it_is_there(credentials: BrokerCredentials, user: str) -> None:
    link = MqttLink(credentials.settings(user), user, "vm", "main" if user == "collector" else None)
    watcher = Client(credentials, "reader", f"watch-{user}").subscribe(link.presence_topic)
    link.start()
    assert link.connected.wait(PATIENCE_SECONDS)
    link.stop()
    assert eventually(lambda: any(b'"offline"' in payload for _, payload in watcher.received))
    assert b'"online"' in watcher.received[0][1]
    watcher.close()


@pytest.mark.parametrize("kind", KINDS)
def test_the_broker_ends_with_its_parents_pipe_and_leaves_nothing(kind: str, tmp_path: Path) -> None:
    with running_broker(kind, tmp_path) as (process, found):
        processes = family(process)
        assert end(process) == 0
    assert all_gone(processes)
    assert connack(found.settings("console")) is None


def mosquitto_of(process: subprocess.Popen[bytes]) -> psutil.Process:
    return eventually(lambda: psutil.Process(process.pid).children())[0]


def test_a_mosquitto_that_a_killed_parent_left_is_ended_by_the_next(tmp_path: Path) -> None:
    port = free_port()
    command = broker_arguments("mosquitto", tmp_path / "data", port)
    first = start(command, tmp_path / "log")
    ready_credentials(tmp_path / "data", port)
    left = mosquitto_of(first)
    first.kill()
    first.wait()
    assert left.is_running()
    second = start(command, tmp_path / "log")
    assert eventually(lambda: all_gone([left]))
    assert wait_until_ready(ready_credentials(tmp_path / "data", port).settings("console"), PATIENCE_SECONDS)
    assert eventually(lambda: mosquitto_of(second).is_running())
    assert end(second) == 0


def test_a_process_that_merely_has_the_noted_number_is_left_alone(tmp_path: Path) -> None:
    ourselves = psutil.Process()
    note = tmp_path / PID_FILE
    note.write_text(f'{{"pid": {ourselves.pid}, "started": {ourselves.create_time() - 60}}}')
    assert end_remembered(note) is None
    assert ourselves.is_running()


def test_the_child_ends_when_mosquitto_dies(tmp_path: Path) -> None:
    with running_broker("mosquitto", tmp_path) as (process, _):
        mosquitto_of(process).kill()
        assert process.wait(PATIENCE_SECONDS) == 1


def test_a_database_that_mosquitto_cannot_read_is_set_aside(tmp_path: Path) -> None:
    database = broker_folder(tmp_path / "data") / "mosquitto.db"
    database.parent.mkdir(parents=True)
    database.write_bytes(b"\x00\xb5\x00mosquitto db" + b"\xff" * 300)
    command = broker_arguments("mosquitto", tmp_path / "data", free_port())
    first = start(command, tmp_path / "log")
    assert first.wait(PATIENCE_SECONDS) == 1
    second = start(command, tmp_path / "log")
    found = read_credentials(tmp_path / "data")
    assert found is not None
    assert wait_until_ready(found.settings("console"), PATIENCE_SECONDS), (tmp_path / "log").read_text()
    assert end(second) == 0
    assert list(database.parent.glob("*.unreadable"))


def test_who_subscribes_or_leaves_meanwhile_does_not_end_a_walk_over_the_subscribers() -> None:
    first: Any = object()
    second: Any = object()
    subscriptions = Subscriptions({"a/#": [(first, 1)], "b/#": [(second, 1)]})
    seen = []
    for topic_filter, subscribers in subscriptions.items():
        for session, _qos in subscribers:
            seen.append((topic_filter, session))
            subscriptions["c/#"] = [(first, 0)]
            subscriptions["b/#"] = []
            del subscriptions["b/#"]
    assert seen == [("a/#", first), ("b/#", second)]


def test_a_message_for_a_client_that_has_just_gone_is_told_as_a_reset_not_as_a_fault() -> None:
    uvloop = pytest.importorskip("uvloop", reason="uvloop is not for this system")

    async def write_to_a_closed_connection() -> None:
        accepted: asyncio.Queue[asyncio.StreamWriter] = asyncio.Queue()
        server = await asyncio.start_server(lambda _, writer: accepted.put_nowait(writer), "127.0.0.1", 0)
        _, client = await asyncio.open_connection(*server.sockets[0].getsockname())
        gone = await accepted.get()
        gone.transport.abort()
        await asyncio.sleep(0.05)  # uvloop closes in its next round
        writer = ClosableWriter(StreamWriterAdapter(gone))
        with pytest.raises(ConnectionResetError, match="closed"):
            writer.write(b"message")
        await writer.close()
        client.close()
        server.close()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(write_to_a_closed_connection())
