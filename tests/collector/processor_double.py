"""The processor's side of the broker, for tests of the collector: inventory out, receipts for readings."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from core.contract.messages import (
    InventoryChunk,
    PolledPrinter,
    Reading,
    Receipt,
    RefreshRequest,
    RefusedReading,
)
from core.contract.topics import INVENTORY, READING, REFRESH, STORED
from core.runtime.mqtt_link import MqttLink
from core.runtime.settings import MqttSettings
from tests.patience import PATIENCE_SECONDS, until

PREFIX = "printers"


class ProcessorDouble:
    """Takes readings and answers by receipts; `answers` and `refuses` change what it does."""

    def __init__(
        self, port: int, site: str = "main", instance: str = "double", service: str = "processor"
    ) -> None:
        self.site = site
        self.readings: list[Reading] = []
        self.answers = True
        self.refuses: Callable[[Reading], bool] = lambda _: False
        self._news = threading.Condition()
        self.link = MqttLink(MqttSettings(mqtt_host="127.0.0.1", mqtt_port=port), service, instance)
        self.link.subscribe(READING.filter(PREFIX), self._take)

    def _take(self, _topic: str, payload: bytes) -> None:
        reading = Reading.model_validate_json(payload)
        with self._news:
            self.readings.append(reading)
            self._news.notify_all()
        if self.answers:
            self.give_receipt([reading])

    def give_receipt(self, readings: Sequence[Reading]) -> None:
        """Say that these are stored, or refused."""
        refused = [RefusedReading(id=r.id, reason="it is Monday") for r in readings if self.refuses(r)]
        stored = [r.id for r in readings if not self.refuses(r)]
        receipt = Receipt(site=self.site, stored=tuple(stored), refused=tuple(refused))
        self.link.publish(STORED.name(PREFIX, site=self.site), receipt.model_dump_json())

    def publish_inventory(self, printers: Sequence[PolledPrinter], *, revision: str = "1") -> None:
        """All of it in one chunk."""
        chunk = InventoryChunk(site=self.site, revision=revision, chunk=0, chunks=1, printers=tuple(printers))
        topic = INVENTORY.name(PREFIX, site=self.site, chunk=0)
        until(lambda: self.link.publish(topic, chunk.model_dump_json(), retain=True), "publish")

    def ask_for(self, printer_id: str, request_id: str) -> None:
        """Publish a refresh request."""
        request = RefreshRequest(id=request_id, requested_at=datetime.now(UTC))
        self.link.publish(REFRESH.name(PREFIX, printer_id=printer_id), request.model_dump_json())

    def wait_until(
        self, condition: Callable[[list[Reading]], bool], seconds: float = PATIENCE_SECONDS
    ) -> None:
        """Wait until the readings received so far are as they should be."""
        with self._news:
            if not self._news.wait_for(lambda: condition(self.readings), seconds):
                raise AssertionError(f"after {seconds} s: {len(self.readings)} readings")


@contextmanager
def processor(port: int, *, site: str = "main", instance: str = "double") -> Iterator[ProcessorDouble]:
    """A processor that is connected; it says goodbye at the end."""
    double = ProcessorDouble(port, site, instance)
    double.link.start()
    try:
        assert double.link.connected.wait(PATIENCE_SECONDS)
        yield double
    finally:
        double.link.stop()
