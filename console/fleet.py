"""The fleet as it is stored at one moment, worst first: what `status` and `up` show."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, select

from core.domain.freshness import is_stale, is_unread
from core.domain.health import HEALTHS, health_of
from core.storage.core_tables import PRINTERS, SNAPSHOTS
from core.storage.fleet_states import FleetState, count_printers, read_states
from core.storage.out_of_service import is_out_of_service
from core.storage.services import Heartbeat, read_services

KINDS: Final = (*HEALTHS,)
"""What a printer is to who looks at the fleet, worst first; what is stale or was never reached is not OK."""
NEED_SOMEBODY: Final = frozenset({"critical", "stale", "warning"})


@dataclass(frozen=True)
class FleetStatus:
    """All enabled printers (of a site) in numbers, and some or all of them with their states."""

    at: datetime
    kinds: Mapping[str, int] = field(default_factory=dict)
    states: Mapping[str, int] = field(default_factory=dict)
    """How many printers are in which state, of those that have ever answered and are not stale."""
    matching: int = 0
    """How many printers were asked for: all, or those that need somebody."""
    printers: Sequence[FleetState] = ()
    """The worst of them."""
    services: Sequence[Heartbeat] = ()
    total: int = 0
    """All printers of the inventory, of which so many are disabled."""
    disabled: int = 0
    site: str | None = None

    @property
    def watched(self) -> int:
        """How many printers are enabled (at the site)."""
        return sum(self.kinds.values())


def read_fleet(
    connection: Connection,
    now: datetime,
    *,
    site: str | None = None,
    attention: bool = False,
    most: int | None = None,
) -> FleetStatus:
    """Read the fleet: every printer, or with `attention` those that need somebody, at `most` so many.

    Only the states that are given back are read whole: a large fleet can be looked at often.
    """
    rows = _rows(connection, site, now)
    kinds = {
        row.printer_id: health_of(
            row.severity, stale=_is_stale(row, now), reached=bool(row.reached), out=bool(row.out)
        )
        for row in rows
    }
    chosen = [row for row in rows if not attention or _needs_somebody(row, kinds[row.printer_id])]
    chosen.sort(key=lambda row: (KINDS.index(kinds[row.printer_id]), row.name.casefold(), row.printer_id))
    ids = [row.printer_id for row in chosen[:most]]
    read = read_states(connection, now, site, only=None if most is None else ids)
    states = {state.printer_id: state for state in read}
    total, disabled = count_printers(connection)
    return FleetStatus(
        at=now,
        kinds=Counter(kinds.values()),
        states=Counter(row.state for row in rows if row.reached and not _is_stale(row, now)),
        matching=len(chosen),
        printers=[states[printer_id] for printer_id in ids],
        services=read_services(connection, now),
        total=total,
        disabled=disabled,
        site=site,
    )


def kind_of(state: FleetState) -> str:
    """Return which of KINDS a printer is."""
    out = state.out_of_service is not None
    return health_of(state.latest.severity, stale=state.stale, reached=state.reached, out=out)


def _needs_somebody(row: Row[Any], kind: str) -> bool:
    """Return whether somebody is needed; also where a printer was asked and has never answered."""
    return kind in NEED_SOMEBODY or (kind == "new" and row.taken_at is not None)


def _rows(connection: Connection, site: str | None, now: datetime) -> Sequence[Row[Any]]:
    snapshot = SNAPSHOTS.c
    columns: Any = (
        *(PRINTERS.c.printer_id, PRINTERS.c.name, PRINTERS.c.created_at),
        *(snapshot.state, snapshot.severity, snapshot.taken_at, snapshot.stale_at, snapshot.reached),
        is_out_of_service(now).label("out"),
    )
    source = PRINTERS.outerjoin(SNAPSHOTS, snapshot.printer_id == PRINTERS.c.printer_id)
    query = select(*columns).select_from(source).where(PRINTERS.c.enabled)
    return connection.execute(query if site is None else query.where(PRINTERS.c.site == site)).all()


def _is_stale(row: Row[Any], now: datetime) -> bool:
    if row.taken_at is None:
        return is_unread(row.created_at, now)
    return is_stale(row.taken_at, row.stale_at, now)
