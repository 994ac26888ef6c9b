"""Outages as stored, and the printers they are found by; the rule is core/domain/outages.py."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, func, not_, select

from core.domain.conditions import UNREACHABLE
from core.domain.outages import Extent, Group, Located, find_outages, sizes_of
from core.storage.core_tables import ISSUES, OUTAGES, PRINTERS, SNAPSHOTS
from core.storage.out_of_service import is_out_of_service
from core.storage.tables import LIVING

UNREACHED: Final = and_(PRINTERS.c.enabled, func.coalesce(not_(SNAPSHOTS.c.reached), True))
"""Whether a printer, outer-joined with its snapshot, is watched and has never answered."""
_PARENT: Final = ISSUES.alias("parent")
HANGS_BELOW: Final = (
    select(_PARENT.c.id).where(_PARENT.c.id == ISSUES.c.parent_id, _PARENT.c.status.in_(LIVING)).exists()
)
"""Whether an issue is shown with the outage that it is a part of; that of one that has ended is its own."""
_IS_SILENT: Final = SNAPSHOTS.c.state == UNREACHABLE
_WATCHED: Final = PRINTERS.join(SNAPSHOTS, SNAPSHOTS.c.printer_id == PRINTERS.c.printer_id)


class SilentPrinter(NamedTuple):
    """A printer that does not answer."""

    printer_id: str
    where: Located
    out_of_service: bool = False


@dataclass(frozen=True, slots=True)
class OpenOutage:
    """An outage that is on."""

    outage_id: int
    group: Group
    extent: Extent
    began_at: datetime
    issue_id: int
    issue_status: str

    @property
    def title(self) -> str:
        """What it is, with the numbers of now."""
        return self.extent.title(self.group)


def outages_on(connection: Connection) -> dict[Group, OpenOutage]:
    """Return the outages that are on, those of the most printers first."""
    rows = connection.execute(
        select(OUTAGES, ISSUES.c.status)
        .join(ISSUES, ISSUES.c.id == OUTAGES.c.issue_id)
        .where(OUTAGES.c.ended_at.is_(None))
        .order_by(OUTAGES.c.silent.desc(), OUTAGES.c.id)
    )
    found = (
        OpenOutage(
            row.id,
            Group(row.scope, row.name),
            Extent(row.silent, row.printers),
            row.began_at,
            row.issue_id,
            row.status,
        )
        for row in rows
    )
    return {outage.group: outage for outage in found}


def outages_now(connection: Connection, now: datetime) -> dict[Group, Extent]:
    """Return the outages by what is stored of the printers, found by the processor already or not."""
    silent = [one.where for one in silent_printers(connection, now)]
    if not silent:
        return {}
    return find_outages(silent, reached_printers(connection, now), outages_on(connection).keys())


def silent_printers(connection: Connection, now: datetime) -> list[SilentPrinter]:
    """Return the watched printers that are flagged as not answering and not out of service, by id."""
    return _silent(connection, and_(_IS_SILENT, ~is_out_of_service(now)), now)


def lock_silent_printers(connection: Connection, now: datetime) -> list[SilentPrinter]:
    """Return those, and those out of service; none of them answers before this transaction ends."""
    return _silent(connection, _IS_SILENT, now, locked=True)


def failing_printers(connection: Connection, news: ColumnElement[bool], now: datetime) -> list[SilentPrinter]:
    """Return those that did not answer last, flagged or not yet, of whose snapshot that condition is true."""
    return _silent(connection, and_(SNAPSHOTS.c.reached, news, ~is_out_of_service(now)), now)


def _silent(
    connection: Connection, which: ColumnElement[bool], now: datetime, *, locked: bool = False
) -> list[SilentPrinter]:
    statement = (
        select(PRINTERS.c.printer_id, PRINTERS.c.location, PRINTERS.c.site, is_out_of_service(now))
        .select_from(_WATCHED)
        # The index knows the few that are not reachable.
        .where(PRINTERS.c.enabled, ~SNAPSHOTS.c.reachable, which)
        .order_by(PRINTERS.c.printer_id)
    )
    rows = connection.execute(statement.with_for_update(of=SNAPSHOTS) if locked else statement)
    return [
        SilentPrinter(printer_id, Located(location, site), bool(out))
        for printer_id, location, site, out in rows
    ]


def reached_printers(connection: Connection, now: datetime) -> Counter[Group]:
    """Return how many watched printers of each group, but those out of service, have ever answered."""
    rows = connection.execute(
        select(PRINTERS.c.location, PRINTERS.c.site, func.count())
        .select_from(_WATCHED)
        .where(PRINTERS.c.enabled, SNAPSHOTS.c.reached, ~is_out_of_service(now))
        .group_by(PRINTERS.c.location, PRINTERS.c.site)
    )
    return sizes_of({Located(location, site): int(number) for location, site, number in rows})
