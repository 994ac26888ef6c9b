"""The daily summary read and put into words: what the notifier sends, and what anybody may look at before."""

from dataclasses import dataclass
from datetime import datetime, time
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select

from core.domain.links import Links
from core.domain.quiet_days import QuietDays
from core.mails.changes import last_told
from core.mails.facts import first_printer_at, read_facts
from core.mails.readers import mail_readers
from core.mails.recipients import Recipient, summary_recipients
from core.mails.render import Letterhead, Words, render
from core.mails.summary import Summary, summarise
from core.mails.windows import Window, latest_window, next_window, since
from core.runtime.mail_settings import SummarySettings
from core.storage.calendar_periods import read_quiet_days
from core.storage.core_tables import WINDOWS

WEEK_DAYS: Final = 7


class SummaryContext(Protocol):
    """What a summary takes of a service's settings."""

    @property
    def summary(self) -> SummarySettings:
        """When it is sent, and to whom."""

    @property
    def zone(self) -> ZoneInfo:
        """The zone of every time that people see."""

    @property
    def letterhead(self) -> Letterhead:
        """Whose mails these are."""


@dataclass(frozen=True)
class Composed:
    """A summary, and who is to get it."""

    window: Window
    summary: Summary
    recipients: tuple[Recipient, ...]

    @property
    def concerned(self) -> tuple[Recipient, ...]:
        """Those of them who get this one: some want it only where something has changed."""
        return tuple(one for one in self.recipients if self.summary.has_news or not one.only_changed)


@dataclass(frozen=True)
class DailySummary:
    """Composes summaries; writes nothing."""

    settings: SummaryContext
    links: Links

    def due(self, connection: Connection, now: datetime) -> Window | None:
        """Return the window that nobody has composed yet; none before there was a printer to report on."""
        window = self.latest(connection, now)
        began = first_printer_at(connection)
        if window is None or began is None or began >= window.ends_at:
            return None
        return window

    def latest(self, connection: Connection, now: datetime) -> Window | None:
        """Return the window that ended last, from where the last summary ended; None if that was it."""
        window = latest_window(now, *self._when(connection, now))
        last_end = _last_end(connection, now)
        known = connection.execute(select(WINDOWS.c.window).where(WINDOWS.c.window == window.name)).first()
        if known is not None or (last_end is not None and last_end >= window.ends_at):
            return None
        return since(window, last_end)

    def upcoming(self, connection: Connection, now: datetime) -> Window:
        """Return the window of the summary that comes next: the one that is due, or that ends next."""
        window = next_window(now, *self._when(connection, now))
        return self.due(connection, now) or since(window, _last_end(connection, now))

    def _when(self, connection: Connection, now: datetime) -> tuple[time, ZoneInfo, QuietDays]:
        summary, zone = self.settings.summary, self.settings.zone
        quiet = read_quiet_days(connection, summary.summary_quiet_days, now.astimezone(zone).date())
        return summary.summary_time, zone, quiet

    def compose(
        self, connection: Connection, window: Window, now: datetime, *, include_closed: bool = False
    ) -> Composed:
        """Read and put into words."""
        zone = self.settings.zone
        facts = read_facts(connection, window, now, zone, days=WEEK_DAYS, include_closed=include_closed)
        summary = summarise(facts, last_told(connection, window), window, now, zone, self.links)
        recipients = summary_recipients(mail_readers(connection), self.settings.summary)
        return Composed(window, summary, tuple(recipients))

    def words(self, summary: Summary, recipient: Recipient) -> Words:
        """Return both bodies for a recipient."""
        return render(
            "summary",
            letterhead=self.settings.letterhead,
            subject=summary.subject,
            preview=summary.fleet,
            summary=summary,
            mine=summary.issues_of(recipient.user, recipient.full_name) if recipient.user else None,
            why=recipient.why,
            choose=recipient.choose(self.links),
            unsubscribe=recipient.unsubscribe(self.links),
        )


def _last_end(connection: Connection, now: datetime) -> datetime | None:
    """Return where the last summary ended.

    None of the future: a clock that was wrong for a moment must not silence the summary until then.
    """
    past = select(func.max(WINDOWS.c.ends_at)).where(WINDOWS.c.ends_at <= now)
    last_end: datetime | None = connection.execute(past).scalar()
    return last_end
