"""Device issues: opened for a critical flag that persists, resolved when it is gone, reopened, never doubled.

People's issues are theirs: they are never closed here, their timeline is told that the fault is gone.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, and_, bindparam, func, or_, select, update

from core.contract.messages import Attention
from core.domain.conditions import CONDITIONS, SUPPLY_CODES, category_of, flag_sentence
from core.storage.audit import DEVICE_EXCHANGED, note
from core.storage.core_tables import EVENTS, ISSUES
from core.storage.issues import (
    ISSUE_COLUMNS,
    IssueRow,
    NewIssue,
    add_event,
    change_status,
    issue_row,
    open_issue,
)
from core.storage.out_of_service import hold_out_of_service
from core.storage.tables import ENDED, IssueKind, IssueStatus
from processor.issues.commands import FlagGone, FlagMuted, FlagPersists, IssueCommand, SuppliesMoved
from processor.judgment.identity import DeviceChange
from processor.judgment.renumbering import Renumbered
from processor.rules.findings import FlagKey, key_of

ACTOR: Final = "processor"
REOPENED_WITHIN: Final = timedelta(hours=24)
"""A flag that returns within this time reopens its issue; later it opens a new one."""
FAULT_GONE: Final = "fault_gone"
"""The timeline's word for: the printer reports the fault as gone."""
DEVICE_CHANGED: Final = "device_changed"
"""The timeline's word for: another device has come, which this issue is not about."""
MUTED: Final = "muted"
"""The timeline's word for: somebody has muted what this issue is about."""


def apply_issue_commands(
    connection: Connection,
    commands: Sequence[tuple[str, IssueCommand]],
    now: datetime,
) -> None:
    """Carry out the commands of (printer_id, command), in order, in the batch's transaction."""
    if not commands:
        return
    since = now - REOPENED_WITHIN
    concerned = sorted({printer_id for printer_id, _ in commands})
    quiet = hold_out_of_service(connection, concerned)  # its issues are opened when it is back in service
    issues = _issues(connection, concerned, since)
    for printer_id, command in commands:
        own = issues[printer_id]
        touched: list[int] = []
        match command:
            case FlagPersists(flag):
                if printer_id not in quiet:
                    touched = _open(connection, own.values(), printer_id, flag, now)
            case FlagGone():
                touched = _gone(connection, own.values(), command, now)
            case FlagMuted(key):
                touched = _mute(connection, own.values(), key, now)
            case SuppliesMoved(moved):
                touched = _follow_moved(connection, own.values(), moved)
            case DeviceChange():
                _leave_behind(connection, printer_id, own.values(), command, now)
                own.clear()
        own |= {row.id: row for issue_id in touched if (row := issue_row(connection, issue_id))}


def resolve_all(connection: Connection, printer_ids: Sequence[str], now: datetime) -> None:
    """Resolve the open device issues of printers that are no longer watched."""
    statement = select(*ISSUE_COLUMNS).where(
        ISSUES.c.printer_id.in_(printer_ids), ISSUES.c.kind == IssueKind.DEVICE, ISSUES.c.status.not_in(ENDED)
    )
    for row in connection.execute(statement.order_by(ISSUES.c.id).with_for_update()).all():
        change_status(connection, IssueRow(*row), IssueStatus.RESOLVED, actor=ACTOR, now=now)


def _issues(
    connection: Connection, printer_ids: Sequence[str], since: datetime
) -> dict[str, dict[int, IssueRow]]:
    # Locked: an edit of somebody else between our look and our change would be a conflict.
    alive = ISSUES.c.status.not_in(ENDED)
    ended_lately = func.coalesce(ISSUES.c.closed_at, ISSUES.c.resolved_at) >= since
    device = and_(ISSUES.c.kind == IssueKind.DEVICE, or_(alive, ended_lately))
    present = ISSUES.c.earlier_device.is_(False)
    statement = (
        select(*ISSUE_COLUMNS)
        .where(ISSUES.c.printer_id.in_(printer_ids), present, or_(device, alive))
        .order_by(ISSUES.c.id)
        .with_for_update()
    )
    issues: dict[str, dict[int, IssueRow]] = defaultdict(dict)
    for row in (IssueRow(*each) for each in connection.execute(statement)):
        issues[row.printer_id][row.id] = row
    return issues


def _open(
    connection: Connection, rows: Iterable[IssueRow], printer_id: str, flag: Attention, now: datetime
) -> list[int]:
    own = [row for row in rows if _is_about(row, key_of(flag))]
    if any(row.status not in ENDED for row in own):
        return []
    new = NewIssue(
        printer_id=printer_id,
        title=_title(flag),
        details=_evidence_text(flag),
        category=category_of(flag.code),
        priority="high",
        kind=IssueKind.DEVICE,
        attention_code=flag.code,
        attention_subject=flag.subject,
    )
    return [reopen_or_open(connection, own, new, now)]


