"""Drain the outbox into the time series: a point is removed here only once it is durable there."""

import logging
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final, NamedTuple

from pydantic import ValidationError
from sqlalchemy import Connection, Engine, Select, delete, func, insert, select, update

from core.contract.messages import HistoryPoint
from core.runtime.wall_clock import utc_now
from core.storage.database import count_rows, reading, writing
from core.storage.freshness import has_lasted
from core.storage.refused_points import KEPT_POINTS
from core.timeseries.reader import TimeSeriesUnavailable
from core.timeseries.writer import SeriesWriter, Written
from processor.counters import Counters
from processor.tables import OUTBOX, REFUSED_POINTS

log = logging.getLogger(__name__)

MAX_ROWS: Final = 5_000_000
"""Points that wait for a time series that is away: the oldest beyond this many are dropped."""
_AT_ONCE: Final = 2_000
_BOUND_SECONDS: Final = 10.0
_WARN_SECONDS: Final = 60.0


class PointRow(NamedTuple):
    """A point of history as it is stored, in the outbox or among those that were refused."""

    id: int
    payload: str


class Drain:
    """step() moves some points; it raises TimeSeriesUnavailable while the time series takes nothing."""

    def __init__(
        self, engine: Engine, series: SeriesWriter, counters: Counters, max_rows: int = MAX_ROWS
    ) -> None:
        self._engine = engine
        self._series = series
        self._max_rows = max_rows
        self._counters = counters
        self._bounded_at = float("-inf")
        self._warned_at = float("-inf")
        self._was_away = True  # before our start: nobody knows

    def step(self) -> bool:
        """Write new points, else confirm old ones, else tidy up; True while there is more to do."""
        self._send_again()
        try:
            return (
                self._move(self._unsent()) or self._move(self._unconfirmed(), confirming=True) or self._tidy()
            )
        except TimeSeriesUnavailable:
            self._was_away = True
            self._bound()
            raise

    def _send_again(self) -> None:
        """Send what a time series that was away had accepted: it may have lost that; then wait once more."""
        if self._was_away:
            with writing(self._engine) as connection:
                connection.execute(update(OUTBOX).where(OUTBOX.c.sent_at.is_not(None)).values(sent_at=None))
            self._was_away = False

    def _unsent(self) -> Sequence[PointRow]:
        statement = select(OUTBOX.c.id, OUTBOX.c.payload).where(OUTBOX.c.sent_at.is_(None))
        return self._rows(statement.order_by(OUTBOX.c.id))

    def _unconfirmed(self) -> Sequence[PointRow]:
        # Accepted is not yet durable (VictoriaMetrics forgets seconds of it when killed): write it again.
        if self._series.confirm_seconds is None:
            return ()
        now = utc_now()
        due = has_lasted(OUTBOX.c.sent_at, timedelta(seconds=self._series.confirm_seconds), now)
        statement = select(OUTBOX.c.id, OUTBOX.c.payload).where(due)
        return self._rows(statement.order_by(OUTBOX.c.sent_at, OUTBOX.c.id))

    def _rows(self, statement: Select[int, str]) -> Sequence[PointRow]:
        with reading(self._engine) as connection:
            return [PointRow(*row) for row in connection.execute(statement.limit(_AT_ONCE))]

    def _move(self, rows: Sequence[PointRow], *, confirming: bool = False) -> bool:
        if not rows:
            return False
        refused = write_rows(self._series, rows)
        accepted = [row.id for row in rows if row.id not in refused]
        with writing(self._engine) as connection:
            if confirming or self._series.confirm_seconds is None:
                connection.execute(delete(OUTBOX).where(OUTBOX.c.id.in_(accepted)))
            else:
                sent = update(OUTBOX).where(OUTBOX.c.id.in_(accepted)).values(sent_at=utc_now())
                connection.execute(sent)
            if refused:
                self._set_aside(connection, rows, refused)
        if not confirming:
            self._counters.history_written += len(accepted)
        return len(rows) == _AT_ONCE

    def _set_aside(self, connection: Connection, rows: Sequence[PointRow], refused: dict[int, str]) -> None:
        now = utc_now()
        aside = [
            {"payload": row.payload, "reason": refused[row.id][:300], "at": now}
            for row in rows
            if row.id in refused
        ]
        connection.execute(insert(REFUSED_POINTS), aside)
        connection.execute(delete(OUTBOX).where(OUTBOX.c.id.in_(list(refused))))
        oldest = select(func.max(REFUSED_POINTS.c.id) - KEPT_POINTS).scalar_subquery()
        dropped = connection.execute(delete(REFUSED_POINTS).where(REFUSED_POINTS.c.id <= oldest)).rowcount
        self._counters.history_refused += len(aside)
        self._counters.history_dropped += dropped
        self._warn(refused, dropped)

    def _warn(self, refused: Mapping[int, str], dropped: int) -> None:
        """Say it now and then: a time series that refuses all would fill the log."""
        if time.monotonic() - self._warned_at < _WARN_SECONDS:
            return
        self._warned_at = time.monotonic()
        log.warning(
            "the time series refuses points of history, now %d (%s): they are kept, and "
            "`printers history resend-refused` sends them again after the cause was mended",
            len(refused),
            next(iter(refused.values())),
        )
        if dropped:
            log.error("dropped the %d oldest refused points: %d are kept", dropped, KEPT_POINTS)

    def _tidy(self) -> bool:
        self._bound()
        return self._series.tidy(utc_now())

    def _bound(self) -> None:
        """Drop the oldest points of an outbox that has outgrown its limit."""
        if time.monotonic() - self._bounded_at < _BOUND_SECONDS:
            return
        self._bounded_at = time.monotonic()
        with reading(self._engine) as connection:
            surplus = count_rows(connection, OUTBOX) - self._max_rows
        if surplus <= 0:
            return
        oldest = select(OUTBOX.c.id).order_by(OUTBOX.c.id).limit(surplus).scalar_subquery()
        with writing(self._engine) as connection:
            dropped = connection.execute(delete(OUTBOX).where(OUTBOX.c.id.in_(oldest))).rowcount
        self._counters.history_dropped += dropped
        log.error("dropped the %d oldest points of history: %d may wait", dropped, self._max_rows)


def write_rows(series: SeriesWriter, rows: Sequence[PointRow]) -> dict[int, str]:
    """Write the points of rows; why some of them are refused, by id. Raises TimeSeriesUnavailable."""
    ids, points, refused = _parsed(rows)
    written = series.write(points) if points else Written()
    return refused | {ids[place]: reason for place, reason in written.refused.items()}


def _parsed(rows: Sequence[PointRow]) -> tuple[list[int], list[HistoryPoint], dict[int, str]]:
    """Return ids and points side by side, and the rows that hold none."""
    ids, points, refused = [], [], {}
    for row in rows:
        try:
            points.append(HistoryPoint.model_validate_json(row.payload))
        except ValidationError as error:
            refused[row.id] = f"not a history point: {error.errors(include_url=False)[0]['msg']}"
        else:
            ids.append(row.id)
    return ids, points, refused
