"""Outages found and ended: one issue for printers that stop answering together, theirs hang below it.

Not a part of the batches: what is stored is looked at every few seconds, and brought to what it should be.
So it does not matter in which order readings came, how often, and whether a processor died meanwhile. What
has not changed since the last look costs two small questions to the database.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, Engine, func, insert, or_, select, text, update

from core.domain.conditions import UNREACHABLE, category_of, sentence
from core.domain.outages import (
    CODE,
    Extent,
    Group,
    is_own_title,
    outages_that_last,
    sites_around,
    smallest,
)
from core.runtime.wall_clock import utc_now
from core.storage.audit import Details
from core.storage.core_tables import ISSUES, OUTAGES
from core.storage.database import reading, writing
from core.storage.issues import (
    ISSUE_COLUMNS,
    IssueRow,
    NewIssue,
    add_event,
    change_status,
    issue_row,
)
from core.storage.outages import (
    OpenOutage,
    SilentPrinter,
    lock_silent_printers,
    outages_on,
    reached_printers,
    silent_printers,
)
from core.storage.tables import ENDED, LIVING, IssueKind, IssueStatus
from processor.issues.changes import ACTOR, REOPENED_WITHIN, reopen_or_open

EVERY_SECONDS: Final = 2.0
_AGAIN_AFTER_SECONDS: Final = 30.0
"""Looked at whole after so long, even where no printer has come or gone: the inventory may have changed."""
HUNG_BELOW: Final = "hung_below"
"""The timeline's word for: it is counted to an outage's issue, or no longer."""
_DETAILS: Final = (
    "They stopped answering together: look at the network and the power there first. "
    "The issues of the single printers end with this one; one that stays away after the others are back "
    "keeps its own."
)


class Outages:
    """What a processor does about outages, beside its batches."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._seen: tuple[list[SilentPrinter], dict[Group, OpenOutage]] | None = None
        self._at = 0.0

    def step(self) -> None:
        """Look whether anything has changed, and store what follows from it."""
        now = utc_now()
        with reading(self._engine) as connection:
            seen = silent_printers(connection, now), outages_on(connection)
        since = time.monotonic() - self._at
        if seen == self._seen and since < _AGAIN_AFTER_SECONDS:
            return
        if any(seen):
            settle_outages(self._engine, now)
        self._seen, self._at = seen, time.monotonic()


def settle_outages(engine: Engine, now: datetime) -> None:
    """Bring outages and their issues to what the stored states say; changes nothing where they are that."""
    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":  # SQLite has one writer in any case
            connection.execute(text("LOCK TABLE outages IN SHARE ROW EXCLUSIVE MODE"))
        Settlement(connection, now).settle()


