"""Read the flags that need attention: worst first, a place together; with what people do about them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, or_, select, true
from sqlalchemy.sql.elements import Label

from core.domain.conditions import SEVERITIES, SEVERITY_RANK, UNREACHABLE, flag_sentence
from core.mails.facts import is_quiet
from core.storage.core_tables import ATTENTION, ISSUES, MUTES, OUT_OF_SERVICE, PRINTERS, SNAPSHOTS, TRIAGE
from core.storage.database import count_rows
from core.storage.freshness import LATEST, is_stale
from core.storage.mutes import KnownMute, last_mutes, read_mutes
from core.storage.out_of_service import is_out_of_service, lasts
from core.storage.outages import UNREACHED
from core.storage.tables import ENDED, IssueKind
from dashboard.ui.places import place


class Pile(StrEnum):
    """The queue that a flag is in."""

    NOW = "now"
    SET_ASIDE = "aside"
    """Acknowledged, snoozed and not yet awake, or of a printer that is out of service."""


@dataclass(frozen=True)
class FlagFilter:
    """Filter of the flags; empty is all."""

    severities: tuple[str, ...] = ()
    fixers: tuple[str, ...] = ()
    assignee: str | None = None
    """Whose; "" for nobody's, None for anybody's."""
    text: str = ""
    """In the printer's name or id, its location, or the flag's words."""


@dataclass(frozen=True)
class Flag:
    """One life of a flag, with what people do about it."""

    attention_id: int
    printer_id: str
    printer_name: str
    location: str
    place: str
    code: str
    subject: str
    severity: str
    message: str
    fixer: str
    since_at: datetime
    assignee: str
    """Whose it is: the issue's assignee where there is an issue, else the one who was given the flag."""
    acknowledged_by: str
    acknowledged_at: datetime | None
    snoozed_until: datetime | None
    note: str
    updated_by: str
    triage_version: int
    """0: nobody has touched it yet."""
    issue_id: int | None
    """The issue about it that is not ended."""
    issue_version: int
    issue_status: str
    out_of_service: str
    """Why its printer is out of service; "" where it is not."""
    done_by: str
    """Who said on site that it is done; "" where nobody did."""
    done_at: datetime | None
    """When they said so; the printer still reports it, or reported it then."""
    part: str = ""
    """The name of the part that it is about; "" where it names none."""
    of_place: int = 0
    """How many flags of this pile its place has."""
    critical_of_place: int = 0
    """How many of the flags of its place are critical."""


@dataclass(frozen=True)
class Counts:
    """Number of flags in each queue."""

    now: int = 0
    aside: int = 0
    critical: int = 0
    warning: int = 0
    info: int = 0
    unassigned: int = 0
    failed: int = 0
    """Printers whose newest reading failed."""
    unreached: int = 0
    """Printers that have never answered."""
    muted: int = 0
    """Conditions that nobody is told of."""


_RANK: Final = case(SEVERITY_RANK, value=ATTENTION.c.severity, else_=0)
_DEVICE = ISSUES.alias("device_issue")
_OWN = ISSUES.alias("own_issue")
_ISSUE_ID: Final = func.coalesce(_OWN.c.id, _DEVICE.c.id)
_whose: Final = case(
    (_OWN.c.id.is_not(None), _OWN.c.assignee),
    (_DEVICE.c.id.is_not(None), _DEVICE.c.assignee),
    else_=func.coalesce(TRIAGE.c.assignee, ""),
)


def flags(  # noqa: PLR0913 (which, when and how many)
    connection: Connection,
    wanted: FlagFilter,
    *,
    now: datetime,
    pile: Pile = Pile.NOW,
    limit: int = 50,
    offset: int = 0,
) -> list[Flag]:
    """Return a page of the flags of a pile, places with the worst first."""
    spot = place(PRINTERS.c.location)
    critical = case((ATTENTION.c.severity == "critical", 1), else_=0)
    worst = func.max(_RANK).over(partition_by=spot)
    of_place = func.count().over(partition_by=spot).label("of_place")
    critical_of_place = func.sum(critical).over(partition_by=spot).label("critical_of_place")
    statement = (
        select_flags(now, of_place, critical_of_place)
        # What does not answer stands with the failed checks, not among the faults.
        .where(*_matches(wanted), _severe(wanted), lies(pile, now), ATTENTION.c.code != UNREACHABLE)
        .order_by(worst.desc(), critical_of_place.desc(), spot)
        .order_by(_RANK.desc(), ATTENTION.c.since_at, ATTENTION.c.id)
        .limit(limit)
        .offset(offset)
    )
    return [flag_of(row) for row in connection.execute(statement).mappings()]


