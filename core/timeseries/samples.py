"""Points and days put together from what a time series server answers: values of single fields. Pure."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import date, timedelta
from functools import partial
from itertools import groupby
from typing import Any, Final, NamedTuple, Protocol

from core.contract.messages import SCHEMA_VERSION, HistoryPoint, HistorySupply, State
from core.timeseries.counters import CounterDay
from core.timeseries.influx.layout import NO_PAGES
from core.timeseries.pages import CountedPages, DayCount, added, believed
from core.timeseries.points import DAY_MS, STATE_OF_CODE, day_of, moment, months_between
from core.timeseries.reader import PrinterDay, PrinterMonth, months_of

_SEEDS: Final = timedelta(days=31)
"""How far back the last count of a printer is looked for."""
_FEW: Final = 20
"""Printers that a server is asked for one by one; for more it is asked for the whole fleet, once."""


class Sample(NamedTuple):
    """One field of the measurements `printer` (supply "") and `supply` at a time in milliseconds."""

    field: str
    supply: str
    at: int
    value: float
    device: int = 0


class DaySum(NamedTuple):
    """A day of a device as a server adds it up: `day` in days since 1970, its counts as they were read."""

    printer_id: str
    day: int
    readings: int
    answered: int
    first_count: int | None
    last_count: int | None
    device: int = 0
    pages: int | None = None
    """As they were summed elsewhere; None: they follow from the counts."""


def points_of(printer_id: str, samples: Iterable[Sample], every: int | None = None) -> list[HistoryPoint]:
    """Return the points of these fields; with `every` (milliseconds) one of each such piece of time."""
    pieces: dict[int, dict[tuple[str, str], Sample]] = {}
    for sample in samples:
        piece = pieces.setdefault(sample.at // (every or 1), {})
        key = sample.supply, sample.field
        if key not in piece or piece[key].at <= sample.at:
            piece[key] = sample
    return [_point(printer_id, pieces[key]) for key in sorted(pieces)]


def _point(printer_id: str, piece: dict[tuple[str, str], Sample]) -> HistoryPoint:
    def number(field: str, supply: str = "") -> int | None:
        return int(piece[supply, field].value) if (supply, field) in piece else None

    levels = sorted({supply for supply, _ in piece if supply})
    answers = [one.at for (supply, field), one in piece.items() if supply or field == "marker_life_count"]
    reachable = bool(answers) or bool(number("reachable"))
    state: State = STATE_OF_CODE.get(number("state_code") or 0, "unknown")
    return HistoryPoint.model_construct(
        printer_id=printer_id,
        taken_at=moment(max(answers or (one.at for one in piece.values()))),
        reachable=reachable,
        # Of a piece of time that ended without an answer nobody knows the state before that.
        state="unknown" if reachable and state == "unreachable" else state,
        marker_life_count=number("marker_life_count"),
        supplies={
            supply: HistorySupply.model_construct(
                level=number("level", supply), percent=number("percent", supply)
            )
            for supply in levels
        },
        device=max(one.device for one in piece.values()),
        # Given, too: to find the default of a field takes longer than all the rest.
        counters={},
        serial_number=None,
        schema_version=SCHEMA_VERSION,
    )


def counter_days_of(values: Iterable[tuple[str, str, int, str, float]]) -> Iterator[CounterDay]:
    """Yield page counters from (printer, counter, milliseconds, field `count` or `device`, value)."""
    found: dict[tuple[str, str, int], dict[str, int]] = {}
    for printer_id, counter, at, field, value in values:
        found.setdefault((printer_id, counter, at), {})[field] = int(value)
    for (printer_id, counter, at), fields in found.items():
        if "count" in fields:
            day = day_of(at // DAY_MS)
            yield CounterDay(printer_id, counter, day, at, fields["count"], fields.get("device", 0))


Fetch = Callable[[date, date], Iterable[DaySum]]
"""Days in [since, until), in any order; of one device's day given twice that with more readings counts."""


class FetchOf(Protocol):
    """The same, of all printers or of one."""

    def __call__(self, since: date, until: date, printer_id: str | None = None) -> Iterable[DaySum]:
        """Return them."""


