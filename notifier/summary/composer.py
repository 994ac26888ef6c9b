"""The daily summary into the outbox: a window and its messages in one transaction, by one notifier, once."""

import logging
from datetime import datetime

from sqlalchemy import Connection, Engine, delete, null, select, update

from core.domain.links import Links
from core.domain.mail_kinds import MailKind
from core.mails.daily import Composed, DailySummary
from core.mails.recipients import NOBODY, Recipient
from core.storage.core_tables import WINDOWS
from core.storage.database import reading, writing
from core.storage.freshness import is_ahead
from core.storage.mail_outbox import NewMail, enqueue, mail_key, set_aside
from core.storage.upserts import insert_into
from notifier.settings import NotifierSettings

log = logging.getLogger(__name__)


class Composer:
    """Composes what is due; keeps nothing."""

    def __init__(self, engine: Engine, settings: NotifierSettings, links: Links, instance: str) -> None:
        self._engine = engine
        self._settings = settings
        self._links = links
        self.daily = DailySummary(settings, links)
        self._instance = instance

    def step(self, now: datetime) -> bool:
        """Compose the summary if it is due; whether it was, and we were the one to do it."""
        self.forget_ahead(now)
        with reading(self._engine) as connection:
            window = self.daily.due(connection, now)
            if window is None:
                return False
            composed = self.daily.compose(connection, window, now)
        return self.store(composed, now)

    def forget_ahead(self, now: datetime) -> None:
        """Forget summaries of days to come, made by a clock that was ahead: they are made when it is time."""
        ahead = is_ahead(WINDOWS.c.ends_at, now)
        with reading(self._engine) as connection:
            if connection.execute(select(WINDOWS.c.window).where(ahead).limit(1)).first() is None:
                return
        with writing(self._engine) as connection:
            names = list(connection.execute(select(WINDOWS.c.window).where(ahead)).scalars())
            for name in names:
                set_aside(connection, MailKind.SUMMARY, name, now=now)
            connection.execute(delete(WINDOWS).where(ahead))
        log.warning(
            "the clock was ahead: the summaries of %s are made again when their time comes", ", ".join(names)
        )

    def store(self, composed: Composed, now: datetime) -> bool:
        """Store the window's row and its messages; False where another notifier was first."""
        window, summary = composed.window, composed.summary
        silent = summary.is_empty and self._settings.summary.summary_when_empty == "none"
        recipients = () if silent else composed.concerned
        problem = NOBODY if not composed.recipients and not silent else ""
        row = {
            **{"window": window.name, "begins_at": window.begins_at, "ends_at": window.ends_at},
            **{"composed_by": self._instance, "composed_at": now, "late": window.is_late(now)},
            **{"subject": "" if silent else summary.subject, "problem": problem},
            "recipients": [recipient.address for recipient in recipients],
            "told": summary.told.as_json(),
        }
        mails = [self.mail(composed, one) for one in recipients]
        with writing(self._engine) as connection:
            if not _claim(connection, row):
                return False
            # What earlier ones have told is compared with no more.
            earlier = (WINDOWS.c.window != window.name, WINDOWS.c.told.is_not(None))
            connection.execute(update(WINDOWS).where(*earlier).values(told=null()))
            enqueue(connection, mails, domain=self._settings.domain, now=now)
        told = problem or ("nothing to say" if silent else f"for {len(recipients)}: {summary.subject}")
        log.info("summary of %s: %s", window.name, told)
        return True

    def mail(self, composed: Composed, recipient: Recipient) -> NewMail:
        """Return the message to one recipient."""
        summary = composed.summary
        words = self.daily.words(summary, recipient)
        headers = recipient.headers(self._links, self._settings.mail.default_from_email)
        return NewMail(
            key=mail_key(MailKind.SUMMARY, composed.window.name, recipient.address),
            kind=MailKind.SUMMARY,
            recipient=recipient.address,
            subject=summary.subject,
            body_text=words.text,
            body_html=words.html,
            headers=headers,
        )


def _claim(connection: Connection, row: dict[str, object]) -> bool:
    """Write the window's row unless it is there; on PostgreSQL this waits for whoever is writing it."""
    make = insert_into(WINDOWS, connection.dialect.name).on_conflict_do_nothing(index_elements=["window"])
    make = make.execution_options(preserve_rowcount=True)  # psycopg's is dropped otherwise
    return connection.execute(make, row).rowcount == 1
