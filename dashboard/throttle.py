"""Limit the rate of attempts; counted in the table `attempts`, for all processes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Final

from sqlalchemy import Connection, delete, func, insert, select

from core.contract.errors import UserError
from core.domain.units import counted
from core.storage.core_tables import ATTEMPTS
from core.storage.database import hold

FORGOTTEN_AFTER: Final = timedelta(days=1)
"""Attempts hold addresses of people: older ones are deleted."""


@dataclass(frozen=True)
class Limit:
    """A limit: so many attempts in such a time for each key."""

    kind: str
    count: int
    window: timedelta

    def key(self, whose: str) -> str:
        """Return how an attempt of that account or address is filed."""
        return f"{self.kind}:{whose[:200]}"


LOGIN_USER: Final = Limit("login-user", 5, timedelta(minutes=15))
LOGIN_CODE: Final = Limit("login-code", 5, timedelta(minutes=15))
LOGIN_ADDRESS: Final = Limit("login-address", 30, timedelta(minutes=15))
SCREEN_ADDRESS: Final = Limit("screen-address", 30, timedelta(minutes=15))
LINK_ADDRESS: Final = Limit("link-address", 30, timedelta(minutes=15))


class TooManyAttempts(UserError):
    """Wait; `seconds` says how long."""

    def __init__(self, seconds: int, sentence: str = "") -> None:
        minutes = max(1, ceil(seconds / 60))
        super().__init__(sentence or f"Too many attempts. Try again in {counted(minutes, 'minute')}.")
        self.seconds = seconds


def count_attempt(connection: Connection, counted: Sequence[tuple[Limit, str]], now: datetime) -> None:
    """Count one attempt for each (limit, whose); raises TooManyAttempts instead where one is exhausted.

    Call it before the attempt is tried, so that many at once cannot pass together.
    """
    for key in sorted(limit.key(whose) for limit, whose in counted):  # in one order: nobody waits in a circle
        hold(connection, f"attempts:{key}")
    waits = [_wait(connection, limit, whose, now) for limit, whose in counted]
    if any(waits):
        raise TooManyAttempts(max(waits))
    connection.execute(insert(ATTEMPTS), [{"key": limit.key(whose), "at": now} for limit, whose in counted])
    forget_old(connection, now)


def forget_old(connection: Connection, now: datetime) -> None:
    """Delete the attempts that are older than FORGOTTEN_AFTER."""
    connection.execute(delete(ATTEMPTS).where(ATTEMPTS.c.at < now - FORGOTTEN_AFTER))


def forget_attempts(connection: Connection, counted: Sequence[tuple[Limit, str]]) -> None:
    """Forget counted attempts after a success."""
    keys = [limit.key(whose) for limit, whose in counted]
    connection.execute(delete(ATTEMPTS).where(ATTEMPTS.c.key.in_(keys)))


def forget_attempt(connection: Connection, limit: Limit, whose: str, at: datetime) -> None:
    """Forget the attempt of that moment, which succeeded; earlier ones stay."""
    this = (ATTEMPTS.c.key == limit.key(whose), ATTEMPTS.c.at == at)
    connection.execute(delete(ATTEMPTS).where(*this))


def is_exhausted(connection: Connection, limit: Limit, whose: str, now: datetime) -> bool:
    """Return whether the next attempt would be refused."""
    return _wait(connection, limit, whose, now) > 0


def _wait(connection: Connection, limit: Limit, whose: str, now: datetime) -> int:
    since = now - limit.window
    attempts = ATTEMPTS.c
    number, first = connection.execute(
        select(func.count(), func.min(attempts.at)).where(
            attempts.key == limit.key(whose),
            attempts.at > since,
            attempts.at < now + limit.window,  # later: from before the clock was set back
        )
    ).one()
    return 0 if number < limit.count else ceil((first - since).total_seconds())
