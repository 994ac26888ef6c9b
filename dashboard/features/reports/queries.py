"""Add up reports: pages and answers from the time series, problems and times to resolve from SQL."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from statistics import median
from typing import Final, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select

from core.domain.page_prices import PrintedPages, printed_pages
from core.domain.places import place_of
from core.storage.core_tables import ATTENTION, ISSUES, PRINTERS, SNAPSHOTS
from core.storage.out_of_service import times_out_of_service, was_in_service
from core.storage.tables import IssueStatus
from core.timeseries.counters import counter_pages
from core.timeseries.pages import added
from core.timeseries.reader import PrinterDay, SeriesReader, whole_days
from dashboard.features.reports.days_out import DaysOut, days_out
from dashboard.features.reports.periods import Period

_ONE_DAY: Final = timedelta(days=1)
_Key = TypeVar("_Key")


@dataclass(frozen=True)
class KnownPrinter:
    """A printer of the inventory, for reports."""

    printer_id: str
    name: str
    location: str
    model: str
    enabled: bool
    since: date
    """The day it was added."""
    cost_center: str = ""


class Sums(NamedTuple):
    """What the time series knows of a printer on a day, or on the days of a month."""

    printer_id: str
    bar: date
    pages: int | None
    readings: int
    answered: int
    days: int
    """On how many days there were readings."""
    out: float = 0.0
    """Which part of these days it was out of service."""


@dataclass
class Tally:
    """Sums of some days of some printers."""

    pages: int | None = None
    """None where nobody knows: no count of theirs has one before it to subtract."""
    readings: int = 0
    answered: int = 0
    observed_days: float = 0
    """Printer-days with readings, without the time out of service."""
    answered_days: float = 0
    """The part of the observed days in which the printer answered."""
    out_days: float = 0
    """Printer-days out of service."""

    def add(self, sums: "Sums") -> None:
        """Take in a day, or the days of a month."""
        self.pages = added(self.pages, sums.pages)
        self.readings += sums.readings
        self.answered += sums.answered
        in_service = sums.days - sums.out
        self.observed_days += in_service
        if sums.readings:
            # What was not answered is put down to the time out of service, as far as that goes.
            self.answered_days += min(sums.days * sums.answered / sums.readings, in_service)

    def add_all(self, other: "Tally") -> None:
        """Take in what another one holds."""
        self.pages = added(self.pages, other.pages)
        self.readings += other.readings
        self.answered += other.answered
        self.observed_days += other.observed_days
        self.answered_days += other.answered_days
        self.out_days += other.out_days

    @property
    def availability(self) -> float | None:
        """The part of the observed time in service in which there was an answer; None where nobody looked."""
        return self.answered_days / self.observed_days if self.observed_days else None


@dataclass(frozen=True)
class Usage:
    """A period of the fleet."""

    printers: Mapping[str, Tally]
    places: Mapping[tuple[date, str], Tally]
    """By bar and place."""
    expected_days: Mapping[date, int]
    """By bar: how many printer-days there would be if every printer had been looked at every day."""
    known: Mapping[str, KnownPrinter]
    counters: Mapping[tuple[date, str], Mapping[str, int | None]] = field(default_factory=dict)
    """By bar and printer: what the makers' own counters have counted, by name; None: not known."""
    pages_by_month: Mapping[tuple[str, date], int | None] = field(default_factory=dict)
    """By printer and month, as `printers` has them of the whole period."""

    @cached_property
    def counters_by_month(self) -> Mapping[tuple[str, date], Mapping[str, int | None]]:
        """By printer and month, as `counters` has them by bar."""
        return added_counters(
            ((printer_id, bar.replace(day=1)), counted)
            for (bar, printer_id), counted in self.counters.items()
        )

    @cached_property
    def printed(self) -> Mapping[tuple[str, date], PrintedPages]:
        """What was printed by printer and month, with mono and color as the makers count them."""
        nothing: Mapping[str, int | None] = {}
        return {
            key: printed_pages(self.pages_by_month.get(key), told.get("mono"), told.get("color"))
            for key in {**self.pages_by_month, **self.counters_by_month}
            for told in (self.counters_by_month.get(key, nothing),)
        }

    @property
    def counters_of_printers(self) -> dict[str, dict[str, int | None]]:
        """Of the whole period, by printer and counter."""
        return added_counters((printer_id, counted) for (_, printer_id), counted in self.counters.items())

    @property
    def read_or_watched(self) -> set[str]:
        """The printers that were read in the period, or are watched."""
        watched = (printer_id for printer_id, printer in self.known.items() if printer.enabled)
        return {*self.printers, *watched}

    @property
    def pages(self) -> int | None:
        return added(*(tally.pages for tally in self.printers.values()))

    @property
    def observed(self) -> float | None:
        """The part of the printer-days in service that somebody looked at."""
        out = sum(tally.out_days for tally in self.printers.values())
        expected = sum(self.expected_days.values()) - out
        seen = sum(tally.observed_days for tally in self.printers.values())
        return min(1.0, seen / expected) if expected > 0 else None

    @property
    def availability(self) -> float | None:
        seen = sum(tally.observed_days for tally in self.printers.values())
        return sum(tally.answered_days for tally in self.printers.values()) / seen if seen else None


