"""Triage of flags: assign, snooze, acknowledge, note; each with its audit, each undoable.

Where there is an issue about the flag, whose it is is the issue's matter: assigning goes there.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Final

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from core.contract.errors import Conflict, UserError
from core.domain.conditions import category_of
from core.domain.permissions import Permission
from core.domain.units import counted
from core.storage import issues
from core.storage.database import conflict, writing
from core.storage.issues import NewIssue, change_issue, issue_of_version
from core.storage.tables import ENDED
from dashboard.actor import Actor
from dashboard.features.attention.queries import Flag
from dashboard.features.attention.triage_rows import Change, require_open, write_row
from dashboard.features.issues.actions import IssueStep, check_assignee, close_again
from dashboard.undoing import Done, UndoStep
from dashboard.viewer import Viewer

LONGEST_NOTE: Final = 1_000

Act = Callable[[Connection, Flag], tuple[UndoStep, ...]]


class RefusedTriage(UserError):
    """That cannot be done with a flag; the sentence says why."""


def assign(by: Actor, flags: Sequence[Flag], name: str) -> Done:
    """Assign flags to somebody ("" to nobody)."""
    change = Change("attention.assigned", f"assigned to {name}" if name else "unassigned", {"assignee": name})

    def act(connection: Connection, flag: Flag) -> tuple[UndoStep, ...]:
        if name:
            check_assignee(connection, name)
        if flag.issue_id is None:
            return (write_row(connection, flag, change, actor=by.name, now=by.now),)
        return _assign_issue(connection, by, flag, name)

    return _each(by, flags, act, change.said)


def acknowledge(by: Actor, flags: Sequence[Flag]) -> Done:
    """Acknowledge flags: they are folded away until they are over."""
    values = {"acknowledged_by": by.name, "acknowledged_at": by.now, "snoozed_until": None}
    return _write_each(by, flags, Change("attention.acknowledged", "acknowledged", values))


def snooze(by: Actor, flags: Sequence[Flag], until: datetime) -> Done:
    """Snooze flags: they are folded away until then."""
    if until <= by.now:
        raise RefusedTriage("Choose a time in the future to snooze until.")
    values = {"snoozed_until": until, "acknowledged_by": "", "acknowledged_at": None}
    return _write_each(by, flags, Change("attention.snoozed", "snoozed", values))


def bring_back(by: Actor, flags: Sequence[Flag]) -> Done:
    """Undo an acknowledgment or snooze."""
    values = {"snoozed_until": None, "acknowledged_by": "", "acknowledged_at": None}
    return _write_each(by, flags, Change("attention.brought_back", "brought back", values))


def note(by: Actor, flag: Flag, text: str) -> Done:
    """Write a note for the next person who looks at the flag ("" removes it)."""
    words = text.strip()
    if len(words) > LONGEST_NOTE:
        raise RefusedTriage(f"A note has at most {LONGEST_NOTE:,} characters; this has {len(words):,}.")
    said = "note saved" if words else "note removed"
    return _write_each(by, [flag], Change("attention.noted", said, {"note": words}))


def open_issue(by: Actor, flag: Flag) -> Done:
    """Open an issue for a flag, assigned to the flag's assignee; `said` names its number."""
    opened: list[int] = []

    def act(connection: Connection, flag: Flag) -> tuple[UndoStep, ...]:
        if flag.issue_id is not None:
            raise RefusedTriage(f"There is an issue about it already: {flag.issue_id}.")
        new = _new_issue(flag, by.viewer)
        issue_id = issues.open_issue(connection, new, actor=by.name, now=by.now)
        opened.append(issue_id)
        row = issue_of_version(connection, issue_id, 1)
        row = change_issue(connection, row, {"assignee": flag.assignee}, actor=by.name, now=by.now)
        change = Change("attention.issue_opened", "issue opened", {"issue_id": issue_id})
        triage = write_row(connection, flag, change, actor=by.name, now=by.now)
        return triage, partial(close_again, issue_id=issue_id, version=row.version)

    done = _each(by, [flag], act, "issue opened")
    if not done.steps:
        return done
    return replace(done, said=f"{flag.printer_name}: issue {opened[0]} is open")


def _new_issue(flag: Flag, viewer: Viewer) -> NewIssue:
    since = f"Reported by the printer since {flag.since_at:%Y-%m-%d %H:%M} UTC."
    return NewIssue(
        printer_id=flag.printer_id,
        title=flag.message,
        details="\n".join(part for part in (since, flag.note) if part),
        category=category_of(flag.code),
        priority="high" if flag.severity == "critical" else "normal",
        reporter=viewer.full_name or viewer.name,
        attention_code=flag.code,
        attention_subject=flag.subject,
    )


def _write_each(by: Actor, flags: Sequence[Flag], change: Change) -> Done:
    def act(connection: Connection, flag: Flag) -> tuple[UndoStep, ...]:
        return (write_row(connection, flag, change, actor=by.name, now=by.now),)

    return _each(by, flags, act, change.said)


def _each(by: Actor, flags: Sequence[Flag], act: Act, said: str) -> Done:
    """Change each flag in a transaction of its own: one that somebody else has changed stops no other."""
    by.require(Permission.TRIAGE_ATTENTION)
    steps: list[UndoStep] = []
    refused: list[str] = []
    for flag in flags:
        try:
            with writing(by.engine) as connection:
                require_open(connection, flag)
                made = act(connection, flag)
            steps += made
        except (Conflict, IntegrityError):
            why = "somebody else has just changed this, or it is over. Look again."
            refused.append(f"{flag.printer_name}: {why}")
    done = len(flags) - len(refused)
    words = flags[0].printer_name if len(flags) == 1 else counted(done, "flag", "flags")
    said = f"{words}: {said}" if done else ""
    return Done(said, tuple(steps), tuple(refused), Permission.TRIAGE_ATTENTION)


def _assign_issue(connection: Connection, by: Actor, flag: Flag, name: str) -> tuple[UndoStep, ...]:
    seen = issue_of_version(connection, flag.issue_id or 0, flag.issue_version)
    if seen.status in ENDED:
        raise conflict(f"issue {flag.issue_id}")
    after = change_issue(connection, seen, {"assignee": name}, actor=by.name, now=by.now)
    return () if after is seen else (IssueStep(seen, after),)
