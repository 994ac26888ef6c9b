"""Read the health of the system itself.

Services, queues, refused messages, mail, the size of the database.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, func, select, text

from core.domain.mail_kinds import MailKind
from core.storage.core_tables import MAILS, OUTBOX, REFUSED_POINTS, REJECTED, WINDOWS
from core.storage.database import count_rows
from core.storage.mail_outbox import mails_about
from core.storage.refused_points import RefusedReason, count_refused, refused_reasons
from core.storage.services import Heartbeat, read_services
from core.storage.shared_serials import SharedSerial, shared_serials
from dashboard.features.report.pauses import Pause, pauses

EXPECTED: Final = ("collector", "processor", "notifier", "dashboard")
"""Services without which something does not happen."""
_DAY: Final = timedelta(days=1)
_NEWEST: Final = 50
"""Lines of each list of what was refused or has failed."""


@dataclass(frozen=True)
class RejectedLine:
    """A message, or a point of history, that was of no use."""

    at: datetime
    what: str
    reason: str
    excerpt: str
    size_bytes: int


@dataclass(frozen=True)
class MailLine:
    """A message that did not arrive."""

    id: int
    kind: str
    recipient: str
    subject: str
    attempts: int
    last_error: str
    created_at: datetime


@dataclass(frozen=True)
class SummaryLine:
    """The last daily summary."""

    ends_at: datetime
    """Until when it tells what happened."""
    subject: str
    recipients: tuple[str, ...]
    composed_at: datetime
    late: bool
    problem: str
    sent: int
    failed: int


@dataclass(frozen=True)
class SystemView:
    """All of it, of one moment."""

    at: datetime
    services: tuple[Heartbeat, ...]
    """By service, then by instance."""
    outbox_waiting: int
    """Points of history not yet accepted by the time series."""
    outbox_kept: int
    """Accepted, kept until that is known to be durable."""
    rejected: tuple[RejectedLine, ...]
    rejected_count: int
    refused: tuple[RejectedLine, ...]
    refused_count: int
    refused_reasons: tuple[RefusedReason, ...]
    refused_today: int
    """Points of history that were refused within a day."""
    mail: Mapping[str, int]
    """How many messages in each status."""
    mail_failed: tuple[MailLine, ...]
    summary: SummaryLine | None
    database_bytes: int
    shared_serials: tuple[SharedSerial, ...] = ()
    """Serial numbers that several printers report."""
    pauses: tuple[Pause, ...] = ()
    """Where reports without an account are not taken from."""

    @property
    def online(self) -> tuple[Heartbeat, ...]:
        """The instances that are there."""
        return tuple(each for each in self.services if not each.is_silent(self.at))

    @property
    def gone(self) -> tuple[Heartbeat, ...]:
        """The instances that say nothing any more, or have said goodbye."""
        return tuple(each for each in self.services if each.is_silent(self.at))

    @property
    def missing(self) -> tuple[str, ...]:
        """Services of which no instance is online."""
        online = {each.service for each in self.online}
        return tuple(name for name in EXPECTED if name not in online)

    def total(self, service: str, counter: str) -> float:
        """Return a counter over the online instances of a service."""
        return sum(each.counters.get(counter, 0.0) for each in self.online if each.service == service)

    def worst(self, service: str, counter: str) -> float | None:
        """Return the highest of a counter over the online instances of a service; None where nobody tells."""
        own = (each.counters for each in self.online if each.service == service)
        return max((counters[counter] for counters in own if counter in counters), default=None)


def system_view(connection: Connection, *, now: datetime) -> SystemView:
    """Return everything the System page shows; the newest of what was refused."""
    rejected = select(
        REJECTED.c.at,
        REJECTED.c.topic.label("what"),
        REJECTED.c.reason,
        REJECTED.c.excerpt,
        REJECTED.c.size_bytes,
    )
    refused = select(REFUSED_POINTS.c.at, REFUSED_POINTS.c.payload, REFUSED_POINTS.c.reason)
    by_status = select(MAILS.c.status, func.count()).group_by(MAILS.c.status)
    return SystemView(
        at=now,
        services=tuple(
            sorted(read_services(connection, now), key=lambda each: (each.service, each.instance))
        ),
        outbox_waiting=count_rows(connection, OUTBOX, OUTBOX.c.sent_at.is_(None)),
        outbox_kept=count_rows(connection, OUTBOX, OUTBOX.c.sent_at.is_not(None)),
        rejected=tuple(
            RejectedLine(**row)
            for row in connection.execute(rejected.order_by(REJECTED.c.id.desc()).limit(_NEWEST)).mappings()
        ),
        rejected_count=count_rows(connection, REJECTED),
        refused=tuple(
            RejectedLine(at, "history point", reason, payload, len(payload))
            for at, payload, reason in connection.execute(
                refused.order_by(REFUSED_POINTS.c.id.desc()).limit(_NEWEST)
            )
        ),
        refused_count=count_refused(connection),
        refused_reasons=refused_reasons(connection),
        refused_today=count_refused(connection, now - _DAY),
        mail={str(row[0]): int(row[1]) for row in connection.execute(by_status)},
        mail_failed=_failed_mail(connection),
        summary=_summary(connection),
        database_bytes=database_bytes(connection),
        shared_serials=tuple(shared_serials(connection)),
        pauses=tuple(pauses(connection, now)),
    )


def database_bytes(connection: Connection) -> int:
    """Return how large the database is, with what SQLite has in its write-ahead log left out."""
    if connection.dialect.name == "sqlite":
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
        return int(pages * connection.execute(text("PRAGMA page_size")).scalar_one())
    return int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())


def _failed_mail(connection: Connection) -> tuple[MailLine, ...]:
    names = tuple(MailLine.__dataclass_fields__)
    statement = (
        select(*(MAILS.c[name] for name in names))
        .where(MAILS.c.status == "failed")
        .order_by(MAILS.c.created_at.desc(), MAILS.c.id.desc())
        .limit(_NEWEST)
    )
    return tuple(MailLine(**row) for row in connection.execute(statement).mappings())


def _summary(connection: Connection) -> SummaryLine | None:
    row = connection.execute(select(WINDOWS).order_by(WINDOWS.c.ends_at.desc()).limit(1)).mappings().first()
    if row is None:
        return None
    mails = select(MAILS.c.status, func.count()).where(mails_about(MailKind.SUMMARY, row["window"]))
    found = {str(each[0]): int(each[1]) for each in connection.execute(mails.group_by(MAILS.c.status))}
    return SummaryLine(
        ends_at=row["ends_at"],
        subject=row["subject"],
        recipients=tuple(row["recipients"] or ()),
        composed_at=row["composed_at"],
        late=row["late"],
        problem=row["problem"],
        sent=found.get("sent", 0),
        failed=found.get("failed", 0),
    )
