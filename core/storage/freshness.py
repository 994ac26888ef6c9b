"""The rules of core/domain/freshness.py as conditions of SQL: the same answer for the same times."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, case, or_

from core.domain.freshness import FIRST_READING_WITHIN, SILENT_AFTER, believed_until
from core.storage.core_tables import PRINTERS, SERVICES, SNAPSHOTS

Time = ColumnElement[Any]
"""A column of times; NULL gives NULL."""

HAS_READING = SNAPSHOTS.c.reading_id != ""
"""Whether a snapshot is of a reading: a row without one is reserved for the first that comes."""


def is_ahead(at: Time, now: datetime) -> ColumnElement[bool]:
    """Return freshness.is_ahead()."""
    return at > believed_until(now)


def has_lasted(since: Time, duration: timedelta, now: datetime) -> ColumnElement[bool]:
    """Return freshness.has_lasted()."""
    return or_(is_ahead(since, now), since <= now - duration)


def is_past(at: Time, limit: timedelta, now: datetime) -> ColumnElement[bool]:
    """Return freshness.is_past()."""
    return or_(is_ahead(at, now), at < now - limit)


def is_stale(now: datetime) -> ColumnElement[bool]:
    """Return freshness.is_stale() of the rows of the snapshots."""
    return or_(SNAPSHOTS.c.stale_at <= now, is_ahead(SNAPSHOTS.c.taken_at, now))


def is_stale_printer(now: datetime) -> ColumnElement[bool]:
    """Return is_stale() or is_unread() of the rows of the printers, outer-joined with their snapshots."""
    unread = has_lasted(PRINTERS.c.created_at, FIRST_READING_WITHIN, now)
    return case((HAS_READING, is_stale(now)), else_=unread)


def is_silent(now: datetime, services: FromClause = SERVICES) -> ColumnElement[bool]:
    """Return freshness.is_silent() of the rows of the services."""
    return or_(services.c.status != "online", is_past(services.c.seen_at, SILENT_AFTER, now))


LATEST = and_(SNAPSHOTS.c.printer_id == PRINTERS.c.printer_id, HAS_READING)
"""How printers are joined with their latest snapshots."""
