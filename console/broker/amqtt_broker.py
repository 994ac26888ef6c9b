"""amqtt as our broker, where mosquitto is not installed: in this process, with the same access rules."""

import asyncio
import contextlib
import hashlib
import hmac
import importlib
import logging
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from amqtt.adapters import ReaderAdapter, WriterAdapter
from amqtt.broker import Broker
from amqtt.contexts import Action, BaseContext, ListenerConfig
from amqtt.errors import AMQTTError, MQTTError, NoDataError
from amqtt.mqtt.protocol.broker_handler import BrokerProtocolHandler
from amqtt.plugins.base import BaseAuthPlugin, BaseTopicPlugin
from amqtt.session import Session
from amqtt.utils import gen_client_id

from console.broker.access import Grant, covers
from core.contract.errors import BrokerError
from core.domain.addresses import with_port
from core.runtime.shutdown import ShutdownSignal

_REFUSED: Final = "refused "

log = logging.getLogger(__name__)


class AccessPlugin(BaseAuthPlugin, BaseTopicPlugin):  # type: ignore[misc]
    """Users by password, topics by grant.

    amqtt's own plugins would hash with 64 MB for every connection, take `a/#` for allowed where
    `a/+` is, and leave the topic of a will unchecked.
    """

    def __init__(self, context: BaseContext) -> None:
        super().__init__(context)
        self._passwords: dict[str, str] = self.config.passwords
        self._publish: dict[str, list[str]] = self.config.publish
        self._read: dict[str, list[str]] = self.config.read

    async def authenticate(self, *, session: Session) -> bool:
        """Return whether the password is this user's, and its will one it may publish."""
        known = self._passwords.get(session.username or "")
        if known is None or not hmac.compare_digest(known, _digest(session.password or "")):
            return False
        return not session.will_flag or self._may(self._publish, session, session.will_topic)

    async def topic_filtering(
        self, *, session: Session | None = None, topic: str | None = None, action: Action | None = None
    ) -> bool:
        """Return whether this user may publish to a topic, or subscribe to a filter."""
        if action == Action.RECEIVE:  # decided when it subscribed
            return True
        return self._may(self._publish if action == Action.PUBLISH else self._read, session, topic)

    @staticmethod
    def _may(grants: Mapping[str, list[str]], session: Session | None, topic: str | None) -> bool:
        allowed = grants.get(session.username or "", []) if session else []
        return bool(topic) and any(covers(filter_, str(topic)) for filter_ in allowed)

    @dataclass
    class Config:
        """SHA-256 of the passwords (made by us, 192 random bits) and the filters of each user."""

        passwords: dict[str, str] = field(default_factory=dict)
        publish: dict[str, list[str]] = field(default_factory=dict)
        read: dict[str, list[str]] = field(default_factory=dict)


class PacketTooLong(Exception):
    """A client announces a packet that is longer than the limit; its connection ends."""


class _BoundedReader(ReaderAdapter):  # type: ignore[misc]
    """Refuses to read more at once than a packet may have: amqtt would gather whatever is announced."""

    def __init__(self, reader: ReaderAdapter, most: int) -> None:
        self._reader = reader
        self._most = most

    async def read(self, n: int = -1) -> bytes:
        if not 0 <= n <= self._most:
            raise PacketTooLong(f"{n} bytes are announced, {self._most} are allowed")
        return bytes(await self._reader.read(n))

    def feed_eof(self) -> None:
        self._reader.feed_eof()


class ClosableWriter(WriterAdapter):  # type: ignore[misc]
    """Tells that a connection was reset in the way that amqtt expects.

    uvloop raises RuntimeError for a connection that is closed already: amqtt would take it for a fault of its
    own, and tell it with a traceback.
    """

    def __init__(self, writer: WriterAdapter) -> None:
        self._writer = writer

    def write(self, data: bytes) -> None:
        try:
            self._writer.write(data)
        except RuntimeError as error:
            raise ConnectionResetError(str(error)) from error

    async def drain(self) -> None:
        await self._writer.drain()

    def get_peer_info(self) -> tuple[str, int] | None:
        peer: tuple[str, int] | None = self._writer.get_peer_info()
        return peer

    def get_ssl_info(self) -> ssl.SSLObject | None:
        connection: ssl.SSLObject | None = self._writer.get_ssl_info()
        return connection

    async def close(self) -> None:
        with contextlib.suppress(ConnectionError, RuntimeError):  # who is gone has closed it
            await self._writer.close()


class Subscriptions(dict[str, list[tuple[Session, int]]]):
    """The subscribers by topic filter, of which a walk sees what there was when it began.

    amqtt waits in the middle of its walk over them to hand a message on; who subscribes or leaves meanwhile
    would end the walk by an error, and the rest of the subscribers would miss the message.
    """

    def __iter__(self) -> Iterator[str]:
        return iter([*super().__iter__()])

    def items(self) -> Any:
        """Return the filters and their subscribers as they are now."""
        return [(topic_filter, [*subscribers]) for topic_filter, subscribers in super().items()]


