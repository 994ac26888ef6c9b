"""The fleet as stored: every enabled printer with its latest state, stale by time; judges nothing."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from core.contract.messages import PrinterState
from core.domain.freshness import is_stale, is_unread
from core.domain.mutes import Mute
from core.storage.core_tables import PRINTERS
from core.storage.mutes import mutes_by_printer
from core.storage.out_of_service import OutOfService, read_out_of_service
from core.storage.states import STATE_COLUMNS, WITH_STATES, state_of


@dataclass(frozen=True, slots=True)
class FleetState:
    """An enabled printer with its latest state."""

    latest: PrinterState
    """Nothing but its names where it was never read; name, location and site are those of the inventory."""
    stale: bool
    """Whether that is no news any more."""
    out_of_service: OutOfService | None = None
    mutes: Sequence[Mute] = ()
    """What nobody is to be told of."""

    @property
    def printer_id(self) -> str:
        """Which printer it is."""
        return self.latest.printer_id

    @property
    def reached(self) -> bool:
        """Whether it has ever answered."""
        return self.latest.reachable or self.latest.answered_at is not None

    def as_json(self) -> dict[str, Any]:
        """Return the document that programs get: a PrinterState with `stale` and `out_of_service`."""
        out = None if self.out_of_service is None else self.out_of_service.as_json()
        return {**self.latest.model_dump(mode="json"), "stale": self.stale, "out_of_service": out}


def read_states(
    connection: Connection, now: datetime, site: str | None = None, only: Collection[str] | None = None
) -> list[FleetState]:
    """Return the states of all enabled printers (of a site, or `only` of these), by id."""
    query = (
        select(*PRINTERS.c["printer_id", "name", "location", "site", "created_at"], *STATE_COLUMNS)
        .select_from(WITH_STATES)
        .where(PRINTERS.c.enabled)
        .order_by(PRINTERS.c.printer_id)
    )
    if site is not None:
        query = query.where(PRINTERS.c.site == site)
    if only is not None:
        query = query.where(PRINTERS.c.printer_id.in_(only))
    out, mutes = read_out_of_service(connection, now), mutes_by_printer(connection, now)
    return [
        replace(_state(row, now, out.get(row.printer_id)), mutes=mutes.get(row.printer_id, ()))
        for row in connection.execute(query)
    ]


def count_printers(connection: Connection) -> tuple[int, int]:
    """Return how many printers there are, and how many of them are disabled."""
    counts = {
        bool(enabled): int(number)
        for enabled, number in connection.execute(
            select(PRINTERS.c.enabled, func.count()).group_by(PRINTERS.c.enabled)
        )
    }
    return sum(counts.values()), counts.get(False, 0)


def _state(row: Row[Any], now: datetime, out: OutOfService | None) -> FleetState:
    if row.taken_at is None:
        latest, stale = PrinterState(printer_id=row.printer_id), is_unread(row.created_at, now)
    else:
        latest, stale = state_of(row.printer_id, row), is_stale(row.taken_at, row.stale_at, now)
    identity = {name: getattr(row, name) for name in ("printer_id", "name", "location", "site")}
    return FleetState(latest.model_copy(update=identity), stale, out)
