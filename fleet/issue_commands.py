"""What can be done to an issue: row and event in one transaction, the event owed to the issue topic.

The caller gives the connection of its own writing transaction (fleet.database.writing).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Connection, Table, insert, select, update

from fleet.database import changed_one
from fleet.tables import ENDED, Issue, IssueEvent, IssueKind, IssueStatus

ISSUES = cast(Table, Issue.__table__)  # type: ignore[attr-defined]
EVENTS = cast(Table, IssueEvent.__table__)  # type: ignore[attr-defined]


@dataclass(frozen=True)
class NewIssue:
    """What whoever opens an issue says."""

    printer_id: str
    title: str
    details: str = ""
    category: str = "other"
    priority: str = "normal"
    reporter: str = ""
    contact: str = ""
    kind: IssueKind = IssueKind.PERSON
    attention_code: str = ""
    attention_subject: str = ""


def open_issue(connection: Connection, new: NewIssue, *, actor: str, now: datetime) -> int:
    """Open an issue; returns its number."""
    values = {
        **vars(new),
        "status": IssueStatus.OPEN,
        "opened_at": now,
        "updated_at": now,
        "version": 1,
        "assignee": "",
    }
    issue_id = connection.execute(insert(ISSUES).values(**values).returning(ISSUES.c.id)).scalar_one()
    add_event(connection, issue_id, "opened", actor=actor, now=now)
    return int(issue_id)


def change_status(
    connection: Connection, seen: Mapping[str, Any], status: IssueStatus, *, actor: str, now: datetime
) -> None:
    """Move an issue to another status. `seen` is the row as it was read; Conflict if it changed since."""
    edit = {
        "status": status,
        "resolved_at": now
        if status == IssueStatus.RESOLVED
        else seen["resolved_at"]
        if status in ENDED
        else None,
        "closed_at": now if status == IssueStatus.CLOSED else None,
    }
    change = "reopened" if seen["status"] in ENDED and status not in ENDED else str(status)
    edit_issue(connection, seen, edit, now=now)
    add_event(
        connection,
        seen["id"],
        change,
        actor=actor,
        now=now,
        details={"from": seen["status"], "to": str(status)},
    )


def assign(
    connection: Connection, seen: Mapping[str, Any], assignee: str, *, actor: str, now: datetime
) -> None:
    """Give an issue to somebody ("" to nobody). Raises Conflict if it has changed since it was read."""
    edit_issue(connection, seen, {"assignee": assignee}, now=now)
    details = {"from": seen["assignee"], "to": assignee}
    add_event(connection, seen["id"], "assigned", actor=actor, now=now, details=details)


def comment(connection: Connection, issue_id: int, text: str, *, actor: str, now: datetime) -> None:
    """Add words to the timeline; does not conflict with anybody's edit."""
    add_event(connection, issue_id, "commented", actor=actor, now=now, details={"text": text})


def edit_issue(
    connection: Connection, seen: Mapping[str, Any], values: Mapping[str, Any], *, now: datetime
) -> None:
    """UPDATE ... WHERE version = :seen; raises Conflict where the row has changed since it was read."""
    done = connection.execute(
        update(ISSUES)
        .where(ISSUES.c.id == seen["id"], ISSUES.c.version == seen["version"])
        .values(**values, updated_at=now, version=seen["version"] + 1)
    )
    changed_one(done.rowcount, f"issue {seen['id']}")


def add_event(  # noqa: PLR0913 (the columns of a row)
    connection: Connection,
    issue_id: int,
    change: str,
    *,
    actor: str,
    now: datetime,
    details: Mapping[str, Any] | None = None,
) -> None:
    """A line of the timeline, owed to the issue topic."""
    connection.execute(
        insert(EVENTS).values(
            issue_id=issue_id, at=now, actor=actor, change=change, details=dict(details or {}), owed=True
        )
    )


def issue_row(connection: Connection, issue_id: int) -> Mapping[str, Any] | None:
    """An issue as `seen` for the commands above."""
    row = connection.execute(select(ISSUES).where(ISSUES.c.id == issue_id)).mappings().one_or_none()
    return None if row is None else dict(row)
