"""The service: readings in, receipts, states, issues, inventory and heartbeats out."""

import gc
import logging
from collections.abc import Mapping

from sqlalchemy import Engine

from fleet.database import open_database
from fleet.lifeline import Lifeline
from fleet.loops import Loop
from fleet.metrics import serve_metrics, service_metrics
from fleet.mqtt_link import MqttLink
from fleet.series.choice import open_reader
from fleet.topics import INVENTORY, PRESENCE, READING, SITE_PRESENCE
from processor.announcer import Announcer
from processor.backlog import backlog
from processor.batches import Batches, Limits
from processor.counters import Counters
from processor.forecast.background import Forecasts
from processor.heartbeats import Heartbeats, OwnHeartbeat
from processor.history.drain import Drain
from processor.history.series import open_series
from processor.inventory import InventoryPublisher
from processor.owed import OwedEvents, OwedStates
from processor.rejected import Rejections
from processor.retired import Retired
from processor.settings import Settings

log = logging.getLogger(__name__)

_STOP_SECONDS = 10.0


def run_service(settings: Settings, lifeline: Lifeline) -> int:
    """Run until it is time to stop; returns the exit code. Raises DatabaseError at the start."""
    engine = open_database(settings.database)
    try:
        service = Service(settings, engine, lifeline)
        # What the imports have made stays: looking through it in every collection costs a fifth of the CPU.
        gc.collect()
        gc.freeze()
        service.run()
    finally:
        engine.dispose()
    return 0


class Service:
    """The batches in the calling thread, each other duty in a thread of its own."""

    def __init__(self, settings: Settings, engine: Engine, lifeline: Lifeline) -> None:
        self._settings = settings
        self._engine = engine
        self._lifeline = lifeline
        self._counters = Counters()
        self._link = MqttLink(settings.mqtt, "processor", settings.common.instance)
        self._rejections = Rejections(engine, self._link)
        limits = Limits(settings.rules, settings.processor)
        self._batches = Batches(engine, self._link, limits, self._rejections, self._counters)
        self._inventory = InventoryPublisher(engine, self._link)
        self._heartbeats = Heartbeats(engine, self._link)
        self._series = open_series(settings.history)
        self._history = open_reader(settings.history)
        self._loops = self._make_loops()

    def _make_loops(self) -> Mapping[str, Loop]:
        announcer = self._announcer()
        states = OwedStates(self._engine, self._link, announcer)
        retired = Retired(self._engine, self._link, announcer)
        events, own = OwedEvents(self._engine, self._link), OwnHeartbeat(self._link, self._shown)
        max_rows = self._settings.processor.outbox_max_rows
        drain = Drain(self._engine, self._series, max_rows, self._counters)
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
            name: Loop(name, steps, every, self._lifeline.stopping) for name, (steps, every) in duties.items()
        }

    def _announcer(self) -> Announcer | None:
        settings, common = self._settings.home_assistant, self._settings.common
        # Of several processors none is everybody's: one may go while the printers stay looked after.
        alone = common.instance if not self._settings.processor.processor_group else ""
        return Announcer(settings, self._link.prefix, alone) if settings.homeassistant_discovery else None

    def run(self) -> None:
        """Until `lifeline` says stop; what is under way is finished."""
        prefix, link = self._link.prefix, self._link
        group = self._settings.processor.processor_group
        # QoS 0: the receipt is the acknowledgement; another one for the broker costs a tenth of a reading.
        link.subscribe(READING.filter(prefix), self._batches.arrived, group=group, qos=0)
        link.subscribe(INVENTORY.filter(prefix), self._inventory.echoed)
        link.subscribe(PRESENCE.filter(prefix), self._presence)
        link.subscribe(SITE_PRESENCE.filter(prefix), self._presence)
        for loop in self._loops.values():
            link.on_connect(loop.wake)
            self._lifeline.on_stop(loop.wake)
            loop.start()
        listen = self._settings.metrics.processor_metrics_listen
        stop_metrics = serve_metrics(listen, lambda: service_metrics("processor", link))
        link.start()
        try:
            self._batches.run(self._lifeline.stopping)
        finally:
            self._lifeline.stop()
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
            **backlog(self._engine),
            "rejected": float(self._rejections.count),
            "queue_length": float(len(self._batches.inbox)),
            "queue_dropped": float(self._batches.inbox.dropped),
        }
