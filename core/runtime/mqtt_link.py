"""The one connection of a service to the broker: plain MQTT 3.1.1 over paho, with presence.

It reconnects for ever, never queues in memory while the broker is away (publish says False: what must
not be lost is kept on disk by its owner) and tells when a publish has been acknowledged.

It also listens to its own presence. A heartbeat that does not come back means that the broker delivers
nothing to us: the connection is made anew. One of another run means that two services have one INSTANCE.
"""

import contextlib
import logging
import re
import secrets
import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from pydantic import ValidationError

from core.contract.errors import BrokerError
from core.contract.messages import Presence
from core.contract.topics import presence_topic
from core.runtime.failures import failure_text
from core.runtime.settings import MqttSettings
from core.runtime.wall_clock import utc_now

log = logging.getLogger(__name__)

Handler = Callable[[str, bytes], None]
"""Called with topic and payload in the connection's own thread: hand over quickly, never raise."""

HEARTBEAT_SECONDS = 30
KEEPALIVE_SECONDS = 30
"""A connection silent for one and a half of these is dead."""
_MAX_INFLIGHT = 1000
_UNSPECIFIED = 128
"""The reason of a connection that ended without a word."""
_SHORTEST_DELAY = 1
_LONGEST_DELAY = 30
_BRIEF_SECONDS = 10.0
"""A connection that ended sooner was probably ended by somebody: the next one waits longer."""
_SOON_BACK_SECONDS = 10.0
_MISSED_ECHOES = 2
"""Heartbeats in a row that did not come back before the connection is made anew."""
_MOST_MISSED_ECHOES = 120
_FIRST_RIVAL_SECONDS = 60.0
_LAST_RIVAL_SECONDS = 3600.0


