"""The fleet for the live view, read seldom enough not to be felt, and how fast readings come in."""

import threading
import time
from collections import deque
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.exc import SQLAlchemyError

from console.fleet import FleetStatus, read_fleet
from core.runtime.wall_clock import utc_now
from core.storage.core_tables import SNAPSHOTS
from core.storage.database import reading
from core.storage.users import count_admins

_WINDOW_SECONDS: Final = 60.0
_WORST: Final = 12
_SHARE: Final = 20
"""Between two looks passes at least so many times what a look takes."""


@dataclass(frozen=True)
class FleetNow:
    """The last fleet that was read; `error` is why it could not be read anew."""

    fleet: FleetStatus
    readings_per_minute: float | None = None
    error: str | None = None
    administered: bool = False
    """Whether there is an admin: how the first one comes in need not be shown any more."""


class Rate:
    """Readings a minute, from how many snapshots are new at each look."""

    def __init__(self) -> None:
        self._looks: deque[tuple[float, int]] = deque()
        self._newest: datetime | None = None

    def count(self, connection: Connection, clock: float) -> float | None:
        """Take a look; None at the first one."""
        received = SNAPSHOTS.c.received_at
        newest, seen = connection.execute(select(func.max(received), func.count()).where(self._later())).one()
        self._newest = newest or self._newest
        self._looks.append((clock, seen))
        while len(self._looks) > 2 and clock - self._looks[0][0] > _WINDOW_SECONDS:  # noqa: PLR2004
            self._looks.popleft()
        spent = clock - self._looks[0][0]
        counted = sum(number for _, number in list(self._looks)[1:])  # the first saw all there was
        return None if spent < 1 else counted * 60 / spent

    def _later(self) -> Any:
        received = SNAPSHOTS.c.received_at
        return received > self._newest if self._newest is not None else received.is_not(None)


class FleetReader:
    """Looks at the database from a thread of its own, at most once a second."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._rate = Rate()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._look_again, name="fleet", daemon=True)
        self.latest = FleetNow(FleetStatus(at=utc_now()))

    def start(self) -> None:
        """Look at once, then again and again."""
        self.look_once()
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._stopping.set()
        self._thread.join(2)

    def look_once(self) -> None:
        """Read the fleet once; a database that is away is part of what is shown."""
        try:
            with reading(self._engine) as connection:
                fleet = read_fleet(connection, utc_now(), attention=True, most=_WORST)
                rate = self._rate.count(connection, time.monotonic())
                administered = self.latest.administered or count_admins(connection) > 0
        except SQLAlchemyError as error:
            text = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
            self.latest = replace(self.latest, error=text)
        else:
            self.latest = FleetNow(fleet, rate, administered=administered)

    def _look_again(self) -> None:
        while not self._stopping.is_set():
            began = time.monotonic()
            self.look_once()
            took = time.monotonic() - began
            self._stopping.wait(max(1.0, took * _SHARE))
