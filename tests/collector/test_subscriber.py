"""What the broker brings to a collector: read or passed over, and rubbish does not fill the log."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any, cast

import pytest

from collector.message_handler import MessageHandler
from collector.subscriber import listen
from core.contract.messages import Message, Receipt
from core.runtime.mqtt_link import Handler, MqttLink

STORED = "printers/$sites/main/stored"
REFRESH = "printers/lib-1/refresh"


class Wire:
    """Only what the mailbox uses of a connection: who listens to what."""

    prefix = "printers"

    def __init__(self) -> None:
        self.handlers: dict[str, Handler] = {}

    def on_connect(self, callback: Callable[[], None]) -> None:
        self.connected = callback

    def subscribe(self, topic_filter: str, handler: Handler) -> None:
        self.handlers[topic_filter] = handler


class Heard:
    """A listener that remembers the messages."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    def on_connect(self) -> None:
        self.messages.clear()

    def take(self, _levels: object, message: Message) -> None:
        self.messages.append(message)

    on_inventory = on_refresh = on_receipt = on_discover = on_presence = take


def deliver(*arrivals: tuple[str, bytes]) -> list[Message]:
    """What the listener hears of these arrivals."""
    wire, heard = Wire(), Heard()

    async def session() -> None:
        listen(cast(MqttLink, wire), "main", asyncio.get_running_loop(), cast(MessageHandler, heard))
        for name, payload in arrivals:
            wire.handlers["printers/+/refresh" if name == REFRESH else name](name, payload)
        await asyncio.sleep(0)

    asyncio.run(session())
    return heard.messages


def receipt(**changes: Any) -> bytes:
    return (
        Receipt(site="main", stored=("r-1",), refused=())
        .model_copy(update=changes)
        .model_dump_json()
        .encode()
    )


def test_a_message_is_heard_although_rubbish_comes_before_it() -> None:
    [message] = deliver((STORED, b"rubbish"), (STORED, b""), (STORED, receipt()))
    assert isinstance(message, Receipt) and message.stored == ("r-1",)


def test_rubbish_is_told_once_of_each_kind_and_never_quoted(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert deliver(*[(STORED, b"\x1b[2Jrubbish")] * 50, *[(REFRESH, b'{"id": "rubbish"}')] * 50) == []
    told = [record.getMessage() for record in caplog.records]
    assert [STORED in told[0], REFRESH in told[1], len(told)] == [True, True, 2]
    assert "rubbish" not in "".join(told)


def test_what_comes_after_the_end_of_the_loop_is_passed_over() -> None:
    wire, heard = Wire(), Heard()

    async def session() -> None:
        listen(cast(MqttLink, wire), "main", asyncio.get_running_loop(), cast(MessageHandler, heard))

    asyncio.run(session())
    wire.handlers[STORED](STORED, receipt())
    assert heard.messages == []
