"""Printers that are out of service: read as ever, while nobody is told of what they report.

OUT_OF_SERVICE has those that are, OUT_OF_SERVICE_PERIODS what is over; reports leave out both.
The caller gives the connection of its own transaction (core.storage.database.writing).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    case,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from core.contract.errors import UserError
from core.domain.reasons import reason_given
from core.storage.audit import note_many
from core.storage.core_tables import OUT_OF_SERVICE, OUT_OF_SERVICE_PERIODS, PRINTERS
from core.storage.database import hold

_LOCK: Final = "out_of_service"


@dataclass(frozen=True)
class OutOfService:
    """Since and until when a printer is out of service, and why."""

    since_at: datetime
    until_at: datetime | None
    """None: until somebody puts it back."""
    note: str
    set_by: str
    """The account's name."""

    def is_as(self, seen: "OutOfService") -> bool:
        """Return whether it is for the same reason, and until the same time."""
        return (self.note, self.until_at) == (seen.note, seen.until_at)

    def as_json(self) -> dict[str, str | None]:
        """Return what programs get of it."""
        until = self.until_at.isoformat() if self.until_at else None
        return {"since_at": self.since_at.isoformat(), "until_at": until, "note": self.note}


class TimeOutOfService(NamedTuple):
    """A time for which a printer was out of service, or still is."""

    printer_id: str
    since_at: datetime
    until_at: datetime | None
    """The first moment in which it was not, or will not be; None: nobody has said when."""


