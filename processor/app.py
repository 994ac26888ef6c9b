"""The service: readings in, receipts, states, issues, inventory and heartbeats out."""

import gc
import logging
from collections.abc import Mapping

from sqlalchemy import Engine

from core.contract.topics import INVENTORY, PRESENCE, READING, SITE_PRESENCE
from core.runtime.metrics import serve_metrics, service_metrics
from core.runtime.mqtt_link import MqttLink
from core.runtime.periodic import PeriodicTask
from core.runtime.shutdown import ShutdownSignal
from core.storage.database import open_database
from core.timeseries.open_reader import open_reader
from core.timeseries.open_writer import open_series
from processor.batch.batches import Batches, BatchLimits
from processor.counters import Counters
from processor.forecast.background import Forecasts
from processor.heartbeats import Heartbeats, OwnHeartbeat
from processor.history.drain import Drain
from processor.publish.decommissioned import DecommissionedPrinters
from processor.publish.homeassistant_discovery import HomeAssistantDiscovery
from processor.publish.inventory import InventoryPublisher
from processor.publish.publications import PendingEvents, PendingStates
from processor.publish.rejected import Rejections
from processor.queue_depth import queue_depth
from processor.settings import ProcessorAppSettings

log = logging.getLogger(__name__)

_STOP_SECONDS = 10.0


def run_service(settings: ProcessorAppSettings, shutdown: ShutdownSignal) -> int:
    """Run until it is time to stop; returns the exit code. Raises DatabaseError at the start."""
    engine = open_database(settings.database)
    try:
        service = ProcessorApp(settings, engine, shutdown)
        # What the imports have made stays: looking through it in every collection costs a fifth of the CPU.
        gc.collect()
        gc.freeze()
        service.run()
    finally:
        engine.dispose()
    return 0


class ProcessorApp:
    """The batches in the calling thread, each other duty in a thread of its own."""

    def __init__(self, settings: ProcessorAppSettings, engine: Engine, shutdown: ShutdownSignal) -> None:
        self._settings = settings
        self._engine = engine
        self._shutdown = shutdown
        self._counters = Counters()
        self._link = MqttLink(settings.mqtt, "processor", settings.common.instance)
        self._rejections = Rejections(engine, self._link)
        limits = BatchLimits(settings.rules, settings.batch)
        self._batches = Batches(engine, self._link, limits, self._rejections, self._counters)
        self._inventory = InventoryPublisher(engine, self._link)
        self._heartbeats = Heartbeats(engine, self._link)
        self._series = open_series(settings.history)
        self._history = open_reader(settings.history)
        self._loops = self._make_loops()

    def _make_loops(self) -> Mapping[str, PeriodicTask]:
        announcer = self._announcer()
        states = PendingStates(self._engine, self._link, announcer)
        retired = DecommissionedPrinters(self._engine, self._link, announcer)
        events, own = PendingEvents(self._engine, self._link), OwnHeartbeat(self._link, self._shown)
        drain = Drain(self._engine, self._series, self._counters)
        forecasts = Forecasts(self._engine, self._history)
        duties = {
            "states": ((states.step, retired.step), 0.25),
            "events": ((events.step,), 0.5),
            "inventory": ((self._inventory.step,), 2.0),
            "heartbeats": ((self._heartbeats.step, own.step), 1.0),
            "rejections": ((self._rejections.step,), 1.0),
            "history": ((drain.step,), 1.0),
            "forecasts": ((forecasts.step,), 2.0),
        }
        return {
            name: PeriodicTask(name, steps, every, self._shutdown.stopping)
            for name, (steps, every) in duties.items()
        }

    def _announcer(self) -> HomeAssistantDiscovery | None:
        settings, common = self._settings.home_assistant, self._settings.common
        # Of several processors none is everybody's: one may go while the printers stay looked after.
        alone = common.instance if not self._settings.processor.processor_group else ""
        return (
            HomeAssistantDiscovery(settings, self._link.prefix, alone)
            if settings.homeassistant_discovery
            else None
        )

    def run(self) -> None:
        """Until `shutdown` says stop; what is under way is finished."""
        prefix, link = self._link.prefix, self._link
        group = self._settings.processor.processor_group
        # QoS 0: the receipt is the acknowledgement; another one for the broker costs a tenth of a reading.
        link.subscribe(READING.filter(prefix), self._batches.arrived, group=group, qos=0)
        link.subscribe(INVENTORY.filter(prefix), self._inventory.echoed)
        link.subscribe(PRESENCE.filter(prefix), self._presence)
        link.subscribe(SITE_PRESENCE.filter(prefix), self._presence)
        for loop in self._loops.values():
            link.on_connect(loop.wake)
            self._shutdown.on_stop(loop.wake)
            loop.start()
        listen = self._settings.metrics.processor_metrics_listen
        stop_metrics = serve_metrics(listen, lambda: service_metrics("processor", link))
        link.start()
        try:
            self._batches.run(self._shutdown.stopping)
        finally:
            self._shutdown.stop()
            for loop in self._loops.values():
                loop.join(_STOP_SECONDS)
            link.stop()
            self._heartbeats.leave(self._settings.common.instance)
            stop_metrics()
            self._series.close()
            self._history.close()
        log.info("stopped")

    def _presence(self, topic: str, payload: bytes) -> None:
        presence = self._heartbeats.arrived(topic, payload)
        if presence is None:
            return
        self._loops["heartbeats"].wake()
        if presence.service == "collector" and presence.status == "online" and presence.site:
            self._inventory.request(presence.site)
            self._loops["inventory"].wake()

    def _shown(self) -> Mapping[str, float]:
        return {
            **self._counters.shown(),
            **queue_depth(self._engine),
            "rejected": float(self._rejections.count),
            "queue_length": float(len(self._batches.inbox)),
            "queue_dropped": float(self._batches.inbox.dropped),
        }
