"""A sign of life to a watchdog outside: only while readings arrive and the last summary went out.

Whoever watches from outside (healthchecks and its kin) calls people when the signs stay away. So silence
is what everything ends in that nobody here could tell: no notifier, no mail server, no collector.
"""

import logging
import urllib.error
import urllib.request
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, Engine, case, func, select

from core.contract.errors import SettingsError
from core.domain.freshness import FIRST_READING_WITHIN, is_overdue
from core.domain.mail_kinds import MailKind
from core.mails.facts import first_printer_at
from core.mails.windows import latest_window
from core.runtime.failures import failure_text
from core.runtime.wall_clock import utc_now
from core.storage.calendar_periods import read_quiet_days
from core.storage.core_tables import MAILS, PRINTERS, SNAPSHOTS, WINDOWS
from core.storage.database import count_rows, reading
from core.storage.freshness import has_lasted, is_ahead
from core.storage.mail_outbox import mails_about
from notifier.settings import NotifierSettings

log = logging.getLogger(__name__)

EVERY_SECONDS: Final = 60.0
SUMMARY_WITHIN: Final = timedelta(hours=1)
"""So long may a summary be on its way."""
_TIMEOUT_SECONDS: Final = 10


class OutsideHeartbeat:
    """step() gives a sign of life, or says once why there is none."""

    def __init__(self, engine: Engine, settings: NotifierSettings) -> None:
        """Prepare the requests; raises SettingsError where HEARTBEAT_URL cannot be fetched at all."""
        url = settings.heartbeat.heartbeat_url
        self._url = url.get_secret_value() if url else ""
        if self._url and not self._url.startswith(("http://", "https://")):
            raise SettingsError("HEARTBEAT_URL: an address that begins with https:// or http:// is wanted.")
        self._engine = engine
        self.settings = settings
        """Replaced as a whole where somebody changes one."""
        self._said: str | None = None

    @property
    def is_wanted(self) -> bool:
        """Whether HEARTBEAT_URL is set."""
        return bool(self._url)

    def step(self) -> None:
        """Look, and give the sign where all is well."""
        with reading(self._engine) as connection:
            problem = self.problem(connection, utc_now())
        self._say(problem or self._fetch())

    def problem(self, connection: Connection, now: datetime) -> str:
        """Return why no heartbeat is sent; "" where all is well."""
        began = first_printer_at(connection)
        if began is None:
            return "there are no printers"
        if sites := _silent_sites(connection, now):
            return f"no readings arrive from {', '.join(sites)}"
        summary, zone = self.settings.summary, self.settings.zone
        quiet = read_quiet_days(connection, summary.summary_quiet_days, now.astimezone(zone).date())
        window = latest_window(now - SUMMARY_WITHIN, summary.summary_time, zone, quiet)
        if began >= window.ends_at:
            return ""  # nothing was due yet
        return _unsent(connection, window.ends_at, now)

    def _fetch(self) -> str:
        """Fetch the address; why that failed, without naming it: it is a secret."""
        request = urllib.request.Request(self._url, headers={"User-Agent": "printer-system"})  # noqa: S310 (checked)
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS):  # noqa: S310 (checked at the start)
                return ""
        except urllib.error.HTTPError as error:
            return f"HEARTBEAT_URL answers {error.code}"
        except ValueError:  # its text holds the address
            return "HEARTBEAT_URL is no address that can be fetched"
        except OSError as error:
            return f"HEARTBEAT_URL does not answer ({failure_text(error)})"

    def _say(self, problem: str) -> None:
        if problem and problem != self._said:
            log.warning("no sign of life is given outside: %s", problem)
        elif not problem and self._said != "":
            log.info("signs of life are given outside")
        self._said = problem


def _silent_sites(connection: Connection, now: datetime) -> list[str]:
    """Return sites whose newest reading is stale: their collector is off, not just a printer."""
    # What is dated ahead is no news: it was written while a clock was wrong.
    newest = func.max(case((~is_ahead(SNAPSHOTS.c.taken_at, now), SNAPSHOTS.c.stale_at)))
    query = (
        select(PRINTERS.c.site, newest)
        .select_from(PRINTERS.outerjoin(SNAPSHOTS, SNAPSHOTS.c.printer_id == PRINTERS.c.printer_id))
        .where(PRINTERS.c.enabled, has_lasted(PRINTERS.c.created_at, FIRST_READING_WITHIN, now))
        .group_by(PRINTERS.c.site)
        .order_by(PRINTERS.c.site)
    )
    rows = connection.execute(query)
    return [site for site, due_at in rows if due_at is None or is_overdue(due_at, now)]


def _unsent(connection: Connection, due: datetime, now: datetime) -> str:
    """Return what is wrong with the last summary that should have been sent by now."""
    query = (
        select(WINDOWS.c.window)
        .where(WINDOWS.c.ends_at >= due, WINDOWS.c.ends_at <= now - SUMMARY_WITHIN)
        .order_by(WINDOWS.c.ends_at.desc())
    )
    row = connection.execute(query).first()
    if row is None:
        return "the last daily summary was not made"
    of_window = mails_about(MailKind.SUMMARY, row.window)
    count = count_rows(connection, MAILS, of_window, MAILS.c.status != "sent")
    return f"the summary of {row.window} is unsent to {count}" if count else ""