def flag(connection: Connection, attention_id: int, now: datetime) -> Flag | None:
    """Return one open flag as it is now."""
    row = connection.execute(select_flags(now).where(ATTENTION.c.id == attention_id)).mappings().first()
    return None if row is None else flag_of(row)


def flag_of(row: Mapping[Any, Any]) -> Flag:
    """Return a row of select_flags() with what its flag says now."""
    values = dict(row)
    parameters = values.pop("parameters")
    message = flag_sentence(values["code"], parameters, values["message"])
    return Flag(**{**values, "message": message, "part": (parameters or {}).get("part", "")})


def evidence(connection: Connection, attention_id: int) -> list[dict[str, str]]:
    """Return the reasons for a flag: objects of the MIB and their raw values."""
    found = connection.execute(select(ATTENTION.c.evidence).where(ATTENTION.c.id == attention_id)).scalar()
    return list(found or ())


def counts(connection: Connection, wanted: FlagFilter, *, now: datetime) -> Counts:
    """Return the counts of a filter.

    By severity whatever severities it names, failed checks of the whole fleet.
    """
    here, severe = lies(Pile.NOW, now), _severe(wanted)
    columns = {
        "now": and_(here, severe),
        "aside": and_(lies(Pile.SET_ASIDE, now), severe),
        "unassigned": and_(here, severe, _whose == ""),
        **{name: and_(here, ATTENTION.c.severity == name) for name in SEVERITIES},
    }
    sums = [func.coalesce(func.sum(case((which, 1), else_=0)), 0).label(n) for n, which in columns.items()]
    is_open = ATTENTION.c.cleared_at.is_(None)
    statement = _joined(select(*sums)).where(is_open, *_matches(wanted), ATTENTION.c.code != UNREACHABLE)
    found = connection.execute(statement).mappings().one()
    muted = MUTES.join(PRINTERS, MUTES.c.printer_id == PRINTERS.c.printer_id)
    numbers = {name: int(number) for name, number in found.items()}
    return Counts(
        **numbers,
        failed=count_rows(connection, WITH_SNAPSHOT, has_failed(now)),
        unreached=count_rows(connection, ALL_PRINTERS, never_reached(now)),
        muted=count_rows(connection, muted, PRINTERS.c.enabled, last_mutes(now)),
    )


def muted_conditions(connection: Connection, now: datetime) -> list[tuple[KnownMute, str]]:
    """Return all that is muted of watched printers, each with its printer's name, by place and name."""
    known = read_mutes(connection, now)
    query = select(PRINTERS.c.printer_id, PRINTERS.c.name)
    query = query.where(PRINTERS.c.enabled, PRINTERS.c.printer_id.in_(known))
    rows = connection.execute(query.order_by(PRINTERS.c.location, PRINTERS.c.name))
    return [(one, name or printer_id) for printer_id, name in rows for one in known[printer_id]]


WITH_SNAPSHOT: Final = SNAPSHOTS.join(PRINTERS, SNAPSHOTS.c.printer_id == PRINTERS.c.printer_id)
"""Printers from their snapshots on: an index knows the few that failed."""
ALL_PRINTERS: Final = PRINTERS.outerjoin(SNAPSHOTS, LATEST)


def never_reached(now: datetime) -> ColumnElement[bool]:
    """Return the condition that a watched printer in service has never answered."""
    return and_(UNREACHED, ~is_out_of_service(now))


def has_failed(now: datetime) -> ColumnElement[bool]:
    """Return the condition that a watched printer did not answer now, but has done so before."""
    failed = and_(~SNAPSHOTS.c.reachable, SNAPSHOTS.c.reached, ~is_stale(now))
    return and_(PRINTERS.c.enabled, failed, ~is_out_of_service(now))


