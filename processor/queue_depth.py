"""Count what waits to be done in the database; for the heartbeat."""

from collections.abc import Mapping

from pydantic import ValidationError
from sqlalchemy import Engine, select

from core.contract.messages import HistoryPoint
from core.runtime.wall_clock import utc_now
from core.storage.database import count_rows, reading
from processor.tables import EVENT_OWED, EVENTS, OUTBOX, SNAPSHOTS, STATE_OWED


def queue_depth(engine: Engine) -> Mapping[str, float]:
    """Return rows of the outbox and the age of its oldest unwritten point; states and events owed."""
    with reading(engine) as connection:
        unsent = OUTBOX.c.sent_at.is_(None)
        rows = count_rows(connection, OUTBOX)
        oldest = connection.execute(
            select(OUTBOX.c.payload).where(unsent).order_by(OUTBOX.c.id).limit(1)
        ).scalar()
        states = count_rows(connection, SNAPSHOTS, STATE_OWED)
        events = count_rows(connection, EVENTS, EVENT_OWED)
    return {
        "outbox_rows": float(rows),
        "outbox_oldest_seconds": _age(oldest) if oldest else 0.0,
        "owed_states": float(states),
        "owed_events": float(events),
    }


def _age(payload: str) -> float:
    try:
        taken_at = HistoryPoint.model_validate_json(payload).taken_at
    except ValidationError:
        return 0.0
    return round(max(0.0, (utc_now() - taken_at).total_seconds()), 1)
