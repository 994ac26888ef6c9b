"""Printers as devices of Home Assistant: what is announced beside their states, where that is wanted."""

import json
import zlib
from typing import Any

from core.contract.topics import HOME_ASSISTANT_PREFIX
from processor.publish.homeassistant import config_topic, device_payload


class HomeAssistantDiscovery:
    """Remembers what was announced on this connection; used by the thread that publishes states."""

    def __init__(self, prefix: str, processor: str) -> None:
        """Open the announcer. `processor`: our instance where its presence covers all.

        Empty where several share the work.
        """
        self._prefix = prefix
        self._processor = processor
        self._sums: dict[str, int] = {}
        """What the broker has, by printer."""
        self._platforms: dict[str, dict[str, str]] = {}
        """Its entities, by printer: what is no longer there has to be taken back by name."""

    def forget(self) -> None:
        """Announce everything again: the connection is a new one."""
        self._sums.clear()

    def due(self, printer_id: str, state: dict[str, Any]) -> tuple[str, bytes] | None:
        """Return topic and payload where what is announced of a printer has changed."""
        payload = device_payload(self._prefix, state, self._processor)
        entities = {key: entity["platform"] for key, entity in payload["components"].items()}
        for key, platform in self._platforms.get(printer_id, {}).items():
            payload["components"].setdefault(key, {"platform": platform})
        text = json.dumps(payload, ensure_ascii=False).encode()
        if self._sums.get(printer_id) == zlib.crc32(text):
            return None
        self._sums[printer_id] = zlib.crc32(text)
        self._platforms[printer_id] = entities
        return self._topic(printer_id), text

    def retired(self, printer_id: str) -> str:
        """Return the topic to clear, for a printer that is watched no longer."""
        self._sums.pop(printer_id, None)
        self._platforms.pop(printer_id, None)
        return self._topic(printer_id)

    def _topic(self, printer_id: str) -> str:
        return config_topic(HOME_ASSISTANT_PREFIX, self._prefix, printer_id)