def _title(flag: Attention) -> str:
    """Return what is wrong without the level of this moment: the issue will outlast it."""
    lasting = {name: text for name, text in (flag.parameters or {}).items() if name != "percent"}
    return flag_sentence(flag.code, lasting, flag.message) if flag.parameters else flag.message


def reopen_or_open(connection: Connection, ended: Sequence[IssueRow], new: NewIssue, now: datetime) -> int:
    """Open the last of the issues again that were about the same and ended lately, else a new one."""
    if not ended:
        return open_issue(connection, new, actor=ACTOR, now=now)
    latest = max(ended, key=lambda row: row.updated_at)
    change_status(connection, latest, IssueStatus.OPEN, actor=ACTOR, now=now)
    return latest.id


def _leave_behind(
    connection: Connection, printer_id: str, rows: Iterable[IssueRow], change: DeviceChange, now: datetime
) -> None:
    """Leave the issues of a device that has been exchanged to people: none of them is resolved by that."""
    details = change.details()
    for row in rows:
        if row.status not in ENDED:
            add_event(connection, row.id, DEVICE_CHANGED, actor=ACTOR, now=now, details=details)
    own = ISSUES.c.printer_id == printer_id, ISSUES.c.earlier_device.is_(False)
    connection.execute(update(ISSUES).where(*own).values(earlier_device=True))
    note(connection, DEVICE_EXCHANGED, printer_id, actor=ACTOR, now=now, details=details)


def _follow_moved(connection: Connection, rows: Iterable[IssueRow], moved: Renumbered) -> list[int]:
    """Let issues follow their supplies to new rows; two may change places, so in two steps."""
    affected = [row for row in rows if row.attention_code in SUPPLY_CODES and row.attention_subject in moved]
    found = [{"issue": row.id, "new": moved[row.attention_subject]} for row in affected]
    if found:
        statement = update(ISSUES).where(ISSUES.c.id == bindparam("issue"))
        statement = statement.values(attention_subject=bindparam("new"))
        connection.execute(statement, [{**each, "new": f"~{each['new']}"} for each in found])
        connection.execute(statement, found)
    return [row.id for row in affected]


def _gone(connection: Connection, rows: Iterable[IssueRow], command: FlagGone, now: datetime) -> list[int]:
    touched = []
    code, subject = command.key
    for row in rows:
        if row.status in ENDED:
            continue
        if _is_about(row, command.key):
            change_status(connection, row, IssueStatus.RESOLVED, actor=ACTOR, now=now)
            touched.append(row.id)
        elif row.kind == IssueKind.PERSON and _concerns(row, command.key):
            said = {"code": code, "subject": subject, "message": command.message}
            if not _is_last_word(connection, row.id, said):
                add_event(connection, row.id, FAULT_GONE, actor=ACTOR, now=now, details=said)
    return touched


def _mute(connection: Connection, rows: Iterable[IssueRow], key: FlagKey, now: datetime) -> list[int]:
    """Close the issue of a flag that somebody has muted; what people reported stays theirs."""
    own = [row for row in rows if _is_about(row, key) and row.status not in ENDED]
    for row in own:
        add_event(connection, row.id, MUTED, actor=ACTOR, now=now, details={"code": key[0]})
        change_status(connection, row, IssueStatus.CLOSED, actor=ACTOR, now=now)
    return [row.id for row in own]


def _is_last_word(connection: Connection, issue_id: int, said: Mapping[str, str]) -> bool:
    """Return whether that this fault is gone is the last thing told of an issue: faults come and go."""
    newest = select(EVENTS.c.change, EVENTS.c.details).where(EVENTS.c.issue_id == issue_id)
    row = connection.execute(newest.order_by(EVENTS.c.id.desc()).limit(1)).one_or_none()
    same = ("code", "subject")
    return (
        row is not None
        and row.change == FAULT_GONE
        and [row.details.get(name) for name in same] == [said[name] for name in same]
    )


def _is_about(row: IssueRow, key: FlagKey) -> bool:
    """Return whether it is the device issue of this flag."""
    return row.kind == IssueKind.DEVICE and (row.attention_code, row.attention_subject) == key


def _concerns(row: IssueRow, key: FlagKey) -> bool:
    """Return whether a person's issue names this flag, or else the kind of fault that it is."""
    code, subject = key
    if row.attention_code:
        return row.attention_code == code and row.attention_subject in ("", subject)
    known = CONDITIONS.get(code)
    return row.category in {code, known.category if known else ""}


def _evidence_text(flag: Attention) -> str:
    lines = (f"{e.object}{'.' + e.index if e.index else ''} = {e.value}" for e in flag.evidence)
    return "\n".join((f"Reported by the printer since {flag.since_at:%Y-%m-%d %H:%M} UTC.", *lines))
