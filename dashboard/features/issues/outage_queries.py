"""The issue of an outage and what hangs below it: the issues of its printers, with how these are now."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, select

from core.domain.outages import CODE
from core.storage.core_tables import ISSUES, PRINTERS, SNAPSHOTS
from core.storage.issues import IssueRow
from core.storage.tables import ENDED

MOST_MEMBERS: Final = 500


@dataclass(frozen=True)
class OutageRef:
    """The issue of an outage that another issue is a part of."""

    issue_id: int
    title: str


@dataclass(frozen=True)
class OutageMember:
    """An issue below that of an outage."""

    issue_id: int
    printer_id: str
    """Empty where it is the outage of a place, below that of its site."""
    name: str
    """Of the printer; of an outage its title."""
    location: str
    state: str
    """Of the printer now; empty for an outage."""
    is_over: bool


def is_outage(row: IssueRow) -> bool:
    """Return whether an issue is about printers that do not answer together, not about one."""
    return row.attention_code == CODE


def outage_of(connection: Connection, row: IssueRow) -> OutageRef | None:
    """Return the outage that an issue is a part of; None where it stands by itself."""
    if row.parent_id is None:
        return None
    found = connection.execute(
        select(ISSUES.c.id, ISSUES.c.title).where(ISSUES.c.id == row.parent_id)
    ).first()
    return OutageRef(*found) if found else None


def outage_members(connection: Connection, issue_id: int) -> tuple[OutageMember, ...]:
    """Return what hangs below an outage's issue: what is still silent first, by name."""
    printers = ISSUES.outerjoin(PRINTERS, PRINTERS.c.printer_id == ISSUES.c.printer_id).outerjoin(
        SNAPSHOTS, SNAPSHOTS.c.printer_id == ISSUES.c.printer_id
    )
    rows = connection.execute(
        select(
            *(ISSUES.c[name] for name in ("id", "printer_id", "title", "status")),
            PRINTERS.c.name,
            PRINTERS.c.location,
            SNAPSHOTS.c.state,
        )
        .select_from(printers)
        .where(ISSUES.c.parent_id == issue_id)
        .limit(MOST_MEMBERS)
    )
    members = (
        OutageMember(
            row.id,
            row.printer_id,
            (row.name or row.printer_id) if row.printer_id else row.title,
            row.location or "",
            row.state or "" if row.printer_id else "",
            row.status in ENDED,
        )
        for row in rows
    )
    return tuple(sorted(members, key=lambda one: (one.is_over, one.name.casefold(), one.issue_id)))
