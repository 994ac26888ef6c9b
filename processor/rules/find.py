"""All that one reading shows to be wrong, each condition once."""

from typing import NamedTuple

from core.contract.messages import Cover, Evidence, Severity, State
from core.contract.mib_names import COVER_STATUS
from core.domain.conditions import DOOR_OPEN, NOT_A_PRINTER, of_part, severity_of
from core.domain.part_names import cover_name
from core.runtime.settings import RuleSettings
from processor.decode.reading import DecodedReading
from processor.rules import output_trays, paper, supplies
from processor.rules.alerts import alert_findings
from processor.rules.device_state import state_of, status_state
from processor.rules.error_bits import add_consequences, add_error_bits
from processor.rules.findings import Finding, Findings
from processor.rules.supplies import Known
from processor.rules.waste import Polarity

_COVER_NUMBERS = {name: number for number, name in COVER_STATUS.items()}


class RuleResult(NamedTuple):
    """The state of the printer, and its findings."""

    state: State
    findings: list[Finding]


def find(decoded: DecodedReading, known: Known, rules: RuleSettings, polarity: Polarity) -> RuleResult:
    """Judge one reading; `known`, the flags so far, serve hysteresis and name what vague reports mean."""
    if decoded.computer is not None:
        return RuleResult("unknown", [_no_printer(decoded.computer)])
    findings = Findings()
    base = status_state(decoded)
    findings.extend(supplies.level_findings(decoded, known, rules, polarity))
    findings.extend(supplies.vendor_findings(decoded))
    findings.extend(paper.level_findings(decoded))
    findings.extend(output_trays.level_findings(decoded))
    findings.extend(finding for cover in decoded.covers if (finding := _open_cover(cover, decoded)))
    findings.extend(alert_findings(decoded, known, rules, resting=base in ("asleep", "warming_up")))
    findings.settle()
    add_error_bits(findings, decoded, known, rules)
    findings.settle()
    add_consequences(findings, decoded, asleep=base == "asleep", stopped=base == "stopped")
    found = list(findings)
    return RuleResult(state_of(decoded, any(finding.stops for finding in found)), found)


def _no_printer(object_id: str) -> Finding:
    """Report a print queue of a computer: its status and its rows are not those of a device."""
    seen = Evidence(object="sysObjectID", value=object_id)
    return Finding(NOT_A_PRINTER, "", severity_of(NOT_A_PRINTER), {}, (seen,))


def _open_cover(cover: Cover, decoded: DecodedReading) -> Finding | None:
    if cover.status not in ("cover_open", "interlock_open"):
        return None
    severity: Severity = "warning" if paper.is_contradicted("door_open", decoded) else "critical"
    seen = Evidence(object="prtCoverStatus", index=cover.index, value=str(_COVER_NUMBERS[cover.status]))
    parameters = of_part(cover_name(cover))
    return Finding(DOOR_OPEN, cover.index, severity, parameters, (seen,), None, severity == "critical")
