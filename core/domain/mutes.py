"""Muted conditions: what a printer reports and nobody needs to be told of. Pure.

A mute is about one condition, or about everything of one part: of a tray that is out of use, or of a supply
that is there in the printer's tables alone. A condition that names no row of a table is known again by what
it says, because different ones have one code: another warning in words of the printer is not muted, nor one
that comes to those that are.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Final

from core.domain.conditions import (
    CONDITIONS,
    DEVICE_CHANGED,
    NOT_A_PRINTER,
    ORDERED_FOR,
    UNREACHABLE,
    parts_of,
    sentence,
)
from core.domain.flag_reports import WORDS_BETWEEN, reports_in

SUPPLIES: Final = "supplies"
_NEVER: Final = (UNREACHABLE, DEVICE_CHANGED, NOT_A_PRINTER)
"""What is about the printer as a whole: it is taken out of service, confirmed or removed instead."""


@dataclass(frozen=True, slots=True)
class Mute:
    """One muted condition of a printer, or all conditions of one of its parts."""

    mute_id: int
    code: str
    """"" where it is about everything of the part."""
    parts: str
    """Which table of PrinterState the part is a row of: see Condition.parts; "" where it is about none,"""
    subject: str
    """and which row: "hrDeviceIndex.rowIndex"."""
    parameters: Mapping[str, str]
    """Those of the flag that was muted, without its level."""

    def covers(self, code: str, subject: str, parameters: Mapping[str, str] | None) -> bool:
        """Return whether a condition is muted by this."""
        if not self.parts:
            return code == self.code and _told(lasting(parameters)) <= _told(self.parameters)
        if part_of(code, subject) != self.parts or subject != self.subject:
            return False
        return self.code in ("", code)

    @property
    def title(self) -> str:
        """What is muted, in words."""
        if self.code:
            return sentence(self.code, self.parameters)
        return f"{everything_of(self.parameters)}."


def everything_of(parameters: Mapping[str, str]) -> str:
    """Return what people choose who mute a part."""
    return f"Everything about {parameters.get('part') or 'this part'}"


def can_be_muted(code: str) -> bool:
    """Return whether a condition is one that can be muted."""
    return code in CONDITIONS and code not in _NEVER


def part_of(code: str, subject: str) -> str:
    """Return which table of PrinterState the part is a row of that a condition is about; "" for none."""
    return parts_of(code) if subject else ""


def lasting(parameters: Mapping[str, str] | None) -> dict[str, str]:
    """Return the parameters of a flag without the level of a moment."""
    return {name: text for name, text in (parameters or {}).items() if name != "percent"}


def _told(parameters: Mapping[str, str]) -> frozenset[tuple[tuple[str, str], ...]]:
    """Return what a flag says, thing by thing: a printer numbers its reports anew, and ends some of them."""
    return frozenset(
        (*sorted((name, text) for name, text in report.items() if name != "words"), ("words", words))
        for report in reports_in(parameters)
        for words in report.get("words", "").split(WORDS_BETWEEN)
    )


def is_supply_muted(mutes: Collection[Mute], supply_index: str) -> bool:
    """Return whether nobody is to be told how much is left of a supply, nor asked to order it."""
    own = (mute for mute in mutes if mute.parts == SUPPLIES and mute.subject == supply_index)
    return any(not mute.code or mute.code in ORDERED_FOR for mute in own)


def moved_with(mutes: tuple[Mute, ...], moved: Mapping[str, str]) -> tuple[Mute, ...]:
    """Return the mutes after supplies have been numbered anew: the new index by the old one."""
    if not moved:
        return mutes
    return tuple(
        replace(mute, subject=moved[mute.subject])
        if mute.parts == SUPPLIES and mute.subject in moved
        else mute
        for mute in mutes
    )
