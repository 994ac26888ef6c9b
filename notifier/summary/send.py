"""The summary at once, to everybody or to one address; or only shown."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, select

from core.contract.errors import UserError
from core.domain.mail_addresses import is_address
from core.domain.mail_kinds import MailKind
from core.domain.units import moment
from core.mails.daily import Composed
from core.mails.facts import is_new
from core.mails.recipients import NOBODY, Recipient
from core.mails.windows import Window
from core.runtime.wall_clock import utc_now
from core.storage.core_tables import MAILS, WINDOWS
from core.storage.database import open_existing_database, reading, writing
from core.storage.mail_outbox import enqueue, mail_key
from core.storage.stored_settings import settings_now
from notifier.app import open_delivery
from notifier.outbox.journal import Journal
from notifier.settings import NotifierSettings
from notifier.summary.composer import Composer

_NOTHING: Final = "There are no printers and no issues yet: there is nothing to summarise.\n"
_EXTRA: Final = "extra-"
"""Begins the name of a window beside those of the clock, which is stored nowhere but in its mails."""
_DAY_HOURS: Final = 24
_PREVIEW: Final = "issue-summary.html"


@dataclass(frozen=True)
class Options:
    """Options of the command."""

    lookback_hours: float | None = None
    include_closed: bool = False
    dry_run: bool = False
    to: str = ""
    force: bool = False

    @property
    def is_extra(self) -> bool:
        """One beside the daily one, which is still due then."""
        return bool(self.lookback_hours or self.to or self.force)


@dataclass(frozen=True)
class SummaryOutcome:
    """Result as text for a person; `failed` where a message has not left."""

    text: str
    failed: bool = False


def send_summary(settings: NotifierSettings, options: Options) -> SummaryOutcome:
    """Send or show the summary; raise UserError where that cannot be done."""
    if options.to and not is_address(options.to):
        raise UserError(f"{options.to!r} is no mail address.")
    engine = open_existing_database(settings.database)
    try:
        return _Run(settings_now(engine, settings), options, engine).run(utc_now())
    finally:
        engine.dispose()


class _Run:
    def __init__(self, settings: NotifierSettings, options: Options, engine: Engine) -> None:
        self._settings = settings
        self._options = options
        self._engine = engine
        self._instance = f"{settings.common.instance}-command"
        self._composer = Composer(engine, settings, settings.links(), self._instance)
        self._daily = self._composer.daily

    def run(self, now: datetime) -> SummaryOutcome:
        with reading(self._engine) as connection:
            if is_new(connection):
                return SummaryOutcome(_NOTHING)
            window = self._window(connection, now)
            if window is None:
                return SummaryOutcome(self._already(connection, now))
            closed = self._options.include_closed
            composed = self._daily.compose(connection, window, now, include_closed=closed)
        if self._options.dry_run:
            return self._show(composed)
        if self._options.to:
            composed = replace(composed, recipients=(Recipient(self._options.to),))
        if not composed.recipients:
            raise UserError(NOBODY)
        return self._report(self._send(composed, now))

    def _window(self, connection: Connection, now: datetime) -> Window | None:
        """Return what it is about; None where that was sent already and no other one is asked for."""
        if not self._options.is_extra:
            if self._options.dry_run:
                return self._daily.upcoming(connection, now)
            if due := self._daily.due(connection, now):
                return due
            latest = self._daily.latest(connection, now)
            if latest is None:
                return None
            # Printers came after the time of day of the summary: the first one is about what there is now.
            return replace(latest, begins_at=now - timedelta(hours=_DAY_HOURS), ends_at=now)
        begins_at = now - timedelta(hours=self._options.lookback_hours or _DAY_HOURS)
        return Window(f"{_EXTRA}{now:%Y%m%dT%H%M%S.%fZ}", begins_at, now)

    def _already(self, connection: Connection, now: datetime) -> str:
        newest = connection.execute(select(WINDOWS).order_by(WINDOWS.c.ends_at.desc())).mappings().first()
        if newest is None:
            return "The summary was composed by another notifier just now.\n"
        at = moment(newest["composed_at"], self._settings.zone)
        to = ", ".join(newest["recipients"]) or "nobody"
        said = newest["subject"] or "nothing to say"
        next_at = moment(self._daily.upcoming(connection, now).ends_at, self._settings.zone)
        return (
            f"The summary of {newest['window']} was composed at {at} for {to}: {said}. The next is due about "
            f"{next_at}; --force sends one now.\n"
        )

    def _show(self, composed: Composed) -> SummaryOutcome:
        reader = composed.recipients[0] if composed.recipients else Recipient("nobody@localhost")
        words = self._daily.words(composed.summary, reader)
        path = Path(self._settings.common.data_dir) / _PREVIEW
        path.write_text(words.html, encoding="utf-8")
        nobody = "nobody: nothing has changed, and all want it only then" if composed.recipients else NOBODY
        to = ", ".join(recipient.address for recipient in composed.concerned)
        return SummaryOutcome(
            f"Subject: {composed.summary.subject}\nTo: {to or nobody}\n\n{words.text}\n"
            f"Nothing was sent. The HTML is in {path}.\n"
        )

    def _send(self, composed: Composed, now: datetime) -> Sequence[int]:
        """Put the messages into the outbox and send them at once; returns their ids."""
        if self._options.is_extra:
            mails = [self._composer.mail(composed, one) for one in composed.recipients]
            with writing(self._engine) as connection:
                enqueue(connection, mails, domain=self._settings.domain, now=now)
        else:
            self._composer.store(composed, now)
        name = composed.window.name
        keys = [mail_key(MailKind.SUMMARY, name, one.address) for one in composed.recipients]
        with reading(self._engine) as connection:
            ids = connection.execute(select(MAILS.c.id).where(MAILS.c.key.in_(keys))).scalars().all()
        with Journal(self._settings.common.data_dir, self._instance) as journal:
            delivery = open_delivery(self._settings, self._engine, journal, self._instance)
            while delivery.step(frozenset(ids)):
                pass
        return ids

    def _report(self, ids: Iterable[int]) -> SummaryOutcome:
        query = select(MAILS.c.recipient, MAILS.c.status, MAILS.c.last_error).where(MAILS.c.id.in_(ids))
        with reading(self._engine) as connection:
            rows = connection.execute(query.order_by(MAILS.c.id)).all()
        if not rows:
            return SummaryOutcome("There was nothing to say, or nothing new to those who want no other.\n")
        text = "".join(f"{_fate(recipient, status, problem)}\n" for recipient, status, problem in rows)
        return SummaryOutcome(text, failed=any(status not in ("sent", "sending") for _, status, _ in rows))


def _fate(recipient: str, status: str, problem: str) -> str:
    if status == "due":
        return f"{recipient}: not yet; {problem or 'the mail server is away.'} The notifier tries again."
    return f"{recipient}: {status}{f'; {problem}' if problem else ''}"
