"""The last daily summary and its mails, as they were sent; and the next one, made of what is stored now."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, select

from core.domain.mail_kinds import MailKind
from core.mails.daily import Composed, DailySummary
from core.mails.recipients import Recipient
from core.mails.render import Words
from core.storage.core_tables import MAILS, WINDOWS
from core.storage.database import reading
from core.storage.mail_outbox import mails_about
from dashboard.settings import DashboardAppSettings


@dataclass(frozen=True)
class SentSummary:
    """The summary that was composed last."""

    window: str
    begins_at: datetime
    ends_at: datetime
    composed_at: datetime
    subject: str
    """Empty where there was nothing to say."""
    problem: str
    """Why nobody received it; empty where somebody did."""
    mails: tuple["SummaryMail", ...]


@dataclass(frozen=True)
class SummaryMail:
    """The summary as it went to one recipient."""

    id: int
    recipient: str
    status: str
    sent_at: datetime | None
    last_error: str


@dataclass(frozen=True)
class MailBodies:
    """A mail's two bodies, as it was sent."""

    text: str
    html: str


@dataclass(frozen=True)
class NextSummary:
    """The summary as it would be sent now, to whoever looks at it."""

    composed: Composed
    words: Words
    composed_at: datetime


def last_summary(connection: Connection) -> SentSummary | None:
    """Return the summary that was composed last; None where there was none yet."""
    columns = WINDOWS.c
    row = connection.execute(
        select(
            columns.window,
            columns.begins_at,
            columns.ends_at,
            columns.composed_at,
            columns.subject,
            columns.problem,
        )
        .order_by(columns.ends_at.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    own = mails_about(MailKind.SUMMARY, row.window)
    names = ("id", "recipient", "status", "sent_at", "last_error")
    mails = select(*(MAILS.c[name] for name in names)).where(own)
    found = connection.execute(mails.order_by(MAILS.c.recipient, MAILS.c.id))
    return SentSummary(*row, mails=tuple(SummaryMail(*mail) for mail in found))


def sent_bodies(connection: Connection, mail_id: int) -> MailBodies | None:
    """Return the bodies of a daily summary; None where there is no such mail."""
    own = (MAILS.c.id == mail_id, MAILS.c.kind == MailKind.SUMMARY)
    row = connection.execute(select(MAILS.c.body_text, MAILS.c.body_html).where(*own)).first()
    return None if row is None else MailBodies(*row)


def next_summary(
    engine: Engine, settings: DashboardAppSettings, reader: Recipient, now: datetime
) -> NextSummary:
    """Return the next summary, with the issues of whoever reads it."""
    daily = DailySummary(settings, settings.links())
    with reading(engine) as connection:
        composed = daily.compose(connection, daily.upcoming(connection, now), now)
    return NextSummary(composed, daily.words(composed.summary, reader), now)
