"""Printers whose newest reading was not answered, and the places where most do not answer at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, func, select

from core.domain.conditions import UNREACHABLE
from core.storage.core_tables import ATTENTION, DOCUMENTS, PRINTERS, SNAPSHOTS
from core.storage.freshness import is_stale
from core.storage.states import ANSWERED_COLUMNS, DOCUMENT, ERROR, last_answered
from dashboard.features.attention.queries import (
    Flag,
    FlagFilter,
    flag_of,
    has_text,
    select_flags,
)
from dashboard.ui.places import place

_MANY: Final = 3
_MOST_PERCENT: Final = 60
# From the snapshots on: an index knows the few that failed.
_FAILED: Final = SNAPSHOTS.join(PRINTERS, SNAPSHOTS.c.printer_id == PRINTERS.c.printer_id)


@dataclass(frozen=True)
class FailedCheck:
    """A printer whose newest reading was not answered."""

    printer_id: str
    printer_name: str
    location: str
    place: str
    error: str
    answered_at: datetime | None
    """None where it never answered."""
    flag: Flag | None
    """The flag, once enough readings have failed."""


@dataclass(frozen=True)
class PlaceOutage:
    """The part of a place that does not answer."""

    place: str
    printers: int
    failed: int

    @property
    def looks_common(self) -> bool:
        """Whether one cause (network, power) is likelier than many."""
        return self.failed >= _MANY and self.failed * 100 >= self.printers * _MOST_PERCENT


def failed_checks(
    connection: Connection, wanted: FlagFilter, *, now: datetime, limit: int = 50, offset: int = 0
) -> list[FailedCheck]:
    """Return printers whose newest reading was not answered, a place together, largest first."""
    spot = place(PRINTERS.c.location)
    statement = (
        select(
            PRINTERS.c.printer_id,
            PRINTERS.c.name,
            PRINTERS.c.location,
            spot.label("place"),
            ERROR.label("error"),
            *ANSWERED_COLUMNS,
        )
        .select_from(_FAILED.join(DOCUMENTS, DOCUMENT))
        .where(PRINTERS.c.enabled, ~SNAPSHOTS.c.reachable, ~is_stale(now))
        .where(has_text(wanted.text, ERROR))
        .order_by(func.count().over(partition_by=spot).desc(), spot, PRINTERS.c.printer_id)
        .limit(limit)
        .offset(offset)
    )
    rows = connection.execute(statement).all()
    about = _unreachable(connection, [row.printer_id for row in rows])
    return [
        FailedCheck(
            row.printer_id,
            row.name,
            row.location,
            row.place,
            row.error or "",
            last_answered(row),
            about.get(row.printer_id),
        )
        for row in rows
    ]


def outages(connection: Connection, *, now: datetime) -> list[PlaceOutage]:
    """Return places where most printers do not answer at once, largest first."""
    spot, failed = place(PRINTERS.c.location), func.count()
    down = (
        select(spot, failed)
        .select_from(_FAILED)
        .where(PRINTERS.c.enabled, ~SNAPSHOTS.c.reachable, ~is_stale(now))
        .group_by(spot)
        .having(failed >= _MANY)
    )
    found = {name: int(number) for name, number in connection.execute(down) if name}
    if not found:
        return []
    watched = select(spot, func.count()).where(PRINTERS.c.enabled, spot.in_(found)).group_by(spot)
    places = [PlaceOutage(name, int(number), found[name]) for name, number in connection.execute(watched)]
    return sorted((each for each in places if each.looks_common), key=lambda each: -each.failed)


def _unreachable(connection: Connection, printer_ids: Sequence[str]) -> dict[str, Flag]:
    if not printer_ids:
        return {}
    statement = select_flags().where(
        ATTENTION.c.printer_id.in_(printer_ids),
        ATTENTION.c.code == UNREACHABLE,
        ATTENTION.c.cleared_at.is_(None),
    )
    return {row["printer_id"]: flag_of(row) for row in connection.execute(statement).mappings()}
