"""What can be done to an issue: row and event in one transaction, the event owed to the issue topic.

The caller gives the connection of its own writing transaction (core.storage.database.writing).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, insert, select, update

from core.storage.audit import differences
from core.storage.core_tables import EVENTS, ISSUES
from core.storage.database import changed_one
from core.storage.tables import ENDED, IssueKind, IssueStatus

EDITABLE: Final = ("status", "assignee", "priority", "category", "title")
"""What change_issue changes."""


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
    edit_issue(connection, seen, _status_values(seen, status, now), now=now)
    _tell_status(connection, seen, status, actor=actor, now=now)


def assign(
    connection: Connection, seen: Mapping[str, Any], assignee: str, *, actor: str, now: datetime
) -> None:
    """Give an issue to somebody ("" to nobody). Raises Conflict if it has changed since it was read."""
    edit_issue(connection, seen, {"assignee": assignee}, now=now)
    _tell_assignee(connection, seen, assignee, actor=actor, now=now)


def change_issue(
    connection: Connection, seen: Mapping[str, Any], wanted: Mapping[str, Any], *, actor: str, now: datetime
) -> Mapping[str, Any]:
    """Make of an issue what `wanted` says about EDITABLE, in one step with an event for each kind of change.

    Returns the row as it is then, to be `seen` by what follows; as it was where nothing differs. Raises
    Conflict if it has changed since it was read.
    """
    changes = differences(seen, {name: wanted[name] for name in EDITABLE if name in wanted})
    if not changes:
        return seen
    values = {name: after for name, (_, after) in changes.items()}
    if "status" in values:
        values |= _status_values(seen, IssueStatus(values["status"]), now)
    edit_issue(connection, seen, values, now=now)
    if "status" in changes:
        _tell_status(connection, seen, IssueStatus(changes.pop("status")[1]), actor=actor, now=now)
    if "assignee" in changes:
        _tell_assignee(connection, seen, changes.pop("assignee")[1], actor=actor, now=now)
    if changes:
        add_event(connection, seen["id"], "edited", actor=actor, now=now, details=changes)
    return {**seen, **values, "updated_at": now, "version": seen["version"] + 1}


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


def _status_values(seen: Mapping[str, Any], status: IssueStatus, now: datetime) -> dict[str, Any]:
    kept = seen["resolved_at"] if status in ENDED else None
    return {
        "status": status.value,
        "resolved_at": now if status == IssueStatus.RESOLVED else kept,
        "closed_at": now if status == IssueStatus.CLOSED else None,
    }


def _tell_status(
    connection: Connection, seen: Mapping[str, Any], status: IssueStatus, *, actor: str, now: datetime
) -> None:
    change = "reopened" if seen["status"] in ENDED and status not in ENDED else status.value
    details = {"from": seen["status"], "to": status.value}
    add_event(connection, seen["id"], change, actor=actor, now=now, details=details)


def _tell_assignee(
    connection: Connection, seen: Mapping[str, Any], assignee: str, *, actor: str, now: datetime
) -> None:
    details = {"from": seen["assignee"], "to": assignee}
    add_event(connection, seen["id"], "assigned", actor=actor, now=now, details=details)
