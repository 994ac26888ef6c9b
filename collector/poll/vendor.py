"""A vendor's own objects: read after everything else, in requests of their own.

An agent that takes offence at them spoils nothing that the Printer MIB tells; after some failures in a row
they are left out for a while.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Final, cast

from collector.drivers.protocol import Agent, SnmpDriver, SnmpError, Version
from collector.poll.capabilities import Capabilities
from collector.poll.column import Column, Progress, Spec, spec
from collector.poll.walk import Walk
from fleet.ber import encode_oid
from fleet.vendor_objects import VENDORS, Vendor

_ENTERPRISES: Final = tuple((encode_oid(vendor.enterprise), vendor) for vendor in VENDORS)


async def read_vendor_objects(
    driver: SnmpDriver, agent: Agent, known: Capabilities, columns: list[Column]
) -> Capabilities:
    """Add the columns of the printer's vendor, if it has any that are worth asking for, to those read."""
    vendor = _vendor_of(columns)
    if vendor is None or not known.asks_vendor:
        return known
    asked = [Column(what) for what in _specs(vendor.name)]
    walk = Walk(driver, replace(agent, version=cast(Version, known.version)), known)
    try:
        await walk.run(asked)
    except SnmpError:
        for column in asked:
            column.progress = Progress.FAILED
    columns += asked
    failed = any(column.progress is Progress.FAILED or column.refused for column in asked)
    failures = known.vendor_failures + 1 if failed else 0
    return known if failures == known.vendor_failures else replace(known, vendor_failures=failures)


def _vendor_of(columns: Sequence[Column]) -> Vendor | None:
    """By the sysObjectID that was just read; a column's name is compared before anything is decoded."""
    cells = next(column.cells for column in columns if column.name == "sysObjectID")
    if not cells:
        return None
    found = (vendor for prefix, vendor in _ENTERPRISES if cells[0].value.startswith(prefix))
    return next(found, None)


@lru_cache
def _specs(name: str) -> tuple[Spec, ...]:
    vendor = next(vendor for vendor in VENDORS if vendor.name == name)
    return tuple(
        spec(table, column.name, column.rows, single=column.rows == 1)
        for table, wanted in vendor.tables.items()
        for column in wanted
    )
