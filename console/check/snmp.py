"""Do printers answer from here, by each of the profiles that they are asked with?"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from console.check.context import Blocks, StoredFleet
from core.contract.messages import PolledPrinter, Reading
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
    by_profile: dict[str, list[InventoryPrinter]] = {}
    for printer in here:
        if printer.profile not in unknown:
            by_profile.setdefault(printer.profile, []).append(printer)
    yield from _ask(blocks, {name: printers[:_AT_MOST] for name, printers in by_profile.items()})


def _ask(blocks: Blocks, by_profile: Mapping[str, Sequence[InventoryPrinter]]) -> Iterator[CheckResult]:
    """Ask some printers of each profile, all at once: one of them may be switched off."""
    from collector.poll_once import poll_once

    asked = [
        PolledPrinter(printer_id=p.printer_id, host=p.host, port=p.port, profile=p.profile)
        for printers in by_profile.values()
        for p in printers
    ]
    readings = {one.printer_id: one for one in poll_once(asked, blocks.snmp, blocks.common.site)}
    for profile, printers in by_profile.items():
        of_profile = f" of the profile {profile}" if len(by_profile) > 1 else ""
        yield _answers([readings[printer.printer_id] for printer in printers], of_profile)


def _answers(readings: Sequence[Reading], of_profile: str) -> CheckResult:
    """Return that one of them answered, or why none did."""
    for reading in readings:
        if reading.reachable:
            about = f"{len(reading.varbinds)} values in {reading.duration_ms} ms"
            return ok(f"{reading.printer_id}{of_profile} answered with {about}")
    mend = "Is SNMP switched on there, the community right, UDP 161 open between here and there?"
    if any("SNMPv3" in str(reading.error) or "SNMP v3" in str(reading.error) for reading in readings):
        mend = "Compare user, protocols and passwords in SNMP_PROFILES with the printer's own settings."
    reason = str(readings[0].error).rstrip(".")
    if len(readings) == 1:
        return error(f"{readings[0].printer_id}{of_profile}: {reason}" if of_profile else reason, mend)
    return error(f"none of the {len(readings)} printers{of_profile} that were asked answers; {reason}", mend)
