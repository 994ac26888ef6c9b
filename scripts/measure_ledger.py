"""Measure how well the cartridge ledger finds replacements of supplies, by habits of real printers.

Prints for each habit which share of the replacements is found (at the right time), and which share is false.
"""

import argparse
import json
import random
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # a script finds only what is beside it

from core.contract.messages import Cover, PrinterState, Supply  # noqa: E402 (the path above comes first)
from core.domain.supply_events import SupplyEvent  # noqa: E402
from processor.decode.levels import measure  # noqa: E402
from processor.judgment.judge import Judged  # noqa: E402
from processor.supplies.ledger import PrinterLedger, Undone  # noqa: E402
from processor.supplies.memory import SupplyMemory  # noqa: E402

_BEGIN: Final = datetime(2026, 3, 2, 7, tzinfo=UTC)
_EVERY: Final = timedelta(minutes=20)
_READINGS_A_DAY: Final = 33
"""From 7 to 18 o'clock."""
_DAYS: Final = 90
_CARTRIDGE_DAYS: Final = 8.0
_UNKNOWN, _SOME = -2, -3
_LAST_CONFIRMED: Final = _BEGIN + timedelta(days=_DAYS - 4)
_EARLY, _SLOWLY = 0.1, 0.3
"""How often a supply is replaced early, and so slowly that a reading comes in between."""
_TOLERANCE: Final = timedelta(hours=1)
"""Beside a jump of the level, nobody can tell the reading."""
LEAST_FOUND_PERCENT: Final = 95.0
MOST_FALSE_PERCENT: Final = 1.0


@dataclass(frozen=True)
class Habit:
    """The way in which a printer reports the level of a supply, and what happens to it."""

    name: str
    step: int = 1
    """Levels are told in so many percent, rounded up;"""
    capacity: int = 100
    """or as a share of this."""
    unknown: float = 0.002
    """How often, by reading, the level is not told for a while,"""
    jumps: float = 0.0
    """it is told wrong once or twice,"""
    jams: float = 0.004
    """a jam is cleared, with the supply out of the printer for a while,"""
    tells_cover: bool = False
    """which a cover that is told as open goes with,"""
    gaps: float = 0.003
    """or the printer does not answer for a while;"""
    away_when_replaced: float = 0.1
    """how often it does not answer when the supply is replaced."""
    early: tuple[float, float] = (0.12, 0.6)
    """What is left when a supply is replaced early, as a share."""


HABITS: Final = (
    Habit("steps of 1 %"),
    Habit("steps of 10 %", step=10, early=(0.12, 0.5)),
    Habit("steps of 20 %", step=20, early=(0.12, 0.5)),
    Habit("steps of 25 %", step=25, early=(0.12, 0.45)),
    Habit("levels in tenths", capacity=1000),
    Habit("often not told (-2, -3)", unknown=0.03),
    Habit("jumping noise", jumps=0.03),
    Habit("0 while a cover is open", jams=0.03, tells_cover=True),
    Habit("replaced while away", gaps=0.01, away_when_replaced=0.8),
)


@dataclass(frozen=True)
class Answer:
    """A reading of the simulated printer; `level` None where it does not answer."""

    at: datetime
    level: int | None
    open: bool
    count: int


@dataclass(frozen=True)
class Figures:
    """Results for one habit."""

    name: str
    replaced: int
    found: int
    false: int

    @property
    def recall_percent(self) -> float:
        return 100 * self.found / max(1, self.replaced)

    @property
    def false_percent(self) -> float:
        return 100 * self.false / max(1, self.found + self.false)


