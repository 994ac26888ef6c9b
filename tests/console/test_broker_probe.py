"""Before anything starts it is known whether the port is free, and who has it."""

import os
import re
import socket
import threading
from collections.abc import Iterator

import pytest

from console.broker import probe
from console.broker.probe import connack, require_free, wait_until_ready
from console.ports import free_port
from core.contract.errors import BrokerError
from core.runtime.settings import MqttSettings
from tests.brokers import BROKERS


@pytest.fixture
def busy() -> Iterator[int]:
    """A port where somebody listens who is no broker."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_free_port_is_free() -> None:
    require_free("127.0.0.1", free_port())


def test_a_port_that_was_just_given_back_is_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as client:
            server.accept()[0].close()
            client.recv(1)
    require_free("127.0.0.1", port)


def test_a_taken_port_says_who_has_it_and_which_one_to_use(
    busy: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe, "_TIMEOUT_SECONDS", 0.2)  # it says nothing
    with pytest.raises(BrokerError) as failure:
        require_free("127.0.0.1", busy)
    found = re.fullmatch(
        rf"port {busy} on 127\.0\.0\.1 is taken by (.+): set MQTT_PORT=(\d+) to run the broker there\.",
        str(failure.value),
    )
    assert found is not None
    assert found[1] == "another program" or str(os.getpid()) in found[1]
    require_free("127.0.0.1", int(found[2]))


@pytest.mark.parametrize("kind", BROKERS)
def test_another_broker_may_be_used_instead(kind: str) -> None:
    with BROKERS[kind]() as broker, pytest.raises(BrokerError, match="to use that broker") as failure:
        require_free("127.0.0.1", broker.port)
    assert f"MQTT_HOST=127.0.0.1 MQTT_PORT={broker.port}" in str(failure.value)


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(BrokerError, match=r"192\.0\.2\.7 is not an address of this machine"):
        require_free("192.0.2.7", free_port())


def test_who_answers_with_garbage_is_no_broker() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def answer() -> None:
            connection, _ = server.accept()
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            connection.close()

        thread = threading.Thread(target=answer)
        thread.start()
        assert connack(MqttSettings(mqtt_host="127.0.0.1", mqtt_port=port)) is None
        thread.join()


def test_waiting_for_a_broker_that_never_comes_ends() -> None:
    assert not wait_until_ready(MqttSettings(mqtt_host="127.0.0.1", mqtt_port=free_port()), 0.2)
