"""The vendor's own page counters in a reading: added up, and left out where they are not plausible."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from core.contract.messages import PageCounter, PrinterState, Reading
from core.contract.vendor_counters import (
    COUNTER_NAMES,
    SPLIT,
    UNITS,
    CounterName,
    CounterObjects,
    Sum,
)
from core.contract.vendor_objects import VENDOR_TABLES, counters_of
from processor.decode.mib_tables import MibTables
from processor.decode.values import count_of, oid_of
from processor.decode.vendor import brother_counts

KEPT_FOR: Final = timedelta(days=1)
"""They are read once an hour; a collector that does not ask any more lets them go after this time."""
_LARGEST: Final = 2**32 - 3
"""Above are -1, -2 and -3 in the clothes of a Gauge32."""
_MOST: Final = {"impressions": 1.1, "sheets": 2.2}
"""How many impressions a counter may show for each of prtMarkerLifeCount: it is read a moment later, and a
sheet has two sides. A life count of another unit cannot be compared."""
_LEAST: Final = 0.4
"""The share of prtMarkerLifeCount that mono and color together must reach, where both are counted."""
_BROTHER_BLOCK: Final = "brInfoCounter"
_TABLE_OF: Final = {name: table for table, names in VENDOR_TABLES.items() for name in names}


@dataclass(frozen=True, slots=True)
class PageCounters:
    """The counters of a state: these, read at that time, of the device with that serial number."""

    counters: tuple[PageCounter, ...] = ()
    read_at: datetime | None = None
    serial: str | None = None


def page_counters(  # noqa: PLR0913 (this reading, the state before, and what of this reading is decoded)
    view: MibTables,
    reading: Reading,
    before: PrinterState,
    *,
    life_count: int | None,
    counter_unit: str | None,
    serial: str | None,
) -> PageCounters:
    """Return the counters of this reading; where they were not asked for now, those of the state before."""
    objects = counters_of(oid_of(view.tables["system"].get((0, 0), {}).get("sysObjectID")) or "")
    serial = serial or before.counters_serial
    if objects is not None and _was_read(objects, view, reading):
        found = _plausible(dict(_counted(objects, view)), life_count, counter_unit)
        return PageCounters(found, reading.taken_at, serial)
    if before.counters_at is None or serial != before.counters_serial:
        return PageCounters(serial=serial)
    if reading.taken_at - before.counters_at > KEPT_FOR:
        return PageCounters(serial=serial)
    return PageCounters(before.counters, before.counters_at, serial)


def _was_read(objects: CounterObjects, view: MibTables, reading: Reading) -> bool:
    """Return whether the agent has answered all that was asked of its counters, or has none."""
    tables = {objects.table} if objects.table else {_TABLE_OF[_BROTHER_BLOCK]}
    return any(view.tables[table] or table in reading.tables for table in tables) and tables <= view.settled


def _counted(objects: CounterObjects, view: MibTables) -> Iterator[tuple[CounterName, PageCounter]]:
    """Return each counter by the first of its sums that was answered."""
    columns: dict[str, Mapping[int, int]] = {}
    done: set[CounterName] = set()
    for each in objects.sums:
        for term in each.terms:
            if term.column not in columns:
                columns[term.column] = _values(term.column, objects, view)
        count = _sum(each, columns)
        if count is not None and each.counter not in done:
            done.add(each.counter)
            source = each.terms[0].column
            unit = UNITS[each.counter]
            yield each.counter, PageCounter(name=each.counter, count=count, unit=unit, source=source)


def _sum(each: Sum, columns: Mapping[str, Mapping[int, int]]) -> int | None:
    """Return the sum of the rows that were answered; None where none was."""
    counts = [
        count
        for term in each.terms
        for row, count in columns[term.column].items()
        if not term.rows or row in term.rows
    ]
    return sum(counts) if counts else None


def _values(column: str, objects: CounterObjects, view: MibTables) -> dict[int, int]:
    """Return the counts of a column by what its rows count."""
    if column == _BROTHER_BLOCK:
        return brother_counts(view)
    key, values = objects.keys.get(column), dict[int, int]()
    for (index, _), row in view.tables[_TABLE_OF[column]].items():
        number = count_of(row.get(key)) if key else index
        count = count_of(row.get(column))
        if number is not None and count is not None and count < _LARGEST:
            values.setdefault(number, count)  # a counter that is listed twice is one
    return values


def _plausible(
    found: dict[CounterName, PageCounter], life_count: int | None, counter_unit: str | None
) -> tuple[PageCounter, ...]:
    """Return those that can be true beside prtMarkerLifeCount; mono and color both, or neither."""
    most = _MOST.get(counter_unit or "impressions")
    if life_count and most is not None:
        limit = life_count * most + 10
        pages = [found[name].count for name in SPLIT if name in found]
        too_few = len(pages) == len(SPLIT) and sum(pages) < life_count * _LEAST
        for name in SPLIT if sum(pages) > limit or too_few else ():
            found.pop(name, None)
        for name in [name for name in found if name != "scan" and found[name].count > limit]:
            del found[name]
    total = sum(found[name].count for name in SPLIT if name in found)
    if "a3" in found and found["a3"].count >= max(1, total):
        del found["a3"]  # where every page is a large one, that row is not of one paper size
    return tuple(found[name] for name in COUNTER_NAMES if name in found)
