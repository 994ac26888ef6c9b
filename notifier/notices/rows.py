"""Conditions read from flags, triage, issues and what was told; and what has been told, written."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, FromClause, Row, Select, delete, insert, or_, select, update

from core.domain.conditions import UNREACHABLE, flag_sentence
from core.domain.freshness import interval_of
from core.domain.mail_kinds import MailKind
from core.domain.outages import Extent, Group, Located, outermost
from core.mails.facts import is_quiet
from core.storage.core_tables import ATTENTION, ISSUES, NOTICES, OUTAGES, PRINTERS, SNAPSHOTS, TRIAGE
from core.storage.out_of_service import is_out_of_service
from core.storage.outages import OpenOutage, outages_on
from core.storage.tables import LIVING, IssueStatus
from notifier.notices.decide import Decision, NoticeCondition, NoticeOutage

FlagKey = tuple[str, str, str]
"""printer_id, code, subject."""


@dataclass(frozen=True)
class _ToldBefore:
    """What was told of conditions before."""

    last_told: Mapping[FlagKey, datetime]
    taken_keys: frozenset[FlagKey]
    taken_issues: frozenset[int]
    outages: Mapping[Group, OpenOutage]


def read_conditions(connection: Connection, now: datetime, cooldown: timedelta) -> list[NoticeCondition]:
    """Return every open flag, and the ended ones that were told of."""
    known = _ToldBefore(_last_told(connection, now - cooldown), *_taken(connection), outages_on(connection))
    told = ATTENTION.outerjoin(NOTICES, NOTICES.c.attention_id == ATTENTION.c.id)
    up = _conditions(told, now).where(ATTENTION.c.cleared_at.is_(None), PRINTERS.c.enabled)
    # From the notices on: flags that are over are many.
    ended = NOTICES.join(ATTENTION, ATTENTION.c.id == NOTICES.c.attention_id)
    over = _conditions(ended, now).where(NOTICES.c.resolved_at.is_(None), ATTENTION.c.cleared_at.is_not(None))
    return [
        condition
        for query in (up, over)
        # Sorted here: for ORDER BY since_at, SQLite would walk the index of all flags that ever were.
        for condition in sorted(
            (_condition(dict(row), known) for row in connection.execute(query).mappings()),
            key=lambda one: (one.since_at, one.attention_id),
        )
    ]


def read_outages(connection: Connection, conditions: Iterable[NoticeCondition]) -> dict[int, NoticeOutage]:
    """Return the outages that these conditions are a part of, or were told with."""
    named = {number for one in conditions for number in (one.outage, one.told_outage) if number is not None}
    if not named:
        return {}
    rows = connection.execute(select(OUTAGES).where(OUTAGES.c.id.in_(named)))
    return {row.id: _outage(row) for row in rows}


def _outage(row: Row[Any]) -> NoticeOutage:
    group = Group(row.scope, row.name)
    title = Extent(row.silent, row.printers).title(group)
    return NoticeOutage(row.id, title, group.words, row.began_at, row.issue_id, row.ended_at is not None)


def remember(connection: Connection, decision: Decision, now: datetime) -> None:
    """Record what is told by a decision, in the transaction that puts its messages into the outbox."""
    for message in decision.messages:
        if message.kind is MailKind.ESCALATION:
            _mark(connection, message.conditions, escalated_at=now)
        elif message.kind not in (MailKind.RESOLVED_NOTICE, MailKind.OUTAGE_OVER):
            _told(connection, message.conditions, message.how, now)
    _told(connection, decision.suppressed, "collapsed", now)
    _mark(connection, decision.ended, resolved_at=now)
    _mark(connection, decision.unsuppressed, how="digest")


def _conditions(flags: FromClause, now: datetime) -> Select[Any]:
    return (
        select(
            ATTENTION,
            PRINTERS.c.name.label("printer"),
            *PRINTERS.c["location", "site"],
            *SNAPSHOTS.c["taken_at", "stale_at"],
            is_quiet(now).label("quiet"),
            is_out_of_service(now).label("out_of_service"),
            *TRIAGE.c["assignee", "issue_id"],
            *NOTICES.c["how", "outage_id", "noticed_at", "escalated_at", "resolved_at"],
        )
        .select_from(flags)
        .join(PRINTERS, PRINTERS.c.printer_id == ATTENTION.c.printer_id)
        .outerjoin(SNAPSHOTS, SNAPSHOTS.c.printer_id == ATTENTION.c.printer_id)
        .outerjoin(TRIAGE, TRIAGE.c.attention_id == ATTENTION.c.id)
    )


def _condition(row: Mapping[str, Any], known: _ToldBefore) -> NoticeCondition:
    key = row["printer_id"], row["code"], row["subject"]
    silent = row["code"] == UNREACHABLE and row["cleared_at"] is None
    where = Located(row["location"], row["site"])
    group = outermost(where, known.outages) if silent else None
    outage = None if group is None else known.outages[group]
    told = row["how"] is not None and row["resolved_at"] is None
    interval = interval_of(row["taken_at"], row["stale_at"]) if row["taken_at"] else timedelta()
    return NoticeCondition(
        attention_id=row["id"],
        **{
            name: row[name]
            for name in ("printer_id", "printer", "location", "site", "code", "severity", "subject")
        },
        **{name: row[name] for name in ("since_at", "cleared_at", "outcome")},
        message=flag_sentence(row["code"], row["parameters"], row["message"]),
        interval=interval,
        quiet=bool(row["quiet"]),
        out_of_service=bool(row["out_of_service"]),
        claimed=bool(row["assignee"])
        or key in known.taken_keys
        or not known.taken_issues.isdisjoint((row["issue_id"], outage.issue_id if outage else None)),
        last_told_at=known.last_told.get(key),
        how=row["how"] if told else "",
        noticed_at=row["noticed_at"] if told else None,
        escalated_at=row["escalated_at"] if told else None,
        outage=None if outage is None else outage.outage_id,
        told_outage=row["outage_id"] if told else None,
    )


def _last_told(connection: Connection, since: datetime) -> dict[FlagKey, datetime]:
    query = (
        select(ATTENTION.c.printer_id, ATTENTION.c.code, ATTENTION.c.subject, NOTICES.c.noticed_at)
        .join(ATTENTION, ATTENTION.c.id == NOTICES.c.attention_id)
        .where(NOTICES.c.noticed_at > since)
        .order_by(NOTICES.c.noticed_at)
    )
    return {(printer, code, subject): at for printer, code, subject, at in connection.execute(query)}


def _taken(connection: Connection) -> tuple[frozenset[FlagKey], frozenset[int]]:
    """Return flags whose issue somebody has or works on, and the issues themselves."""
    issue = ISSUES.c
    worked_on = or_(issue.assignee != "", issue.status != IssueStatus.OPEN)
    query = select(issue.id, issue.printer_id, issue.attention_code, issue.attention_subject).where(
        issue.status.in_(LIVING), worked_on
    )
    rows = connection.execute(query).all()
    return frozenset((row[1], row[2], row[3]) for row in rows if row[2]), frozenset(row[0] for row in rows)


def _told(connection: Connection, conditions: Iterable[NoticeCondition], how: str, now: datetime) -> None:
    """Store what was told of conditions, also of an episode that was told to be over and has come back."""
    rows = [
        {
            "attention_id": one.attention_id,
            "printer_id": one.printer_id,
            "code": one.code,
            "noticed_at": now,
            "how": how,
            "outage_id": one.outage,
        }
        for one in conditions
    ]
    if rows:
        ids = [row["attention_id"] for row in rows]
        connection.execute(delete(NOTICES).where(NOTICES.c.attention_id.in_(ids)))
        connection.execute(insert(NOTICES), rows)


def _mark(connection: Connection, conditions: Iterable[NoticeCondition], **values: Any) -> None:
    ids = [one.attention_id for one in conditions]
    if ids:
        connection.execute(update(NOTICES).where(NOTICES.c.attention_id.in_(ids)).values(**values))
