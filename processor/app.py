"""The service: readings in, receipts, states, issues, inventory and heartbeats out."""

from collections.abc import Mapping
from contextlib import ExitStack, closing

from sqlalchemy import Engine

from core.contract.topics import INVENTORY, PRESENCE, READING, SITE_PRESENCE
from core.runtime.mqtt_link import MqttLink
from core.runtime.service import Service
from core.runtime.shutdown import ShutdownSignal
from core.storage.database import open_database
from core.storage.stored_settings import REREAD_SECONDS, LiveSettings
from core.timeseries.reader import SeriesReader
from core.timeseries.stores import open_store
from core.timeseries.writer import SeriesWriter
from processor.batch.batches import Batches, BatchLimits
from processor.counters import Counters
from processor.forecast.background import Forecasts
from processor.heartbeats import Heartbeats
from processor.history.drain import Drain
from processor.issues import back_in_service, outages
from processor.publish.decommissioned import DecommissionedPrinters
from processor.publish.events import ISSUE_EVENTS, SUPPLY_REPLACEMENTS, PendingEvents
from processor.publish.homeassistant_discovery import HomeAssistantDiscovery
from processor.publish.inventory import InventoryPublisher
from processor.publish.rejected import Rejections
from processor.publish.states import PendingStates
from processor.queue_depth import queue_depth
from processor.settings import ProcessorAppSettings


def run(settings: ProcessorAppSettings, shutdown: ShutdownSignal) -> None:
    """Work until it is time to stop. Raises DatabaseError at the start."""
    with ExitStack() as opened:
        engine = open_database(settings.database)
        opened.callback(engine.dispose)
        series = opened.enter_context(closing(open_store(settings.history).open_writer()))
        history = opened.enter_context(closing(open_store(settings.history).open_reader()))
        live = LiveSettings(engine, settings)
        app = ProcessorApp(settings, engine, MqttLink(settings.mqtt, "processor", settings.common.instance))
        live.on_change(app.use)
        live.on_change(lambda changed: series.keep_for(changed.history))
        service = Service(app.link, shutdown, metrics_listen=settings.metrics.processor_metrics_listen)
        app.subscribe(service)
        app.add_tasks(service, series, history)
        service.every(REREAD_SECONDS, "settings", live.step)
        opened.callback(app.heartbeats.leave, settings.common.instance)
        with service:
            app.batches.run(shutdown.stopping)


class ProcessorApp:
    """The batches, in the calling thread, and what other threads do beside them."""

    def __init__(self, settings: ProcessorAppSettings, engine: Engine, link: MqttLink) -> None:
        self.link = link
        self._settings = settings
        self._engine = engine
        self._counters = Counters()
        self._rejections = Rejections(engine, link)
        limits = BatchLimits(settings.rules, settings.batch)
        self.batches = Batches(engine, link, limits, self._rejections, self._counters)
        self._inventory = InventoryPublisher(engine, link)
        self.heartbeats = Heartbeats(engine, link)

    def use(self, settings: ProcessorAppSettings) -> None:
        """Judge by other thresholds, from the next batch on."""
        self.batches.limits = BatchLimits(settings.rules, settings.batch)

    def add_tasks(self, service: Service, series: SeriesWriter, history: SeriesReader) -> None:
        """Give the service what is done again and again."""
        engine, link, counters = self._engine, self.link, self._counters
        announcer = self._announcer()
        states = PendingStates(engine, link, announcer)
        retired = DecommissionedPrinters(engine, link, announcer)
        drain = Drain(engine, series, counters)
        # In one task: the topics of a printer that has gone are cleared after its last state was published.
        service.every(0.25, "states", states.step, retired.step)
        service.every(0.5, "events", PendingEvents(engine, link, ISSUE_EVENTS).step)
        service.every(0.5, "supply events", PendingEvents(engine, link, SUPPLY_REPLACEMENTS).step)
        service.every(1.0, "rejections", self._rejections.step)
        service.every(1.0, "history", drain.step)
        service.every(outages.EVERY_SECONDS, "outages", outages.Outages(engine).step)
        service.every(
            back_in_service.EVERY_SECONDS, "back in service", back_in_service.BackInService(engine).step
        )
        service.every(2.0, "forecasts", Forecasts(engine, history).step)
        service.heartbeat(self._shown)

    def subscribe(self, service: Service) -> None:
        """Take messages, and have a thread do what some of them call for."""
        prefix, group = self.link.prefix, self._settings.processor.processor_group
        inventory = service.every(2.0, "inventory", self._inventory.step)
        heartbeats = service.every(1.0, "heartbeats", self.heartbeats.step)

        def presence(topic: str, payload: bytes) -> None:
            found = self.heartbeats.arrived(topic, payload)
            if found is None:
                return
            heartbeats.wake()
            if found.service == "collector" and found.status == "online" and found.site:
                self._inventory.request(found.site)
                inventory.wake()

        # QoS 0: the receipt is the acknowledgment; another one for the broker costs a tenth of a reading.
        self.link.subscribe(READING.filter(prefix), self.batches.arrived, group=group, qos=0)
        self.link.subscribe(INVENTORY.filter(prefix), self._inventory.echoed)
        self.link.subscribe(PRESENCE.filter(prefix), presence)
        self.link.subscribe(SITE_PRESENCE.filter(prefix), presence)

    def _announcer(self) -> HomeAssistantDiscovery | None:
        settings, common = self._settings.home_assistant, self._settings.common
        # Of several processors none is everybody's: one may go while the printers stay looked after.
        alone = common.instance if not self._settings.processor.processor_group else ""
        return HomeAssistantDiscovery(self.link.prefix, alone) if settings.homeassistant_discovery else None

    def _shown(self) -> Mapping[str, float]:
        return {
            **self._counters.shown(),
            **queue_depth(self._engine),
            "rejected": float(self._rejections.count),
            "queue_length": float(len(self.batches.inbox)),
            "queue_dropped": float(self.batches.inbox.dropped),
        }
