"""What the bits of hrPrinterDetectedErrorState say beyond what levels and alerts have said better."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, NamedTuple

from core.contract.messages import Evidence, Severity
from core.domain.part_names import output_tray_name, tray_name
from core.runtime.settings import RuleSettings
from processor.decode.reading import DecodedReading
from processor.rules import evidence, output_trays, paper, supplies
from processor.rules.alert_codes import flag_of_text
from processor.rules.alert_sentences import after_colon
from processor.rules.alerts import REPORTED, REQUEST, quoted
from processor.rules.findings import Finding, Findings
from processor.rules.paper import OPERATING
from processor.rules.supplies import MARKING_TYPES, Known
from processor.rules.wording import sentence, supply_sentence


class _Bit(NamedTuple):
    code: str
    explained_by: tuple[str, ...]


# The strongest first: a weaker bit is then already explained.
_BITS: Final[Mapping[str, _Bit]] = {
    "jammed": _Bit("jam", ("jam",)),
    "door_open": _Bit("door_open", ("door_open",)),
    "marker_supply_missing": _Bit("supply_missing", ("supply_missing",)),
    "no_toner": _Bit("supply_empty", ("supply_empty", "supply_missing")),
    "low_toner": _Bit("supply_low", ("supply_low", "supply_empty", "supply_missing")),
    "input_tray_missing": _Bit("tray_missing", ("tray_missing",)),
    "no_paper": _Bit("no_paper", ("no_paper",)),
    "input_tray_empty": _Bit("no_paper", ("no_paper",)),
    "low_paper": _Bit("paper_low", ("paper_low", "no_paper")),
    "output_tray_missing": _Bit("output_tray_missing", ("output_tray_missing",)),
    "output_full": _Bit("output_full", ("output_full",)),
    "output_near_full": _Bit("output_nearly_full", ("output_nearly_full", "output_full")),
    "overdue_prevent_maint": _Bit("maintenance_due", ("maintenance_due",)),
    "service_requested": _Bit("service_requested", ("service_requested",)),
}
_ORDER: Final = {bit: place for place, bit in enumerate(_BITS)}
_CRITICAL_WHEN_DOWN: Final = frozenset(
    {"input_tray_missing", "output_tray_missing", "output_full", "service_requested"}
)
_STOPPING: Final = frozenset({"jammed", "door_open", "no_paper", "marker_supply_missing"})

# What a printer that sets the vague bit serviceRequested may mean by it.
_SERVICE_TASKS: Final = (
    "waste_full",
    "waste_nearly_full",
    "maintenance_due",
    "alert_critical",
    "alert_warning",
)


def add_error_bits(findings: Findings, picture: DecodedReading, known: Known, rules: RuleSettings) -> None:
    """Join each bit to the finding that explains it, or make it one of its own."""
    for bit in sorted(_BITS.keys() & set(picture.detected_errors), key=_ORDER.__getitem__):
        code, explained_by = _BITS[bit]
        severity = _severity_of(bit, picture)
        stops = severity == "critical" and (bit in _STOPPING or picture.device_status == "down")
        seen = evidence.of_error_bits(picture)
        known_better = [found for found in findings.of(*explained_by) if _may_explain(found, bit, picture)]
        named = _named_subjects(code, picture, rules, explained=any(found.subject for found in known_better))
        subject, message = _subject_of(code, picture, known, rules)
        finding = Finding(code, subject, severity, message, seen, None, stops)
        if named:
            for subject, message, told in named:
                findings.add(replace(finding, subject=subject, message=message, evidence=(*told, *seen)))
        elif known_better:
            findings.join(_best(known_better, finding), finding)
        elif requests := findings.of(REQUEST) if code == "no_paper" else []:
            findings.join(requests[0], replace(finding, severity="info"))
        else:
            findings.add(finding)
    if "service_requested" in picture.detected_errors:
        _explain_service(findings)


def _best(found: list[Finding], report: Finding) -> Finding:
    return next((each for each in found if each.subject == report.subject), found[0])


def _may_explain(found: Finding, bit: str, picture: DecodedReading) -> bool:
    # lowToner and noToner are no words about a fuser.
    if bit not in ("low_toner", "no_toner") or not found.subject:
        return True
    marking = supplies.suspects_of(picture, MARKING_TYPES)
    return not marking or any(supply.index == found.subject for supply in marking)


def _named_subjects(
    code: str, picture: DecodedReading, rules: RuleSettings, *, explained: bool
) -> list[tuple[str, str, tuple[Evidence, ...]]]:
    """Return subject, message and evidence of the rows that the level or the panel names for a bit.

    A panel that shows one of several messages may be about another tray than the one that is known.
    """
    if code in ("supply_low", "supply_empty"):
        found = supplies.culprits(picture, code, rules)
        return [(supply.index, supply_sentence(code, supply), told) for supply, told in found]
    if code in ("no_paper", "paper_low", "tray_missing") and not explained:
        told = evidence.of_console(picture)
        trays = paper.blamed_by_panel(picture)
        return [(tray.index, sentence(code, tray_name(tray)), told) for tray in trays]
    return []


def _subject_of(code: str, picture: DecodedReading, known: Known, rules: RuleSettings) -> tuple[str, str]:
    if code in ("supply_low", "supply_empty"):
        suspects = supplies.suspects_of(picture, MARKING_TYPES)
        supply = supplies.blamed(suspects, (code, "supply_low", "supply_empty"), known, rules)
        if supply is not None:
            return supply.index, supply_sentence(code, supply)
    if code in ("no_paper", "paper_low"):
        tray = paper.blamed(picture, code, known)
        if tray is not None:
            return tray.index, sentence(code, tray_name(tray))
    if code in ("output_full", "output_nearly_full"):
        bin_ = output_trays.blamed(picture, code)
        if bin_ is not None:
            return bin_.index, sentence(code, output_tray_name(bin_))
    said = paper.sentence_of_empty(picture) if code == "no_paper" else sentence(code)
    panel = picture.console_text or ""
    # A panel that speaks of the same thing says where.
    return "", f"{said.removesuffix('.')}: {quoted(panel)}." if flag_of_text(panel) == code else said


def _severity_of(bit: str, picture: DecodedReading) -> Severity:
    operating, down = picture.device_status in OPERATING, picture.device_status == "down"
    if bit == "no_paper":
        return paper.severity_of_no_paper(picture)
    critical = bit in ("jammed", "door_open")
    critical |= down and bit in _CRITICAL_WHEN_DOWN
    critical |= bit == "marker_supply_missing" and not operating
    critical |= bit == "no_toner" and not (operating and _has_toner(picture))
    critical |= bit == "input_tray_empty" and paper.is_all_empty(picture)
    return "critical" if critical else "warning"


def _has_toner(picture: DecodedReading) -> bool:
    levels = [supply.level_percent for supply in supplies.suspects_of(picture, MARKING_TYPES)]
    return bool(levels) and all(level is not None and level > 0 for level in levels)


def _explain_service(findings: Findings) -> None:
    """What is asked for: the vendor, where a failure is reported that only they mend; else a known task."""
    asked = findings.of("service_requested")[0]
    failures = [found for found in findings.of("alert_critical", "alert_warning") if found.fixer == "vendor"]
    if failures:
        reported = failures[0].message.removeprefix(REPORTED)
        if reported == failures[0].message:  # a sentence of ours begins small after the colon
            reported = after_colon(reported)
        named = replace(asked, message=f"Service is needed: {reported}")
        for failure in failures:
            findings.drop(failure)
            named = named.joined(failure)
        findings.turn(asked, named)
        return
    tasks = [found for found in findings.of(*_SERVICE_TASKS) if found.fixer not in ("anyone", "vendor")]
    if tasks:
        findings.turn(asked, tasks[0])


def add_consequences(findings: Findings, picture: DecodedReading, asleep: bool, stopped: bool) -> None:
    """Being offline or down is what other faults lead to; it is a flag where none of them explains it."""
    reasons = [finding for finding in findings if finding.stops and finding.code != "offline"]
    if "offline" in picture.detected_errors or findings.of("offline"):
        severity: Severity = "critical" if picture.device_status == "down" else "warning"
        severity = "info" if asleep else severity
        bits = evidence.of_error_bits(picture) if "offline" in picture.detected_errors else ()
        offline = Finding("offline", "", severity, sentence("offline"), bits)
        findings.add(offline)
        if reasons:
            findings.turn(findings.of("offline")[0], reasons[0])
    elif stopped and not reasons and not any(finding.severity == "critical" for finding in findings):
        seen = evidence.of_device_status(picture, 5)
        message = "The printer says that it is down, and not why."
        findings.add(Finding("offline", "", "warning", message, seen))
