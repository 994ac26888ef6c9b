"""Read the bits of hrPrinterDetectedErrorState for what levels and alerts have not said better."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, NamedTuple

from core.contract.messages import Evidence, Severity
from core.contract.printer_mib import MARKING_TYPES
from core.domain.conditions import (
    ALERT_CRITICAL,
    ALERT_WARNING,
    DOOR_OPEN,
    DOWN,
    JAM,
    MAINTENANCE_DUE,
    MEDIA_REQUESTED,
    NO_PAPER,
    OFFLINE,
    OUTPUT_FULL,
    OUTPUT_NEARLY_FULL,
    OUTPUT_TRAY_MISSING,
    PAPER_LOW,
    SERVICE_REQUESTED,
    SUPPLY_EMPTY,
    SUPPLY_LOW,
    SUPPLY_MISSING,
    TRAY_MISSING,
    WASTE_FULL,
    WASTE_NEARLY_FULL,
    of_part,
)
from core.domain.part_names import output_tray_name, tray_name
from core.runtime.settings import RuleSettings
from processor.decode.reading import DecodedReading
from processor.rules import evidence, output_trays, paper, supplies
from processor.rules.alert_codes import flag_of_text
from processor.rules.alerts import quoted
from processor.rules.findings import Finding, Findings
from processor.rules.paper import OPERATING
from processor.rules.supplies import Known


class _Bit(NamedTuple):
    code: str
    explained_by: tuple[str, ...]


# The strongest first: a weaker bit is then already explained.
_BITS: Final[Mapping[str, _Bit]] = {
    "jammed": _Bit(JAM, (JAM,)),
    "door_open": _Bit(DOOR_OPEN, (DOOR_OPEN,)),
    "marker_supply_missing": _Bit(SUPPLY_MISSING, (SUPPLY_MISSING,)),
    "no_toner": _Bit(SUPPLY_EMPTY, (SUPPLY_EMPTY, SUPPLY_MISSING)),
    "low_toner": _Bit(SUPPLY_LOW, (SUPPLY_LOW, SUPPLY_EMPTY, SUPPLY_MISSING)),
    "input_tray_missing": _Bit(TRAY_MISSING, (TRAY_MISSING,)),
    "no_paper": _Bit(NO_PAPER, (NO_PAPER,)),
    "input_tray_empty": _Bit(NO_PAPER, (NO_PAPER,)),
    "low_paper": _Bit(PAPER_LOW, (PAPER_LOW, NO_PAPER)),
    "output_tray_missing": _Bit(OUTPUT_TRAY_MISSING, (OUTPUT_TRAY_MISSING,)),
    "output_full": _Bit(OUTPUT_FULL, (OUTPUT_FULL,)),
    "output_near_full": _Bit(OUTPUT_NEARLY_FULL, (OUTPUT_NEARLY_FULL, OUTPUT_FULL)),
    "overdue_prevent_maint": _Bit(MAINTENANCE_DUE, (MAINTENANCE_DUE,)),
    "service_requested": _Bit(SERVICE_REQUESTED, (SERVICE_REQUESTED,)),
}
_ORDER: Final = {bit: place for place, bit in enumerate(_BITS)}
_CRITICAL_WHEN_DOWN: Final = frozenset(
    {"input_tray_missing", "output_tray_missing", "output_full", "service_requested"}
)
_STOPPING: Final = frozenset({"jammed", "door_open", "no_paper", "marker_supply_missing"})

# What a printer that sets the vague bit serviceRequested may mean by it.
_SERVICE_TASKS: Final = (
    WASTE_FULL,
    WASTE_NEARLY_FULL,
    MAINTENANCE_DUE,
    ALERT_CRITICAL,
    ALERT_WARNING,
)


def add_error_bits(findings: Findings, decoded: DecodedReading, known: Known, rules: RuleSettings) -> None:
    """Join each bit to the finding that explains it, or make it one of its own."""
    for bit in sorted(_BITS.keys() & set(decoded.detected_errors), key=_ORDER.__getitem__):
        code, explained_by = _BITS[bit]
        severity = _severity_of(bit, decoded)
        stops = severity == "critical" and (bit in _STOPPING or decoded.device_status == "down")
        seen = evidence.of_error_bits(decoded)
        known_better = [found for found in findings.of(*explained_by) if _may_explain(found, bit, decoded)]
        named = _named_subjects(code, decoded, rules, explained=any(found.subject for found in known_better))
        subject, parameters = _subject_of(code, decoded, known, rules)
        finding = Finding(code, subject, severity, parameters, seen, None, stops)
        if named:
            for subject, parameters, told in named:
                named_part = replace(finding, subject=subject, parameters=parameters, evidence=(*told, *seen))
                findings.add(named_part)
        elif known_better:
            findings.join(_best(known_better, finding), finding)
        elif requests := findings.of(MEDIA_REQUESTED) if code == NO_PAPER else []:
            findings.join(requests[0], replace(finding, severity="info"))
        else:
            findings.add(finding)
    if "service_requested" in decoded.detected_errors:
        _explain_service(findings)


def _best(found: list[Finding], report: Finding) -> Finding:
    return next((each for each in found if each.subject == report.subject), found[0])


def _may_explain(found: Finding, bit: str, decoded: DecodedReading) -> bool:
    # lowToner and noToner are no words about a fuser.
    if bit not in ("low_toner", "no_toner") or not found.subject:
        return True
    marking = supplies.suspects_of(decoded, MARKING_TYPES)
    return not marking or any(supply.index == found.subject for supply in marking)


def _named_subjects(
    code: str, decoded: DecodedReading, rules: RuleSettings, *, explained: bool
) -> list[tuple[str, dict[str, str], tuple[Evidence, ...]]]:
    """Return subject, parameters and evidence of the rows that the level or the panel names for a bit.

    A panel that shows one of several messages may be about another tray than the one that is known.
    """
    if code in (SUPPLY_LOW, SUPPLY_EMPTY):
        found = supplies.culprits(decoded, code, rules)
        return [(supply.index, supplies.of_supply(code, supply), told) for supply, told in found]
    if code in (NO_PAPER, PAPER_LOW, TRAY_MISSING) and not explained:
        told = evidence.of_console(decoded)
        trays = paper.blamed_by_panel(decoded)
        return [(tray.index, of_part(tray_name(tray)), told) for tray in trays]
    return []


def _subject_of(
    code: str, decoded: DecodedReading, known: Known, rules: RuleSettings
) -> tuple[str, dict[str, str]]:
    if code in (SUPPLY_LOW, SUPPLY_EMPTY):
        suspects = supplies.suspects_of(decoded, MARKING_TYPES)
        supply = supplies.blamed(suspects, (code, SUPPLY_LOW, SUPPLY_EMPTY), known, rules)
        if supply is not None:
            return supply.index, supplies.of_supply(code, supply)
    if code in (NO_PAPER, PAPER_LOW):
        tray = paper.blamed(decoded, code, known)
        if tray is not None:
            return tray.index, of_part(tray_name(tray))
    if code in (OUTPUT_FULL, OUTPUT_NEARLY_FULL):
        bin_ = output_trays.blamed(decoded, code)
        if bin_ is not None:
            return bin_.index, of_part(output_tray_name(bin_))
    said = paper.parameters_of_empty(decoded) if code == NO_PAPER else {}
    panel = decoded.console_text or ""
    # A panel that speaks of the same thing says where.
    return "", said | {"words": quoted(panel)} if flag_of_text(panel) == code else said


def _severity_of(bit: str, decoded: DecodedReading) -> Severity:
    operating, down = decoded.device_status in OPERATING, decoded.device_status == "down"
    if bit == "no_paper":
        return paper.severity_of_no_paper(decoded)
    critical = bit in ("jammed", "door_open")
    critical |= down and bit in _CRITICAL_WHEN_DOWN
    critical |= bit == "marker_supply_missing" and not operating
    critical |= bit == "no_toner" and not (operating and _has_toner(decoded))
    critical |= bit == "input_tray_empty" and paper.is_all_empty(decoded)
    return "critical" if critical else "warning"


def _has_toner(decoded: DecodedReading) -> bool:
    levels = [supply.level_percent for supply in supplies.suspects_of(decoded, MARKING_TYPES)]
    return bool(levels) and all(level is not None and level > 0 for level in levels)


def _explain_service(findings: Findings) -> None:
    """Refine a service request: the vendor for a failure that only they mend; else a known task."""
    asked = findings.of(SERVICE_REQUESTED)[0]
    failures = [found for found in findings.of(ALERT_CRITICAL, ALERT_WARNING) if found.fixer == "vendor"]
    if failures:
        named = replace(asked, parameters=failures[0].parameters)
        for failure in failures:
            findings.drop(failure)
            named = named.joined(failure)
        findings.turn(asked, named)
        return
    tasks = [found for found in findings.of(*_SERVICE_TASKS) if found.fixer not in ("anyone", "vendor")]
    if tasks:
        findings.turn(asked, tasks[0])


def add_consequences(findings: Findings, decoded: DecodedReading, asleep: bool, stopped: bool) -> None:
    """Add "offline" and "down" where no other fault explains them."""
    reasons = [finding for finding in findings if finding.stops and finding.code != OFFLINE]
    if "offline" in decoded.detected_errors or findings.of(OFFLINE):
        severity: Severity = "critical" if decoded.device_status == "down" else "warning"
        severity = "info" if asleep else severity
        bits = evidence.of_error_bits(decoded) if "offline" in decoded.detected_errors else ()
        offline = Finding(OFFLINE, "", severity, {}, bits)
        findings.add(offline)
        if reasons:
            findings.turn(findings.of(OFFLINE)[0], reasons[0])
    elif stopped and not reasons and not any(finding.severity == "critical" for finding in findings):
        seen = evidence.of_device_status(decoded, 5)
        findings.add(Finding(OFFLINE, "", "warning", {"variant": DOWN}, seen))
