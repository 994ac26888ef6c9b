"""The row of what people do about a flag: made or changed with its audit, and put back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, and_, insert, select, update

from core.storage.audit import differences
from core.storage.audit import note as audit
from core.storage.core_tables import ATTENTION, TRIAGE
from core.storage.database import changed_one
from core.storage.upserts import insert_into
from dashboard.features.attention.queries import Flag

_UNTOUCHED: Final[Mapping[str, Any]] = {
    "assignee": "",
    "acknowledged_by": "",
    "acknowledged_at": None,
    "snoozed_until": None,
    "note": "",
    "issue_id": None,
}


@dataclass(frozen=True)
class Change:
    """A change of a row, and its name."""

    action: str
    """In the audit: `attention.snoozed`."""
    said: str
    """To people: snoozed."""
    values: Mapping[str, Any]


@dataclass(frozen=True)
class TriageStep:
    """A row that was written: what it held before, and the version it has now."""

    flag: Flag
    before: Mapping[str, Any]
    version: int

    def __call__(self, connection: Connection, *, actor: str, now: datetime) -> None:
        mark = {"updated_by": actor, "updated_at": now, "version": self.version + 1}
        which = and_(TRIAGE.c.attention_id == self.flag.attention_id, TRIAGE.c.version == self.version)
        done = connection.execute(update(TRIAGE).where(which).values(**self.before, **mark))
        changed_one(done.rowcount, f"the flag of {self.flag.printer_name}")
        details = {"flag": self.flag.message}
        audit(connection, "attention.undone", self.flag.printer_id, actor=actor, now=now, details=details)


def require_open(connection: Connection, flag: Flag) -> None:
    """Raise Conflict where the flag is over."""
    alive = and_(ATTENTION.c.id == flag.attention_id, ATTENTION.c.cleared_at.is_(None))
    found = connection.execute(select(ATTENTION.c.id).where(alive)).all()
    changed_one(len(found), f"the flag of {flag.printer_name}")


def make_row(connection: Connection, attention_id: int, *, actor: str, now: datetime) -> None:
    """Make the row of a flag that nobody has touched, as it is read where there is none."""
    row = {**_UNTOUCHED, "attention_id": attention_id, "updated_by": actor, "updated_at": now, "version": 0}
    make = insert_into(TRIAGE, connection.dialect.name).on_conflict_do_nothing()
    connection.execute(make.values(**row))


def write_row(connection: Connection, flag: Flag, change: Change, *, actor: str, now: datetime) -> TriageStep:
    """Make or change the row of a flag as it was seen.

    Raises Conflict where it is another by now, IntegrityError where somebody makes it at the same moment.
    """
    seen = and_(TRIAGE.c.attention_id == flag.attention_id, TRIAGE.c.version == flag.triage_version)
    mark = {"updated_by": actor, "updated_at": now, "version": flag.triage_version + 1}
    row = connection.execute(select(TRIAGE).where(seen)).mappings().first()
    if row is not None:
        done = connection.execute(update(TRIAGE).where(seen).values(**change.values, **mark))
        changed_one(done.rowcount, f"the flag of {flag.printer_name}")
    else:
        changed_one(int(flag.triage_version == 0), f"the flag of {flag.printer_name}")
        values = {**_UNTOUCHED, **change.values, **mark}
        connection.execute(insert(TRIAGE).values(attention_id=flag.attention_id, **values))
    before = {name: (row or _UNTOUCHED)[name] for name in _UNTOUCHED}
    changes = differences(before, change.values)
    plain = {name: [_plain(value) for value in pair] for name, pair in changes.items()}
    details = {"flag": flag.message, **plain}
    audit(connection, change.action, flag.printer_id, actor=actor, now=now, details=details)
    return TriageStep(flag, before, flag.triage_version + 1)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
