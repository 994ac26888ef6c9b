"""The interface for reading any time series: the points of a printer, the days of the fleet."""

from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime, timedelta
from functools import reduce
from itertools import groupby
from typing import NamedTuple, Protocol

from core.contract.errors import UserError
from core.contract.messages import HistoryPoint
from core.timeseries.counters import CounterDay
from core.timeseries.pages import added


class TimeSeriesUnavailable(UserError):
    """The time series cannot be read or written now."""


class PrinterDay(NamedTuple):
    """Sums of one UTC day of one printer."""

    printer_id: str
    day: date
    readings: int
    answered: int
    """How many of the readings were answered: 1 - answered / readings is its outage."""
    first_count: int | None
    """The first and ..."""
    last_count: int | None
    """... the newest marker_life_count of the day; None where it was not read."""
    pages: int | None
    """Printed since the newest count before: never negative, a glitch or reset of the counter adds none.

    None where no count has one before it: the first of a printer or device, or the one after a reset."""
    device: int = 0
    """The number of the device: on the day of an exchange each has a sum of its own."""


class PrinterMonth(NamedTuple):
    """Sums of the days of a month of one printer that lie in a range."""

    printer_id: str
    month: date
    """Its first day."""
    days: int
    """On how many days there were readings."""
    readings: int
    answered: int
    last_count: int | None
    pages: int | None
    """None where no day of them has any, not even zero."""


class SeriesReader(Protocol):
    """Reads only; safe to use from several threads. A call without an answer raises TimeSeriesUnavailable.

    Days and months are sums that are made anew once an hour; what is newer is in the points.
    """

    def points(
        self, printer_id: str, since: datetime, until: datetime, every: timedelta | None = None
    ) -> list[HistoryPoint]:
        """Return the points of a printer in [since, until), oldest first.

        With `every`, of each such piece of time the last one, an answered one where there is any.
        """

    def days(
        self, since: date, until: date, printer_ids: Collection[str] | None = None
    ) -> Iterator[PrinterDay]:
        """Return the days in [since, until) of all printers, or of these, by printer, day and device.

        None without readings. What pages of a day are is answered here alone, for every page and report.
        """

    def months(self, since: date, until: date) -> Iterator[PrinterMonth]:
        """Return the same, by month and printer: for a long time and many printers."""

    def counter_days(self, since: date, until: date) -> Iterator[CounterDay]:
        """Return the last count of each day in [since, until) of the vendors' page counters, in any order."""

    def printers(self) -> list[str]:
        """Return all printers that have points, sorted."""

    def close(self) -> None:
        """Let go of files and connections."""


def whole_days(days: Iterable[PrinterDay]) -> Iterator[PrinterDay]:
    """Yield the days by printer and day, the sums of several devices on one day added up."""
    for _, rows in groupby(days, lambda day: day[:2]):
        yield reduce(_together, rows)


def _together(first: PrinterDay, second: PrinterDay) -> PrinterDay:
    return PrinterDay(
        first.printer_id,
        first.day,
        first.readings + second.readings,
        first.answered + second.answered,
        second.first_count if first.first_count is None else first.first_count,
        first.last_count if second.last_count is None else second.last_count,
        added(first.pages, second.pages),
        second.device,
    )


def months_of(days: Iterable[PrinterDay]) -> Iterator[PrinterMonth]:
    """Return the months of days, by month and printer; for a series that cannot add up by itself."""
    months: dict[tuple[date, str], PrinterMonth] = {}
    for day in whole_days(days):
        key = day.day.replace(day=1), day.printer_id
        so_far = months.get(key) or PrinterMonth(day.printer_id, key[0], 0, 0, 0, None, None)
        months[key] = so_far._replace(
            days=so_far.days + 1,
            readings=so_far.readings + day.readings,
            answered=so_far.answered + day.answered,
            last_count=so_far.last_count if day.last_count is None else day.last_count,
            pages=added(so_far.pages, day.pages),
        )
    return (months[key] for key in sorted(months))
