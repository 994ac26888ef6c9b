"""A plain MQTT client of one user of the embedded broker, with what it has received."""

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from console.broker.credentials import BrokerCredentials
from tests.console.embedded import eventually
from tests.patience import PATIENCE_SECONDS


class RawClient:
    """Connects on entry; `will` is a topic and payload for the broker to publish after die()."""

    def __init__(
        self, credentials: BrokerCredentials, user: str, will: tuple[str, str] | None = None
    ) -> None:
        self.received: list[tuple[str, bytes]] = []
        self._credentials = credentials
        self._granted, self._connected = threading.Event(), threading.Event()
        self._paho = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv311)
        self._paho.username_pw_set(user, credentials.passwords[user])
        if will:
            self._paho.will_set(*will, qos=1, retain=True)
        self._paho.on_message = self._take
        self._paho.on_connect = lambda *_: self._connected.set()
        self._paho.on_subscribe = lambda *_: self._granted.set()

    def __enter__(self) -> Self:
        self._paho.connect(self._credentials.host, self._credentials.port)
        self._paho.loop_start()
        assert self._connected.wait(PATIENCE_SECONDS)
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._paho.disconnect()
        self._paho.loop_stop()

    def subscribe(self, *topics: str) -> None:
        """Subscribe, whether or not the broker grants it."""
        self._granted.clear()
        self._paho.subscribe([(topic, 1) for topic in topics])
        assert self._granted.wait(PATIENCE_SECONDS)

    def publish(self, topic: str, payload: str, *, retain: bool = False) -> None:
        """Publish, and wait for the acknowledgment, which comes for what is dropped, too."""
        self._paho.publish(topic, payload, qos=1, retain=retain).wait_for_publish(PATIENCE_SECONDS)

    def die(self) -> None:
        """End the connection without a goodbye: the will is due."""
        self._paho.loop_stop()
        if (connection := self._paho.socket()) is not None:
            connection.close()

    def of(self, topic: str) -> list[bytes]:
        """What was received on a topic."""
        return [payload for name, payload in self.received if name == topic]

    def wait_for(self, condition: Callable[[], Any]) -> None:
        """Wait until something is so."""
        assert eventually(condition), self.received

    def _take(self, _client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        self.received.append((message.topic, bytes(message.payload)))
