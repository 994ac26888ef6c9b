"""The service: what is due is written into the outbox, a thread of its own sends it."""

from contextlib import ExitStack
from datetime import timedelta
from typing import Final

from sqlalchemy import Engine

from core.runtime.mqtt_link import MqttLink
from core.runtime.service import Service
from core.runtime.shutdown import ShutdownSignal
from core.runtime.wall_clock import ClockWatch, utc_now
from core.storage.database import open_database
from core.storage.stored_settings import REREAD_SECONDS, LiveSettings
from notifier.account_link_mails import AccountLinkMails
from notifier.calendar import NotifierCalendar
from notifier.channels.choice import open_channels
from notifier.heartbeat import EVERY_SECONDS, OutsideHeartbeat
from notifier.issue_mails import IssueMails
from notifier.notices.notices import NoticeComposer
from notifier.outbox.delivery import Delivery
from notifier.outbox.journal import Journal
from notifier.settings import NotifierSettings

_LOOK_SECONDS: Final = 5.0
_SHORTEST_LEASE: Final = timedelta(minutes=10)
_STEPS_OF_SMTP: Final = 10


def run(settings: NotifierSettings, shutdown: ShutdownSignal) -> None:
    """Work until it is time to stop; the message that is being sent is finished. Raises UserError."""
    with ExitStack() as opened:
        engine = open_database(settings.database)
        opened.callback(engine.dispose)
        journal = opened.enter_context(Journal(settings.common.data_dir, settings.common.instance))
        link = MqttLink(settings.mqtt, "notifier", settings.common.instance)
        service = Service(link, shutdown, metrics_listen=settings.metrics.notifier_metrics_listen)
        live = LiveSettings(engine, settings)
        delivery = open_delivery(live.current, engine, journal, settings.common.instance)
        delivery.is_stopping = shutdown.stopping.is_set
        add_tasks(service, live, engine, delivery)
        with service:
            shutdown.wait()


def open_delivery(settings: NotifierSettings, engine: Engine, journal: Journal, instance: str) -> Delivery:
    """Return the outbox's drain with the channels of the settings."""
    lease = max(_SHORTEST_LEASE, timedelta(seconds=settings.mail.email_timeout * _STEPS_OF_SMTP))
    watch = ClockWatch()
    channels, logo = open_channels(settings), settings.organization.logo
    return Delivery(engine, channels, journal, instance, lease=lease, clock=watch, logo=logo)


def add_tasks(
    service: Service, live: LiveSettings[NotifierSettings], engine: Engine, delivery: Delivery
) -> None:
    """Give the service what is done again and again, each step by the settings of its moment."""
    links = live.current.links()
    outside = OutsideHeartbeat(engine, live.current)

    def use(settings: NotifierSettings) -> None:
        delivery.logo = settings.organization.logo
        outside.settings = settings

    live.on_change(use)
    service.every(REREAD_SECONDS, "settings", live.step)
    service.every(1.0, "delivery", delivery.step)
    service.every(1.0, "calendar", NotifierCalendar(engine, live, links).tick)
    service.every(
        _LOOK_SECONDS, "issue mails", lambda: IssueMails(engine, live.current, links).step(utc_now())
    )
    service.every(
        _LOOK_SECONDS, "account links", lambda: AccountLinkMails(engine, live.current, links).step(utc_now())
    )
    service.every(
        _LOOK_SECONDS, "notices", lambda: NoticeComposer(engine, live.current, links).step(utc_now())
    )
    if outside.is_wanted:
        service.every(EVERY_SECONDS, "outside", outside.step)
    service.heartbeat(delivery.counts)
