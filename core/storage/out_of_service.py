"""Printers that are out of service: read as ever, while nobody is told of what they report.

The caller gives the connection of its own transaction (core.storage.database.writing).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

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
from core.storage.audit import note
from core.storage.core_tables import OUT_OF_SERVICE, PRINTERS
from core.storage.database import hold


@dataclass(frozen=True)
class OutOfService:
    """Since and until when a printer is out of service, and why."""

    since_at: datetime
    until_at: datetime | None
    """None: until somebody puts it back."""
    note: str
    set_by: str
    """The account's name."""

    def as_json(self) -> dict[str, str | None]:
        """Return what programs get of it."""
        until = self.until_at.isoformat() if self.until_at else None
        return {"since_at": self.since_at.isoformat(), "until_at": until, "note": self.note}


def lasts(now: datetime | ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition that a row of OUT_OF_SERVICE is not over; `now` may be a parameter."""
    return or_(OUT_OF_SERVICE.c.until_at.is_(None), OUT_OF_SERVICE.c.until_at > now)


def is_out_of_service(
    now: datetime, printer_id: ColumnElement[Any] = PRINTERS.c.printer_id
) -> ColumnElement[bool]:
    """Return the condition that the printer of a row is out of service."""
    return exists().where(OUT_OF_SERVICE.c.printer_id == printer_id, lasts(now))


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
    """Take a printer out of service, or change until when and why it is.

    Raises UserError where there is no such printer, no reason, or the time is past.
    """
    missing = "Say why it is out of service: everybody who looks for it will ask."
    words = reason_given(why, until, now, missing=missing)
    hold(connection, f"out_of_service {printer_id}")
    # Locked: it cannot be removed meanwhile.
    locked = (
        select(PRINTERS.c.printer_id).where(PRINTERS.c.printer_id == printer_id).with_for_update(read=True)
    )
    if connection.execute(locked).first() is None:
        raise UserError("There is no such printer any more.")
    since = case((lasts(now), OUT_OF_SERVICE.c.since_at), else_=now)
    values = {"until_at": until, "note": words, "set_by": actor}
    # Changed in place: a batch that waits for the row would find it gone, and open an issue.
    change = update(OUT_OF_SERVICE).where(OUT_OF_SERVICE.c.printer_id == printer_id)
    if not connection.execute(change.values(since_at=since, **values)).rowcount:
        connection.execute(insert(OUT_OF_SERVICE).values(printer_id=printer_id, since_at=now, **values))
    details = {"until": until.isoformat() if until else "", "reason": words}
    note(connection, "printer.out_of_service", printer_id, actor=actor, now=now, details=details)


def put_back_in_service(connection: Connection, printer_id: str, *, actor: str, now: datetime) -> None:
    """End it now; the processor removes the row, and opens the issues that were not opened meanwhile."""
    hold(connection, f"out_of_service {printer_id}")
    this = and_(OUT_OF_SERVICE.c.printer_id == printer_id, lasts(now))
    if connection.execute(update(OUT_OF_SERVICE).where(this).values(until_at=now)).rowcount:
        note(connection, "printer.in_service", printer_id, actor=actor, now=now)


def hold_out_of_service(connection: Connection, printer_ids: Sequence[str]) -> set[str]:
    """Return which of these are out of service; remove_ended() waits for them until this is committed."""
    rows = connection.execute(
        select(OUT_OF_SERVICE.c.printer_id)
        .where(OUT_OF_SERVICE.c.printer_id.in_(printer_ids))
        .order_by(OUT_OF_SERVICE.c.printer_id)
        .with_for_update()
    )
    return set(rows.scalars())


def remove_ended(connection: Connection, now: datetime) -> list[str]:
    """Remove what is over; return the printers that are back in service."""
    over = delete(OUT_OF_SERVICE).where(OUT_OF_SERVICE.c.until_at <= now)
    return sorted(connection.execute(over.returning(OUT_OF_SERVICE.c.printer_id)).scalars())


def _of(row: Row[Any]) -> OutOfService:
    return OutOfService(row.since_at, row.until_at, row.note, row.set_by)