class MqttLink:
    """A connection with presence: `service/instance` is online while it lives, offline by its will."""

    def __init__(self, settings: MqttSettings, service: str, instance: str, site: str | None = None) -> None:
        self.settings = settings
        self.service = service
        self.prefix = settings.mqtt_topic_prefix
        self.connected = threading.Event()
        self.told: Mapping[str, float] = {}
        """The counters of the last heartbeat that had some."""
        self._presence = Presence(
            service=service,
            instance=instance,
            site=site,
            status="online",
            at=utc_now(),
            started_at=utc_now(),
            run=secrets.token_hex(8),
            host=_host(),
        )
        self.presence_topic = presence_topic(self.prefix, service, instance, site)
        self._subscriptions: dict[str, int] = {}
        self._on_connect: list[Callable[[], None]] = []
        self._lock = threading.Lock()
        self._waiting: dict[int, Callable[[], None]] = {}
        self._early: set[int] = set()
        self._last_failure = ""
        """What was said last of a connection that did not come about."""
        self._connected_at, self._lost_at = 0.0, float("-inf")
        self._heard_at = time.monotonic()
        """When the broker last accepted the connection or acknowledged a message."""
        self._delay = _SHORTEST_DELAY
        self._stopping = False
        self._unechoed = 0
        """Heartbeats sent on this connection since one came back."""
        self._patience = _MISSED_ECHOES
        self._rival_at, self._rival_pause = float("-inf"), _FIRST_RIVAL_SECONDS
        # Sessions are clean, so the id need not be the same for ever: one that can be guessed lets every
        # user of the broker end our connection by using it, too.
        self._client = self._make_client(f"{service}-{instance}-{secrets.token_hex(8)}")
        self._subscriptions[self.presence_topic] = 1
        self._client.message_callback_add(self.presence_topic, self._own_presence)

    def subscribe(self, topic_filter: str, handler: Handler, *, group: str = "", qos: int = 1) -> None:
        """Receive what matches; renewed on every connect. Call before start().

        Those of one `group` share the messages between them, where the broker can do that. With `qos` 0
        nothing is acknowledged to the broker: for what its sender sends again until it has an answer.
        """
        self._subscriptions[f"$share/{group}/{topic_filter}" if group else topic_filter] = qos
        self._client.message_callback_add(
            topic_filter, lambda _client, _data, message: self._handle(handler, message)
        )

    def on_connect(self, callback: Callable[[], None]) -> None:
        """Call back after every (re)connect, in the connection's thread."""
        self._on_connect.append(callback)

    def start(self) -> None:
        """Connect in the background and keep connected."""
        host = self.settings.mqtt_host or "127.0.0.1"
        self._client.connect_async(host, self.settings.mqtt_port, KEEPALIVE_SECONDS)
        self._client.loop_start()

    def stop(self) -> None:
        """Say goodbye and disconnect; what was not acknowledged is its owner's to send again."""
        self._stopping = True
        if self.connected.is_set():
            said = self._client.publish(*self._presence_message("offline", {}), qos=1, retain=True)
            try:
                said.wait_for_publish(timeout=2)
            except (RuntimeError, ValueError):
                log.debug("the broker left before the goodbye")
        self.connected.clear()  # what follows is no loss to be told of
        self._client.disconnect()
        self._client.loop_stop()

    def publish(
        self,
        topic: str,
        payload: bytes | str,
        *,
        retain: bool = False,
        on_puback: Callable[[], None] | None = None,
    ) -> bool:
        """Send at QoS 1. False when the broker is away: nothing was queued.

        `on_puback` is called in the connection's thread once the broker has acknowledged it. An
        acknowledged message is with the broker, not yet stored by anybody.
        """
        if not self.connected.is_set():
            return False
        info = self._client.publish(topic, payload, qos=1, retain=retain)
        if info.rc != paho.MQTT_ERR_SUCCESS:
            return False
        with self._lock:
            if info.mid not in self._early:
                self._waiting[info.mid] = on_puback or _nothing
                return True
            self._early.discard(info.mid)
        (on_puback or _nothing)()
        return True

    @property
    def silent_seconds(self) -> float:
        """How long the broker has said nothing: at most HEARTBEAT_SECONDS where it answers."""
        return time.monotonic() - self._heard_at

    def heartbeat(self, counters: Mapping[str, float]) -> bool:
        """Renew the presence, with counters for the System page."""
        if counters:
            self.told = dict(counters)
        if not self.connected.is_set():
            return False
        if self._unechoed >= self._patience:
            self._connect_anew()
            return False
        topic, payload = self._presence_message("online", counters)
        # Counted before it is sent: its echo, handled in another thread, can come before publish() returns.
        self._unechoed += 1
        if self.publish(topic, payload, retain=True):
            return True
        self._unechoed = max(0, self._unechoed - 1)
        return False

    def _connect_anew(self) -> None:
        """End a connection on which nothing arrives; paho then makes another one."""
        log.warning(
            "nothing comes back from the broker, not even our own presence: connecting anew. "
            "If this goes on, the broker does not let %s read %s (access list)",
            f"the user {self.settings.mqtt_username!r}" if self.settings.mqtt_username else "us",
            self.presence_topic,
        )
        # Where the right to read is missing another connection does not help: each waits longer.
        self._patience = min(2 * self._patience, _MOST_MISSED_ECHOES)
        self._unechoed = 0
        open_socket = self._client.socket()
        if open_socket is not None:
            with contextlib.suppress(OSError):  # it has just gone by itself
                cast(socket.socket, open_socket).shutdown(socket.SHUT_RDWR)

    def _own_presence(self, _client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        try:
            presence = Presence.model_validate_json(message.payload)
        except ValidationError:
            return
        ours = presence.run == self._presence.run
        if ours:
            self._unechoed, self._patience = 0, _MISSED_ECHOES
        if message.retain or self._stopping:
            return  # of an earlier run, or our own goodbye
        if presence.status == "offline":
            # The will of a connection before this one, or the goodbye of another service of this name.
            self.heartbeat(self.told)
        elif not ours:
            self._tell_of_rival(presence)

    def _tell_of_rival(self, rival: Presence) -> None:
        """Name a second service with our INSTANCE: each overwrites the presence of the other."""
        now = time.monotonic()
        if now - self._rival_at < self._rival_pause:
            return
        first = self._rival_at == float("-inf")
        self._rival_pause = _FIRST_RIVAL_SECONDS if first else min(2 * self._rival_pause, _LAST_RIVAL_SECONDS)
        self._rival_at = now
        mine = self._presence
        log.error(
            "another %s has the same INSTANCE %s%s at this broker: it runs on %s since %s, this one on %s "
            "since %s. Stop one of them, or give it an INSTANCE of its own",
            mine.service,
            mine.instance,
            f" and SITE {mine.site}" if mine.site else "",
            rival.host or "an unnamed machine",
            f"{rival.started_at:%Y-%m-%d %H:%M:%S %Z}" if rival.started_at else "an unknown time",
            mine.host or "this machine",
            f"{mine.started_at:%Y-%m-%d %H:%M:%S %Z}",
        )

    def _presence_message(self, status: str, counters: Mapping[str, float]) -> tuple[str, str]:
        presence = self._presence.model_copy(
            update={"status": status, "at": utc_now(), "counters": dict(counters)}
        )
        return self.presence_topic, presence.model_dump_json()

    def _make_client(self, client_id: str) -> paho.Client:
        client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id=client_id, protocol=paho.MQTTv311, clean_session=True
        )
        client.max_inflight_messages_set(_MAX_INFLIGHT)
        client.reconnect_delay_set(_SHORTEST_DELAY, _LONGEST_DELAY)
        settings = self.settings
        if settings.mqtt_username:
            password = settings.mqtt_password.get_secret_value() if settings.mqtt_password else None
            client.username_pw_set(settings.mqtt_username, password)
        if settings.mqtt_tls:
            client.tls_set_context(tls_context(settings))
        topic, payload = self._presence_message("offline", {})
        client.will_set(topic, payload, qos=1, retain=True)
        client.on_connect = self._connected
        client.on_connect_fail = self._not_connected
        client.on_disconnect = self._disconnected
        client.on_publish = self._published
        return client

    def _connected(
        self,
        client: paho.Client,
        _data: Any,
        _flags: paho.ConnectFlags,
        reason: ReasonCode,
        _p: Properties | None,
    ) -> None:
        if reason.is_failure:
            self._tell_failure(f"refuses us: {reason} (MQTT_USERNAME, MQTT_PASSWORD)")
            return
        self._last_failure = ""
        self._connected_at, self._unechoed = time.monotonic(), 0
        self._heard_at = self._connected_at
        log.info("connected to the broker at %s", self._where)
        # In one packet: what a message that is kept leads to is heard, whichever topic it comes on.
        client.subscribe(list(self._subscriptions.items()))
        self.connected.set()
        self.heartbeat({})
        for callback in self._on_connect:
            callback()

    def _not_connected(self, _client: paho.Client, _data: Any) -> None:
        """Say why there is no connection; paho calls this while it handles the error."""
        error = sys.exc_info()[1]
        said = failure_text(error) if error else "no reason is given"
        mend = "MQTT_HOST, MQTT_PORT" + (", MQTT_CA" if isinstance(error, ssl.SSLError) else "")
        self._tell_failure(f"cannot be reached: {said} ({mend}); trying again")

    def _tell_failure(self, said: str) -> None:
        """Log what keeps us from the broker, once for each reason; a broker that restarts is soon back."""
        if said == self._last_failure or time.monotonic() - self._lost_at < _SOON_BACK_SECONDS:
            return
        log.error("the broker at %s %s", self._where, said)
        self._last_failure = said

    @property
    def _where(self) -> str:
        return f"{self.settings.mqtt_host or '127.0.0.1'}:{self.settings.mqtt_port}"

    def _disconnected(
        self,
        client: paho.Client,
        _data: Any,
        _flags: paho.DisconnectFlags,
        reason: ReasonCode,
        _p: Properties | None,
    ) -> None:
        if self.connected.is_set():
            said = "" if reason.value == _UNSPECIFIED else f" ({reason})"
            log.warning("the connection to the broker is gone%s; trying again", said)
            # paho begins with the shortest delay after every connection, however brief it was: two that
            # end each other's would do so every second.
            brief = time.monotonic() - self._connected_at < _BRIEF_SECONDS
            self._delay = min(2 * self._delay, _LONGEST_DELAY) if brief else _SHORTEST_DELAY
            client.reconnect_delay_set(self._delay, _LONGEST_DELAY)
            self._lost_at = time.monotonic()
        elif not (self._stopping or self._last_failure):
            self._tell_failure(
                "ends the connection without an answer: is it an MQTT broker, and does it want TLS "
                "(MQTT_PORT, MQTT_TLS)? Trying again"
            )
        self.connected.clear()
        with self._lock:
            self._early.clear()

    def _published(
        self, _c: paho.Client, _d: Any, mid: int, _reason: ReasonCode, _p: Properties | None
    ) -> None:
        self._heard_at = time.monotonic()
        # The acknowledgment can come before publish() has returned its mid. paho holds its own lock
        # here, so ours must never be held while paho is called.
        with self._lock:
            callback = self._waiting.pop(mid, None)
            if callback is None:
                self._early.add(mid)
        if callback is not None:
            callback()

    @staticmethod
    def _handle(handler: Handler, message: paho.MQTTMessage) -> None:
        try:
            handler(message.topic, bytes(message.payload))
        except Exception:
            log.exception("a message on %r could not be handled", message.topic)


