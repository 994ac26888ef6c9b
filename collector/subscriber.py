"""Read what the broker sends in the connection's thread and hand it over to the event loop."""

import asyncio
import logging
from collections.abc import Callable

from pydantic import ValidationError

from collector.message_handler import MessageHandler
from core.contract.messages import Message
from core.contract.topics import DISCOVER, INVENTORY, PRESENCE, REFRESH, STORED, Topic
from core.runtime.mqtt_link import Handler, MqttLink

log = logging.getLogger(__name__)


def listen(link: MqttLink, site: str, loop: asyncio.AbstractEventLoop, listener: MessageHandler) -> None:
    """Subscribe a listener of the event loop to all a collector hears. Call before link.start()."""

    def hand_over(call: Callable[..., None], *arguments: object) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(call, *arguments)

    def handler(topic: Topic, call: Callable[..., None]) -> Handler:
        def handle(name: str, payload: bytes) -> None:
            levels = topic.levels(link.prefix, name)
            message = _parse(topic, name, payload, told)
            if levels is not None and message is not None:
                hand_over(call, levels, message)

        return handle

    told: set[Topic] = set()
    prefix = link.prefix
    link.on_connect(lambda: hand_over(listener.on_connect))
    link.subscribe(PRESENCE.filter(prefix, service="processor"), handler(PRESENCE, listener.on_presence))
    link.subscribe(STORED.filter(prefix, site=site), handler(STORED, listener.on_receipt))
    link.subscribe(INVENTORY.filter(prefix, site=site), handler(INVENTORY, listener.on_inventory))
    link.subscribe(REFRESH.filter(prefix), handler(REFRESH, listener.on_refresh))
    link.subscribe(DISCOVER.filter(prefix, site=site), handler(DISCOVER, listener.on_discover))


def _parse(topic: Topic, name: str, payload: bytes, told: set[Topic]) -> Message | None:
    if not payload:  # a retained message was cleared
        return None
    try:
        return topic.payload.model_validate_json(payload)
    except ValidationError as error:
        # Once of each kind: who sends rubbish must not fill the log.
        level = logging.DEBUG if topic in told else logging.WARNING
        told.add(topic)
        reason = error.errors(include_input=False, include_url=False)[0]["msg"]
        log.log(level, "a message on %.200r cannot be read: %.200s", name, reason)
        return None
