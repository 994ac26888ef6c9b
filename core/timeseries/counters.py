"""Pages by the vendor's own counters (mono, color ...), from the last counts of each day. Pure."""

import zlib
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Final, NamedTuple

from core.timeseries.pages import DayCount, believed
from core.timeseries.points import day_number, months_between

_SEEDS: Final = timedelta(days=31)
"""How far back the last count of a counter is looked for."""


class CounterDay(NamedTuple):
    """The last count of a UTC day."""

    printer_id: str
    counter: str
    """A name of core.contract.vendor_counters.COUNTER_NAMES."""
    day: date
    at: int
    """When it was read, in milliseconds since 1970."""
    value: int
    device: int
    """device_of() its serial number: counts of two devices at one address are not subtracted."""


class CounterPages(NamedTuple):
    """Pages that a counter has counted in a day since its last count, on whatever day that was."""

    printer_id: str
    counter: str
    day: date
    pages: int | None
    """None where there is no count before to subtract: its first day, another device, a reset."""


Fetch = Callable[[date, date], Iterable[CounterDay]]
"""The last counts of the days in [since, until), in any order; of a day given twice the later count holds."""


def device_of(serial_number: str | None) -> int:
    """Return a number for a serial number, small enough for every time series; 0 where there is none."""
    return zlib.crc32(serial_number.encode()) if serial_number else 0


def counter_pages(fetch: Fetch, since: date, until: date) -> Iterator[CounterPages]:
    """Return what was counted in each day of [since, until); a month is held in memory at a time."""
    before: dict[tuple[str, str], tuple[int, DayCount | None]] = {}
    for first, after in months_between(since - _SEEDS, until):
        for key, days in groupby(sorted(fetch(first, after)), lambda one: one[:2]):
            last = {day.day: day for day in days}.values()  # sorted by day and time: the later holds
            for device, together in groupby(last, attrgetter("device")):
                found = list(together)
                known, count = before.get(key, (device, None))
                counts = [DayCount(day_number(day.day), day.value) for day in found]
                counted = list(believed(counts, count if known == device else None))
                before[key] = device, counted[-1].newest
                for day, seen in zip(found, counted, strict=True):
                    if day.day >= since:
                        yield CounterPages(day.printer_id, day.counter, day.day, seen.pages)
