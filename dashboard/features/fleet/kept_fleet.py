"""The fleet's rows, kept from look to look: what has changed is read anew, and everything once a minute.

A snapshot has the time at which its reading arrived, which is indexed; whoever edits the inventory notes it
in the audit. Neither tells everything: a batch may be committed long after its readings arrived, the clocks
of two processors differ, and on PostgreSQL what was written first may become visible last. What becomes
visible within OVERLAP of its arrival is read with the next changes, the rest with the whole fleet.
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from operator import attrgetter
from sys import intern
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    DateTime,
    Result,
    Select,
    and_,
    bindparam,
    case,
    func,
    select,
    type_coerce,
)

from core.domain.freshness import are_stale, believed_until, unread_stale_at
from core.domain.health import health_of
from core.storage.audit import DEVICE_REPORTED
from core.storage.core_tables import AUDIT, OUT_OF_SERVICE, PRINTERS, SNAPSHOTS
from core.storage.freshness import LATEST
from core.storage.out_of_service import lasts, next_back_in_service
from dashboard.features.fleet.queries import ORDERS, Fleet, Listed
from dashboard.public_state import public_model

WHOLE_EVERY: Final = timedelta(minutes=1)
OVERLAP: Final = timedelta(seconds=2)
_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FOREVER: Final = datetime.max.replace(tzinfo=UTC)
_AT_ONCE: Final = 1000
"""Rows that are fetched, or asked for, together."""
_worst_first = ORDERS["worst"]


@dataclass(slots=True)
class _Kept:
    """A printer of the fleet."""

    identity: int
    """The hash of all that names the printer and its device."""
    device: int
    """The hash of what its device alone tells: model, serial number and firmware."""
    out: bool
    """Whether it is out of service, whatever it reports."""
    read: Listed
    """As it was read last."""
    stale_at: datetime
    """Until when that is not stale."""
    ahead_at: datetime | None
    """The time of its reading, where that is ahead of the clock."""
    stale: Listed | None = None
    """The same when it is no news; made when it is shown."""
    shown: Listed | None = None
    """Its row in the latest Fleet."""
    order: Any = None
    """What the rows of that Fleet are sorted by."""


class _Statements(NamedTuple):
    everything: Select[Any]
    some: Select[Any]
    changes: Select[Any]
    news: Select[Any]
    """The last arrival, whether the inventory was edited since, and the last line of the audit."""


@cache
def _statements(dialect: str) -> _Statements:
    """Return what is asked of a kind of database; for speed, times are told in UTC and without a zone."""

    def utc(column: ColumnElement[Any]) -> ColumnElement[Any]:
        return type_coerce(func.timezone("UTC", column) if dialect == "postgresql" else column, DateTime())

    def if_ahead(column: ColumnElement[Any]) -> ColumnElement[Any]:
        return utc(case((column > bindparam("believed", type_=column.type), column)))

    snapshot = [SNAPSHOTS.c[name] for name in ("state", "severity", "lowest_supply_percent", "reached")]
    device = (SNAPSHOTS.c.model, SNAPSHOTS.c.serial, SNAPSHOTS.c.firmware)
    out = and_(OUT_OF_SERVICE.c.printer_id == PRINTERS.c.printer_id, lasts(bindparam("now")))
    everything = (
        select(
            *PRINTERS.c["printer_id", "name", "location", "host", "model", "serial", "asset_tag"],
            *device,
            case((OUT_OF_SERVICE.c.printer_id.is_(None), False), else_=True),
            *snapshot,
            utc(func.coalesce(SNAPSHOTS.c.stale_at, PRINTERS.c.created_at)),
            if_ahead(func.coalesce(SNAPSHOTS.c.taken_at, PRINTERS.c.created_at)),
        )
        .select_from(PRINTERS.outerjoin(SNAPSHOTS, LATEST).outerjoin(OUT_OF_SERVICE, out))
        .where(PRINTERS.c.enabled)
        .execution_options(yield_per=_AT_ONCE)
    )
    changes = (
        select(
            SNAPSHOTS.c.printer_id,
            *device,
            *snapshot,
            utc(SNAPSHOTS.c.stale_at),
            if_ahead(SNAPSHOTS.c.taken_at),
        )
        .where(SNAPSHOTS.c.received_at > bindparam("since"))
        .execution_options(yield_per=_AT_ONCE)
    )
    edits = select(AUDIT.c.id).where(
        AUDIT.c.id > bindparam("edit"),
        AUDIT.c.action.startswith("printer."),
        AUDIT.c.action != DEVICE_REPORTED,  # its snapshot is among the changes
    )
    return _Statements(
        everything=everything,
        some=everything.where(PRINTERS.c.printer_id.in_(bindparam("printer_ids", expanding=True))),
        changes=changes,
        news=select(
            select(func.max(SNAPSHOTS.c.received_at)).scalar_subquery(),
            edits.exists(),
            select(func.max(AUDIT.c.id)).scalar_subquery(),
        ),
    )


class KeptFleet:
    """All enabled printers as of the last read(). Threads take turns."""

    def __init__(self) -> None:
        self._turn: Final = threading.Lock()
        self._printers: dict[str, _Kept] = {}
        self._order: list[_Kept] = []
        """The same, worst first as they were shown last."""
        self._fleet = Fleet(())
        self._read_at = self._whole_until = _NEVER
        self._arrived_until = _NEVER
        """What arrived by then was read."""
        self._edit = 0
        """The last line of the audit when the inventory was read."""

    def read(self, connection: Connection, now: datetime) -> Fleet:
        """Return the fleet as it is now: the same object as before where nothing looks different."""
        with self._turn:
            # First: what PostgreSQL shows only after this is read the next time.
            news = _statements(connection.dialect.name).news
            last_arrival, edited, last_edit = connection.execute(news, {"edit": self._edit}).one()
            # Not where the clock was set back: what was believed may be ahead of it now.
            recent = self._read_at <= now < self._whole_until
            if recent and not edited:
                self._read_changes(connection, now)
            else:
                self._read_whole(connection, now)
                self._edit = last_edit or 0
                self._whole_until = min(now + WHOLE_EVERY, next_back_in_service(connection, now) or _FOREVER)
            # A time ahead of this clock, another one's or its own of before, hides nothing that comes later.
            self._read_at, self._arrived_until = now, min(last_arrival or _NEVER, now - OVERLAP)
            return self._show(now)

    def _read_whole(self, connection: Connection, now: datetime) -> None:
        everything = _statements(connection.dialect.name).everything
        rows = connection.execute(everything, {"believed": believed_until(now), "now": now})
        printers = {kept.read.printer_id: kept for kept in self._taken(rows)}
        self._order = [kept for kept in self._order if printers.get(kept.read.printer_id) is kept]
        self._order += [kept for kept in printers.values() if kept.shown is None]
        self._printers = printers

    def _read_changes(self, connection: Connection, now: datetime) -> None:
        statements, believed = _statements(connection.dialect.name), believed_until(now)
        wanted = {"since": self._arrived_until, "believed": believed}
        other_devices: list[str] = []
        for part in connection.execute(statements.changes, wanted).partitions():
            for printer_id, model, serial, firmware, *snapshot in part:
                kept = self._printers.get(printer_id)
                if kept is None:
                    continue  # not watched
                if kept.device == hash((model, serial, firmware)):
                    _renew(kept, *snapshot)
                else:
                    other_devices.append(printer_id)
        for first in range(0, len(other_devices), _AT_ONCE):
            some = {"printer_ids": other_devices[first : first + _AT_ONCE], "believed": believed, "now": now}
            list(self._taken(connection.execute(statements.some, some)))

    def _taken(self, rows: Result[*tuple[Any, ...]]) -> Iterator[_Kept]:
        """Take whole rows over; what is as before keeps its texts."""
        for part in rows.partitions():
            for *identity, out, state, severity, lowest_percent, reached, stale_at, ahead_at in part:
                kept, told = self._printers.get(identity[0]), hash(tuple(identity))
                if kept is None:
                    device = hash(tuple(identity[-3:]))
                    kept = _Kept(told, device, out, _named(*identity), stale_at, ahead_at)
                elif kept.identity != told:
                    kept.identity, kept.device = told, hash(tuple(identity[-3:]))
                    kept.read, kept.stale = _named(*identity), None
                kept.out = out
                _renew(kept, state, severity, lowest_percent, reached, stale_at, ahead_at)
                yield kept

    def _show(self, now: datetime) -> Fleet:
        """Return the printers to show, stale ones marked as such; sort only where something has moved."""
        differs, moved = len(self._order) != len(self._fleet.rows), False
        for kept, stale in zip(self._order, are_stale(self._order, now), strict=True):
            if stale:
                shown = kept.stale = kept.stale or _gone_stale(kept.read, kept.out)
            else:
                shown = kept.read
            if shown is not kept.shown:
                differs, kept.shown = True, shown
                if (order := _worst_first(shown)) != kept.order:
                    moved, kept.order = True, order
        if moved:
            self._order.sort(key=attrgetter("order"))
        if differs:
            self._fleet = Fleet([kept.shown for kept in self._order if kept.shown], in_order=True)
        return self._fleet


def _named(  # noqa: PLR0913, PLR0917 (the columns of a row)
    printer_id: str,
    name: str,
    location: str,
    host: str,
    model: str,
    serial: str,
    asset_tag: str,
    told_model: str | None,
    told_serial: str | None,
    told_firmware: str | None,
) -> Listed:
    """Return a printer that was not read yet; the inventory's words count more than its own."""
    shown, model = name or printer_id, public_model(model or told_model or "")
    return Listed(
        printer_id,
        shown,
        intern(location),
        intern(model),
        "unknown",
        health_of(None, stale=False, reached=False),
        None,
        shown.lower(),
        f"{name}\n{printer_id}\n{location}\n{model}".lower(),
        f"{host}\n{serial or told_serial or ''}\n{asset_tag}{_searched(told_firmware)}".lower(),
        intern(told_firmware or ""),
    )


def _searched(firmware: str | None) -> str:
    """Return a line by which "firmware 2.4" finds the printers that run it."""
    return f"\nfirmware {firmware}" if firmware else ""


def _renew(  # noqa: PLR0913, PLR0917 (the columns of a row; a mapping would cost more than all the rest)
    kept: _Kept,
    state: str | None,
    severity: str | None,
    lowest_percent: int | None,
    reached: bool | None,
    stale_at: datetime,
    ahead_at: datetime | None,
) -> None:
    """Take over what a reading tells; `stale_at` is when the printer was added where there is none yet."""
    kept.stale_at, kept.ahead_at = stale_at if state else unread_stale_at(stale_at), ahead_at
    read, health = kept.read, health_of(severity, stale=False, reached=bool(reached), out=kept.out)
    if (read.state, read.health, read.lowest_percent) != (state or "unknown", health, lowest_percent):
        state = intern(state or "unknown")
        kept.read = Listed(*read[:4], state, health, lowest_percent, *read[7:])
        kept.stale = None


def _gone_stale(read: Listed, out: bool) -> Listed:
    return read._replace(state="stale", health=health_of(read.health, stale=True, reached=True, out=out))
