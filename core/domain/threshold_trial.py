"""What other thresholds would have flagged: the levels of the past judged by the rule of today. Pure.

Flags that a printer raises by itself are not in it: they come whatever the thresholds are.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from typing import Final, NamedTuple

from core.contract.messages import HistoryPoint, HistorySupply, Supply
from core.domain.receptacles import is_receptacle
from core.domain.thresholds import (
    Lowness,
    Thresholds,
    is_by_vendor,
    is_lively,
    is_not_answering,
    is_vague,
    lowness,
    readings_to_clear,
    twins_of,
)

TRIED_DAYS: Final = 30
"""How far back levels are tried."""
_DAY: Final = timedelta(days=1)


def tried_since(now: datetime) -> datetime:
    """Return the beginning of what is tried."""
    return now - TRIED_DAYS * _DAY


class TriedValues(NamedTuple):
    """One set of values to be tried."""

    thresholds: Thresholds
    unreachable_after: int


@dataclass(frozen=True, slots=True)
class WatchedSupply:
    """What of a supply its history does not tell."""

    index: str
    by_vendor: bool = False
    twins: tuple[str, ...] = ()
    """Other rows of the same cartridge."""
    replaced_at: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class WatchedPrinter:
    """A printer whose history is tried."""

    printer_id: str
    name: str
    location: str
    supplies: tuple[WatchedSupply, ...]
    """Those that are used up."""
    receptacles: int
    """How many others it has, whose level means one thing or the other."""
    has_answered: bool
    """Ever; what has not is no fault."""
    reachable: bool
    """Whether it answered the newest reading."""


def watched_supplies(
    supplies: Sequence[Supply], replaced: Mapping[str, Sequence[datetime]]
) -> tuple[WatchedSupply, ...]:
    """Return what is watched of a printer's supplies; `replaced` by supply index."""
    return tuple(
        WatchedSupply(
            supply.index,
            is_by_vendor(supply),
            tuple(twin.index for twin in twins_of(supply, supplies)),
            tuple(replaced.get(supply.index, ())),
        )
        for supply in supplies
        if not is_receptacle(supply)
    )


@dataclass(slots=True)
class LowTime:
    """A time for which a supply is flagged as low, critical or empty."""

    began_at: datetime
    begin_seen: bool
    """False where it was so low when its history begins."""
    critical: bool = False
    ran_out_at: datetime | None = None
    ended_at: datetime | None = None

    def lead(self, replaced_at: Iterable[datetime]) -> timedelta | None:
        """Return how long before the supply was replaced or ran out it was flagged; None where unknown."""
        if not self.begin_seen:
            return None
        ends = [
            at for at in replaced_at if self.began_at < at and (self.ended_at is None or at <= self.ended_at)
        ]
        if self.ran_out_at is not None:
            ends.append(self.ran_out_at)
        return min(ends) - self.began_at if ends else None


class LevelTrial:
    """Follows the level of one supply by one set of thresholds."""

    def __init__(self, supply: WatchedSupply, thresholds: Thresholds) -> None:
        self.times: list[LowTime] = []
        self.standing: Lowness | None = None
        """What it is flagged as now."""
        self._supply, self._thresholds = supply, thresholds
        self._gone = 0
        self._measured = False

    @property
    def is_settled(self) -> bool:
        """Whether the level seen last, seen once more, changes nothing."""
        return not self._gone

    def take(self, at: datetime, seen: HistorySupply, supplies: Mapping[str, HistorySupply]) -> None:
        """Take in the level that a reading shows; `supplies` are all of them."""
        begin_seen, self._measured = self._measured, self._measured or seen.percent is not None
        found = self._found(seen, supplies)
        before = self.standing
        if before is None or found is None or (before == "empty" and found != "empty"):
            self._gone += before is not None
            # A flag "empty" does not stay longer for a level that is told vaguely: see rules/supplies.py.
            vague = before != "empty" and is_vague(seen.level, seen.percent)
            if before is None or self._gone >= readings_to_clear(vague=vague):
                self.standing, self._gone = found, 0
        else:
            self.standing, self._gone = found, 0
        if before is None and self.standing is not None:
            self.times.append(LowTime(at, begin_seen))
        if self.standing is not None:
            time = self.times[-1]
            time.critical |= self.standing != "warning"
            if time.ran_out_at is None and seen.percent == 0:
                time.ran_out_at = at
        elif before is not None:
            self.times[-1].ended_at = at

    def forget(self, at: datetime) -> None:
        """Let the flag end: another device has come."""
        if self.standing is not None:
            self.times[-1].ended_at = at
        self.standing, self._gone = None, 0

    def _found(self, seen: HistorySupply, supplies: Mapping[str, HistorySupply]) -> Lowness | None:
        by_vendor = self._supply.by_vendor
        found = lowness(seen.level, seen.percent, self.standing, self._thresholds, by_vendor=by_vendor)
        twins = (supplies[index].level for index in self._supply.twins if index in supplies)
        return None if found == "empty" and any(map(is_lively, twins)) else found