class SimulatedSupply:
    """A supply that is used, taken out, told badly and replaced."""

    def __init__(self, habit: Habit, chance: random.Random) -> None:
        self.replaced: list[datetime] = []
        self._habit, self._chance = habit, chance
        self._pages = chance.randrange(1000, 100_000)
        self._until: dict[str, datetime] = {}
        self._was_shown = True
        self._next = self._planned()
        self._left = chance.uniform(self._next + 0.1, 1.0)

    def _planned(self) -> float:
        early = self._chance.random() < _EARLY
        return self._chance.uniform(*self._habit.early) if early else self._chance.uniform(0.0, 0.06)

    def answers(self) -> Iterator[Answer]:
        """Yield its readings, in order."""
        for day in range(_DAYS):
            for number in range(_READINGS_A_DAY):
                yield self._answer(_BEGIN + timedelta(days=day) + number * _EVERY)

    def _answer(self, at: datetime) -> Answer:
        habit, chance = self._habit, self._chance
        if not self._is("out", at):
            used = chance.expovariate(1.0) / (_CARTRIDGE_DAYS * _READINGS_A_DAY)
            self._left = max(0.0, self._left - used)
            self._pages += round(used * 3000)
        if self._left <= self._next:
            self._replace(at)
        for what, how_often, longest in (
            ("out", habit.jams, 6),
            ("away", habit.gaps, 20),
            ("unknown", habit.unknown, 12),
            ("jump", habit.jumps, 2),
        ):
            if not self._is(what, at) and chance.random() < how_often:
                self._until[what] = at + chance.randint(1, longest) * _EVERY
        if self._is("out", at) and not self._was_shown:
            self.replaced[-1] = at + _EVERY / 2  # it is not in yet
        answer = Answer(at, self._level(at), habit.tells_cover and self._is("out", at), self._pages)
        self._was_shown = self._was_shown or (answer.level or 0) > 0
        return answer

    def _is(self, what: str, at: datetime) -> bool:
        return at < self._until.get(what, _BEGIN)

    def _replace(self, at: datetime) -> None:
        chance = self._chance
        if chance.random() < self._habit.away_when_replaced:
            self._until["away"] = at + chance.randint(1, 60) * _EVERY
        elif chance.random() < _SLOWLY:
            self._until["out"] = at + chance.randint(1, 3) * _EVERY
        self.replaced.append(at - _EVERY / 2)
        self._was_shown = False
        self._left = chance.uniform(0.97, 1.0)
        self._next = self._planned()

    def _level(self, at: datetime) -> int | None:
        habit, chance = self._habit, self._chance
        if self._is("away", at):
            return None
        if self._is("unknown", at):
            return chance.choice((_UNKNOWN, _UNKNOWN, _SOME))
        if self._is("out", at):
            return 0
        told = chance.uniform(0, 1) if self._is("jump", at) else self._left + chance.gauss(0, 0.004)
        steps = habit.capacity // habit.step
        return min(habit.capacity, max(0, -int(-told * steps // 1)) * habit.step)


def found_in(answers: Iterable[Answer], capacity: int) -> list[SupplyEvent]:
    """Return the events that stand after these readings."""
    events: dict[datetime, SupplyEvent] = {}
    memory, before = SupplyMemory(), None
    for answer in answers:
        ledger, after = PrinterLedger(memory), Judged(_state(answer, capacity))
        ledger.take(before, after, answer.at)
        memory, before = ledger.memory, after
        for entry in ledger.entries:
            if isinstance(entry, SupplyEvent):
                events[entry.at] = entry
            elif isinstance(entry, Undone):
                del events[entry.replaced_at]
    return list(events.values())


def measured(habit: Habit, printers: int, seed: int) -> Figures:
    """Return how well a habit is read: an event is right if it has the time of a replacement."""
    replaced = found = false = 0
    for number in range(printers):
        supply = SimulatedSupply(habit, random.Random(f"{seed} {habit.name} {number}"))  # noqa: S311
        events = found_in(supply.answers(), habit.capacity)
        missing = list(supply.replaced)
        for event in events:
            right = next((at for at in missing if _is_between(event, at)), None)
            if right is None:
                false += 1
            else:
                missing.remove(right)
                found += 1
        # What happened at the very end could not be confirmed any more.
        late = [at for at in missing if at > _LAST_CONFIRMED]
        replaced += len(supply.replaced) - len(late)
    return Figures(habit.name, replaced, found, false)


def _is_between(event: SupplyEvent, at: datetime) -> bool:
    begin = event.not_before or event.at
    return begin - _TOLERANCE <= at <= event.at + _TOLERANCE


def _state(answer: Answer, capacity: int) -> PrinterState:
    if answer.level is None:
        return PrinterState.model_construct(printer_id="lib-1", reachable=False)
    level_state, percent = measure(answer.level, capacity, None)
    supply = Supply.model_construct(
        index="1.1",
        description="Black Toner",
        supply_type="toner",
        supply_class="supply_that_is_consumed",
        level=answer.level,
        level_state=level_state,
        level_percent=percent,
    )
    cover = Cover(index="1.1", status="cover_open" if answer.open else "cover_closed")
    return PrinterState.model_construct(
        printer_id="lib-1",
        reachable=True,
        state="stopped" if answer.open else "idle",
        supplies=(supply,),
        covers=(cover,),
        marker_life_count=answer.count,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; the exit code says whether both goals are met everywhere."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--printers", type=int, default=20, help="of each habit (default: 20)")
    parser.add_argument("--seed", type=int, default=1, help="another one simulates other lives (default: 1)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(arguments)
    figures = [measured(habit, max(1, options.printers), options.seed) for habit in HABITS]
    if options.json:
        print(json.dumps([_as_json(each) for each in figures], indent=2))
    else:
        print(f"{'habit':<26}{'replaced':>10}{'found':>10}{'false':>10}")
        for each in figures:
            print(
                f"{each.name:<26}{each.replaced:>10}{each.recall_percent:>8.1f} %{each.false_percent:>8.1f} %"
            )
    good = all(
        each.recall_percent >= LEAST_FOUND_PERCENT and each.false_percent <= MOST_FALSE_PERCENT
        for each in figures
    )
    return 0 if good else 1


def _as_json(figures: Figures) -> dict[str, str | int | float]:
    return {
        "habit": figures.name,
        "replaced": figures.replaced,
        "found_percent": round(figures.recall_percent, 2),
        "false_percent": round(figures.false_percent, 2),
    }


if __name__ == "__main__":
    sys.exit(main())
