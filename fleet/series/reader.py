"""What can be read of the time series, whichever it is: the points of a printer, the days of the fleet."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from fleet.errors import FleetError
from fleet.messages import HistoryPoint


class SeriesAway(FleetError):
    """The time series cannot be read or written now."""


@dataclass(frozen=True)
class PrinterDay:
    """What one UTC day of one printer adds up to."""

    printer_id: str
    day: date
    readings: int
    answered: int
    """How many of the readings were answered: 1 - answered / readings is its outage."""
    first_count: int | None
    """The lowest and ..."""
    last_count: int | None
    """... the newest marker_life_count of the day; None where it was not read."""
    pages: int
    """Printed since the day before's last count: never negative, 0 over a counter that was reset."""


class SeriesReader(Protocol):
    """Reading only; safe to use from several threads. Every call raises SeriesAway where there is no answer."""

    def points(self, printer_id: str, since: datetime, until: datetime) -> list[HistoryPoint]:
        """The points of a printer in [since, until), oldest first."""

    def days(self, since: date, until: date) -> Iterator[PrinterDay]:
        """The days of all printers in [since, until), by printer and day; days without points are left out."""

    def close(self) -> None:
        """Let go of files and connections."""
