"""Judge the levels of supplies, and find the supply that a report without a row is about."""

from collections.abc import Iterator, Mapping
from typing import Final

from core.contract.messages import Attention, Evidence, Severity, Supply
from core.contract.printer_mib import (
    MARKING_TYPES,
    NO_RESTRICTION,
    RECEPTACLE_TYPES,
    UNKNOWN_AMOUNT,
)
from core.domain.conditions import (
    SUPPLY_EMPTY,
    SUPPLY_LOW,
    WASTE_NEARLY_FULL,
    WORN,
    of_part,
    severity_of,
)
from core.domain.part_names import supply_name
from core.domain.receptacles import is_receptacle, is_untold, says_waste
from core.domain.thresholds import (
    Lowness,
    Thresholds,
    is_by_vendor,
    is_lively,
    is_vague,
    lowness,
    twins_of,
)
from core.runtime.settings import RuleSettings
from processor.decode.device_words import colors_in
from processor.decode.reading import DecodedReading
from processor.decode.vendor import LEVEL_SOURCES, colors_of
from processor.rules import evidence
from processor.rules.findings import Finding, FlagKey
from processor.rules.waste import Polarity, waste_level_finding

Known = Mapping[FlagKey, Attention]

_WORN_TYPES: Final = frozenset(
    {
        "opc",
        "fuser",
        "corona_wire",
        "fuser_oil_wick",
        "cleaner_unit",
        "fuser_cleaning_pad",
        "transfer_unit",
        "fuser_oiler",
    }
)
"""What wears out and is not used up."""


def level_findings(
    decoded: DecodedReading, known: Known, rules: RuleSettings, polarity: Polarity
) -> Iterator[Finding]:
    """Yield supplies that are low or empty by their level; receptacles only where their polarity is known."""
    for supply in decoded.supplies:
        if is_receptacle(supply):
            found = waste_level_finding(supply, polarity, known, rules)
        else:
            found = _consumed(supply, decoded, known, rules)
        if found is not None:
            yield found


def _consumed(supply: Supply, decoded: DecodedReading, known: Known, rules: RuleSettings) -> Finding | None:
    by_vendor = is_by_vendor(supply)
    thresholds = Thresholds(rules.supply_low_percent, rules.supply_critical_percent)
    before = _lowness_before(supply, known)
    found = lowness(supply.level, supply.level_percent, before, thresholds, by_vendor=by_vendor)
    if found is None and supply.level == 0 and not by_vendor and _is_empty_whatever_fits(supply):
        found = "empty"
    if found == "empty":
        if _has_livelier_twin(supply, decoded):
            return None
        return _finding(SUPPLY_EMPTY, supply, severity_of(SUPPLY_EMPTY))
    return _finding(SUPPLY_LOW, supply, found) if found else None


def _lowness_before(supply: Supply, known: Known) -> Lowness | None:
    if (SUPPLY_EMPTY, supply.index) in known:
        return "empty"
    low = known.get((SUPPLY_LOW, supply.index))
    if low is None:
        return None
    return "critical" if low.severity == "critical" else "warning"


def _is_empty_whatever_fits(supply: Supply) -> bool:
    """Return whether level 0 of an unknown capacity is empty: an amount by RFC 3805, 0 of -1 or of -2.

    Of toner and ink alone: of parts that wear out many agents know neither level nor capacity.
    """
    capacity = supply.max_capacity
    if capacity not in (NO_RESTRICTION, UNKNOWN_AMOUNT) and not (capacity or 0) > 0:
        return False
    if says_waste(supply):
        return False
    return supply.supply_type in MARKING_TYPES or (is_untold(supply) and bool(colors_of(supply)))


def vendor_findings(decoded: DecodedReading) -> Iterator[Finding]:
    """Yield supplies that the vendor's own objects call low or empty, whatever their levels say."""
    rows = {supply.index: supply for supply in decoded.supplies}
    for statement in decoded.statements:
        supply = rows.get(statement.index)
        parameters = (
            of_supply(statement.code, supply) if supply else _of_unlisted(statement.code, statement.part)
        )
        severity = severity_of(statement.code)
        yield Finding(statement.code, statement.index, severity, parameters, (statement.evidence,))


