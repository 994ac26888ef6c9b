"""How often each printer stopped in a period, beside the others: the one judgment of chronic offenders. Pure.

The reports, the hints on the pages of printers and issues and the service sheet all ask this.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final

from dashboard.features.stoppages.rates import (
    StopCount,
    Trend,
    lowest_rate,
    median_rate,
    together,
    trend,
    without,
)
from dashboard.features.stoppages.stoppages import Stoppage

_FEWEST_STOPS: Final = 4
"""Fewer are nobody's reason to call the vendor."""
_FAR_MORE: Final = 2.0
"""Times the rate of the rest of the fleet, which a printer has at least."""
_ENOUGH_PAGES: Final = 2_000
"""Printed by others of a model: fewer are no rate to compare with."""


@dataclass(frozen=True)
class PrinterRecord:
    """What is known of a printer in a period."""

    model: str
    pages: int | None
    """Printed in the period; None where that is not known."""
    pages_before: int | None
    """Printed in the period before, which is as long; None also where too few days of it are known."""


@dataclass(frozen=True)
class PrinterScore:
    """How often a printer stopped."""

    printer_id: str
    model: str
    own: StopCount
    before: StopCount
    """Stops and pages of the period before."""
    trend: Trend | None
    """How the rate has changed since."""
    seconds: float
    """How long it stood still."""
    causes: Mapping[str, int]
    """How often, by cause, the most frequent first."""
    lowest: float | None
    """The rate that it has at least: see rates.lowest_rate."""

    @property
    def most_often(self) -> str:
        """The most frequent cause; empty where it did not stop."""
        return next(iter(self.causes), "")


@dataclass(frozen=True)
class Others:
    """The rate of other printers, and how many of them it is made of."""

    counted: StopCount
    printers: int


class Scorecard:
    """The printers of a fleet in one period."""

    def __init__(self, scores: Mapping[str, PrinterScore], days: int) -> None:
        self.scores = scores
        self.days = days
        self.fleet = together(each.own for each in scores.values())
        """All of them together."""
        self.median = median_rate(each.own for each in scores.values())
        """The rate that half of them have at most."""

    @cached_property
    def _models(self) -> Mapping[str, Others]:
        found: dict[str, list[StopCount]] = defaultdict(list)
        for each in self.scores.values():
            if each.model and each.own.pages is not None:
                found[each.model].append(each.own)
        return {model: Others(together(counted), len(counted)) for model, counted in found.items()}

    @cached_property
    def counted(self) -> int:
        """How many of them have counted pages."""
        return sum(each.own.pages is not None for each in self.scores.values())

    def rest(self, score: PrinterScore) -> Others:
        """Return all printers but this one."""
        return _without(Others(self.fleet, self.counted), score)

    def of_model(self, score: PrinterScore) -> Others | None:
        """Return the others of its model; None where they have printed too little to compare with."""
        others = _without(self._models.get(score.model, Others(StopCount(0, None), 0)), score)
        return others if (others.counted.pages or 0) >= _ENOUGH_PAGES else None

    def worst_first(self) -> list[PrinterScore]:
        """Return those that stopped, by the rate they have at least; then those without pages, by number."""
        stopped = (each for each in self.scores.values() if each.own.stops)
        return sorted(stopped, key=_order)

    def is_chronic(self, score: PrinterScore) -> bool:
        """Return whether it stops far more often than the rest of the fleet, and not by chance."""
        if score.own.stops < _FEWEST_STOPS or score.lowest is None:
            return False
        rest = self.rest(score).counted
        # One stop more than they had: others that have printed little and never stopped prove nothing.
        usual = StopCount(rest.stops + 1, rest.pages).rate
        return usual is not None and score.lowest >= _FAR_MORE * usual

    def chronic(self) -> list[PrinterScore]:
        """Return those of which that is so, the worst first."""
        return [each for each in self.worst_first() if self.is_chronic(each)]


def make_scorecard(
    stoppages: Iterable[Stoppage],
    before: Iterable[Stoppage],
    records: Mapping[str, PrinterRecord],
    days: int,
    now: datetime,
) -> Scorecard:
    """Return the scorecard of stoppages of a period of so many days, and of those of the period before."""
    causes: dict[str, Counter[str]] = defaultdict(Counter)
    seconds: dict[str, float] = defaultdict(float)
    for each in stoppages:
        causes[each.printer_id][each.cause] += 1
        seconds[each.printer_id] += each.seconds(now)
    earlier = Counter(each.printer_id for each in before)
    nothing = PrinterRecord("", None, None)
    all_records = {printer_id: records.get(printer_id, nothing) for printer_id in {*records, *causes}}
    counted = {
        printer_id: StopCount(causes[printer_id].total() if printer_id in causes else 0, record.pages)
        for printer_id, record in all_records.items()
    }
    usual = together(counted.values()).rate
    scores = {}
    for printer_id, record in all_records.items():
        own, past = counted[printer_id], StopCount(earlier[printer_id], record.pages_before)
        often = dict(causes[printer_id].most_common()) if printer_id in causes else {}
        scores[printer_id] = PrinterScore(
            printer_id=printer_id,
            model=record.model,
            own=own,
            before=past,
            trend=trend(own, past),
            seconds=seconds.get(printer_id, 0.0),
            causes=often,
            lowest=lowest_rate(own, usual),
        )
    return Scorecard(scores, days)


def _without(others: Others, score: PrinterScore) -> Others:
    if score.own.pages is None:
        return others
    return Others(without(others.counted, score.own), others.printers - 1)


def _order(score: PrinterScore) -> tuple[bool, float, int, str]:
    return score.lowest is None, -(score.lowest or 0.0), -score.own.stops, score.printer_id
