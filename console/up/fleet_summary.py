"""What the live view shows of the database, read seldom enough not to be felt."""

import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection, Engine, case, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col

from core.storage import freshness
from core.storage.database import reading
from core.storage.tables import AttentionRow, Printer, Service, Snapshot

_WINDOW_SECONDS: Final = 60.0
_WORST: Final = 12
_SHARE: Final = 20
"""Between two looks passes at least so many times what a look takes."""


@dataclass(frozen=True)
class UrgentFlag:
    """An open flag."""

    printer: str
    location: str
    severity: str
    message: str
    since_at: datetime


@dataclass(frozen=True)
class Heartbeat:
    """What a service last said of itself."""

    status: str
    seen_at: datetime
    counters: Mapping[str, float]


@dataclass(frozen=True)
class FleetSummary:
    """The fleet at one moment."""

    at: datetime
    printers: int = 0
    states: Mapping[str, int] = field(default_factory=dict)
    stale: int = 0
    severities: Mapping[str, int] = field(default_factory=dict)
    worst: tuple[UrgentFlag, ...] = ()
    heartbeats: Mapping[str, Heartbeat] = field(default_factory=dict)
    readings_per_minute: float | None = None
    error: str | None = None


def look(connection: Connection, now: datetime) -> FleetSummary:
    """Read everything but the rate."""
    states, stale = _states(connection, now)
    return FleetSummary(
        at=now,
        printers=connection.execute(
            select(func.count()).select_from(Printer).where(col(Printer.enabled))
        ).scalar_one(),
        states=states,
        stale=stale,
        severities=_severities(connection),
        worst=_worst(connection),
        heartbeats=_heartbeats(connection),
    )


def _states(connection: Connection, now: datetime) -> tuple[dict[str, int], int]:
    is_stale = freshness.is_stale(now)
    rows = connection.execute(
        select(col(Snapshot.state), is_stale, func.count()).group_by(col(Snapshot.state), is_stale)
    )
    states: dict[str, int] = {}
    without_news = 0
    for state, old, count in rows:
        if old:
            without_news += count
        else:
            states[state] = states.get(state, 0) + count
    return states, without_news


def _severities(connection: Connection) -> dict[str, int]:
    severity = col(AttentionRow.severity)
    open_flags = select(severity, func.count()).where(col(AttentionRow.cleared_at).is_(None))
    return {row[0]: row[1] for row in connection.execute(open_flags.group_by(severity))}


def _worst(connection: Connection) -> tuple[UrgentFlag, ...]:
    rank = case({"critical": 0, "warning": 1}, value=col(AttentionRow.severity), else_=2)
    rows = connection.execute(
        select(
            col(Printer.name),
            col(Printer.location),
            col(AttentionRow.severity),
            col(AttentionRow.message),
            col(AttentionRow.since_at),
        )
        .join(Printer, col(Printer.printer_id) == col(AttentionRow.printer_id))
        .where(col(AttentionRow.cleared_at).is_(None))
        .order_by(rank, col(AttentionRow.since_at).desc(), col(AttentionRow.id))
        .limit(_WORST)
    )
    return tuple(UrgentFlag(*row) for row in rows)


def _heartbeats(connection: Connection) -> dict[str, Heartbeat]:
    rows = connection.execute(
        select(col(Service.service), col(Service.status), col(Service.seen_at), col(Service.counters))
        .where(col(Service.dismissed_at).is_(None))
        .order_by(col(Service.seen_at))
    )
    return {service: Heartbeat(status, seen_at, counters) for service, status, seen_at, counters in rows}


class Rate:
    """Readings a minute, from how many snapshots are new at each look."""

    def __init__(self) -> None:
        self._looks: deque[tuple[float, int]] = deque()
        self._newest: datetime | None = None

    def count(self, connection: Connection, clock: float) -> float | None:
        """Take a look; None at the first one."""
        received = col(Snapshot.received_at)
        newest, seen = connection.execute(select(func.max(received), func.count()).where(self._later())).one()
        self._newest = newest or self._newest
        self._looks.append((clock, seen))
        while len(self._looks) > 2 and clock - self._looks[0][0] > _WINDOW_SECONDS:  # noqa: PLR2004
            self._looks.popleft()
        spent = clock - self._looks[0][0]
        counted = sum(number for _, number in list(self._looks)[1:])  # the first saw all there was
        return None if spent < 1 else counted * 60 / spent

    def _later(self) -> Any:
        received = col(Snapshot.received_at)
        return received > self._newest if self._newest is not None else received.is_not(None)


class FleetSummaryReader:
    """Looks at the database from a thread of its own, at most once a second."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._rate = Rate()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._look_again, name="glance", daemon=True)
        self.latest = FleetSummary(at=datetime.now(UTC))

    def start(self) -> None:
        """Begin looking."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._stopping.set()
        self._thread.join(2)

    def look_once(self) -> None:
        """One look; a database that is away is part of what is shown."""
        try:
            with reading(self._engine) as connection:
                glance = look(connection, datetime.now(UTC))
                rate = self._rate.count(connection, time.monotonic())
        except SQLAlchemyError as error:
            text = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
            self.latest = replace(self.latest, error=text)
        else:
            self.latest = replace(glance, readings_per_minute=rate)

    def _look_again(self) -> None:
        while not self._stopping.is_set():
            began = time.monotonic()
            self.look_once()
            took = time.monotonic() - began
            self._stopping.wait(max(1.0, took * _SHARE))
