"""Find full output trays in prtOutputTable, and the tray that a report without a row is about."""

from typing import Final

from core.contract.messages import Evidence, OutputTray, Severity
from core.domain.conditions import OUTPUT_FULL, of_part
from core.domain.part_names import output_tray_name
from processor.decode.reading import DecodedReading
from processor.rules.findings import Finding
from processor.rules.paper import OPERATING

_NEARLY_FULL_PERCENT: Final = 20
_ALERTS: Final = 8 | 16
"""PrtSubUnitStatusTC: non-critical and critical alerts."""
_OCTETS_WITH_OUTPUT_BITS: Final = 2 * 2
"""In hex digits: outputNearFull and outputFull are bits of the second octet."""


def level_findings(decoded: DecodedReading) -> list[Finding]:
    """Return a finding for each tray without room.

    Where nothing else says so, and every one of several trays has no room, the printer does not measure it.
    """
    full = [tray for tray in decoded.output_trays if is_full(tray)]
    if not full:
        return []
    unlikely = _is_contradicted(decoded) and not any(map(_has_alert, full))
    if unlikely and len(full) == len(decoded.output_trays) > 1:
        return []
    return [_finding(tray, decoded, unlikely=unlikely) for tray in full]


def _finding(tray: OutputTray, decoded: DecodedReading, *, unlikely: bool) -> Finding:
    severity: Severity = "critical" if decoded.device_status == "down" else "warning"
    seen = Evidence(object="prtOutputRemainingCapacity", index=tray.index, value=str(tray.remaining))
    return Finding(
        OUTPUT_FULL,
        tray.index,
        "info" if unlikely else severity,
        of_part(output_tray_name(tray)),
        (seen,),
        None,
        severity == "critical",
    )


def is_full(tray: OutputTray) -> bool:
    """Return whether nothing more fits in; a tray that tells no capacity may not measure at all."""
    return tray.remaining == 0 and (tray.max_capacity or 0) > 0


def blamed(decoded: DecodedReading, code: str) -> OutputTray | None:
    """Return the tray that a report without a row must be about; None where several may be."""
    trays = decoded.output_trays
    if len(trays) == 1:
        return trays[0]
    suspects = [tray for tray in trays if is_full(tray) or (code != OUTPUT_FULL and _is_nearly_full(tray))]
    for choice in (suspects, [tray for tray in trays if _has_alert(tray)]):
        if len(choice) == 1:
            return choice[0]
    return None


def _is_nearly_full(tray: OutputTray) -> bool:
    return tray.remaining_percent is not None and tray.remaining_percent <= _NEARLY_FULL_PERCENT


def _has_alert(tray: OutputTray) -> bool:
    return tray.status is not None and tray.status > 0 and bool(tray.status & _ALERTS)


def _is_contradicted(decoded: DecodedReading) -> bool:
    """Return whether the printer works, and has error bits that could say "output full" and do not."""
    told = len(decoded.remembered.error_octets or "") >= _OCTETS_WITH_OUTPUT_BITS
    says_so = {"output_full", "output_near_full"} & set(decoded.detected_errors)
    return told and not says_so and decoded.device_status in OPERATING
