"""Points of history that the time series has refused: how many are kept, and why they were refused."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, func, select

from core.storage.core_tables import REFUSED_POINTS
from core.storage.database import count_rows

KEPT_POINTS: Final = 100_000
"""So many are kept, the newest: some 50 MB. `printers history resend-refused` sends them again."""


@dataclass(frozen=True)
class RefusedReason:
    """Points that were refused for one reason."""

    reason: str
    points: int
    last_at: datetime
    """When the last of them was refused."""


def count_refused(connection: Connection, since: datetime | None = None) -> int:
    """Return how many refused points are kept, or of them how many were refused since a time."""
    lately = () if since is None else (REFUSED_POINTS.c.at >= since,)
    return count_rows(connection, REFUSED_POINTS, *lately)


def refused_reasons(connection: Connection, most: int = 10) -> tuple[RefusedReason, ...]:
    """Return the reasons for which most points were refused, those with most points first."""
    points = func.count().label("points")
    reason, at = REFUSED_POINTS.c.reason, REFUSED_POINTS.c.at
    statement = select(reason, points, func.max(at)).group_by(reason)
    statement = statement.order_by(points.desc(), reason).limit(most)
    return tuple(RefusedReason(*row) for row in connection.execute(statement))
