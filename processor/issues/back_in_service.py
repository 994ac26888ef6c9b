"""Printers whose time out of service is over: what they still report has its issues from now on."""

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Engine, exists, select

from core.storage.core_tables import OUT_OF_SERVICE, SNAPSHOTS
from core.storage.database import reading, writing
from core.storage.out_of_service import remove_ended
from core.storage.states import STATE_COLUMNS, STATES, state_of
from processor.issues.changes import apply_issue_commands
from processor.issues.commands import opening_commands

EVERY_SECONDS: Final = 2.0


class BackInService:
    """What a processor does about them, beside its batches."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def step(self) -> None:
        """Put back in service whatever is to be; one small question where nothing is."""
        now = datetime.now(UTC)
        with reading(self._engine) as connection:
            over = connection.execute(select(exists().where(OUT_OF_SERVICE.c.until_at <= now))).scalar_one()
        if over:
            put_back(self._engine, now)


def put_back(engine: Engine, now: datetime) -> None:
    """Remove what is over, and open the issues that were not opened meanwhile."""
    with writing(engine) as connection:
        # First: a batch that has left an issue out for it is committed by then, and its state is seen below.
        printer_ids = remove_ended(connection, now)
        query = select(SNAPSHOTS.c.printer_id, *STATE_COLUMNS).select_from(STATES)
        rows = connection.execute(query.where(SNAPSHOTS.c.printer_id.in_(printer_ids))).all()
        commands = [
            (row.printer_id, command)
            for row in sorted(rows, key=lambda row: row.printer_id)
            for command in opening_commands(state_of(row.printer_id, row))
        ]
        apply_issue_commands(connection, commands, now)
