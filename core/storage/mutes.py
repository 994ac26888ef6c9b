"""Muted conditions of printers: made and ended by people, read by the processor and the pages.

The caller gives the connection of its own transaction (core.storage.database.writing).
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, or_, select, update

from core.contract.errors import UserError
from core.domain.mutes import Mute, can_be_muted, lasting, part_of
from core.domain.reasons import reason_given
from core.storage.audit import note
from core.storage.core_tables import ATTENTION, MUTES, PRINTERS
from core.storage.database import changed_one, hold


@dataclass(frozen=True)
class KnownMute:
    """A mute, with whose it is and why."""

    mute: Mute
    printer_id: str
    since_at: datetime
    until_at: datetime | None
    """None: until somebody unmutes it."""
    note: str
    set_by: str
    """The account's name."""


@dataclass(frozen=True)
class MuteRequest:
    """The open flag that is to be muted, until when and why."""

    printer_id: str
    code: str
    subject: str
    why: str
    until: datetime | None = None
    whole_part: bool = False
    """Everything of the part that it is about."""


def last_mutes(now: datetime) -> ColumnElement[bool]:
    """Return the condition that a row of MUTES is not over."""
    return or_(MUTES.c.until_at.is_(None), MUTES.c.until_at > now)


def read_mutes(
    connection: Connection, now: datetime, printer_ids: Iterable[str] | None = None
) -> dict[str, tuple[KnownMute, ...]]:
    """Return what is muted, of these printers or of all, by printer, the oldest first."""
    query = select(MUTES).where(last_mutes(now)).order_by(MUTES.c.id)
    if printer_ids is not None:
        query = query.where(MUTES.c.printer_id.in_(printer_ids))
    found: dict[str, list[KnownMute]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.printer_id].append(_of(row))
    return {printer_id: tuple(mutes) for printer_id, mutes in found.items()}


def mutes_by_printer(connection: Connection, now: datetime) -> dict[str, list[Mute]]:
    """Return what is muted of all printers, by printer."""
    return {
        printer_id: [each.mute for each in known] for printer_id, known in read_mutes(connection, now).items()
    }


def mute_flag(connection: Connection, wanted: MuteRequest, *, actor: str, now: datetime) -> KnownMute:
    """Mute the condition of an open flag, or everything of its part; muted already: until when and why.

    Raises UserError where the flag is over, is none that can be muted, or no reason is given.
    """
    missing = "Say why it is muted: whoever comes after you will ask."
    words = reason_given(wanted.why, wanted.until, now, missing=missing)
    parts = part_of(wanted.code, wanted.subject)
    if not can_be_muted(wanted.code) or (wanted.whole_part and not parts):
        raise UserError("This cannot be muted. A printer that does not answer is taken out of service.")
    _hold(connection, wanted.printer_id)
    mute = Mute(
        0,
        "" if wanted.whole_part else wanted.code,
        parts,
        wanted.subject if parts else "",
        _parameters(connection, wanted),
    )
    known = KnownMute(mute, wanted.printer_id, now, wanted.until, words, actor)
    _note_muted(connection, known, actor, now)
    return _write(connection, known, now)


def mute_again(connection: Connection, known: KnownMute, *, actor: str, now: datetime) -> None:
    """Mute what was unmuted. Raises UserError where its printer is gone, or its end has come meanwhile."""
    if known.until_at is not None and known.until_at <= now:
        raise UserError("It would have ended by now: there is nothing to mute.")
    _hold(connection, known.printer_id)
    _note_muted(connection, known, actor, now)
    _write(connection, known, now)


def unmute(connection: Connection, known: KnownMute, *, actor: str, now: datetime) -> None:
    """End a mute: the next reading raises its flag again.

    Raises Conflict where it is over already, or somebody has muted it once more: until another day, or for
    another reason.
    """
    own = (
        MUTES.c.id == known.mute.mute_id,
        MUTES.c.note == known.note,
        MUTES.c.until_at.is_not_distinct_from(known.until_at),
    )
    done = connection.execute(delete(MUTES).where(*own, last_mutes(now)))
    changed_one(done.rowcount, "what was muted")
    details = {"muted": known.mute.title}
    note(connection, "printer.unmuted", known.printer_id, actor=actor, now=now, details=details)


def _hold(connection: Connection, printer_id: str) -> None:
    hold(connection, f"mutes {printer_id}")
    # Locked: it cannot be removed meanwhile.
    printer = select(PRINTERS.c.printer_id).where(PRINTERS.c.printer_id == printer_id)
    if connection.execute(printer.with_for_update(read=True)).first() is None:
        raise UserError("There is no such printer any more.")


def _note_muted(connection: Connection, known: KnownMute, actor: str, now: datetime) -> None:
    until = known.until_at.isoformat() if known.until_at else ""
    details = {"muted": known.mute.title, "until": until, "reason": known.note}
    note(connection, "printer.muted", known.printer_id, actor=actor, now=now, details=details)


def _parameters(connection: Connection, wanted: MuteRequest) -> dict[str, str]:
    """Return what an open flag says, without its level. Raises UserError where it is over."""
    flag = ATTENTION.c
    which = (
        flag.printer_id == wanted.printer_id,
        flag.code == wanted.code,
        flag.subject == wanted.subject,
        flag.cleared_at.is_(None),
    )
    row = connection.execute(select(flag.parameters).where(*which)).first()
    if row is None:
        raise UserError("It is over: there is nothing to mute.")
    return lasting(row.parameters)


def _write(connection: Connection, known: KnownMute, now: datetime) -> KnownMute:
    """Write a mute, or until when and why there is one already; what is over goes."""
    connection.execute(delete(MUTES).where(~last_mutes(now)))
    values = {"until_at": known.until_at, "note": known.note, "set_by": known.set_by}
    for one in read_mutes(connection, now, [known.printer_id]).get(known.printer_id, ()):
        if _key(one.mute) == _key(known.mute):
            connection.execute(update(MUTES).where(MUTES.c.id == one.mute.mute_id).values(values))
            return replace(known, mute=one.mute, since_at=one.since_at)
    mute = known.mute
    values |= {"printer_id": known.printer_id, "since_at": known.since_at}
    values |= {"code": mute.code, "parts": mute.parts, "subject": mute.subject}
    statement = insert(MUTES).values({**values, "parameters": dict(mute.parameters)})
    mute_id = connection.execute(statement.returning(MUTES.c.id)).scalar_one()
    return replace(known, mute=replace(mute, mute_id=mute_id))


def _key(mute: Mute) -> tuple[str, str, str, dict[str, str]]:
    """Return what makes two mutes the same: of a part its row alone, of anything else what it says."""
    return mute.code, mute.parts, mute.subject, {} if mute.parts else dict(mute.parameters)


def _of(row: Row[Any]) -> KnownMute:
    mute = Mute(row.id, row.code, row.parts, row.subject, row.parameters)
    return KnownMute(mute, row.printer_id, row.since_at, row.until_at, row.note, row.set_by)
