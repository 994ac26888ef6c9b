"""Write times and states of the time series as numbers; never renumbered."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final

from core.contract.messages import State
from core.domain.freshness import believed_until
from core.runtime.wall_clock import utc_now

STATE_CODES: Final[Mapping[State, int]] = {
    "unknown": 0,
    "idle": 1,
    "printing": 2,
    "warming_up": 3,
    "asleep": 4,
    "stopped": 5,
    "unreachable": 6,
}
STATE_OF_CODE: Final[Mapping[int, State]] = {code: state for state, code in STATE_CODES.items()}

HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_DAY: Final = date(1970, 1, 1)
_MILLISECOND: Final = timedelta(milliseconds=1)


def milliseconds(at: datetime) -> int:
    """Return milliseconds since 1970: together with the printer, they identify a point."""
    return (at - _EPOCH) // _MILLISECOND


def moment(at: int) -> datetime:
    """Return the time of a point."""
    return _EPOCH + at * _MILLISECOND


def not_ahead(until: datetime) -> datetime:
    """Return the end of a range, cut where times are not believed: what is dated ahead is no history."""
    return min(until, believed_until(utc_now()))


def day_not_ahead(until: date) -> date:
    """Return the same for a range of days: the last one is that of the own clock."""
    return min(until, believed_until(utc_now()).date() + timedelta(days=1))


def day_number(day: date) -> int:
    """Return days since 1970."""
    return (day - _FIRST_DAY).days


def day_of(number: int) -> date:
    """Return the UTC day of a number."""
    return _FIRST_DAY + timedelta(days=number)


def months_between(since: date, until: date) -> Iterator[tuple[date, date]]:
    """Yield the pieces of [since, until) that lie in one month each."""
    while since < until:
        after = min(until, (since.replace(day=1) + timedelta(days=31)).replace(day=1))
        yield since, after
        since = after
