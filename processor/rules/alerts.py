"""Read the rows of prtAlertTable: decided by code, named by the row they point at."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, NamedTuple, TypeVar

from core.contract.messages import Alert, Cover, Fixer, InputTray, OutputTray, Severity, Supply
from core.contract.printer_mib import MARKING_TYPES
from core.domain.alert_sentences import alert_parameters, names_group
from core.domain.conditions import (
    ALERT_CRITICAL,
    ALERT_WARNING,
    CONDITIONS,
    DOOR_OPEN,
    JAM,
    MAINTENANCE_DUE,
    MEDIA_REQUESTED,
    NO_PAPER,
    OFFLINE,
    PAPER_LOW,
    SUPPLY_CODES,
    SUPPLY_EMPTY,
    SUPPLY_LOW,
    TRAY_MISSING,
    WASTE_FULL,
    WASTE_NEARLY_FULL,
    of_part,
    severity_of,
)
from core.domain.flag_reports import WORDS_BETWEEN, of_reports
from core.domain.part_names import cover_name, output_tray_name, row_of, supply_name, tray_name
from core.domain.receptacles import is_receptacle
from core.runtime.settings import RuleSettings
from processor.decode.device_words import tray_numbers_in, trays_named_in
from processor.decode.reading import DecodedReading
from processor.rules import evidence, paper, supplies
from processor.rules.alert_codes import FAILURES, FAULT, is_bookkeeping, meaning_of, says_nothing
from processor.rules.findings import MAX_EVIDENCE, Finding, FlagKey
from processor.rules.paper import is_contradicted
from processor.rules.supplies import Known

_FIXERS: Final[Mapping[str, Fixer]] = {
    "untrained": "anyone",
    "trained": "technician",
    "management": "technician",
    "field_service": "vendor",
}
# The supplies that a code can be about when its row names none; toner or ink if not listed here.
_TYPES: Final[Mapping[str, frozenset[str]]] = {
    "marker_toner": frozenset({"toner", "toner_cartridge"}),
    "marker_ink": frozenset({"ink", "ink_cartridge"}),
    "marker_print_ribbon": frozenset({"ink_ribbon", "ribbon_wax"}),
    "marker_developer": frozenset({"developer"}),
    "marker_opc": frozenset({"opc"}),
    "marker_waste_toner": frozenset({"waste_toner"}),
    "marker_waste_ink": frozenset({"waste_ink", "waste_wax"}),
}
_WASTE: Final = frozenset({"waste_toner", "waste_ink", "waste_wax"})
_AS_WASTE: Final[Mapping[str, str]] = {SUPPLY_LOW: WASTE_NEARLY_FULL, SUPPLY_EMPTY: WASTE_FULL}

_MAX_TOLD: Final = 3
"""Texts of the printer in one sentence."""
_MAX_QUOTE: Final = 120
_WORD: Final = re.compile(r"[^\W\d_]{3}")
RowT = TypeVar("RowT", InputTray, OutputTray, Supply, Cover)
_Signature = tuple[str | None, str | None, int | None, int | None, str | None]
"""Code, group, group index, location and text: rows alike in these are one condition listed again."""


class Subject(NamedTuple):
    """The subject of an alert: a row and its name, or the printer."""

    row: str = ""
    name: str | None = None
    supply: Supply | None = None


@dataclass(frozen=True, slots=True)
class _Report:
    """One report of a row; `words` are the printer's own where no row of a table is named."""

    finding: Finding
    words: str = ""


def alert_findings(
    decoded: DecodedReading, known: Known, rules: RuleSettings, *, resting: bool
) -> Iterator[Finding]:
    """Yield the faults that the rows report; `resting` is a device that is asleep or warming up."""
    reports: list[_Report] = []
    faults: dict[_Signature, list[Alert]] = {}
    for alert in decoded.alerts:
        meaning = meaning_of(alert)
        if meaning is None:
            continue
        if is_bookkeeping(alert, decoded.device_status, decoded.detected_errors, resting=resting):
            continue
        if meaning == FAULT:
            faults.setdefault(_signature_of(alert), []).append(alert)
        else:
            reports.append(_covered(meaning, alert, decoded, known, rules))
    yield from _with_words(reports)
    taken = {alert.index for alert in decoded.alerts}
    for alerts in faults.values():
        finding = _uncovered(alerts, decoded, known, taken)
        taken.add(finding.subject)
        yield finding


def _signature_of(alert: Alert) -> _Signature:
    return alert.code, alert.group, alert.group_index, alert.location, alert.description