class _Broker(Broker):  # type: ignore[misc]
    """amqtt's broker, which would act on a client's id before it knows who speaks.

    There anybody without a password can end the session of a service by using its client id.
    """

    def __init__(self, config: Mapping[str, Any], most: int, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(config, loop=loop)
        self._subscriptions = Subscriptions()
        self._most = most
        """Bytes of the longest packet."""

    async def _client_connected(
        self, listener_name: str, reader: ReaderAdapter, writer: WriterAdapter
    ) -> None:
        await super()._client_connected(
            listener_name, _BoundedReader(reader, self._most), ClosableWriter(writer)
        )

    async def _initialize_client_session(
        self, reader: ReaderAdapter, writer: WriterAdapter, remote_address: str, remote_port: int
    ) -> tuple[BrokerProtocolHandler, Session]:
        try:
            handler, session = await BrokerProtocolHandler.init_from_connect(
                reader, writer, self.plugins_manager
            )
        except (AMQTTError, MQTTError, NoDataError, PacketTooLong) as error:
            await writer.close()
            raise AMQTTError(f"no CONNECT from {remote_address}:{remote_port}: {error}") from error
        session.clean_session = True  # nothing is kept for who is away: what must arrive is sent again
        session.parent = 0
        session.client_id = session.client_id or gen_client_id()
        return handler, session

    async def _authenticate(self, session: Session, listener: ListenerConfig) -> bool:
        allowed = bool(await super()._authenticate(session, listener))
        earlier, handler = self._sessions.get(session.client_id, (None, None))
        if earlier is not None and not earlier.transitions.is_connected():
            earlier = None
        if allowed and earlier is not None and earlier.username != session.username:
            log.warning(
                "the user %r is refused: its client id is that of a client of the user %r",
                session.username,
                earlier.username,
            )
            allowed = False
        if allowed:
            if earlier is not None and handler is not None:
                # MQTT-3.1.4-2. Left open it would go on, and never again be sent anything.
                await handler.handle_connection_closed()
                await handler.stop()
            await self._delete_session(session.client_id)
        else:
            session.client_id = f"{_REFUSED}{gen_client_id()}"
        return allowed

    async def _handle_client_session(
        self, reader: ReaderAdapter, writer: WriterAdapter, client_session: Session, *rest: Any
    ) -> None:
        try:
            await super()._handle_client_session(reader, writer, client_session, *rest)
        finally:
            if str(client_session.client_id).startswith(_REFUSED):
                self._sessions.pop(client_session.client_id, None)

    async def _publish_retained_messages_for_subscription(
        self, subscription: tuple[str, int], session: Session
    ) -> None:
        # amqtt greets every client with the retained messages of everybody's subscriptions.
        subscribers = self._subscriptions.get(subscription[0], [])
        if any(subscriber.client_id == session.client_id for subscriber, _ in subscribers):
            await super()._publish_retained_messages_for_subscription(subscription, session)


def _digest(password: str) -> str:
    return hashlib.sha256(password.encode()).hexdigest()


def configuration(
    addresses: tuple[str, ...], port: int, passwords: Mapping[str, str], grants: Mapping[str, Grant]
) -> dict[str, Any]:
    """Return amqtt's configuration."""
    binds = [with_port(address, port) for address in addresses]
    names = ["default", *(f"listener-{number}" for number in range(1, len(binds)))]
    return {
        "listeners": {name: {"type": "tcp", "bind": bind} for name, bind in zip(names, binds, strict=True)},
        "plugins": {
            f"{AccessPlugin.__module__}.{AccessPlugin.__qualname__}": {
                "passwords": {user: _digest(password) for user, password in passwords.items()},
                "publish": {user: list(grant.publish) for user, grant in grants.items()},
                "read": {user: list(grant.read) for user, grant in grants.items()},
            }
        },
    }


def run(config: dict[str, Any], most: int, shutdown: ShutdownSignal) -> None:
    """Run until the signal ends; `most`: bytes of the longest packet. Raises BrokerError where it cannot
    listen."""
    with contextlib.suppress(ImportError):  # a third more messages a second, where it exists
        importlib.import_module("uvloop").install()
    asyncio.run(_run(config, most, shutdown))


async def _run(config: dict[str, Any], most: int, shutdown: ShutdownSignal) -> None:
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    shutdown.on_stop(lambda: loop.call_soon_threadsafe(ended.set))
    broker = _Broker(config, most, loop)
    try:
        await broker.start()
    except Exception as error:
        raise BrokerError(f"amqtt cannot start: {error}.") from error
    await ended.wait()
    with contextlib.suppress(TimeoutError):  # it may wait for a client that does not listen any more
        await asyncio.wait_for(broker.shutdown(), 3)
