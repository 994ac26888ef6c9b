"""One printer recorded and anonymized, here and now: without broker."""

import asyncio
import secrets
from collections.abc import Iterable, Sequence
from typing import Final

from collector.capture.anonymize import Disguise, anonymized
from collector.capture.lines import lines_of
from collector.capture.subtree import SubtreeWalk
from collector.drivers.protocol import Agent, NoAnswer, Varbind
from collector.drivers.router import make_driver
from collector.event_loop import run
from core.contract.ber import OBJECT_IDENTIFIER, BerError, decode_arcs, decode_oid, encode_oid
from core.contract.errors import UserError
from core.contract.messages import PolledPrinter
from core.contract.printer_mib import COLUMN_OID, IF_PHYS_ADDRESS
from core.contract.vendor_objects import counters_of, firmware_objects_of, vendor_of
from core.runtime.settings import SnmpSettings

_MOST_OBJECTS: Final = 20_000
_LONGEST_SECONDS: Final = 600.0
_SYSTEM: Final = "1.3.6.1.2.1.1"
_STANDARD: Final = (_SYSTEM, IF_PHYS_ADDRESS, "1.3.6.1.2.1.25.3", "1.3.6.1.2.1.43")
"""system, MAC addresses, hrDevice and the Printer MIB; nothing about programs, jobs or the network."""
_OBJECT_ID: Final = encode_oid(f"{COLUMN_OID['sysObjectID']}.0")


def record(printer: PolledPrinter, settings: SnmpSettings, also: Sequence[str] = ()) -> list[str]:
    """Return what a printer answers as lines of a .snmprec file, anonymized.

    `also` are object identifiers; what stands below them is recorded, too. Raise UserError where the printer
    does not answer, or is not asked.
    """
    return run(_lines(printer, settings, also))


async def _lines(printer: PolledPrinter, settings: SnmpSettings, also: Sequence[str]) -> list[str]:
    roots = [_root(oid) for oid in also]
    profile = settings.profile(printer.profile)
    if profile is None:
        raise UserError(f"the SNMP profile {printer.profile!r} is not known: add it to SNMP_PROFILES.")
    driver = make_driver(settings)
    await driver.start()
    try:
        agent = Agent(printer.host, printer.port, profile, settings.snmp_timeout, settings.snmp_retries)
        async with asyncio.timeout(_LONGEST_SECONDS):
            varbinds = await _record(SubtreeWalk(driver, agent, _MOST_OBJECTS), roots, agent.address)
    except TimeoutError:
        raise UserError(f"the printer was not recorded within {_LONGEST_SECONDS:.0f} s.") from None
    finally:
        await driver.close()
    return list(lines_of(anonymized(varbinds, Disguise(secrets.token_bytes(32)))))


async def _record(walk: SubtreeWalk, also: Sequence[bytes], address: str) -> list[Varbind]:
    """Return what stands below the standard objects, then below the vendor's and the named ones."""
    found: dict[bytes, Varbind] = {}

    async def read(roots: Iterable[bytes]) -> None:
        for root in roots:
            found.update((varbind.oid, varbind) for varbind in await walk.below(root))

    await walk.greet(encode_oid(_SYSTEM))
    try:
        await read(map(encode_oid, _STANDARD))
        await read([*_vendor_roots(found.get(_OBJECT_ID)), *also])
    except NoAnswer as silence:
        raise UserError(f"{address} stopped answering while it was recorded: try it again.") from silence
    return sorted(found.values(), key=lambda varbind: decode_arcs(varbind.oid))


def _vendor_roots(object_id: Varbind | None) -> list[bytes]:
    if object_id is None or object_id.tag != OBJECT_IDENTIFIER:
        return []
    named = decode_oid(object_id.value)
    vendor, counting = vendor_of(named), counters_of(named)
    # Of the counters only the columns that are read: the tables beside them may tell who printed.
    columns = counting.columns if counting else ()
    recorded = vendor.recorded if vendor else ()
    columns = (*columns, *firmware_objects_of(named))
    return [encode_oid(oid) for oid in (*recorded, *(column.oid for column in columns))]


def _root(oid: str) -> bytes:
    try:
        return encode_oid(oid)
    except BerError:
        raise UserError(
            f"--also `{oid[:60]}` is not an object identifier, such as 1.3.6.1.4.1.11.2."
        ) from None
