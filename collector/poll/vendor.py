"""A vendor's own objects: read after everything else, in requests of their own.

Levels are read in every poll; page counters once an hour and when the printer's status has changed, which is
when pages may have been printed; the firmware once an hour, and the IEEE 1284 device id where nothing else
names the model. An agent that fails at any of them loses nothing that the Printer MIB tells; after some
failures in a row they are left out for a while.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, TypeVar, cast

from collector.drivers.protocol import Agent, SnmpDriver, SnmpError, Varbind, Version
from collector.poll.capabilities import Capabilities
from collector.poll.column import ColumnProgress, ColumnSpec, MibColumn, spec
from collector.poll.walk import Walk
from core.contract.ber import encode_oid
from core.contract.vendor_counters import CounterObjects, VendorColumn
from core.contract.vendor_objects import (
    ALL_COUNTERS,
    DEVICE_ID_COLUMNS,
    DEVICE_IDS,
    FIRMWARE,
    FIRMWARE_OBJECTS,
    VENDORS,
    FirmwareObjects,
    Vendor,
)
from core.domain.device_texts import readable
from core.domain.model_names import has_model

Known = TypeVar("Known")
Seen = Callable[[str], Sequence[Varbind]]
"""The objects that were just read of a column, by its MIB name."""

HOUR_SECONDS: Final = 3600
_STATUS: Final = ("hrDeviceStatus", "hrPrinterStatus", "hrPrinterDetectedErrorState")
_ENTERPRISES: Final = tuple((encode_oid(vendor.enterprise), vendor) for vendor in VENDORS)
_FIRMWARES: Final = tuple((encode_oid(one.enterprise), one) for one in FIRMWARE_OBJECTS)
_COUNTING: Final = tuple((encode_oid(one.enterprise), one) for one in ALL_COUNTERS if one.table)


@dataclass(frozen=True, slots=True)
class VendorPolicy:
    """Choice of the objects that are asked for beyond the Printer MIB."""

    objects: bool = True
    """SNMP_VENDOR_OBJECTS: levels, counters, firmware, device ids."""
    unverified_counters: bool = False
    """SNMP_UNVERIFIED_COUNTERS: also counters that are known by hearsay alone."""


async def read_vendor_objects(  # noqa: PLR0913, PLR0917 (what is asked, whom, how, and when)
    driver: SnmpDriver,
    agent: Agent,
    known: Capabilities,
    seen: Seen,
    policy: VendorPolicy,
    now: float,
) -> tuple[list[MibColumn], Capabilities]:
    """Read the objects that are due of this printer's vendor, by what this poll has `seen` of it.

    Returns their columns, and what is known of the printer then.
    """
    if not policy.objects or not known.asks_vendor:
        return [], known
    status = _status_of(seen)
    hourly = not 0 <= now - known.counters_at < HOUR_SECONDS  # also where the clock was set back
    slow = _slow_specs(seen, policy, hourly=hourly, changed=status != known.counters_status)
    specs = [*_specs(_find(_ENTERPRISES, seen)), *slow]
    if not specs:
        return [], replace(known, counters_at=int(now)) if hourly else known
    asked = [MibColumn(what) for what in specs]
    walk = Walk(driver, replace(agent, version=cast(Version, known.version)), known)
    try:
        await walk.run(asked)
    except SnmpError:
        for column in asked:
            column.progress = ColumnProgress.FAILED
    if any(column.progress is ColumnProgress.FAILED or column.refused for column in asked):
        return asked, replace(known, vendor_failures=known.vendor_failures + 1)
    if slow or hourly:
        known = replace(known, counters_status=status, counters_at=int(now))
    return asked, replace(known, vendor_failures=0) if known.vendor_failures else known


def _slow_specs(seen: Seen, policy: VendorPolicy, *, hourly: bool, changed: bool) -> tuple[ColumnSpec, ...]:
    """Return what is not asked for in every poll and is due now."""
    if not (hourly or changed):
        return ()
    counting = _find(_COUNTING, seen)
    counted = counting is not None and (counting.verified or policy.unverified_counters)
    ids = hourly and not has_model(_text(seen("hrDeviceDescr")), _text(seen("sysDescr")))
    return (
        *(_counter_specs(counting) if counting and counted else ()),
        *(_firmware_specs(_find(_FIRMWARES, seen)) if hourly else ()),
        *(_id_specs() if ids else ()),
    )


def _find(known: Iterable[tuple[bytes, Known]], seen: Seen) -> Known | None:
    """Return the vendor's objects by the sysObjectID just read; octets are compared, not decoded."""
    cells = seen("sysObjectID")
    if not cells:
        return None
    return next((one for prefix, one in known if cells[0].value.startswith(prefix)), None)


def _status_of(seen: Seen) -> str:
    """Return the printer's statuses and error bits, to be compared with the next ones."""
    return "/".join(cell.value[:8].hex() for name in _STATUS for cell in seen(name)[:4])


def _text(cells: Iterable[Varbind]) -> str | None:
    return next((text for cell in cells if (text := readable(cell.value))), None)


@lru_cache
def _specs(vendor: Vendor | None) -> tuple[ColumnSpec, ...]:
    tables = vendor.tables if vendor else {}
    return tuple(what for table, wanted in tables.items() for what in specs_of(table, wanted))


@lru_cache
def _counter_specs(counting: CounterObjects) -> tuple[ColumnSpec, ...]:
    return tuple(specs_of(counting.table, counting.columns))


@lru_cache
def _firmware_specs(told: FirmwareObjects | None) -> tuple[ColumnSpec, ...]:
    return tuple(specs_of(FIRMWARE, told.columns)) if told else ()


@lru_cache
def _id_specs() -> tuple[ColumnSpec, ...]:
    return tuple(specs_of(DEVICE_IDS, DEVICE_ID_COLUMNS))


def specs_of(table: str, columns: Iterable[VendorColumn]) -> Iterator[ColumnSpec]:
    """Return the columns to walk, and the single objects to ask for."""
    for column in columns:
        if not column.only:
            yield spec(table, column.name, column.rows, single=column.rows == 1)
        for row in column.only:
            yield spec(table, column.name, 1, single=True, after=row - 1)