def days_of_printers(
    fetch: FetchOf, since: date, until: date, printer_ids: Collection[str] | None
) -> Iterator[PrinterDay]:
    """Yield the days in [since, until) of all printers, or of these, by printer, day and device."""
    if printer_ids is None:
        yield from days_from(fetch, since, until)
    elif len(printer_ids) <= _FEW:
        for printer_id in sorted(printer_ids):
            yield from days_from(partial(fetch, printer_id=printer_id), since, until)
    else:
        yield from _days_of_many(fetch, since, until, printer_ids)


def days_from(fetch: Fetch, since: date, until: date) -> Iterator[PrinterDay]:
    """Yield the days in [since, until), by printer, day and device."""
    before = _counts_before(fetch, since)
    yield from _with_pages(fetch(since, until), before)


def _days_of_many(
    fetch: Fetch, since: date, until: date, printer_ids: Collection[str]
) -> Iterator[PrinterDay]:
    """Yield the days of some printers out of those of the fleet, of which one month is held at a time."""
    before = _counts_before(fetch, since)
    found: list[PrinterDay] = []
    for first, after in months_between(since, until):
        days = _with_pages(fetch(first, after), before)
        found += (day for day in days if day.printer_id in printer_ids)
    yield from sorted(found, key=lambda day: (day.printer_id, day.day, day.device))


def months_from(fetch: Fetch, since: date, until: date) -> Iterator[PrinterMonth]:
    """Yield the months in [since, until), by month and printer; one is held at a time."""
    before = _counts_before(fetch, since)
    for first, after in months_between(since, until):
        yield from months_of(_with_pages(fetch(first, after), before))


Newest = dict[tuple[str, int], DayCount | None]
"""The newest count to believe, by printer and device."""


def _counts_before(fetch: Fetch, since: date) -> Newest:
    before: Newest = {}
    for _ in _with_pages(fetch(since - _SEEDS, since), before):
        pass
    return before


def _with_pages(sums: Iterable[DaySum], before: Newest) -> Iterator[PrinterDay]:
    """Yield the days with their pages; `before` goes on with them."""
    fullest: dict[tuple[str, int, int], DaySum] = {}
    for day in sums:
        key = day.printer_id, day.device, day.day
        known = fullest.get(key)
        if known is None or known.readings < day.readings:
            fullest[key] = day
    found: list[PrinterDay] = []
    for device, keys in groupby(sorted(fullest), lambda key: key[:2]):
        days = [fullest[key] for key in keys]
        counts = [DayCount(day.day, count) for day in days for count in _counts_of(day)]
        counted = list(believed(counts, before.get(device)))
        before[device] = counted[-1].newest
        seen = iter(counted)
        for day in days:
            of_day = [next(seen) for _ in _counts_of(day)]
            first, last = of_day[0], of_day[-1]
            found.append(
                PrinterDay(
                    day.printer_id,
                    day_of(day.day),
                    day.readings,
                    day.answered,
                    first.life_count if day.first_count else None,
                    last.life_count if day.last_count else None,
                    _pages_of(of_day) if day.pages is None else day.pages,
                    day.device,
                )
            )
    yield from sorted(found, key=lambda day: (day.printer_id, day.day, day.device))


def _pages_of(counts: Sequence[CountedPages]) -> int | None:
    """Return the pages of a day by its first and last count; None where all that is known is that none
    were printed until the first."""
    pages = added(*(one.pages for one in counts))
    return pages if pages or counts[-1].pages is not None else None


def _counts_of(day: DaySum) -> tuple[int | None, ...]:
    """Return the first and the last count; one that was read once alone confirms nothing, itself neither."""
    return (day.first_count, day.last_count) if day.answered > 1 else (day.last_count,)


def sums_of(values: Iterable[tuple[str, int, int, str, Any]]) -> Iterator[DaySum]:
    """Yield days from (printer, device, day, field of DaySum, value)."""
    days: dict[tuple[str, int, int], dict[str, int]] = {}
    for printer_id, device, day, field, value in values:
        days.setdefault((printer_id, device, day), {})[field] = int(value)
    for (printer_id, device, day), fields in days.items():
        yield DaySum(
            printer_id,
            day,
            fields.get("readings", 0),
            fields.get("answered", 0),
            fields.get("first_count"),
            fields.get("last_count"),
            device,
            pages if (pages := fields.get("pages", NO_PAGES)) >= 0 else None,
        )


def device_of(label: str | None) -> int:
    """Return the number of the device by the tag of a server, which has none for the first one."""
    return int(label) if label and label.isdecimal() else 0
