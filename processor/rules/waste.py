"""Waste containers: what their percentage means differs by vendor, and is learnt from their own alerts.

By RFC 3805 the level of a receptacle is the space left in it; many printers report how full it is. A
level raises a flag only after an alert (1107 to 1110) has shown once which of the two it is.
"""

from collections.abc import Mapping
from typing import Final, Literal

from core.contract.messages import Attention, Supply
from core.domain.conditions import WASTE_FULL, WASTE_NEARLY_FULL, of_part, severity_of
from core.domain.part_names import supply_name
from core.domain.thresholds import HYSTERESIS_PERCENT
from core.runtime.settings import RuleSettings
from processor.rules import evidence
from processor.rules.findings import Finding, FlagKey

Meaning = Literal["fill", "remaining"]
Polarity = Mapping[str, Meaning]
"""By supply index: whether the level rises or falls as the container fills."""

_FULL: Final = 100
_HIGH: Final = 70
_LOW: Final = 30
_WASTE_CODES: Final = (WASTE_NEARLY_FULL, WASTE_FULL)


def waste_level_finding(
    supply: Supply, polarity: Polarity, known: Mapping[FlagKey, Attention], rules: RuleSettings
) -> Finding | None:
    """Return a nearly full container by its level, where it is known what the level means."""
    meaning, percent = polarity.get(supply.index), supply.level_percent
    if meaning is None or percent is None:
        return None
    space = percent if meaning == "remaining" else _FULL - percent
    flagged = any((code, supply.index) in known for code in _WASTE_CODES)
    if space > rules.supply_low_percent + (HYSTERESIS_PERCENT if flagged else 0):
        return None
    code, parameters = WASTE_NEARLY_FULL, of_part(supply_name(supply))
    return Finding(code, supply.index, severity_of(code), parameters, evidence.of_level(supply))


def learn(
    polarity: Polarity, supplies: tuple[Supply, ...], found: set[FlagKey], known: Mapping[FlagKey, Attention]
) -> dict[str, Meaning]:
    """Return what is known of the containers after a reading; contradicted knowledge is forgotten.

    Only an alert that has just come teaches: an old one may outlast the emptying of its container.
    """
    learnt = {supply.index: polarity[supply.index] for supply in supplies if supply.index in polarity}
    raised = {key[1] for key in found if key[0] in _WASTE_CODES}
    raised -= {subject for code, subject in known if code in _WASTE_CODES}
    for supply in supplies if raised else ():
        meaning = _meaning(supply.level_percent)
        if supply.index not in raised or meaning is None:
            continue
        if learnt.get(supply.index, meaning) == meaning:
            learnt[supply.index] = meaning
        else:
            del learnt[supply.index]
    return learnt


def _meaning(percent: int | None) -> Meaning | None:
    if percent is None or _LOW < percent < _HIGH:
        return None
    return "fill" if percent >= _HIGH else "remaining"
