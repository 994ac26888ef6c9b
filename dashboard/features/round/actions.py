"""Tick what is done on site, and take that back.

A tick is kept with the life of its flag (the table triage) and told in the timeline of its issue. It changes
neither flag nor issue: the printer's readings end both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, and_, select, update

from core.domain.permissions import Permission
from core.storage.audit import note
from core.storage.core_tables import ATTENTION, TRIAGE
from core.storage.database import changed_one, writing
from core.storage.issues import DONE_ON_SITE, NOT_DONE, add_event
from dashboard.actor import Actor
from dashboard.features.attention.queries import Flag
from dashboard.features.attention.triage_rows import make_row
from dashboard.undoing import Done

_WORKS: Final = Permission.WORK_ISSUES


@dataclass(frozen=True)
class TickStep:
    """A flag that was ticked, and when."""

    flag: Flag
    done_at: datetime

    def __call__(self, connection: Connection, *, actor: str, now: datetime) -> None:
        own = and_(TRIAGE.c.attention_id == self.flag.attention_id, TRIAGE.c.done_at == self.done_at)
        taken = connection.execute(update(TRIAGE).where(own).values(done_by="", done_at=None))
        changed_one(taken.rowcount, f"the tick of {self.flag.printer_name}")
        _tell(connection, self.flag, NOT_DONE, actor, now)


def tick(by: Actor, flags: Sequence[Flag]) -> Done:
    """Say of flags, as they were seen, that they are done.

    What somebody else has ticked meanwhile stays theirs, and what the printer reports no more needs no tick:
    neither is refused, so that two people, or two taps, do what one does.
    """
    by.require(_WORKS)
    with writing(by.engine) as connection:
        steps = [step for flag in flags if (step := _tick(connection, by, flag)) is not None]
    name = flags[0].printer_name if flags else ""
    said = f"{name}: done" if steps else f"{name}: was done already"
    return Done(said, tuple(steps), permission=_WORKS)


def take_back(by: Actor, flags: Sequence[Flag]) -> Done:
    """Take ticks back, whoever has set them; raises Conflict where somebody has ticked anew."""
    by.require(_WORKS)
    with writing(by.engine) as connection:
        for flag in flags:
            if flag.done_at is not None:
                TickStep(flag, flag.done_at)(connection, actor=by.name, now=by.now)
    return Done(f"{flags[0].printer_name if flags else ''}: not done yet")


def _tick(connection: Connection, by: Actor, flag: Flag) -> TickStep | None:
    alive = and_(ATTENTION.c.id == flag.attention_id, ATTENTION.c.cleared_at.is_(None))
    if connection.execute(select(ATTENTION.c.id).where(alive)).first() is None:
        return None
    make_row(connection, flag.attention_id, actor=by.name, now=by.now)
    # By what was seen: a second tick, of another or of the same thumb, finds another time and writes nothing.
    before = TRIAGE.c.done_at.is_(None) if flag.done_at is None else TRIAGE.c.done_at == flag.done_at
    own = and_(TRIAGE.c.attention_id == flag.attention_id, before)
    written = connection.execute(update(TRIAGE).where(own).values(done_by=by.name, done_at=by.now))
    if not written.rowcount:
        return None
    _tell(connection, flag, DONE_ON_SITE, by.name, by.now)
    return TickStep(flag, by.now)


def _tell(connection: Connection, flag: Flag, change: str, actor: str, now: datetime) -> None:
    details = {"code": flag.code, "subject": flag.subject, "message": flag.message}
    if flag.issue_id is not None:
        add_event(connection, flag.issue_id, change, actor=actor, now=now, details=details)
    note(connection, f"round.{change}", flag.printer_id, actor=actor, now=now, details={"flag": flag.message})
