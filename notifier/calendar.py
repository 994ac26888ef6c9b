"""Jobs of the notifier at a time of day, by the current settings."""

from datetime import time
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from core.domain.links import Links
from core.runtime.calendar_jobs import CalendarJob, CalendarJobs
from core.runtime.wall_clock import utc_now
from core.storage.stored_settings import LiveSettings
from notifier.orders.order_mail import OrderMails
from notifier.outbox.housekeeping import tidy
from notifier.settings import NotifierSettings
from notifier.summary.composer import Composer

_UPKEEP_AT: Final = time(3)


class NotifierCalendar:
    """The summary, the order mail and the upkeep; each asks the database whether it was done already."""

    def __init__(self, engine: Engine, live: LiveSettings[NotifierSettings], links: Links) -> None:
        self._engine = engine
        self._live = live
        self._links = links
        self._planned: tuple[time, ZoneInfo] | None = None
        self._jobs = CalendarJobs({}, ZoneInfo("UTC"))

    def tick(self) -> None:
        """Do what is due; plan all of it anew where SUMMARY_TIME or TIME_ZONE was changed."""
        settings = self._live.current
        plan = settings.summary.summary_time, settings.zone
        if plan != self._planned:
            self._jobs, self._planned = self._made(*plan), plan
        self._jobs.tick()

    def _made(self, at: time, zone: ZoneInfo) -> CalendarJobs:
        jobs = {
            "summary": CalendarJob(at, self._summary),
            "orders": CalendarJob(at, self._orders),  # of a week: it knows its weekday
            "upkeep": CalendarJob(_UPKEEP_AT, self._upkeep),
        }
        return CalendarJobs(jobs, zone)

    def _composer(self) -> Composer:
        settings = self._live.current
        return Composer(self._engine, settings, self._links, settings.common.instance)

    def _summary(self) -> None:
        self._composer().step(utc_now())

    def _orders(self) -> None:
        OrderMails(self._engine, self._live.current, self._links).step(utc_now())

    def _upkeep(self) -> None:
        self._composer().forget_ahead(utc_now())
        tidy(self._engine, self._live.current.mail.mail_keep_days, utc_now())
