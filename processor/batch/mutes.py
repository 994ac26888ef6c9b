"""What is muted of the printers of a batch: read with them, written where a reading has moved it."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from pydantic_core import from_json
from sqlalchemy import Connection, delete, select, update

from core.domain.mutes import Mute
from processor.batch.prepared import PreparedQuery
from processor.tables import MUTES


class _MuteRow(NamedTuple):
    """A row, its parameters as JSON."""

    id: int
    printer_id: str
    code: str
    parts: str
    subject: str
    parameters: str
    until_at: datetime | None


# Built once: to build a statement costs more than SQLite needs to run it.
_STORED: Final = PreparedQuery(
    select(*(MUTES.c[name] for name in _MuteRow._fields)).order_by(MUTES.c.id), MUTES.c.printer_id, _MuteRow
)


def mutes_of(
    connection: Connection, printer_ids: Sequence[str], now: datetime
) -> dict[str, tuple[Mute, ...]]:
    """Return what is muted now, by printer."""
    if not printer_ids:  # as of most batches
        return {}
    found: dict[str, list[Mute]] = defaultdict(list)
    for row in _STORED.rows(connection, printer_ids):
        if row.until_at is None or row.until_at > now:
            mute = Mute(row.id, row.code, row.parts, row.subject, from_json(row.parameters))
            found[row.printer_id].append(mute)
    return {printer_id: tuple(mutes) for printer_id, mutes in found.items()}


def follow_mutes(connection: Connection, before: Sequence[Mute], after: Sequence[Mute]) -> None:
    """Let mutes follow their supplies to new rows; remove those of a device that is no longer there."""
    staying = {mute.mute_id: mute for mute in after}
    for mute in before:
        this = MUTES.c.id == mute.mute_id
        now = staying.get(mute.mute_id)
        if now is None:
            connection.execute(delete(MUTES).where(this))
        elif now.subject != mute.subject:
            connection.execute(update(MUTES).where(this).values(subject=now.subject))
