"""Printers whose newest reading was not answered, the outages that they are a part of, and who never was."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from core.domain.conditions import UNREACHABLE
from core.domain.outages import MIN_OUTAGE_PRINTERS, find_outages, groups_of
from core.storage.core_tables import ATTENTION, DOCUMENTS, ISSUES, PRINTERS
from core.storage.freshness import is_stale
from core.storage.outages import HANGS_BELOW, failing_printers, outages_on, reached_printers, silent_printers
from core.storage.states import ANSWERED_COLUMNS, DOCUMENT, ERROR, last_answered
from dashboard.features.attention.queries import (
    ALL_PRINTERS,
    WITH_SNAPSHOT,
    Flag,
    FlagFilter,
    flag_of,
    has_failed,
    has_text,
    never_reached,
    select_flags,
)
from dashboard.ui.places import place


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
class ShownOutage:
    """Printers of one place or site that do not answer together."""

    title: str
    issue_id: int | None
    """The issue about it; None while it is not certain yet, because fewer readings have failed."""


@dataclass(frozen=True)
class UnreachedPrinter:
    """A printer that has never answered since it was added."""

    printer_id: str
    printer_name: str
    location: str
    host: str
    added_at: datetime
    error: str
    """Of its newest reading; empty where there was none."""


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
        .select_from(WITH_SNAPSHOT.join(DOCUMENTS, DOCUMENT))
        .where(has_failed(now), has_text(wanted.text, ERROR))
        .order_by(func.count().over(partition_by=spot).desc(), spot, PRINTERS.c.printer_id)
        .limit(limit)
        .offset(offset)
    )
    rows = connection.execute(statement).all()
    about = _unreachable(connection, [row.printer_id for row in rows], now)
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


def outages(connection: Connection, *, now: datetime) -> list[ShownOutage]:
    """Return the outages that are on and stand by themselves, and then what looks like one already.

    The processor takes a printer for silent after several readings; the first tells where to look. An outage
    whose printers were all taken out of service since is no trouble any more.
    """
    on = outages_on(connection)
    silent = silent_printers(connection, now) if on else []
    in_service = {group for one in silent for group in groups_of(one.where)}
    issues = [outage.issue_id for outage in on.values()]
    below = select(ISSUES.c.id).where(ISSUES.c.id.in_(issues), HANGS_BELOW)
    hanging = set(connection.execute(below).scalars()) if issues else set()
    found = [
        ShownOutage(one.title, one.issue_id)
        for one in on.values()
        if one.issue_id not in hanging and one.group in in_service
    ]
    failing = [one.where for one in failing_printers(connection, ~is_stale(now), now)]
    if len(failing) < MIN_OUTAGE_PRINTERS:
        return found
    likely = find_outages(failing, reached_printers(connection, now), on.keys())
    found += [ShownOutage(likely[group].title(group), None) for group in likely if group not in on]
    return found


def unreached_printers(
    connection: Connection, *, now: datetime, limit: int = 50, offset: int = 0
) -> list[UnreachedPrinter]:
    """Return the printers that have never answered, those added last first."""
    statement = (
        select(
            *(PRINTERS.c[name] for name in ("printer_id", "name", "location", "host", "created_at")),
            func.coalesce(ERROR, "").label("error"),
        )
        .select_from(ALL_PRINTERS.outerjoin(DOCUMENTS, DOCUMENT))
        .where(never_reached(now))
        .order_by(PRINTERS.c.created_at.desc(), PRINTERS.c.printer_id)
        .limit(limit)
        .offset(offset)
    )
    return [
        UnreachedPrinter(row.printer_id, row.name, row.location, row.host, row.created_at, row.error)
        for row in connection.execute(statement)
    ]


def _unreachable(connection: Connection, printer_ids: Sequence[str], now: datetime) -> dict[str, Flag]:
    if not printer_ids:
        return {}
    statement = select_flags(now).where(
        ATTENTION.c.printer_id.in_(printer_ids),
        ATTENTION.c.code == UNREACHABLE,
        ATTENTION.c.cleared_at.is_(None),
    )
    return {row["printer_id"]: flag_of(row) for row in connection.execute(statement).mappings()}
