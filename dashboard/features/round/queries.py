"""Read what a round is made of, for the whole fleet at once: flags, people's reports, outages, trays, stock.

Nothing here asks for a single printer; what is read is kept for all who look (shared/manager_cached.py).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Select, and_, or_, select

from core.contract.messages import InputTray
from core.domain.conditions import NO_PAPER, PAPER_LOW
from core.domain.freshness import interval_of
from core.domain.media_names import media_name
from core.domain.outages import Extent, Group, find_outages, outermost
from core.domain.thresholds import CLEAR_AFTER
from core.storage.core_tables import ATTENTION, ISSUES, PRINTERS, SNAPSHOTS, TRIAGE
from core.storage.freshness import LATEST
from core.storage.full_names import full_names
from core.storage.issues import ISSUE_COLUMNS, IssueRow
from core.storage.out_of_service import is_out_of_service
from core.storage.outages import outages_on, reached_printers, silent_printers
from core.storage.states import INPUT_TRAYS, STATES
from core.storage.stock import StockLine, stock_lines
from core.storage.store_rooms import StoreRoom, read_rooms
from core.storage.tables import LIVING, IssueKind, IssueStatus
from dashboard.features.attention.queries import Flag, Pile, flag_of, lies, select_flags

_NEEDS_SOMEBODY: Final = ("critical", "warning")
_PAPER: Final = (NO_PAPER, PAPER_LOW)
_MORE: Final = ("read_at", "reachable", "stale_at", "cleared_at")


@dataclass(frozen=True)
class ReportedFlag:
    """A flag, and what its printer has said since."""

    flag: Flag
    read_at: datetime | None
    """When the newest reading was taken, where the printer has answered it."""
    confirming: timedelta
    """How long its readings take to tell that a flag is gone."""
    cleared_at: datetime | None
    """When it was reported no more; None where it still is."""


@dataclass(frozen=True)
class Report:
    """A person's report that is to be done, or was resolved today."""

    issue: IssueRow
    printer_name: str
    location: str


@dataclass(frozen=True)
class Tray:
    """An input tray of a printer that asks for paper."""

    index: str
    paper: str
    """As people call it (core/domain/media_names.py); "" where the printer does not say."""
    room: int | None
    """How many sheets still fit in; None where nobody knows."""
    is_empty: bool


@dataclass(frozen=True)
class RoundOutage:
    """Printers that stopped answering together: one thing to look at, and no stop for each of them."""

    title: str
    issue_id: int | None
    locations: frozenset[str]


@dataclass(frozen=True)
class RoundFacts:
    """The fleet as a round needs it."""

    flags: tuple[ReportedFlag, ...]
    """Open ones that somebody is to see to, and those of today that were said to be done."""
    reports: tuple[Report, ...]
    silent: frozenset[str]
    """Printers that do not answer: what they reported before is hidden, which confirms nothing."""
    in_outage: frozenset[str]
    """Those of them that are a part of an outage."""
    outages: tuple[RoundOutage, ...]
    trays: Mapping[str, Sequence[Tray]]
    """Of the printers that ask for paper."""
    shelves: Sequence[StockLine]
    rooms: Sequence[StoreRoom]
    people: Mapping[str, str]


def read_facts(connection: Connection, today: datetime, now: datetime) -> RoundFacts:
    """Return all of it; `today` is when the day began."""
    flags = [*_open_flags(connection, now), *_done_flags(connection, today, now)]
    silent = {one.printer_id: one.where for one in silent_printers(connection, now)}
    on = outages_on(connection) if silent else {}
    found = find_outages(silent.values(), reached_printers(connection, now), on) if silent else {}
    members: dict[Group, set[str]] = {}
    in_outage = set()
    for printer_id, where in silent.items():
        group = outermost(where, found)
        if group is not None:
            in_outage.add(printer_id)
            members.setdefault(group, set()).add(where.location)
    issues = {group: outage.issue_id for group, outage in on.items()}
    return RoundFacts(
        flags=tuple(flags),
        reports=tuple(_reports(connection, today, now)),
        silent=frozenset(silent),
        in_outage=frozenset(in_outage),
        outages=tuple(_outage(group, found[group], issues, members[group]) for group in members),
        trays=_trays(connection, [each.flag.printer_id for each in flags if each.flag.code in _PAPER]),
        shelves=stock_lines(connection),
        rooms=read_rooms(connection),
        people=full_names(connection),
    )


