"""The dashboard at the broker: its presence, and the requests to ask a printer now."""

import logging
import threading
import uuid
from datetime import UTC, datetime

from core.contract.messages import RefreshRequest
from core.contract.topics import REFRESH
from core.runtime.mqtt_link import HEARTBEAT_SECONDS, MqttLink

log = logging.getLogger(__name__)


class MqttRefresher:
    """Asks over MQTT; a broker that is away is no hindrance for anything else."""

    def __init__(self, link: MqttLink, stopping: threading.Event) -> None:
        self._link = link
        self._stopping = stopping
        self._beating = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def start(self) -> None:
        """Connect in the background."""
        self._link.start()
        self._beating.start()

    def stop(self) -> None:
        """Say goodbye."""
        self._link.stop()

    def ask(self, printer_id: str) -> str | None:
        """Publish a RefreshRequest; its id, or None without a broker."""
        request = RefreshRequest(id=uuid.uuid4().hex, requested_at=datetime.now(UTC))
        topic = REFRESH.name(self._link.prefix, printer_id=printer_id)
        return request.id if self._link.publish(topic, request.model_dump_json()) else None

    def _beat(self) -> None:
        while not self._stopping.wait(HEARTBEAT_SECONDS):
            self._link.heartbeat({})