@dataclass(frozen=True)
class ProblemCount:
    """Number of times a kind of flag was raised in a period."""

    code: str
    times: int
    printers: int
    critical: int
    still_open: int


@dataclass(frozen=True)
class Resolution:
    """An issue of the period."""

    kind: str
    category: str
    opened_at: datetime
    ended_at: datetime | None

    @property
    def hours(self) -> float | None:
        """How long it took; None while it is open."""
        return None if self.ended_at is None else (self.ended_at - self.opened_at).total_seconds() / 3600


def printer_of(known: Mapping[str, KnownPrinter], printer_id: str) -> KnownPrinter:
    """Return what is known of a printer; of one that is not in the inventory any more, its id."""
    return known.get(printer_id) or KnownPrinter(
        printer_id, printer_id, "", "", enabled=False, since=date.min
    )


def known_printers(connection: Connection) -> dict[str, KnownPrinter]:
    """Return every printer of the inventory, also those that are disabled by now."""
    model = func.coalesce(func.nullif(SNAPSHOTS.c.model, ""), PRINTERS.c.model)
    columns = ("printer_id", "name", "location", "cost_center", "enabled", "created_at")
    statement = select(*(PRINTERS.c[name] for name in columns), model.label("model")).select_from(
        PRINTERS.outerjoin(SNAPSHOTS, SNAPSHOTS.c.printer_id == PRINTERS.c.printer_id)
    )
    return {
        row["printer_id"]: KnownPrinter(
            row["printer_id"],
            row["name"],
            row["location"],
            row["model"],
            row["enabled"],
            row["created_at"].date(),
            row["cost_center"],
        )
        for row in connection.execute(statement).mappings()
    }


def read_days_out(connection: Connection, period: Period, now: datetime) -> DaysOut:
    """Return which parts of the days of a period printers were out of service."""
    return days_out(times_out_of_service(connection, *period.moments(UTC)), period, now)


def usage(
    series: SeriesReader, known: Mapping[str, KnownPrinter], period: Period, today: date, out: DaysOut
) -> Usage:
    """Return the usage of a period by the time series. Raises TimeSeriesUnavailable."""
    printers: dict[str, Tally] = defaultdict(Tally)
    places: dict[tuple[date, str], Tally] = defaultdict(Tally)
    where = {printer_id: place_of(printer.location) for printer_id, printer in known.items()}
    first: dict[str, date] = {}
    by_month: dict[tuple[str, date], int | None] = {}
    for sums in day_sums(series, period, out) if period.daily else month_sums(series, period, out):
        printers[sums.printer_id].add(sums)
        places[sums.bar, where.get(sums.printer_id, "")].add(sums)
        first.setdefault(sums.printer_id, sums.bar)
        month = sums.printer_id, sums.bar.replace(day=1)
        by_month[month] = added(by_month.get(month), sums.pages)
    begins = _begins(known, first, period)
    for printer_id in begins.keys() & out.keys():
        for day, part in out[printer_id].items():
            if day >= begins[printer_id]:
                printers[printer_id].out_days += part
                places[period.bucket(day), where[printer_id]].out_days += part
    counters = _counters(series, period)
    return Usage(printers, places, _expected(begins, period, today), known, counters, by_month)


def day_sums(series: SeriesReader, period: Period, out: DaysOut) -> Iterator[Sums]:
    """Yield the sums of the days of a period."""
    nowhere: Mapping[date, float] = {}
    for day in whole_days(series.days(period.since, period.until)):
        part = out.get(day.printer_id, nowhere).get(day.day, 0.0)
        yield Sums(day.printer_id, day.day, day.pages, day.readings, day.answered, 1, part)


def month_sums(series: SeriesReader, period: Period, out: DaysOut) -> Iterator[Sums]:
    """Yield the sums of the months of a period, and apart from them those of the days out of service."""
    apart: dict[tuple[date, str], list[Sums]] = defaultdict(list)
    # Read before the months: what is added up meanwhile is not more in a day than in its month.
    for day in _days_with_time_out(series, out):
        bar = day.day.replace(day=1)
        part = out[day.printer_id][day.day]
        apart[bar, day.printer_id].append(
            Sums(day.printer_id, bar, None, day.readings, day.answered, 1, part)
        )
    for month in series.months(period.since, period.until):
        own = apart.get((month.month, month.printer_id), [])
        yield Sums(
            month.printer_id,
            month.month,
            month.pages,
            month.readings - sum(sums.readings for sums in own),
            month.answered - sum(sums.answered for sums in own),
            month.days - len(own),
        )
        yield from own


