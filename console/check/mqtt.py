"""A short visit to the broker over paho: why it refuses, what it lets us read, what comes back."""

import queue
import secrets
import ssl
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from core.contract.errors import BrokerError
from core.runtime.mqtt_link import tls_context
from core.runtime.settings import MqttSettings

Message = tuple[str, bytes]
_SECONDS: Final = 10.0


class Visit:
    """A connection without presence, so that no service seems to come or go."""

    def __init__(self, settings: MqttSettings) -> None:
        self._settings = settings
        self._connected: queue.Queue[str] = queue.Queue()
        self._granted: queue.Queue[list[bool]] = queue.Queue()
        self._messages: queue.Queue[Message] = queue.Queue()
        self._client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"printers-check-{secrets.token_hex(4)}",
            protocol=paho.MQTTv311,
        )

    def __enter__(self) -> "Visit":
        """Connect; raises BrokerError with the reason."""
        settings, client = self._settings, self._client
        if settings.mqtt_username:
            password = settings.mqtt_password.get_secret_value() if settings.mqtt_password else None
            client.username_pw_set(settings.mqtt_username, password)
        if settings.mqtt_tls:
            client.tls_set_context(tls_context(settings))
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        client.connect_timeout = _SECONDS
        try:
            client.connect(settings.mqtt_host or "127.0.0.1", settings.mqtt_port, keepalive=30)
            client.loop_start()
            refusal = self._connected.get(timeout=_SECONDS)
        except ssl.SSLError as error:
            raise BrokerError(f"TLS fails: {error.reason or error}") from error
        except OSError as error:
            raise BrokerError(error.strerror or str(error)) from error
        except queue.Empty:
            client.loop_stop()
            raise BrokerError("it accepts the connection but does not speak MQTT") from None
        if refusal:
            client.loop_stop()
            raise BrokerError(refusal)
        return self

    def __exit__(self, *_error: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def refused(self, filters: Sequence[str]) -> list[str]:
        """Subscribe, and return the filters that the broker refuses.

        mosquitto refuses none, and delivers nothing where the right is missing.
        """
        self._client.subscribe([(each, 1) for each in filters])
        try:
            granted = self._granted.get(timeout=_SECONDS)
        except queue.Empty:
            return list(filters)
        return [each for each, allowed in zip(filters, granted, strict=False) if not allowed]

    def publish(self, topic: str, payload: str, *, retain: bool = False) -> None:
        """Send; an acknowledgment would prove nothing, brokers acknowledge what they refuse."""
        self._client.publish(topic, payload, qos=1, retain=retain)

    def wait_for(self, wanted: Callable[[str, bytes], bool], seconds: float) -> Message | None:
        """Return the first message that is wanted; None when the time is over."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            try:
                topic, payload = self._messages.get(timeout=left)
            except queue.Empty:
                return None
            if wanted(topic, payload):
                return topic, payload
        return None

    def _on_connect(
        self, _c: paho.Client, _d: Any, _f: paho.ConnectFlags, reason: ReasonCode, _p: Properties | None
    ) -> None:
        self._connected.put(str(reason) if reason.is_failure else "")

    def _on_message(self, _client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        self._messages.put((message.topic, bytes(message.payload)))

    def _on_subscribe(
        self, _c: paho.Client, _d: Any, _mid: int, reasons: list[ReasonCode], _p: Properties | None
    ) -> None:
        self._granted.put([not reason.is_failure for reason in reasons])
