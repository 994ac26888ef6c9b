"""Does a printer answer from here?"""

from collections.abc import Iterator
from typing import Final

from console.check.context import Blocks, StoredFleet
from core.contract.messages import PolledPrinter
from core.domain.inventory.printers import InventoryPrinter
from core.runtime.check_results import CheckResult, error, ok, warning

_AT_MOST: Final = 3


def check_snmp(blocks: Blocks, stored: StoredFleet) -> Iterator[CheckResult]:
    """Yield findings on a full reading as the collector of this machine would take it."""
    here = [printer for printer in stored.printers if printer.site == blocks.common.site]
    unknown = {printer.profile for printer in here if blocks.snmp.profile(printer.profile) is None}
    for profile in sorted(unknown):
        names = ", ".join(printer.printer_id for printer in here if printer.profile == profile)
        mend = f'Add "{profile}" to SNMP_PROFILES, or give the printers another profile.'
        yield error(f"the profile {profile} of {names[:80]} is not in SNMP_PROFILES", mend)
    if not stored.printers:
        yield warning("there are no printers to ask", "`printers import FILE.csv` or `printers add HOST`.")
        return
    if not here:
        yield ok(f"no printer belongs to our site ({blocks.common.site}), so none is asked from here")
        return
    asked = [printer for printer in here if printer.profile not in unknown]
    if asked:
        same_profile = [printer for printer in asked if printer.profile == asked[0].profile]
        yield _ask(blocks, same_profile[:_AT_MOST])


def _ask(blocks: Blocks, printers: list[InventoryPrinter]) -> CheckResult:
    """Ask some printers at once: one of them may be switched off."""
    from collector.poll_once import poll_once

    asked = [
        PolledPrinter(printer_id=p.printer_id, host=p.host, port=p.port, profile=p.profile) for p in printers
    ]
    readings = poll_once(asked, blocks.snmp, blocks.common.site)
    for reading in readings:
        if reading.reachable:
            about = f"{len(reading.varbinds)} values in {reading.duration_ms} ms"
            return ok(f"{reading.printer_id} answered with {about}")
    mend = "Is SNMP switched on there, the community right, UDP 161 open between here and there?"
    if any("SNMPv3" in str(reading.error) or "SNMP v3" in str(reading.error) for reading in readings):
        mend = "Compare user, protocols and passwords in SNMP_PROFILES with the printer's own settings."
    reason = str(readings[0].error).rstrip(".")
    text = f"none of the {len(readings)} printers that were asked answers; {reason}"
    return error(text if len(readings) > 1 else reason, mend)