def _days_with_time_out(series: SeriesReader, out: DaysOut) -> Iterator[PrinterDay]:
    """Yield the days of printers that were out of service on them.

    A month at a time: the year in which a whole fleet was closed for two weeks is not read whole.
    """
    concerned: dict[date, set[str]] = defaultdict(set)
    days: dict[date, set[date]] = defaultdict(set)
    for printer_id, parts in out.items():
        for day in parts:
            concerned[day.replace(day=1)].add(printer_id)
            days[day.replace(day=1)].add(day)
    for month, ids in concerned.items():
        read = series.days(min(days[month]), max(days[month]) + _ONE_DAY, ids)
        yield from whole_days(found for found in read if found.day in out[found.printer_id])


def added_counters(
    counted: Iterable[tuple[_Key, Mapping[str, int | None]]],
) -> dict[_Key, dict[str, int | None]]:
    """Return the sums of the makers' counters by key and name; None where no count of a name is known."""
    sums: dict[_Key, dict[str, int | None]] = defaultdict(dict)
    for key, counters in counted:
        of_key = sums[key]
        for name, pages in counters.items():
            of_key[name] = added(of_key.get(name), pages)
    return dict(sums)


def _counters(series: SeriesReader, period: Period) -> dict[tuple[date, str], dict[str, int | None]]:
    return added_counters(
        ((period.bucket(found.day), found.printer_id), {found.counter: found.pages})
        for found in counter_pages(series.counter_days, period.since, period.until)
    )


def _begins(known: Mapping[str, KnownPrinter], first: Mapping[str, date], period: Period) -> dict[str, date]:
    """Return from which day of a period on watched printers count: since they were added (or first seen)."""
    return {
        printer_id: max(period.since, min(printer.since, first.get(printer_id, printer.since)))
        for printer_id, printer in known.items()
        if printer.enabled
    }


def _expected(begins: Mapping[str, date], period: Period, today: date) -> dict[date, int]:
    """Return printer-days by bar: of watched printers, since they begin to count, up to today."""
    end = min(period.until, today + _ONE_DAY)
    beginning = Counter(begins.values())
    expected: dict[date, int] = defaultdict(int)
    watched, day = 0, period.since
    while day < end:
        watched += beginning[day]
        expected[period.bucket(day)] += watched
        day += _ONE_DAY
    return dict(expected)


def problems(connection: Connection, since: datetime, until: datetime) -> list[ProblemCount]:
    """Return the kinds of flags that were raised in service in [since, until), the most frequent first."""
    times = func.count().label("times")
    statement = (
        select(
            ATTENTION.c.code,
            times,
            func.count(ATTENTION.c.printer_id.distinct()),
            func.sum(case((ATTENTION.c.severity == "critical", 1), else_=0)),
            func.sum(case((ATTENTION.c.cleared_at.is_(None), 1), else_=0)),
        )
        .where(*_raised(since, until))
        .group_by(ATTENTION.c.code)
        .order_by(times.desc(), ATTENTION.c.code)
    )
    return [
        ProblemCount(row[0], *(int(number) for number in row[1:])) for row in connection.execute(statement)
    ]


def problems_by_printer(connection: Connection, since: datetime, until: datetime) -> dict[str, Counter[str]]:
    """Return how often which flags were raised in service in [since, until), by printer and code."""
    statement = (
        select(ATTENTION.c.printer_id, ATTENTION.c.code, func.count())
        .where(*_raised(since, until))
        .group_by(ATTENTION.c.printer_id, ATTENTION.c.code)
    )
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for printer_id, code, times in connection.execute(statement):
        found[printer_id][code] = int(times)
    return dict(found)


def _raised(since: datetime, until: datetime) -> tuple[ColumnElement[bool], ...]:
    flag = ATTENTION.c
    return flag.since_at >= since, flag.since_at < until, was_in_service(flag.since_at, flag.printer_id)


def resolutions(connection: Connection, since: datetime, until: datetime) -> list[Resolution]:
    """Return issues opened in [since, until), and those that ended in it; no spam."""
    ended = func.coalesce(ISSUES.c.resolved_at, ISSUES.c.closed_at)
    opened_here = and_(ISSUES.c.opened_at >= since, ISSUES.c.opened_at < until)
    columns = (ISSUES.c[name] for name in ("kind", "category", "opened_at"))
    statement = (
        select(*columns, ISSUES.c.resolved_at, ISSUES.c.closed_at)
        .where(ISSUES.c.status != IssueStatus.SPAM, or_(opened_here, and_(ended >= since, ended < until)))
        .order_by(ISSUES.c.opened_at)
    )
    return [Resolution(*row[:3], ended_at=row[3] or row[4]) for row in connection.execute(statement)]


def median_hours(issues: Iterable[Resolution]) -> float | None:
    """Return the time to resolve that half of them stayed under; None where none is resolved."""
    hours = [issue.hours for issue in issues if issue.hours is not None]
    return median(hours) if hours else None


def hours_for(percent: int, hours: Sequence[float]) -> float:
    """Return the hours that so many percent of them did not exceed; one of them, of at least one."""
    return sorted(hours)[-(-len(hours) * percent // 100) - 1]