def lasts(now: datetime | ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition that a row of OUT_OF_SERVICE is not over; `now` may be a parameter."""
    return or_(OUT_OF_SERVICE.c.until_at.is_(None), OUT_OF_SERVICE.c.until_at > now)


def is_out_of_service(
    now: datetime, printer_id: ColumnElement[Any] = PRINTERS.c.printer_id
) -> ColumnElement[bool]:
    """Return the condition that the printer of a row is out of service."""
    return exists().where(OUT_OF_SERVICE.c.printer_id == printer_id, lasts(now))


def was_in_service(at: ColumnElement[Any], printer_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition that the printer of a row was not out of service at a moment of that row."""
    now, past = OUT_OF_SERVICE.c, OUT_OF_SERVICE_PERIODS.c
    return and_(
        ~exists().where(now.printer_id == printer_id, now.since_at <= at, lasts(at)),
        ~exists().where(past.printer_id == printer_id, past.since_at <= at, past.until_at > at),
    )


def times_out_of_service(connection: Connection, since: datetime, until: datetime) -> list[TimeOutOfService]:
    """Return the times out of service that overlap [since, until), in any order."""
    now, past = OUT_OF_SERVICE.c, OUT_OF_SERVICE_PERIODS.c
    running = select(now.printer_id, now.since_at, now.until_at).where(now.since_at < until, lasts(since))
    over = select(past.printer_id, past.since_at, past.until_at)
    over = over.where(past.since_at < until, past.until_at > since)
    return [TimeOutOfService(*row) for query in (running, over) for row in connection.execute(query)]


def read_out_of_service(
    connection: Connection, now: datetime, printer_ids: Iterable[str] | None = None
) -> dict[str, OutOfService]:
    """Return what is out of service, of these printers or of all, by printer."""
    query = select(OUT_OF_SERVICE).where(lasts(now))
    if printer_ids is not None:
        query = query.where(OUT_OF_SERVICE.c.printer_id.in_(printer_ids))
    return {row.printer_id: _of(row) for row in connection.execute(query)}


def next_back_in_service(connection: Connection, now: datetime) -> datetime | None:
    """Return when the next of those that are out of service is back; None where that is not known."""
    coming = select(func.min(OUT_OF_SERVICE.c.until_at)).where(OUT_OF_SERVICE.c.until_at > now)
    at: datetime | None = connection.execute(coming).scalar()
    return at


def take_out_of_service(  # noqa: PLR0913 (the columns of a row)
    connection: Connection,
    printer_id: str,
    *,
    until: datetime | None,
    why: str,
    actor: str,
    now: datetime,
) -> None:
    """Take a printer out of service, or change until when and why it is; raises like the next one."""
    take_all_out_of_service(connection, [printer_id], until=until, why=why, actor=actor, now=now)


def take_all_out_of_service(  # noqa: PLR0913 (the columns of a row)
    connection: Connection,
    printer_ids: Collection[str],
    *,
    until: datetime | None,
    why: str,
    actor: str,
    now: datetime,
) -> OutOfService:
    """Take printers out of service, or change until when and why they are; return what is said of them.

    By few statements, however many they are: others wait to write meanwhile. Raises UserError where one of
    the printers is gone, there is no reason, or the time is past; then none is to be changed.
    """
    missing = "Say why it is out of service: everybody who looks for it will ask."
    words = reason_given(why, until, now, missing=missing)
    hold(connection, _LOCK)
    # Locked: none can be removed meanwhile.
    locked = select(PRINTERS.c.printer_id).where(PRINTERS.c.printer_id.in_(printer_ids))
    locked = locked.order_by(PRINTERS.c.printer_id).with_for_update(read=True)
    found = list(connection.execute(locked).scalars())
    if len(found) < len({*printer_ids}):
        raise UserError("There is no such printer any more.")
    since = case((lasts(now), OUT_OF_SERVICE.c.since_at), else_=now)
    values = {"until_at": until, "note": words, "set_by": actor}
    # Changed in place: a batch that waits for the row would find it gone, and open an issue.
    known = hold_out_of_service(connection, found)
    over = select(OUT_OF_SERVICE).where(
        OUT_OF_SERVICE.c.printer_id.in_(known), OUT_OF_SERVICE.c.until_at <= now
    )
    _keep(connection, connection.execute(over), now)  # the processor has not come to them yet
    change = update(OUT_OF_SERVICE).where(OUT_OF_SERVICE.c.printer_id.in_(known))
    connection.execute(change.values(since_at=since, **values))
    if new := [printer_id for printer_id in found if printer_id not in known]:
        rows = [{"printer_id": printer_id, "since_at": now, **values} for printer_id in new]
        connection.execute(insert(OUT_OF_SERVICE), rows)
    details = {"until": until.isoformat() if until else "", "reason": words}
    note_many(connection, "printer.out_of_service", dict.fromkeys(found, details), actor=actor, now=now)
    return OutOfService(now, until, words, actor)


def put_back_in_service(connection: Connection, printer_id: str, *, actor: str, now: datetime) -> None:
    """End it now, as the next one."""
    put_all_back_in_service(connection, [printer_id], None, actor=actor, now=now)


def put_all_back_in_service(
    connection: Connection,
    printer_ids: Collection[str],
    seen: OutOfService | None,
    *,
    actor: str,
    now: datetime,
) -> list[str]:
    """End it now; the processor removes the rows, and opens the issues that were not opened meanwhile.

    Only of those that are out for the reason and until the time that was `seen` (None: whatever it is).
    Returns which they were.
    """
    hold(connection, _LOCK)
    out = read_out_of_service(connection, now, hold_out_of_service(connection, printer_ids))
    back = sorted(printer_id for printer_id, one in out.items() if seen is None or one.is_as(seen))
    this = update(OUT_OF_SERVICE).where(OUT_OF_SERVICE.c.printer_id.in_(back))
    connection.execute(this.values(until_at=now))
    note_many(connection, "printer.in_service", {each: {} for each in back}, actor=actor, now=now)
    return back


def hold_out_of_service(connection: Connection, printer_ids: Collection[str]) -> set[str]:
    """Return which of these are out of service; remove_ended() waits for them until this is committed."""
    rows = connection.execute(
        select(OUT_OF_SERVICE.c.printer_id)
        .where(OUT_OF_SERVICE.c.printer_id.in_(printer_ids))
        .order_by(OUT_OF_SERVICE.c.printer_id)
        .with_for_update()
    )
    return set(rows.scalars())


def end_with_printer(connection: Connection, printer_id: str, now: datetime) -> None:
    """End it with the printer, which is removed; reports of the past go on to leave that time out."""
    removal = delete(OUT_OF_SERVICE).where(OUT_OF_SERVICE.c.printer_id == printer_id)
    _keep(connection, connection.execute(removal.returning(*OUT_OF_SERVICE.c)), now)


def remove_ended(connection: Connection, now: datetime) -> list[str]:
    """Keep what is over as a time of the past; return the printers that are back in service."""
    ended = OUT_OF_SERVICE.c.until_at <= now
    # Locked in the order of all who lock them: a whole place may end at once while somebody changes it.
    found = select(OUT_OF_SERVICE.c.printer_id).where(ended).order_by(OUT_OF_SERVICE.c.printer_id)
    ids = list(connection.execute(found.with_for_update()).scalars())
    if not ids:
        return []
    over = delete(OUT_OF_SERVICE).where(OUT_OF_SERVICE.c.printer_id.in_(ids), ended)
    rows = connection.execute(over.returning(*OUT_OF_SERVICE.c)).all()
    _keep(connection, rows, now)
    return sorted(row.printer_id for row in rows)


def _keep(connection: Connection, rows: Iterable[Row[Any]], now: datetime) -> None:
    """Write down from when to when it was, for rows that are removed or begin anew."""
    kept = [
        {"printer_id": row.printer_id, "since_at": row.since_at, "until_at": until_at}
        for row in rows
        if row.since_at < (until_at := min(row.until_at or now, now))
    ]
    if kept:
        connection.execute(insert(OUT_OF_SERVICE_PERIODS), kept)


def _of(row: Row[Any]) -> OutOfService:
    return OutOfService(row.since_at, row.until_at, row.note, row.set_by)
