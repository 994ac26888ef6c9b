"""What the rows of prtAlertTable say: decided by code, named by the row they point at."""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple, TypeVar

from fleet.messages import Alert, Cover, Fixer, InputTray, OutputTray, Severity, Supply
from fleet.part_names import cover_name, output_tray_name, row_of, supply_name, tray_name
from fleet.settings import RuleSettings
from processor.decode.picture import Picture
from processor.rules import evidence, paper, supplies
from processor.rules.alert_codes import FAILURES, FAULT, meaning_of
from processor.rules.findings import Finding
from processor.rules.supplies import MARKING_TYPES, Known
from processor.rules.wording import sentence, supply_sentence

SOON: Final = frozenset({"paper_low", "supply_low", "waste_nearly_full", "output_nearly_full"})
"""Codes of what will be needed soon: a warning, whatever the printer calls it."""
_ALWAYS_CRITICAL: Final = frozenset({"jam", "supply_empty", "waste_full"})
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
_AS_WASTE: Final[Mapping[str, str]] = {"supply_low": "waste_nearly_full", "supply_empty": "waste_full"}

REPORTED: Final = "The printer reports: "
RowT = TypeVar("RowT", InputTray, OutputTray, Supply, Cover)


class Subject(NamedTuple):
    """What an alert is about: a row and its name, or the printer."""

    row: str = ""
    name: str | None = None
    supply: Supply | None = None


def alert_findings(picture: Picture, known: Known, rules: RuleSettings) -> Iterator[Finding]:
    """One finding for each row that reports a fault."""
    for alert in picture.alerts:
        meaning = meaning_of(alert)
        if meaning == FAULT:
            yield _uncovered(alert, picture, known)
        elif meaning is not None:
            yield _covered(meaning, alert, picture, known, rules)


def _covered(code: str, alert: Alert, picture: Picture, known: Known, rules: RuleSettings) -> Finding:
    subject = _subject_of(code, alert, picture, known, rules)
    if subject.supply is not None and supplies.is_receptacle(subject.supply):
        code = _AS_WASTE.get(code, code)
    severity = _severity_of(code, alert, picture)
    down = picture.device_status == "down"
    stops = severity == "critical" and (alert.severity == "critical" or down or code == "jam")
    message = supply_sentence(code, subject.supply) if subject.supply else sentence(code, subject.name)
    fixer = _FIXERS.get(alert.training_level or "")
    return Finding(code, subject.row, severity, message, evidence.of_alert(alert), fixer, stops)


def _severity_of(code: str, alert: Alert, picture: Picture) -> Severity:
    if code in _ALWAYS_CRITICAL:
        return "critical"
    if code in SOON:
        return "warning"
    if code == "no_paper" and paper.is_all_empty(picture):
        return "critical"
    return "critical" if alert.severity == "critical" or picture.device_status == "down" else "warning"


def _subject_of(code: str, alert: Alert, picture: Picture, known: Known, rules: RuleSettings) -> Subject:
    if code.startswith(("supply_", "waste_")):
        return _supply_subject(code, alert, picture, known, rules)
    if alert.group == "cover" and code == "door_open":
        cover = _pointed(picture.covers, alert)
        return Subject(cover.index, cover_name(cover)) if cover else _unlisted("Cover", alert, picture.covers)
    if alert.group == "output" and code.startswith("output_"):
        bin_, bins = _pointed(picture.output_trays, alert), picture.output_trays
        return Subject(bin_.index, output_tray_name(bin_)) if bin_ else _unlisted("Output tray", alert, bins)
    if code not in ("jam", "no_paper", "paper_low", "tray_missing"):
        return Subject()
    if alert.group == "input":
        tray = _pointed(picture.input_trays, alert)
        return Subject(tray.index, tray_name(tray)) if tray else _unlisted("Tray", alert, picture.input_trays)
    tray = paper.blamed(picture, code, known) if code in ("no_paper", "paper_low") else None
    return Subject(tray.index, tray_name(tray)) if tray else Subject()


def _supply_subject(code: str, alert: Alert, picture: Picture, known: Known, rules: RuleSettings) -> Subject:
    supply = _pointed(picture.supplies, alert) if alert.group == "marker_supplies" else None
    if supply is None and not picture.supplies and alert.group == "marker_supplies":
        return _unlisted("Supply", alert, ())
    if supply is None:
        default = _WASTE if code.startswith("waste_") else MARKING_TYPES
        prefixes = (prefix for prefix in _TYPES if (alert.code or "").startswith(prefix + "_"))
        types = next((_TYPES[prefix] for prefix in sorted(prefixes, key=len, reverse=True)), default)
        suspects = supplies.suspects_of(picture, types, alert.description)
        supply = supplies.blamed(suspects, (code, "supply_low", "supply_empty"), known, rules)
    return Subject(supply.index, supply_name(supply), supply) if supply else Subject()


def _pointed(rows: tuple[RowT, ...], alert: Alert) -> RowT | None:
    """The row that prtAlertGroupIndex names."""
    if not alert.group_index or alert.group_index < 0:
        return None
    exact = f"{alert.index.partition('.')[0]}.{alert.group_index}"
    found = [row for row in rows if row.index == exact]
    found = found or [row for row in rows if row_of(row.index) == str(alert.group_index)]
    return found[0] if len(found) == 1 else None


def _unlisted(kind: str, alert: Alert, rows: tuple[InputTray | OutputTray | Cover, ...]) -> Subject:
    """The row an alert points at, in a table that the printer does not show."""
    if rows or not alert.group_index or alert.group_index < 0:
        return Subject()
    return Subject(f"{alert.index.partition('.')[0]}.{alert.group_index}", f"{kind} {alert.group_index}")


def _uncovered(alert: Alert, picture: Picture, known: Known) -> Finding:
    critical = alert.severity == "critical"
    code = "alert_critical" if critical else "alert_warning"
    fixer = _FIXERS.get(alert.training_level or "") or ("vendor" if alert.code in FAILURES else None)
    message = _words_of(alert)
    severity: Severity = "critical" if critical else "warning"
    subject = _lasting_subject(code, message, alert, picture, known)
    return Finding(code, subject, severity, message, evidence.of_alert(alert), fixer, stops=critical)


def _words_of(alert: Alert) -> str:
    named = alert.code if alert.code not in (None, "other", "unknown") else "fault without a name"
    text = alert.description or f"{named}".replace("_", " ")
    return f"{REPORTED}{text.rstrip('.')}."


def _lasting_subject(code: str, message: str, alert: Alert, picture: Picture, known: Known) -> str:
    # Agents that number their rows anew keep the flag: it stays with the row that first showed it,
    # unless another alert has that row now.
    taken = {row.index for row in picture.alerts}
    for (known_code, subject), flag in known.items():
        if known_code == code and flag.message == message and subject and subject not in taken:
            return subject
    return alert.index
