"""The service: a clock that writes messages into the outbox, a thread that drains it, heartbeats."""

import logging
import time
from datetime import timedelta
from functools import partial
from typing import Final

from sqlalchemy import Engine

from core.runtime.metrics import serve_metrics, service_metrics
from core.runtime.mqtt_link import HEARTBEAT_SECONDS, MqttLink
from core.runtime.periodic import PeriodicTask
from core.runtime.shutdown import ShutdownSignal
from core.storage.database import open_database
from notifier.channels.choice import open_channels
from notifier.clock import CalendarClock
from notifier.heartbeat import EVERY_SECONDS, OutsideHeartbeat
from notifier.issue_mails import IssueMails
from notifier.notices.notices import NoticeComposer
from notifier.orders.order_mail import OrderMails
from notifier.outbox.delivery import Delivery, utc_now
from notifier.outbox.housekeeping import tidy
from notifier.outbox.journal import Journal
from notifier.settings import NotifierSettings
from notifier.summary.composer import Composer

log = logging.getLogger(__name__)

TICK_SECONDS: Final = 30
_LOOK_SECONDS: Final = 5
_HOUR_SECONDS: Final = 3600
_STOP_SECONDS: Final = 10.0
_SHORTEST_LEASE: Final = timedelta(minutes=10)
_STEPS_OF_SMTP: Final = 10


def run_service(settings: NotifierSettings, shutdown: ShutdownSignal) -> int:
    """Run until it is time to stop; returns the exit code. Raises UserError at the start."""
    engine = open_database(settings.database)
    try:
        with Journal(settings.common.data_dir, settings.common.instance) as journal:
            NotifierApp(settings, engine, journal, shutdown).run()
    finally:
        engine.dispose()
    return 0


def open_delivery(settings: NotifierSettings, engine: Engine, journal: Journal, instance: str) -> Delivery:
    """The outbox's drain with the channels of the settings."""
    lease = max(_SHORTEST_LEASE, timedelta(seconds=settings.mail.email_timeout * _STEPS_OF_SMTP))
    return Delivery(engine, open_channels(settings), journal, instance, lease=lease)


class NotifierApp:
    """The clock in the calling thread; delivery and heartbeat, which others wait for, in their own."""

    def __init__(
        self, settings: NotifierSettings, engine: Engine, journal: Journal, shutdown: ShutdownSignal
    ) -> None:
        links, instance = settings.links(), settings.common.instance
        self._shutdown = shutdown
        self._link = MqttLink(settings.mqtt, "notifier", instance)
        self._delivery = open_delivery(settings, engine, journal, instance)
        self._delivery.is_stopping = shutdown.stopping.is_set
        composer = Composer(engine, settings, links, instance)
        mails, noticing = IssueMails(engine, settings, links), NoticeComposer(engine, settings, links)
        ordering = OrderMails(engine, settings, links)
        stopping = shutdown.stopping
        self._drain = PeriodicTask("delivery", (self._delivery.step,), 1.0, stopping)
        self._pulse = PeriodicTask("heartbeat", (self._beat,), 1.0, stopping)
        outside = OutsideHeartbeat(engine, settings)
        watched = (outside.step,) if outside.is_wanted else ()
        self._outside = PeriodicTask("outside", watched, EVERY_SECONDS, stopping)
        self._metrics_listen = settings.metrics.notifier_metrics_listen
        self._beat_at = float("-inf")
        self._clock = CalendarClock(
            {
                lambda: composer.step(utc_now()): TICK_SECONDS,
                lambda: ordering.step(utc_now()): TICK_SECONDS,
                lambda: mails.step(utc_now()): _LOOK_SECONDS,
                lambda: noticing.step(utc_now()): _LOOK_SECONDS,
                lambda: tidy(engine, settings.mail.mail_keep_days, utc_now()): _HOUR_SECONDS,
            }
        )
        link_renewed = partial(setattr, self, "_beat_at", float("-inf"))
        self._link.on_connect(link_renewed)  # the greeting has no counters

    def run(self) -> None:
        """Until `shutdown` says stop; the message that is being sent is finished."""
        loops = self._drain, self._pulse, self._outside
        for loop in loops:
            self._shutdown.on_stop(loop.wake)
            loop.start()
        stop_metrics = serve_metrics(self._metrics_listen, lambda: service_metrics("notifier", self._link))
        self._link.start()
        try:
            self._clock.run_all()
            while not self._shutdown.stopping.wait(1):
                self._clock.run_pending()
        finally:
            self._shutdown.stop()
            for loop in loops:
                loop.join(_STOP_SECONDS)
            self._link.stop()
            stop_metrics()
        log.info("stopped")

    def _beat(self) -> None:
        if self._link.connected.is_set() and time.monotonic() - self._beat_at >= HEARTBEAT_SECONDS:
            self._link.heartbeat(self._delivery.counts())
            self._beat_at = time.monotonic()
