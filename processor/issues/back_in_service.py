"""Printers whose time out of service is over: what they still report has its issues from now on."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, Engine, exists, func, select

from core.contract.messages import Attention
from core.runtime.wall_clock import utc_now
from core.storage.core_tables import ISSUES, OUT_OF_SERVICE, PRINTERS, SNAPSHOTS
from core.storage.database import reading, writing
from core.storage.out_of_service import remove_ended
from core.storage.states import STATE_COLUMNS, WITH_STATES, state_of
from core.storage.tables import ENDED, IssueKind
from processor.issues.changes import apply_issue_commands
from processor.issues.commands import FlagPersists, persisting

EVERY_SECONDS: Final = 2.0


class BackInService:
    """What a processor does about them, beside its batches."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def step(self) -> None:
        """Put back in service whatever is to be; one small question where nothing is."""
        now = utc_now()
        with reading(self._engine) as connection:
            over = connection.execute(select(exists().where(OUT_OF_SERVICE.c.until_at <= now))).scalar_one()
        if over:
            put_back(self._engine, now)


def put_back(engine: Engine, now: datetime) -> None:
    """Remove what is over, and open the issues that were not opened meanwhile."""
    with writing(engine) as connection:
        # First: a batch that has left an issue out for it is committed by then, and its state is seen below.
        printer_ids = remove_ended(connection, now)
        query = select(SNAPSHOTS.c.printer_id, *STATE_COLUMNS).select_from(WITH_STATES)
        these = SNAPSHOTS.c.printer_id.in_(printer_ids)
        rows = connection.execute(query.where(PRINTERS.c.enabled, these)).all()
        ended = _ended_at(connection, printer_ids)
        commands = [
            (row.printer_id, FlagPersists(flag))
            for row in sorted(rows, key=lambda row: row.printer_id)
            for flag in persisting(state_of(row.printer_id, row))
            if not _had_its_issue(ended, row.printer_id, flag)
        ]
        apply_issue_commands(connection, commands, now)


_Ended = Mapping[tuple[str, str, str], datetime]
"""When the last device issue about a flag ended, by printer, code and subject."""


def _ended_at(connection: Connection, printer_ids: Sequence[str]) -> _Ended:
    issue = ISSUES.c
    about = issue.printer_id, issue.attention_code, issue.attention_subject
    of_these = (
        issue.printer_id.in_(printer_ids),
        issue.kind == IssueKind.DEVICE,
        issue.status.in_(ENDED),
        issue.earlier_device.is_(False),
    )
    last = func.max(func.coalesce(issue.closed_at, issue.resolved_at, issue.updated_at))
    rows = connection.execute(select(*about, last).where(*of_these).group_by(*about))
    return {(row[0], row[1], row[2]): row[3] for row in rows}


def _had_its_issue(ended: _Ended, printer_id: str, flag: Attention) -> bool:
    """Return whether an issue about this episode has ended: a person has ended it, who knew of the fault."""
    at = ended.get((printer_id, flag.code, flag.subject))
    return at is not None and at >= flag.since_at