class Settlement:
    """One look at everything, in a writing transaction: what it reads stays so until it is written."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now
        # The snapshots first, as batches do: none of these printers answers before this is committed.
        silent = lock_silent_printers(connection, now)
        self._before = outages_on(connection)
        self._issues = _issues_about_silence(connection, now - REOPENED_WITHIN)
        self._silent = [one for one in silent if not one.out_of_service]
        hanging = self._hanging()
        self._quiet = [one for one in silent if one.out_of_service and one.printer_id in hanging]
        """Those that were taken out of service during an outage: a part of it until they answer."""

    def settle(self) -> None:
        """Store what has changed."""
        where, quiet = ([one.where for one in these] for these in (self._silent, self._quiet))
        sizes = reached_printers(self._connection, self._now) if where or quiet else {}
        wanted = outages_that_last(where, quiet, sizes, self._before.keys())
        on = {group: self._take(group, extent) for group, extent in wanted.items()}
        over = self._before.keys() - wanted.keys()
        self._end([self._before[group] for group in over])
        self._hang(on, sites_around([*where, *quiet], on))
        for one in self._silent:
            if smallest(one.where, over) and not smallest(one.where, on):
                self._keep_own(one.printer_id)

    def _take(self, group: Group, extent: Extent) -> int:
        """Store an outage that is on; return its issue."""
        before = self._before.get(group)
        if before is None:
            issue_id = self._raise_issue(group, extent)
            values = {**group._asdict(), **asdict(extent), "began_at": self._now, "issue_id": issue_id}
            self._connection.execute(insert(OUTAGES).values(values))
            return issue_id
        if before.extent != extent:
            this = update(OUTAGES).where(OUTAGES.c.id == before.outage_id)
            self._connection.execute(this.values(asdict(extent)))
            if row := self._living(before.issue_id):
                self._rename(row, group, extent)
        return before.issue_id

    def _raise_issue(self, group: Group, extent: Extent) -> int:
        own = self._about("", CODE, group.key)
        title = extent.title(group)
        new = NewIssue("", title, _DETAILS, category_of(UNREACHABLE), "high", kind=IssueKind.DEVICE)
        new = replace(new, attention_code=CODE, attention_subject=group.key)
        living = next((row for row in own if row.status in LIVING), None)
        issue_id = living.id if living else reopen_or_open(self._connection, own, new, self._now)
        row = issue_row(self._connection, issue_id)
        if row is not None and row.title != title:
            self._rename(row, group, extent)
        return issue_id

    def _rename(self, row: IssueRow, group: Group, extent: Extent) -> None:
        """Have the title tell the numbers of now, unless a person has given it another.

        Its version stays: nobody's edit conflicts with that.
        """
        if not is_own_title(row.title, group):
            return
        title = extent.title(group)
        this = update(ISSUES).where(ISSUES.c.id == row.id)
        self._connection.execute(this.values(title=title, updated_at=self._now))
        self._tell(row.id, "edited", {"title": [row.title, title]})

    def _end(self, over: Sequence[OpenOutage]) -> None:
        if over:
            these = update(OUTAGES).where(OUTAGES.c.id.in_([outage.outage_id for outage in over]))
            self._connection.execute(these.values(ended_at=self._now))
        for outage in over:
            self._resolve(outage.issue_id)

    def _hang(self, on: Mapping[Group, int], around: Mapping[Group, Group]) -> None:
        """Hang living issues below those of their outages, and end them with one that a person has ended."""
        parents = {one.printer_id: smallest(one.where, on) for one in (*self._silent, *self._quiet)}
        parents |= {group.key: around.get(group) for group in on}
        ended = {outage.issue_id for outage in self._before.values() if outage.issue_status in ENDED}
        for row in [*self._issues.values()]:
            if row.status in ENDED:
                continue
            group = parents.get(row.printer_id or row.attention_subject)
            parent_id = None if group is None else on[group]
            if row.parent_id != parent_id:
                self._connection.execute(
                    update(ISSUES).where(ISSUES.c.id == row.id).values(parent_id=parent_id)
                )
                self._tell(row.id, HUNG_BELOW, {"from": row.parent_id, "to": parent_id})
            if parent_id in ended:
                self._resolve(row.id)

    def _keep_own(self, printer_id: str) -> None:
        """See that a printer that stays away has an issue of its own."""
        own = self._about(printer_id, UNREACHABLE)
        if any(row.status in LIVING for row in own):
            return
        title, category = sentence(UNREACHABLE, {}), category_of(UNREACHABLE)
        new = NewIssue(printer_id, title, "", category, "high", kind=IssueKind.DEVICE)
        issue_id = reopen_or_open(self._connection, own, replace(new, attention_code=UNREACHABLE), self._now)
        self._connection.execute(update(ISSUES).where(ISSUES.c.id == issue_id).values(parent_id=None))

    def _resolve(self, issue_id: int) -> None:
        if row := self._living(issue_id):
            change_status(self._connection, row, IssueStatus.RESOLVED, actor=ACTOR, now=self._now)
            self._issues[issue_id] = replace(row, status=IssueStatus.RESOLVED, updated_at=self._now)

    def _hanging(self) -> set[str]:
        """Return the printers whose issue hangs below that of an outage that was on."""
        parents = {outage.issue_id for outage in self._before.values()}
        living = (row for row in self._issues.values() if row.status in LIVING)
        return {row.printer_id for row in living if row.parent_id in parents and row.printer_id}

    def _living(self, issue_id: int) -> IssueRow | None:
        row = self._issues.get(issue_id)
        return row if row is not None and row.status in LIVING else None

    def _about(self, printer_id: str, code: str, subject: str = "") -> list[IssueRow]:
        key = (printer_id, code, subject)
        rows = self._issues.values()
        return [row for row in rows if (row.printer_id, row.attention_code, row.attention_subject) == key]

    def _tell(self, issue_id: int, change: str, details: Details) -> None:
        add_event(self._connection, issue_id, change, actor=ACTOR, now=self._now, details=details)


def _issues_about_silence(connection: Connection, since: datetime) -> dict[int, IssueRow]:
    """Return the device issues about silence that are living, or ended since then; locked."""
    ended_lately = func.coalesce(ISSUES.c.closed_at, ISSUES.c.resolved_at) >= since
    statement = (
        select(*ISSUE_COLUMNS)
        .where(
            ISSUES.c.kind == IssueKind.DEVICE,
            ISSUES.c.attention_code.in_((UNREACHABLE, CODE)),
            ISSUES.c.earlier_device.is_(False),
            or_(ISSUES.c.status.in_(LIVING), ended_lately),
        )
        .order_by(ISSUES.c.id)
        .with_for_update()
    )
    rows = (IssueRow(*row) for row in connection.execute(statement))
    return {row.id: row for row in rows}