def tls_context(settings: MqttSettings) -> ssl.SSLContext:
    """Return how the broker is verified and we identify ourselves. Raises BrokerError for a wrong file."""
    for name in ("mqtt_ca", "mqtt_client_cert", "mqtt_client_key"):
        _require_readable(name.upper(), getattr(settings, name))
    try:
        context = ssl.create_default_context(cafile=str(settings.mqtt_ca) if settings.mqtt_ca else None)
        if settings.mqtt_client_cert:
            key = str(settings.mqtt_client_key) if settings.mqtt_client_key else None
            context.load_cert_chain(str(settings.mqtt_client_cert), key)
    except (OSError, ssl.SSLError) as error:
        names = "MQTT_CA, MQTT_CLIENT_CERT or MQTT_CLIENT_KEY"
        raise BrokerError(f"{names} cannot be used: {failure_text(error)}.") from error
    return context


def _require_readable(name: str, file: Path | None) -> None:
    try:
        if file is not None:
            file.open("rb").close()
    except OSError as error:
        raise BrokerError(f"{name}: the file {file} cannot be read: {error.strerror}.") from error


def _host() -> str:
    """Return the name of this machine as a presence may carry it."""
    return re.sub(r"[^A-Za-z0-9._-]", "-", socket.gethostname())[:64]


def _nothing() -> None:
    """Ignore an acknowledgment that nobody waits for."""
