"""Rules for times: which are believed, how old a reading is, when a printer is stale and a service silent.

One rule for all services. The same as conditions of SQL: core/storage/freshness.py.

Clocks lie. A time more than MAX_AHEAD after the own clock was written while some clock was wrong: it is not
believed, whether it comes in a message or was stored before the clock was set back. See docs/architecture.md.
"""

import math
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final, Protocol

MAX_AHEAD: Final = timedelta(minutes=5)
"""How far another clock, or this one in the past, may be ahead of the own one now."""

SILENT_AFTER: Final = timedelta(seconds=90)
"""Three heartbeats missed: a service is silent."""
FIRST_READING_WITHIN: Final = timedelta(minutes=10)
"""So long is a printer waited for that was never read; afterwards it is stale."""
STALE_AFTER_INTERVALS: Final = 2
"""A state is stale when no reading came for so many of its printer's intervals."""
_LONGEST_INTERVAL_SECONDS: Final = 30 * 86400.0


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


def stale_at(taken_at: datetime, interval_seconds: float) -> datetime:
    """Return when a state is stale unless another reading comes; the interval is what a collector says."""
    seconds = interval_seconds if math.isfinite(interval_seconds) else _LONGEST_INTERVAL_SECONDS
    try:
        return taken_at + STALE_AFTER_INTERVALS * timedelta(
            seconds=min(max(seconds, 0.0), _LONGEST_INTERVAL_SECONDS)
        )
    except OverflowError:
        return taken_at


def interval_of(taken_at: datetime, stale_at: datetime) -> timedelta:
    """Return the interval in which a printer is read, by its latest state."""
    return (stale_at - taken_at) / STALE_AFTER_INTERVALS


def is_stale(taken_at: datetime, stale_at: datetime, now: datetime) -> bool:
    """Return whether a state is news no more: its next reading is overdue, or its time is not believed."""
    return is_overdue(stale_at, now) or is_ahead(taken_at, now)


class Dated(Protocol):
    """Times of many rows that are checked for staleness at once: UTC, without a zone for speed."""

    stale_at: datetime
    ahead_at: datetime | None
    """The time of the state where it was ahead of the clock; None where it was believed."""


def are_stale(states: Iterable[Dated], now: datetime) -> Iterator[bool]:
    """Return is_stale() of each, in a tenth of the time."""
    clock, believed = now.replace(tzinfo=None), believed_until(now).replace(tzinfo=None)
    return (
        clock >= state.stale_at or (state.ahead_at is not None and state.ahead_at > believed)
        for state in states
    )


def is_overdue(stale_at: datetime, now: datetime) -> bool:
    """Return whether the reading is overdue that `stale_at` waits for."""
    return now >= stale_at


def unread_stale_at(created_at: datetime) -> datetime:
    """Return when a printer that was never read is stale unless its first reading comes."""
    try:
        return created_at + FIRST_READING_WITHIN
    except OverflowError:
        return created_at


def is_unread(created_at: datetime, now: datetime) -> bool:
    """Return whether a printer that was never read is stale: its first reading is overdue."""
    return has_lasted(created_at, FIRST_READING_WITHIN, now)


def is_silent(online: bool, seen_at: datetime, now: datetime) -> bool:
    """Return whether a service said goodbye (`online` is false), or says nothing any more."""
    return not online or is_past(seen_at, SILENT_AFTER, now)


def believed_until(now: datetime) -> datetime:
    """Return the latest time that is believed; for the ends of ranges."""
    return now + MAX_AHEAD
