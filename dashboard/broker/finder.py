"""Looking for printers from the dashboard: a site's collector sweeps, what it tells is gathered here."""

import threading
import uuid
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from pydantic import ValidationError

from core.contract.discovery_messages import Discovered, DiscoverRequest, FoundPrinter
from core.contract.topics import DISCOVER, DISCOVERED
from core.runtime.mqtt_link import MqttLink
from core.runtime.wall_clock import utc_now

_KEPT: Final = 20
_MOST_PRINTERS: Final = 100_000


@dataclass(frozen=True)
class SweepSeen:
    """A sweep that was asked for, and what is known of it by now."""

    request: DiscoverRequest
    site: str
    latest: Discovered | None = None
    """None as long as no collector has said a word."""
    printers: tuple[FoundPrinter, ...] = ()

    @property
    def under_way(self) -> bool:
        """Whether more is to come."""
        return self.latest is None or self.latest.status == "running"


class MqttFinder:
    """Asks over MQTT, and remembers the latest sweeps of this process."""

    def __init__(self, link: MqttLink) -> None:
        self._link = link
        self._lock = threading.Lock()
        self._sweeps: OrderedDict[str, SweepSeen] = OrderedDict()
        link.subscribe(DISCOVERED.filter(link.prefix), self._heard)

    def ask(
        self, site: str, networks: Sequence[str], ports: Sequence[int], profile: str, *, confirmed: bool
    ) -> str | None:
        """Have a site's collector sweep; the sweep's id, or None without a broker."""
        request = DiscoverRequest(
            id=uuid.uuid4().hex,
            requested_at=utc_now(),
            networks=tuple(networks),
            ports=tuple(ports),
            profile=profile,
            confirmed=confirmed,
        )
        with self._lock:
            self._sweeps[request.id] = SweepSeen(request, site)
            while len(self._sweeps) > _KEPT:
                self._sweeps.popitem(last=False)
        return request.id if self._publish(site, request) else None

    def stop(self, sweep_id: str) -> None:
        """End a sweep; what it has found stays."""
        seen = self.seen(sweep_id)
        if seen is not None:
            self._publish(seen.site, seen.request.model_copy(update={"stop": True}))

    def seen(self, sweep_id: str) -> SweepSeen | None:
        """Return what is known of a sweep; None where it was not asked for here."""
        with self._lock:
            return self._sweeps.get(sweep_id)

    def _publish(self, site: str, request: DiscoverRequest) -> bool:
        topic = DISCOVER.name(self._link.prefix, site=site)
        return self._link.publish(topic, request.model_dump_json())

    def _heard(self, _topic: str, payload: bytes) -> None:
        try:
            told = Discovered.model_validate_json(payload)
        except ValidationError:
            return
        with self._lock:
            seen = self._sweeps.get(told.request_id)
            if seen is None or seen.site != told.site or not seen.under_way:
                return
            printers = {(one.host, one.port): one for one in (*seen.printers, *told.printers)}
            kept = tuple(printers.values())[:_MOST_PRINTERS]
            self._sweeps[told.request_id] = replace(seen, latest=told, printers=kept)