def ended_flags(
    connection: Connection, attention_ids: Collection[int], since: datetime, now: datetime
) -> list[ReportedFlag]:
    """Return those of some flags that have ended since then."""
    these = ATTENTION.c.id.in_(attention_ids), ATTENTION.c.cleared_at >= since
    return _read(connection, _select(now, over=True).where(*these))


def _open_flags(connection: Connection, now: datetime) -> list[ReportedFlag]:
    wanted = ATTENTION.c.severity.in_(_NEEDS_SOMEBODY)
    return _read(connection, _select(now, over=False).where(wanted, lies(Pile.NOW, now)))


def _done_flags(connection: Connection, today: datetime, now: datetime) -> list[ReportedFlag]:
    # By their ids: few are ticked, of the many that there ever were.
    ticked = select(TRIAGE.c.attention_id).where(TRIAGE.c.done_at >= today)
    return _read(connection, _select(now, over=True).where(ATTENTION.c.id.in_(ticked)))


def _select(now: datetime, *, over: bool) -> Select[Any]:
    columns = (
        SNAPSHOTS.c.taken_at.label("read_at"),
        SNAPSHOTS.c.reachable.label("reachable"),
        SNAPSHOTS.c.stale_at.label("stale_at"),
        ATTENTION.c.cleared_at.label("cleared_at"),
    )
    # Where another device has come, nobody has seen the condition to be gone.
    seen = ATTENTION.c.outcome == ""
    return select_flags(now, *columns, over=over).outerjoin(SNAPSHOTS, LATEST).where(seen)


def _read(connection: Connection, statement: Select[Any]) -> list[ReportedFlag]:
    found = []
    for row in connection.execute(statement).mappings():
        values = dict(row)
        read_at, reachable, stale_at, cleared_at = (values.pop(name) for name in _MORE)
        interval = timedelta() if read_at is None else interval_of(read_at, stale_at)
        confirming = CLEAR_AFTER * interval
        found.append(ReportedFlag(flag_of(values), read_at if reachable else None, confirming, cleared_at))
    return found


def _reports(connection: Connection, today: datetime, now: datetime) -> list[Report]:
    resolved_today = and_(ISSUES.c.status == IssueStatus.RESOLVED, ISSUES.c.updated_at >= today)
    statement = (
        select(*ISSUE_COLUMNS, PRINTERS.c.name, PRINTERS.c.location)
        .join(PRINTERS, PRINTERS.c.printer_id == ISSUES.c.printer_id)
        .where(
            ISSUES.c.kind == IssueKind.PERSON,
            or_(ISSUES.c.status.in_(LIVING), resolved_today),
            PRINTERS.c.enabled,
            ~is_out_of_service(now),
        )
        .order_by(ISSUES.c.id)
    )
    return [
        Report(IssueRow(*own), name or own[1], location or "")
        for *own, name, location in connection.execute(statement)
    ]


def _outage(
    group: Group, extent: Extent, issues: Mapping[Group, int], locations: Collection[str]
) -> RoundOutage:
    return RoundOutage(extent.title(group), issues.get(group), frozenset(locations))


def _trays(connection: Connection, printer_ids: Collection[str]) -> dict[str, list[Tray]]:
    if not printer_ids:
        return {}
    query = select(SNAPSHOTS.c.printer_id, INPUT_TRAYS).select_from(STATES)
    rows = connection.execute(query.where(SNAPSHOTS.c.printer_id.in_(set(printer_ids))))
    return {
        printer_id: [_tray(InputTray.model_validate(tray)) for tray in trays or ()]
        for printer_id, trays in rows
    }


def _tray(tray: InputTray) -> Tray:
    most, is_empty = tray.max_capacity or 0, tray.level == 0
    in_it = tray.level if tray.level is not None and tray.level >= 0 else None
    counts_sheets = tray.capacity_unit == "sheets" and most > 0 and in_it is not None
    room = max(most - (in_it or 0), 0) if counts_sheets else None
    return Tray(tray.index, media_name(tray.media_name), room, is_empty)
