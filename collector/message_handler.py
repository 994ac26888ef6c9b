"""Handle the broker's messages to a collector."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping

from collector.inventory import InventoryAssembly, Printers
from collector.publisher import Publisher
from core.contract.discovery_messages import DiscoverRequest
from core.contract.messages import InventoryChunk, Presence, Receipt, RefreshRequest

log = logging.getLogger(__name__)

Levels = Mapping[str, str]
"""The levels of a topic, by their names."""


class MessageHandler:
    """Answers to the broker's messages; what only a service does with them comes in as functions."""

    def __init__(
        self,
        publisher: Publisher,
        site: str,
        on_inventory: Callable[[Printers], None],
        on_refresh: Callable[[str, str], object],
        on_discover: Callable[[DiscoverRequest], object] = lambda _request: None,
    ) -> None:
        self.refused = 0
        self.receipted_at: float | None = None
        """When a receipt came last, by the monotonic clock."""
        self.connected = asyncio.Event()
        """Set by every new connection; whoever waits for it clears it."""
        self._publisher = publisher
        self._assembly = InventoryAssembly(site)
        self._processors: dict[str, bool] = {}
        self._use = on_inventory
        self._refresh = on_refresh
        self._discover = on_discover

    def on_connect(self) -> None:
        """Send again what was on its way; processors announce their presence anew."""
        self._processors.clear()
        self._publisher.processor_is_there = True
        self._publisher.start_over()
        self.connected.set()

    def on_inventory(self, _levels: Levels, message: InventoryChunk) -> None:
        """Use the printers of a revision that is complete."""
        printers = self._assembly.add(message)
        if printers is not None:
            self._use(printers)

    def on_refresh(self, levels: Levels, message: RefreshRequest) -> None:
        """Ask at once, where the printer is ours."""
        self._refresh(levels["printer_id"], message.id)

    def on_discover(self, _levels: Levels, message: DiscoverRequest) -> None:
        """Sweep networks; a collector that reads every printer once does not."""
        self._discover(message)

    def on_receipt(self, _levels: Levels, message: Receipt) -> None:
        """Forget what is stored, and what never will be."""
        if message.stored or message.refused:
            self.receipted_at = time.monotonic()
        self._publisher.receipted(message.stored)
        refused = self._publisher.receipted(reading.id for reading in message.refused)
        if refused:
            self.refused += refused
            reason = message.refused[0].reason
            log.warning("the processor refuses %d readings, the first because: %s", refused, reason)

    def on_presence(self, levels: Levels, message: Presence) -> None:
        """Send nothing while every known processor is away; send all of it when one comes back."""
        self._processors[levels["instance"]] = message.status == "online"
        there = any(self._processors.values())
        if there and not self._publisher.processor_is_there:
            self._publisher.start_over()
        self._publisher.processor_is_there = there