def _with_words(reports: list[_Report]) -> Iterator[Finding]:
    """Yield findings with the printer's own words for reports that name no row: they may name the tray.

    Several of one flag are told one after the other, as far as they are about different things.
    """
    told: dict[FlagKey, dict[str, tuple[Mapping[str, str], list[str]]]] = {}
    for report in reports:
        finding = report.finding
        said = told.setdefault(finding.key, {})
        if said and not CONDITIONS[finding.code].several:
            _, words = next(iter(said.values()))
        else:
            _, words = said.setdefault(finding.message, (finding.parameters, []))
        if report.words and report.words not in words:
            words.append(report.words)
    for report in reports:
        each = [
            {**parameters, "words": WORDS_BETWEEN.join(words[:_MAX_TOLD])} if words else parameters
            for parameters, words in told[report.finding.key].values()
        ]
        yield replace(report.finding, parameters=of_reports(each))


def _covered(code: str, alert: Alert, decoded: DecodedReading, known: Known, rules: RuleSettings) -> _Report:
    subject = _subject_of(code, alert, decoded, known, rules)
    if subject.supply is not None and is_receptacle(subject.supply):
        code = _AS_WASTE.get(code, code)
    severity = _severity_of(code, alert, decoded)
    down = decoded.device_status == "down"
    stops = severity == "critical" and (alert.severity == "critical" or down or CONDITIONS[code].stops)
    stops |= code == MEDIA_REQUESTED and (alert.severity == "critical" or down)
    fixer = _FIXERS.get(alert.training_level or "")
    parameters = _parameters_of(code, alert, subject, decoded)
    finding = Finding(code, subject.row, severity, parameters, evidence.of_alert(alert), fixer, stops)
    tells_enough = subject.name is not None and code != MEDIA_REQUESTED
    return _Report(finding, "" if tells_enough else quoted(alert.description or ""))


def quoted(text: str) -> str:
    """Return the printer's words as a part of one of our sentences."""
    words = text.rstrip(". ")
    return words if len(words) <= _MAX_QUOTE else f"{words[: _MAX_QUOTE - 1].rstrip()}…"


def _parameters_of(code: str, alert: Alert, subject: Subject, decoded: DecodedReading) -> dict[str, str]:
    if subject.supply is not None:
        return supplies.of_supply(code, subject.supply)
    if code == MEDIA_REQUESTED:
        return alert_parameters(alert, subject.name)
    if code == NO_PAPER and not subject.name:
        return paper.parameters_of_empty(decoded)
    if subject.name or code == OFFLINE or says_nothing(alert.code):
        return of_part(subject.name)
    if code == MAINTENANCE_DUE and (alert.description or not names_group(alert)):
        return {}
    return alert_parameters(alert, _named(alert, decoded))


def _severity_of(code: str, alert: Alert, decoded: DecodedReading) -> Severity:
    if code == OFFLINE and alert.severity != "critical":
        return "info"  # how bad it is to be offline, the status of the device says
    if code == JAM and alert.severity != "critical" and is_contradicted("jammed", decoded):
        return "warning"
    if always := CONDITIONS[code].severity:
        return always
    if code == NO_PAPER and paper.is_all_empty(decoded):
        return "critical"
    return "critical" if alert.severity == "critical" or decoded.device_status == "down" else "warning"


def _subject_of(
    code: str, alert: Alert, decoded: DecodedReading, known: Known, rules: RuleSettings
) -> Subject:
    if code in SUPPLY_CODES:
        return _supply_subject(code, alert, decoded, known, rules)
    if alert.group == "cover" and code == DOOR_OPEN:
        cover = _pointed(decoded.covers, alert)
        return Subject(cover.index, cover_name(cover)) if cover else _unlisted("Cover", alert, decoded.covers)
    if alert.group == "output" and CONDITIONS[code].parts == "output_trays":
        bin_, bins = _pointed(decoded.output_trays, alert), decoded.output_trays
        return Subject(bin_.index, output_tray_name(bin_)) if bin_ else _unlisted("Output tray", alert, bins)
    if code not in (JAM, NO_PAPER, PAPER_LOW, TRAY_MISSING, MEDIA_REQUESTED):
        return Subject()
    return _tray_subject(code, alert, decoded, known)


def _tray_subject(code: str, alert: Alert, decoded: DecodedReading, known: Known) -> Subject:
    """Return the tray that the row points at or the text names, listed or not; else the only possible one."""
    trays, text = decoded.input_trays, alert.description or ""
    points = alert.group == "input" and _points(alert)
    tray = _pointed(trays, alert) if points else None
    if points and not trays:
        return _unlisted("Tray", alert, trays)
    if tray is None and code != JAM:
        named, numbers = trays_named_in(text, trays, lone=True), tray_numbers_in(text)
        if not named and len(numbers) == 1:
            row = f"{decoded.device}.{numbers[0]}"
            is_another = any(each.index == row for each in trays)
            return Subject() if is_another else Subject(row, f"Tray {numbers[0]}")
        tray = named[0] if len(named) == 1 else None
        if not (named or points) and code in (NO_PAPER, PAPER_LOW):
            tray = paper.blamed(decoded, code, known)
    return Subject(tray.index, tray_name(tray)) if tray else Subject()


