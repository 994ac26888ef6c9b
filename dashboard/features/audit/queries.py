"""The audit: who changed what, when."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Final

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


_LINES: Final = select(*(AUDIT.c[each.name] for each in fields(AuditLine)))
_NEWEST_FIRST: Final = (AUDIT.c.at.desc(), AUDIT.c.id.desc())


def audit_lines(
    connection: Connection,
    wanted: AuditFilter,
    *,
    limit: int,
    offset: int = 0,
    order: Order | None = None,
) -> list[AuditLine]:
    """The newest first, unless an order by another column is asked for."""
    first = [sql_order(AUDIT.c[order.column], order)] if order else []
    lines = _LINES.where(*_conditions(wanted)).order_by(*first, *_NEWEST_FIRST)
    rows = connection.execute(lines.limit(limit).offset(offset))
    return [AuditLine(*each) for each in rows]


def device_changes(connection: Connection, printer_id: str, most: int) -> list[AuditLine]:
    """Return what a printer changed by itself, or was exchanged for, the newest first."""
    row = AUDIT.c
    own = row.subject == printer_id, row.action.in_((DEVICE_REPORTED, DEVICE_EXCHANGED))
    lines = _LINES.where(*own).order_by(*_NEWEST_FIRST).limit(most)
    return [AuditLine(*each) for each in connection.execute(lines)]


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
