"""Warranties and contracts that end soon, in the words of the daily summary. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from core.domain.units import counted, day
from core.mails.clean_text import one_line

_LONGEST: Final = 60


@dataclass(frozen=True)
class Ending:
    """A contract or a warranty, with the printers for which it ends on that day."""

    until: date
    contract: str | None
    """What the inventory calls it; None: a warranty."""
    printers: tuple[tuple[str, str], ...]
    """Their ids and names, at least one."""

    @property
    def key(self) -> str:
        """What tells it from others: a printer more that it is about is no news."""
        return f"{self.until}|warranty" if self.contract is None else f"{self.until}|contract|{self.contract}"

    def words(self, today: date) -> str:
        """Return `Ricoh lease 4711 (3 printers) ends 1 Mar 2027, in 12 days`."""
        days = (self.until - today).days
        when = {0: "today", 1: "tomorrow"}.get(days, f"in {counted(days, 'day')}")
        return f"{self._what} ends {day(self.until)}, {when}"

    @property
    def _what(self) -> str:
        count = len(self.printers)
        whose = one_line(self.printers[0][1], _LONGEST) if count == 1 else counted(count, "printer")
        if self.contract:
            return f"{one_line(self.contract, _LONGEST)} ({whose})"
        return f"{'Warranty' if self.contract is None else 'Contract'} of {whose}"


def ending_together(found: Iterable[tuple[date, str | None, str, str]]) -> list[Ending]:
    """Return what ends, the first first.

    `found`: the day, the contract (None: a warranty), id and name of a printer.
    """
    groups: dict[tuple[date, str | None], list[tuple[str, str]]] = {}
    for until, contract, printer_id, name in found:
        groups.setdefault((until, contract), []).append((printer_id, name or printer_id))
    ordered = sorted(groups.items(), key=lambda each: (each[0][0], each[0][1] is None, each[0][1] or ""))
    return [Ending(until, contract, tuple(sorted(who))) for (until, contract), who in ordered]