@dataclass
class Effect:
    """What one set of values has flagged."""

    values: TriedValues
    low_printers: set[str] = field(default_factory=set)
    """Printers with a supply that was flagged,"""
    low_times: int = 0
    """how often supplies were,"""
    critical_times: int = 0
    """and how often they became critical."""
    leads: list[timedelta] = field(default_factory=list)
    """How long before a supply was replaced or ran out it was flagged, where both were seen."""
    unreachable_printers: set[str] = field(default_factory=set)
    unreachable_times: int = 0

    @property
    def median_lead_days(self) -> float | None:
        """The median of `leads` in days; None without any."""
        return median(lead / _DAY for lead in self.leads) if self.leads else None


@dataclass
class ThresholdTrial:
    """What the present and the proposed values have flagged."""

    present: Effect
    proposed: Effect
    since: datetime
    until: datetime
    answers_since: datetime
    """The same for readings without an answer: every single one is kept for a shorter time."""
    printers: int = 0
    """Tried ones, those without history included."""
    history_begins_at: datetime | None = None
    """The oldest reading found; None where there is none at all."""
    without_history: int = 0
    """Printers that have no level in that time."""
    unmeasured: int = 0
    """Supplies of the others that could not be judged: their printers gave no percentage,"""
    receptacles: int = 0
    """and waste containers, which their own alerts tell."""
    names: dict[str, WatchedPrinter] = field(default_factory=dict)
    """The printers that one set of values has flagged and the other has not, by id."""

    @property
    def is_whole(self) -> bool:
        """Whether the history reaches back to the beginning."""
        return self.history_begins_at is not None and self.history_begins_at < self.since + _DAY

    @property
    def differing(self) -> set[str]:
        """The printers that one of both has flagged and the other has not, whatever for."""
        low = self.present.low_printers ^ self.proposed.low_printers
        return low | (self.present.unreachable_printers ^ self.proposed.unreachable_printers)

    def only_low_as_proposed(self) -> list[WatchedPrinter]:
        """Return the printers with a low supply by the proposed values alone."""
        return self._only(self.proposed.low_printers, self.present.low_printers)

    def only_low_at_present(self) -> list[WatchedPrinter]:
        """Return those by the present values alone."""
        return self._only(self.present.low_printers, self.proposed.low_printers)

    def only_unreachable_as_proposed(self) -> list[WatchedPrinter]:
        """Return the printers that count as not answering by the proposed values alone."""
        return self._only(self.proposed.unreachable_printers, self.present.unreachable_printers)

    def only_unreachable_at_present(self) -> list[WatchedPrinter]:
        """Return those by the present values alone."""
        return self._only(self.present.unreachable_printers, self.proposed.unreachable_printers)

    def _only(self, some: set[str], others: set[str]) -> list[WatchedPrinter]:
        found = (self.names[printer_id] for printer_id in some - others)
        return sorted(found, key=lambda printer: (printer.name.casefold(), printer.printer_id))


def follow_levels(
    printer: WatchedPrinter, points: Sequence[HistoryPoint], effects: Sequence[Effect]
) -> set[str]:
    """Add to each effect what it has flagged of a printer; return the supplies that were never measured.

    `points` are of this printer, oldest first.
    """
    trials = [
        [LevelTrial(supply, effect.values.thresholds) for supply in printer.supplies] for effect in effects
    ]
    measured: set[str] = set()
    device, last = None, None
    for point in points:
        if device is not None and point.device != device:
            last = None
            for trial in (trial for of_effect in trials for trial in of_effect):
                trial.forget(point.taken_at)
        device = point.device
        if not point.supplies:
            continue
        measured.update(index for index, seen in point.supplies.items() if seen.percent is not None)
        same = last is not None and point.supplies == last
        for of_effect in trials:
            for supply, trial in zip(printer.supplies, of_effect, strict=True):
                if not (same and trial.is_settled):
                    seen = point.supplies.get(supply.index, _NOTHING)
                    trial.take(point.taken_at, seen, point.supplies)
        last = point.supplies
    for effect, of_effect in zip(effects, trials, strict=True):
        for supply, trial in zip(printer.supplies, of_effect, strict=True):
            if supply.index in measured and trial.times:
                _add(effect, printer, supply, trial.times)
    return {supply.index for supply in printer.supplies} - measured


_NOTHING = HistorySupply(level=None, percent=None)


def _add(effect: Effect, printer: WatchedPrinter, supply: WatchedSupply, times: Sequence[LowTime]) -> None:
    effect.low_printers.add(printer.printer_id)
    effect.low_times += len(times)
    effect.critical_times += sum(time.critical for time in times)
    leads = (time.lead(supply.replaced_at) for time in times)
    effect.leads.extend(lead for lead in leads if lead is not None)


def follow_answers(
    printer: WatchedPrinter, points: Iterable[HistoryPoint], effects: Sequence[Effect]
) -> None:
    """Add to each effect how often a printer counted as not answering; `points` are all of its readings."""
    misses = 0
    for point in points:
        misses = 0 if point.reachable else misses + 1
        for effect in effects:
            after = effect.values.unreachable_after
            if is_not_answering(misses, after) and not is_not_answering(misses - 1, after):
                effect.unreachable_printers.add(printer.printer_id)
                effect.unreachable_times += 1