def _supply_subject(
    code: str, alert: Alert, decoded: DecodedReading, known: Known, rules: RuleSettings
) -> Subject:
    supply = _pointed(decoded.supplies, alert) if alert.group == "marker_supplies" else None
    if supply is None and not decoded.supplies and alert.group == "marker_supplies":
        return _unlisted("Supply", alert, ())
    if supply is None:
        default = _WASTE if code in (WASTE_NEARLY_FULL, WASTE_FULL) else MARKING_TYPES
        prefixes = (prefix for prefix in _TYPES if (alert.code or "").startswith(prefix + "_"))
        types = next((_TYPES[prefix] for prefix in sorted(prefixes, key=len, reverse=True)), default)
        suspects = supplies.suspects_of(decoded, types, alert.description)
        supply = supplies.blamed(suspects, (code, SUPPLY_LOW, SUPPLY_EMPTY), known, rules)
    return Subject(supply.index, supply_name(supply), supply) if supply else Subject()


def _pointed(rows: tuple[RowT, ...], alert: Alert) -> RowT | None:
    """Return the row that prtAlertGroupIndex names."""
    if not _points(alert):
        return None
    exact = f"{alert.index.partition('.')[0]}.{alert.group_index}"
    found = [row for row in rows if row.index == exact]
    found = found or [row for row in rows if row_of(row.index) == str(alert.group_index)]
    return found[0] if len(found) == 1 else None


def _unlisted(kind: str, alert: Alert, rows: tuple[InputTray | OutputTray | Cover, ...]) -> Subject:
    """Return the row an alert points at, in a table that the printer does not show."""
    if rows or not _points(alert):
        return Subject()
    return Subject(f"{alert.index.partition('.')[0]}.{alert.group_index}", f"{kind} {alert.group_index}")


def _points(alert: Alert) -> bool:
    """Return whether it names a row at all."""
    return alert.group_index is not None and alert.group_index > 0


def _uncovered(alerts: list[Alert], decoded: DecodedReading, known: Known, taken: set[str]) -> Finding:
    """Return one finding of rows that are alike: the words are the same, the worst severity counts."""
    alert = next((row for row in alerts if row.severity == "critical"), alerts[0])
    critical = alert.severity == "critical"
    code = ALERT_CRITICAL if critical else ALERT_WARNING
    fixer = _FIXERS.get(alert.training_level or "") or ("vendor" if alert.code in FAILURES else None)
    parameters = _words_of(alert, _named(alert, decoded))
    seen = tuple(each for row in alerts for each in evidence.of_alert(row))[:MAX_EVIDENCE]
    stops = CONDITIONS[code].stops
    finding = Finding(code, alert.index, severity_of(code), parameters, seen, fixer, stops)
    subject = _lasting_subject(finding, known, taken)
    return replace(finding, subject=subject) if subject else finding


def _named(alert: Alert, decoded: DecodedReading) -> str | None:
    """Return the name of the row that an alert points at; None where its group says enough."""
    if alert.group == "cover":
        cover = _pointed(decoded.covers, alert)
        return cover_name(cover) if cover else _unlisted("Cover", alert, decoded.covers).name
    if alert.group == "input":
        tray = _pointed(decoded.input_trays, alert)
        return tray_name(tray) if tray else _unlisted("Tray", alert, decoded.input_trays).name
    if alert.group == "output":
        bin_ = _pointed(decoded.output_trays, alert)
        return output_tray_name(bin_) if bin_ else _unlisted("Output tray", alert, decoded.output_trays).name
    supply = _pointed(decoded.supplies, alert) if alert.group == "marker_supplies" else None
    return supply_name(supply) if supply else None


def _words_of(alert: Alert, name: str | None) -> dict[str, str]:
    """Return the printer's words; with what its code says where they are a code alone ("SC 542")."""
    said = alert_parameters(alert, name)
    if not alert.description:
        return said
    words = alert.description.rstrip(". ")
    if says_nothing(alert.code) or _WORD.search(words):
        return {"words": words}
    return said | {"words": words}


def _lasting_subject(finding: Finding, known: Known, taken: set[str]) -> str:
    # Agents that number their rows anew keep the flag: it stays with the row that first showed it,
    # unless another alert has that row now.
    for (code, subject), flag in known.items():
        if code == finding.code and subject and subject not in taken and finding.says_as(flag):
            return subject
    return ""
