"""The service: what is due is written into the outbox, a thread of its own sends it."""

from contextlib import ExitStack
from datetime import time, timedelta
from typing import Final

from sqlalchemy import Engine

from core.runtime.calendar_jobs import CalendarJob, CalendarJobs
from core.runtime.mqtt_link import MqttLink
from core.runtime.service import Service
from core.runtime.shutdown import ShutdownSignal
from core.runtime.wall_clock import ClockWatch, utc_now
from core.storage.database import open_database
from notifier.channels.choice import open_channels
from notifier.heartbeat import EVERY_SECONDS, OutsideHeartbeat
from notifier.issue_mails import IssueMails
from notifier.notices.notices import NoticeComposer
from notifier.orders.order_mail import OrderMails
from notifier.outbox.delivery import Delivery
from notifier.outbox.housekeeping import tidy
from notifier.outbox.journal import Journal
from notifier.settings import NotifierSettings
from notifier.summary.composer import Composer

_LOOK_SECONDS: Final = 5.0
_UPKEEP_AT: Final = time(3)
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
        delivery = open_delivery(settings, engine, journal, settings.common.instance)
        delivery.is_stopping = shutdown.stopping.is_set
        add_tasks(service, settings, engine, delivery)
        with service:
            shutdown.wait()


def open_delivery(settings: NotifierSettings, engine: Engine, journal: Journal, instance: str) -> Delivery:
    """Return the outbox's drain with the channels of the settings."""
    lease = max(_SHORTEST_LEASE, timedelta(seconds=settings.mail.email_timeout * _STEPS_OF_SMTP))
    watch = ClockWatch()
    return Delivery(engine, open_channels(settings), journal, instance, lease=lease, clock=watch)


def add_tasks(service: Service, settings: NotifierSettings, engine: Engine, delivery: Delivery) -> None:
    """Give the service what is done again and again, and what is done at a time of day."""
    links = settings.links()
    mails, notices = IssueMails(engine, settings, links), NoticeComposer(engine, settings, links)
    outside = OutsideHeartbeat(engine, settings)
    service.every(1.0, "delivery", delivery.step)
    service.every(1.0, "calendar", calendar_of(settings, engine).tick)
    service.every(_LOOK_SECONDS, "issue mails", lambda: mails.step(utc_now()))
    service.every(_LOOK_SECONDS, "notices", lambda: notices.step(utc_now()))
    if outside.is_wanted:
        service.every(EVERY_SECONDS, "outside", outside.step)
    service.heartbeat(delivery.counts)


def calendar_of(settings: NotifierSettings, engine: Engine) -> CalendarJobs:
    """Return what has its time of day; each job asks the database whether it was done already."""
    links, at = settings.links(), settings.summary.summary_time
    composer = Composer(engine, settings, links, settings.common.instance)
    ordering = OrderMails(engine, settings, links)

    def upkeep() -> None:
        composer.forget_ahead(utc_now())
        tidy(engine, settings.mail.mail_keep_days, utc_now())

    jobs = {
        "summary": CalendarJob(at, lambda: composer.step(utc_now())),
        "orders": CalendarJob(at, lambda: ordering.step(utc_now())),  # of a week: it knows its weekday
        "upkeep": CalendarJob(_UPKEEP_AT, upkeep),
    }
    return CalendarJobs(jobs, settings.zone)
