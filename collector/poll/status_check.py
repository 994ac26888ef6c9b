"""Ask a printer, in one request, for the few objects of which one changes when something goes wrong.

Between polls only: what it answers is compared with what it answered before, and judged by nobody.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from collector.drivers.protocol import Agent, SnmpDriver
from collector.poll.capabilities import Capabilities, as_learnt
from core.contract.ber import encode_oid
from core.contract.mib_names import OID
from core.contract.printer_mib import COLUMN_OID

_OF_EACH_PRINTER: Final = (COLUMN_OID["hrDeviceStatus"], COLUMN_OID["hrPrinterDetectedErrorState"])
_OF_THE_DEVICE: Final = (
    OID["prtAlertCriticalEvents"],
    OID["prtAlertAllEvents"],
    COLUMN_OID["prtAlertSeverityLevel"],  # of the first row: the table has one more, or one less
    COLUMN_OID["prtAlertCode"],
)
_MOST_PRINTERS: Final = 4
_MOST_OCTETS: Final = 64
"""Kept of a name or value: an agent may say what it likes."""


class _Object(NamedTuple):
    column: bytes
    after: bytes
    """The object before: GETNEXT answers one that is missing with another, and v1 with no error."""


Status = tuple[tuple[bytes, bytes] | None, ...]
"""Name and content octets of each object; None where the agent has none."""


async def read_status(driver: SnmpDriver, agent: Agent, known: Capabilities) -> Status | None:
    """Return a printer's status; None where it can only be asked in a lesser way. Raises SnmpError.

    Such an agent is left in peace between polls: it may be one that many questions do harm.
    """
    agent, known = as_learnt(agent, known)
    objects = _objects(known.device_indexes[:_MOST_PRINTERS])
    if not known.rows or len(objects) > known.cells:
        return None
    response = await driver.get_next(agent, [each.after for each in objects])
    if response.error_status or len(response.varbinds) != len(objects):
        return None
    return tuple(
        (found.oid[:_MOST_OCTETS], found.value[:_MOST_OCTETS]) if found.oid.startswith(each.column) else None
        for each, found in zip(objects, response.varbinds, strict=True)
    )


@lru_cache(maxsize=256)
def _objects(device_indexes: Sequence[int]) -> tuple[_Object, ...]:
    columns = [(encode_oid(oid), oid) for oid in _OF_EACH_PRINTER]
    own = [
        _Object(column, encode_oid(f"{oid}.{index - 1}") if index else column)
        for index in device_indexes or (0,)
        for column, oid in columns
    ]
    return (*own, *(_Object(column, column) for column in map(encode_oid, _OF_THE_DEVICE)))