def select_flags(now: datetime, *more: Label[Any], over: bool = False) -> Select[Any]:
    """Return a query of the open flags of watched printers; of those that are `over` instead."""
    ended = ATTENTION.c.cleared_at.is_not(None) if over else ATTENTION.c.cleared_at.is_(None)
    return _joined(
        select(
            ATTENTION.c.id.label("attention_id"),
            ATTENTION.c.printer_id,
            func.coalesce(PRINTERS.c.name, ATTENTION.c.printer_id).label("printer_name"),
            func.coalesce(PRINTERS.c.location, "").label("location"),
            place(func.coalesce(PRINTERS.c.location, "")).label("place"),
            *(
                ATTENTION.c[name]
                for name in ("code", "subject", "severity", "message", "parameters", "fixer", "since_at")
            ),
            _whose.label("assignee"),
            func.coalesce(TRIAGE.c.acknowledged_by, "").label("acknowledged_by"),
            TRIAGE.c.acknowledged_at,
            TRIAGE.c.snoozed_until,
            func.coalesce(TRIAGE.c.note, "").label("note"),
            func.coalesce(TRIAGE.c.updated_by, "").label("updated_by"),
            func.coalesce(TRIAGE.c.version, 0).label("triage_version"),
            _ISSUE_ID.label("issue_id"),
            func.coalesce(_OWN.c.version, _DEVICE.c.version, 0).label("issue_version"),
            func.coalesce(_OWN.c.status, _DEVICE.c.status, "").label("issue_status"),
            func.coalesce(_why_out_of_service(now), "").label("out_of_service"),
            func.coalesce(TRIAGE.c.done_by, "").label("done_by"),
            TRIAGE.c.done_at,
            *more,
        )
    ).where(ended)


def _why_out_of_service(now: datetime) -> ColumnElement[str]:
    of_printer = OUT_OF_SERVICE.c.printer_id == ATTENTION.c.printer_id
    return select(OUT_OF_SERVICE.c.note).where(of_printer, lasts(now)).scalar_subquery()


def _joined(statement: Select[Any]) -> Select[Any]:
    """Return flags of watched printers with their triage and the living issue about them."""
    own = and_(_OWN.c.id == TRIAGE.c.issue_id, _OWN.c.status.not_in(ENDED))
    device = and_(
        _DEVICE.c.printer_id == ATTENTION.c.printer_id,
        _DEVICE.c.attention_code == ATTENTION.c.code,
        _DEVICE.c.attention_subject == ATTENTION.c.subject,
        _DEVICE.c.kind == IssueKind.DEVICE,
        _DEVICE.c.status.not_in(ENDED),
    )
    return statement.select_from(
        ATTENTION.join(PRINTERS, PRINTERS.c.printer_id == ATTENTION.c.printer_id)
        .outerjoin(TRIAGE, TRIAGE.c.attention_id == ATTENTION.c.id)
        .outerjoin(_OWN, own)
        .outerjoin(_DEVICE, device)
    ).where(PRINTERS.c.enabled)


def lies(pile: Pile, now: datetime) -> ColumnElement[bool]:
    """Return the condition that a flag of select_flags() is in a pile."""
    # Without a triage row the comparisons are NULL: coalesce makes it "not set aside".
    aside = func.coalesce(is_quiet(now), False)
    return aside if pile == Pile.SET_ASIDE else ~aside


def _severe(wanted: FlagFilter) -> ColumnElement[bool]:
    return ATTENTION.c.severity.in_(wanted.severities) if wanted.severities else true()


def _matches(wanted: FlagFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.fixers:
        found.append(ATTENTION.c.fixer.in_(wanted.fixers))
    if wanted.assignee is not None:
        found.append(_whose == wanted.assignee)
    if wanted.text.strip():
        found.append(has_text(wanted.text, ATTENTION.c.message))
    return found


def has_text(text: str, words: ColumnElement[str]) -> ColumnElement[bool]:
    columns = (PRINTERS.c.printer_id, PRINTERS.c.name, PRINTERS.c.location, words)
    return or_(*(column.icontains(text.strip(), autoescape=True) for column in columns))
