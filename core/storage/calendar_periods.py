"""The calendar as it is stored: read for forecasts and pages, changed in the caller's transaction."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, delete, insert, select

from core.contract.errors import UserError
from core.domain.calendar_days import TERM, PeriodEntry
from core.domain.quiet_days import QuietDays, quiet_days
from core.storage.audit import note
from core.storage.core_tables import CALENDAR
from core.storage.database import changed_one, count_rows, update_seen

MOST_PERIODS: Final = 5_000
_AROUND: Final = timedelta(days=100)
"""Longer than a college closes."""


@dataclass(frozen=True)
class StoredPeriod:
    """A period as somebody has seen it."""

    period_id: int
    version: int
    entry: PeriodEntry
    edited_by: str
    edited_at: datetime


def read_periods(connection: Connection) -> list[StoredPeriod]:
    """Return all periods, the earliest first."""
    rows = connection.execute(select(CALENDAR).order_by(CALENDAR.c.first_day, CALENDAR.c.id))
    return [
        StoredPeriod(
            row.id,
            row.version,
            PeriodEntry(row.kind, row.name, row.first_day, row.last_day),
            row.edited_by,
            row.edited_at,
        )
        for row in rows
    ]


def days_off(connection: Connection, first: date, last: date) -> frozenset[date]:
    """Return the holidays and closed days of a stretch of time, both ends included."""
    own = CALENDAR.c
    query = select(own.first_day, own.last_day).where(
        own.kind != TERM, own.first_day <= last, own.last_day >= first
    )
    one_day = timedelta(days=1)
    return frozenset(
        begins + number * one_day
        for begins, ends in connection.execute(query)
        for number in range((ends - begins).days + 1)
        if first <= begins + number * one_day <= last
    )


def read_quiet_days(connection: Connection, written: str, today: date) -> QuietDays:
    """Return the days a setting names; the calendar around today is read where it names days off."""
    quiet = quiet_days(written)
    if not quiet.with_days_off:
        return quiet
    return replace(quiet, days_off=days_off(connection, today - _AROUND, today + _AROUND))


def add_periods(connection: Connection, entries: Iterable[PeriodEntry], *, actor: str, now: datetime) -> int:
    """Add those that are not there yet; return how many. Raises UserError where there are too many."""
    known = {stored.entry for stored in read_periods(connection)}
    new = [entry for entry in dict.fromkeys(entries) if entry not in known]
    if len(known) + len(new) > MOST_PERIODS:
        raise UserError(f"The calendar may have {MOST_PERIODS:,} periods: delete those of past years.")
    if new:
        more = {"version": 1, "edited_by": actor, "edited_at": now}
        connection.execute(insert(CALENDAR), [{**asdict(entry), **more} for entry in new])
    for entry in new:
        note(connection, "calendar.added", entry.name, actor=actor, now=now, details=_details(entry))
    return len(new)


def edit_period(
    connection: Connection, seen: StoredPeriod, entry: PeriodEntry, *, actor: str, now: datetime
) -> None:
    """Change a period; raise Conflict where somebody was faster, UserError where it is there already."""
    same = (CALENDAR.c[name] == value for name, value in asdict(entry).items())
    if count_rows(connection, CALENDAR, CALENDAR.c.id != seen.period_id, *same):
        raise UserError(f"{entry.words()} is in the calendar already.")
    values = {**asdict(entry), "edited_by": actor, "edited_at": now}
    update_seen(connection, CALENDAR, (seen.period_id, seen.version), values, seen.entry.name)
    details = {"before": seen.entry.words(), **_details(entry)}
    note(connection, "calendar.edited", entry.name, actor=actor, now=now, details=details)


def delete_period(connection: Connection, seen: StoredPeriod, *, actor: str, now: datetime) -> None:
    """Delete a period; raise Conflict where somebody was faster."""
    mine = CALENDAR.c.id == seen.period_id, CALENDAR.c.version == seen.version
    changed_one(connection.execute(delete(CALENDAR).where(*mine)).rowcount, seen.entry.name)
    note(connection, "calendar.deleted", seen.entry.name, actor=actor, now=now, details=_details(seen.entry))


def _details(entry: PeriodEntry) -> dict[str, Any]:
    return {"kind": entry.kind, "days": f"{entry.first_day} to {entry.last_day}"}
