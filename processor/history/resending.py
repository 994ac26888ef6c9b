"""Refused points sent once more, after the cause was mended."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Engine, bindparam, delete, func, insert, select, update

from core.runtime.settings import DatabaseSettings, HistorySettings
from core.runtime.wall_clock import utc_now
from core.storage.database import open_existing_database, reading, writing
from core.timeseries.stores import open_store
from core.timeseries.writer import SeriesWriter
from processor.history.drain import PointRow, write_rows
from processor.tables import OUTBOX, REFUSED_POINTS

_AT_ONCE: Final = 2_000
_REASON_LENGTH: Final = 300


@dataclass
class Resent:
    """Progress of sending refused points again."""

    of: int = 0
    sent: int = 0
    refused: int = 0
    """Again."""
    reasons: dict[str, int] = field(default_factory=dict)
    """How many for which reason."""


def resend(history: HistorySettings, database: DatabaseSettings, told: Callable[[Resent], object]) -> Resent:
    """Do it for the database and the time series of the settings. Raises UserError."""
    engine, series = open_existing_database(database), open_store(history).open_writer()
    try:
        return resend_refused(engine, series, told)
    finally:
        series.close()
        engine.dispose()


def resend_refused(engine: Engine, series: SeriesWriter, told: Callable[[Resent], object]) -> Resent:
    """Write the refused points; those refused again stay, with the new reason. Raises TimeSeriesUnavailable.

    Those that are taken go back to the outbox, as written: the processor confirms them like all others.
    """
    with reading(engine) as connection:
        ends = select(func.count(), func.max(REFUSED_POINTS.c.id)).select_from(REFUSED_POINTS)
        of, last = connection.execute(ends).one()
    resent, after = Resent(of=of), 0
    while rows := _rows(engine, after, last or 0):
        refused = write_rows(series, rows)
        _note(engine, rows, refused, to_confirm=series.confirm_seconds is not None)
        resent.sent += len(rows) - len(refused)
        resent.refused += len(refused)
        for reason in refused.values():
            resent.reasons[reason] = resent.reasons.get(reason, 0) + 1
        after = rows[-1].id
        told(resent)
    return resent


def _rows(engine: Engine, after: int, last: int) -> Sequence[PointRow]:
    own = REFUSED_POINTS.c.id
    statement = select(own, REFUSED_POINTS.c.payload).where(own > after, own <= last).order_by(own)
    with reading(engine) as connection:
        return [PointRow(*row) for row in connection.execute(statement.limit(_AT_ONCE))]


def _note(engine: Engine, rows: Sequence[PointRow], refused: Mapping[int, str], *, to_confirm: bool) -> None:
    now = utc_now()
    taken = [row for row in rows if row.id not in refused]
    again = [{"row": row, "why": reason[:_REASON_LENGTH], "now": now} for row, reason in refused.items()]
    with writing(engine) as connection:
        if taken and to_confirm:
            connection.execute(insert(OUTBOX), [{"payload": row.payload, "sent_at": now} for row in taken])
        if taken:
            ids = [row.id for row in taken]
            connection.execute(delete(REFUSED_POINTS).where(REFUSED_POINTS.c.id.in_(ids)))
        if again:
            own = REFUSED_POINTS.c.id == bindparam("row")
            renew = update(REFUSED_POINTS).where(own).values(reason=bindparam("why"), at=bindparam("now"))
            connection.execute(renew, again)
