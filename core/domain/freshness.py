"""Which times are believed, and how old what they date is: one rule for all services.

Clocks lie. A time more than MAX_AHEAD after the own clock was written while some clock was wrong: it is not
believed, whether it comes in a message or was stored before the clock was set back. See docs/architecture.md.
"""

from datetime import datetime, timedelta
from typing import Final

MAX_AHEAD: Final = timedelta(minutes=5)
"""How far another clock, or this one in the past, may be ahead of the own one now."""


def is_ahead(at: datetime, now: datetime) -> bool:
    """Return whether a time is too far after `now` to be believed."""
    try:
        return at - now > MAX_AHEAD
    except OverflowError:
        return True


def has_lasted(since: datetime, duration: timedelta, now: datetime) -> bool:
    """Return whether what began at `since` has lasted so long; what began at a time not believed has."""
    return is_ahead(since, now) or now - since >= duration


def is_past(at: datetime, limit: timedelta, now: datetime) -> bool:
    """Return whether a believable time is longer ago than `limit`; one that is not believed is."""
    return is_ahead(at, now) or now - at > limit


def is_stale(taken_at: datetime | None, stale_at: datetime, now: datetime) -> bool:
    """Return whether a state is news no more: its next reading is overdue, or its time is not believed."""
    return now >= stale_at or (taken_at is not None and is_ahead(taken_at, now))


def believed_until(now: datetime) -> datetime:
    """Return the latest time that is believed; for what is compared in SQL."""
    return now + MAX_AHEAD
