"""The requests to ask a printer now."""

import uuid

from core.contract.messages import RefreshRequest
from core.contract.topics import REFRESH
from core.runtime.mqtt_link import MqttLink
from core.runtime.wall_clock import utc_now


class MqttRefresher:
    """Asks over MQTT; a broker that is away is no hindrance for anything else."""

    def __init__(self, link: MqttLink) -> None:
        self._link = link

    def ask(self, printer_id: str) -> str | None:
        """Publish a RefreshRequest; its id, or None without a broker."""
        request = RefreshRequest(id=uuid.uuid4().hex, requested_at=utc_now())
        topic = REFRESH.name(self._link.prefix, printer_id=printer_id)
        return request.id if self._link.publish(topic, request.model_dump_json()) else None