def of_supply(code: str, supply: Supply, percent: int | None = None) -> dict[str, str]:
    """Return the parameters of a flag of a supply, with the percentage where it is the reason."""
    parameters = of_part(supply_name(supply))
    if supply.supply_type in _WORN_TYPES and code in (SUPPLY_LOW, SUPPLY_EMPTY):
        parameters["variant"] = WORN
    if percent is not None:
        parameters["percent"] = str(percent)
    return parameters


def _of_unlisted(code: str, part: str) -> dict[str, str]:
    """Return the parameters of a flag of a part that the printer lists no row of: "cyan drum"."""
    worn = {"variant": WORN} if code == SUPPLY_EMPTY and not part.endswith("toner") else {}
    return of_part(f"The {part}") | worn


def _finding(code: str, supply: Supply, severity: Severity) -> Finding:
    percent = supply.level_percent if code == SUPPLY_LOW else None
    parameters = of_supply(code, supply, percent)
    return Finding(code, supply.index, severity, parameters, evidence.of_level(supply))


def _has_livelier_twin(supply: Supply, decoded: DecodedReading) -> bool:
    return any(is_lively(twin.level) for twin in twins_of(supply, decoded.supplies))


def blurred(decoded: DecodedReading, known: Known) -> set[FlagKey]:
    """Return flags raised by a level that is now told too vaguely to say that they are gone."""
    by_level = {
        key
        for key, flag in known.items()
        if key[0] in (SUPPLY_LOW, WASTE_NEARLY_FULL)
        if any(seen.object in LEVEL_SOURCES for seen in flag.evidence)
    }
    if not by_level:
        return by_level
    vague = {s.index for s in decoded.supplies if is_vague(s.level, s.level_percent)}
    return {key for key in by_level if key[1] in vague}


def blamed(
    suspects: list[Supply], codes: tuple[str, ...], known: Known, rules: RuleSettings
) -> Supply | None:
    """Return the supply that a report without a row must be about; None where several may be."""
    if len(suspects) == 1:
        return suspects[0]
    flagged = [s for s in suspects if any((code, s.index) in known for code in codes)]
    near = [
        s for s in suspects if s.level_percent is not None and s.level_percent <= 2 * rules.supply_low_percent
    ]
    lowest = min((s.level_percent or 0 for s in near), default=0)
    vague = [s for s in suspects if s.level_percent is None]
    for choice in ([s for s in near if s.level_percent == lowest], flagged, [] if near else vague):
        if len(choice) == 1:
            return choice[0]
    return None


def culprits(
    decoded: DecodedReading, code: str, rules: RuleSettings
) -> list[tuple[Supply, tuple[Evidence, ...]]]:
    """Return the supplies that a bit for toner is surely about, each with what says so.

    These are for noToner the rows at 0, else the supplies whose color the panel names.
    """
    suspects = suspects_of(decoded, MARKING_TYPES)
    if code == SUPPLY_EMPTY:
        empty = [s for s in suspects if s.level == 0 and not _has_livelier_twin(s, decoded)]
        if empty:
            return [(supply, evidence.of_level(supply)) for supply in empty]
    named = set(colors_in(decoded.console_text or ""))
    found = [s for s in suspects if named.intersection(colors_of(s))]
    # A panel that names a full cartridge beside a low one speaks of something else.
    likely = [s for s in found if s.level_percent is None or s.level_percent <= 2 * rules.supply_low_percent]
    return [(supply, evidence.of_console(decoded)) for supply in likely or found]


def suspects_of(decoded: DecodedReading, types: frozenset[str], text: str | None = None) -> list[Supply]:
    """Return the supplies of these types (else those of an untold type), of the color that a text names."""
    receptacles = bool(types & RECEPTACLE_TYPES)
    found = [s for s in decoded.supplies if s.supply_type in types]
    found = found or [s for s in decoded.supplies if is_untold(s) and is_receptacle(s) == receptacles]
    named = set(colors_in(text or ""))
    colored = [s for s in found if named.intersection(colors_of(s))] if named else []
    return colored or found
