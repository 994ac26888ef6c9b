"""The audit: who changed what, when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, or_, select

from core.storage.audit import DEVICE_EXCHANGED, DEVICE_REPORTED, Details
from core.storage.core_tables import AUDIT
from core.storage.database import count_rows
from dashboard.ui.order import Order, sql_order


@dataclass(frozen=True)
class AuditFilter:
    """Filter of the audit; empty is all."""

    actor: str = ""
    action: str = ""
    """An action, or a kind of them (`user`)."""
    text: str = ""
    """Part of the subject or the actor."""
    since: datetime | None = None


@dataclass(frozen=True)
class AuditLine:
    """One thing that was done."""

    at: datetime
    actor: str
    action: str
    subject: str
    details: Details


def audit_lines(
    connection: Connection,
    wanted: AuditFilter,
    *,
    limit: int,
    offset: int = 0,
    order: Order | None = None,
) -> list[AuditLine]:
    """The newest first, unless an order by another column is asked for."""
    row = AUDIT.c
    first = [sql_order(row[order.column], order)] if order else []
    rows = connection.execute(
        select(row.at, row.actor, row.action, row.subject, row.details)
        .where(*_conditions(wanted))
        .order_by(*first, row.at.desc(), row.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return [AuditLine(*each) for each in rows]


def device_changes(connection: Connection, printer_id: str, most: int) -> list[AuditLine]:
    """Return what a printer changed by itself, or was exchanged for, the newest first."""
    row = AUDIT.c
    own = row.subject == printer_id, row.action.in_((DEVICE_REPORTED, DEVICE_EXCHANGED))
    lines = select(row.at, row.actor, row.action, row.subject, row.details).where(*own)
    return [AuditLine(*each) for each in connection.execute(lines.order_by(row.at.desc()).limit(most))]


def count_audit(connection: Connection, wanted: AuditFilter) -> int:
    """Return how many entries a filter finds."""
    return count_rows(connection, AUDIT, *_conditions(wanted))


def actors(connection: Connection) -> Sequence[str]:
    """Return everybody who has done something."""
    return connection.execute(select(AUDIT.c.actor).distinct().order_by(AUDIT.c.actor)).scalars().all()


def _conditions(wanted: AuditFilter) -> list[ColumnElement[bool]]:
    row = AUDIT.c
    conditions: list[ColumnElement[bool]] = []
    if wanted.actor:
        conditions.append(row.actor == wanted.actor)
    if wanted.action:
        conditions.append(row.action.startswith(f"{wanted.action}.", autoescape=True))
    if wanted.text:
        conditions.append(
            or_(
                row.subject.icontains(wanted.text, autoescape=True),
                row.actor.icontains(wanted.text, autoescape=True),
            )
        )
    if wanted.since:
        conditions.append(row.at >= wanted.since)
    return conditions
