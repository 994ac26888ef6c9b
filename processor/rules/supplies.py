"""Judge the levels of supplies, and find the supply that a report without a row is about."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from core.contract.messages import Attention, Evidence, Severity, Supply
from core.contract.printer_mib import (
    ALMOST_EMPTY,
    LEVEL_SOURCE,
    MARKING_TYPES,
    NO_RESTRICTION,
    RECEPTACLE,
    RECEPTACLE_TYPES,
    SOME_REMAINING,
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
from core.runtime.settings import RuleSettings
from processor.decode.device_words import colors_in
from processor.decode.levels import amount_of
from processor.decode.reading import DecodedReading
from processor.decode.vendor import LEVEL_SOURCES, colors_of
from processor.rules import evidence
from processor.rules.findings import HYSTERESIS_PERCENT, Finding, FlagKey
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
_WASTE_TEXT: Final = re.compile(r"\bwaste\b|rest-?toner|used toner", re.IGNORECASE)


def is_untold(supply: Supply) -> bool:
    """Return whether its type is not reported."""
    return supply.supply_type in (None, "other", "unknown") or str(supply.supply_type).startswith("code_")


def is_receptacle(supply: Supply) -> bool:
    """Return whether it fills up: by its type, which vendors get right more often than the class.

    Else by class or text.
    """
    if not is_untold(supply):
        return supply.supply_type in RECEPTACLE_TYPES
    return supply.supply_class == RECEPTACLE or bool(_WASTE_TEXT.search(supply.description or ""))


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
    percent, by_vendor = supply.level_percent, supply.source != LEVEL_SOURCE
    if supply.level == 0 and not by_vendor and (percent is not None or _is_empty_whatever_fits(supply)):
        return (
            None
            if _has_livelier_twin(supply, decoded)
            else _finding(SUPPLY_EMPTY, supply, severity_of(SUPPLY_EMPTY))
        )
    if supply.level == ALMOST_EMPTY and not by_vendor:
        return _finding(SUPPLY_LOW, supply, severity_of(SUPPLY_LOW))
    low = known.get((SUPPLY_LOW, supply.index))
    empty = known.get((SUPPLY_EMPTY, supply.index))
    if percent is None or percent > rules.supply_low_percent + (HYSTERESIS_PERCENT if low or empty else 0):
        return None
    was_critical = empty is not None or (low is not None and low.severity == "critical")
    critical = percent <= rules.supply_critical_percent + (HYSTERESIS_PERCENT if was_critical else 0)
    return _finding(SUPPLY_LOW, supply, "critical" if critical else "warning")


def _is_empty_whatever_fits(supply: Supply) -> bool:
    """Return whether level 0 of an unknown capacity is empty: an amount by RFC 3805, 0 of -1 or of -2.

    Of toner and ink alone: of parts that wear out many agents know neither level nor capacity.
    """
    capacity = supply.max_capacity
    if capacity not in (NO_RESTRICTION, UNKNOWN_AMOUNT) and not (capacity or 0) > 0:
        return False
    if _WASTE_TEXT.search(supply.description or ""):
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
    # Some agents list a cartridge twice, one of the rows for ever at 0 (Brother HL-5370DW).
    twins = (other for other in decoded.supplies if other.index != supply.index)
    return any(
        (other.description, other.supply_type, other.colorant)
        == (supply.description, supply.supply_type, supply.colorant)
        and (other.level == SOME_REMAINING or (amount_of(other.level) or 0) > 0)
        for other in twins
        if supply.description
    )


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
    vague = {s.index for s in decoded.supplies if s.level_percent is None and s.level != ALMOST_EMPTY}
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
