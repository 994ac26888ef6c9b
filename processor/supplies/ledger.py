"""The replacements that the readings of one printer show, one after the other. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from core.contract.messages import PrinterState, Supply
from core.domain.part_names import order_name, serial_in
from core.domain.part_numbers import part_number_of
from core.domain.receptacles import is_receptacle
from core.domain.serials import serial_of
from core.domain.supply_events import SupplyEvent
from processor.judgment.judge import Judged
from processor.judgment.renumbering import Renumbered
from processor.supplies.memory import SupplyMemory, calm_entry, entry_of
from processor.supplies.watch import Replacement, Seen, follow

_FULL: Final = 100


@dataclass(frozen=True)
class Undone:
    """A replacement that turned out to be none: the old one is back."""

    supply_index: str
    replaced_at: datetime
    at: datetime


@dataclass(frozen=True)
class Moved:
    """Supplies that have other rows from now on."""

    moved: Renumbered
    device: int


LedgerEntry = SupplyEvent | Undone | Moved


@dataclass
class PrinterLedger:
    """Feed it every new reading of a printer with take(); `entries` is what is to be stored, in order."""

    memory: SupplyMemory
    entries: list[LedgerEntry] = field(default_factory=list)

    def take(self, before: Judged | None, after: Judged, at: datetime) -> None:
        """Take in a reading by what it was judged to show."""
        state = after.state
        if after.change:
            self.memory = SupplyMemory()
        if after.moved:
            moved = after.moved
            known = {moved.get(index, index): entry for index, entry in self.memory.entries.items()}
            self.memory = SupplyMemory(self.memory.at, self.memory.count, known)
            self.entries.append(Moved(moved, after.device))
        if not state.reachable or not after.certain or "supplies" in state.incomplete_tables:
            return
        if _is_open(state):
            return  # with a cover open many printers report 0, or what was there before
        if before is not None and before.certain and not after.change and not after.moved:
            self._forget_others(before.state, state)
        self._follow(state, after, at)

    def is_steady(self, before: SupplyMemory, after: Judged, at: datetime) -> bool:
        """Return whether the reading just taken would, coming once more, change nothing but times.

        `before`: the memory before it was taken.
        """
        memory, seconds = self.memory, at.timestamp()
        if before.at == seconds:
            return False  # nothing tells what its time would move
        if memory == before:
            return True
        if memory.is_waiting:
            return False
        moved = before.moved(seconds, memory.count).entries
        changed = {index for index, entry in memory.entries.items() if moved.get(index) != entry}
        polarity: Mapping[str, str] = after.memory.get("polarity", {})
        calm = {
            supply.index
            for supply in after.state.supplies
            if supply.index in changed
            and calm_entry(memory.entries[supply.index], *_shown(supply, polarity))
            is memory.entries[supply.index]
        }
        return changed == calm

    def _forget_others(self, before: PrinterState, after: PrinterState) -> None:
        """Forget rows that are of another supply than they were."""
        if all(map(_is_same_row, before.supplies, after.supplies)):
            return
        was = {one.index: (one.supply_type, one.colorant) for one in before.supplies}
        other = {
            one.index
            for one in after.supplies
            if one.index in was and was[one.index] != (one.supply_type, one.colorant)
        }
        if other:
            kept = {index: entry for index, entry in self.memory.entries.items() if index not in other}
            self.memory = SupplyMemory(self.memory.at, self.memory.count, kept)

    def _follow(self, state: PrinterState, after: Judged, at: datetime) -> None:
        memory, seconds = self.memory, at.timestamp()
        count = None if "markers" in state.incomplete_tables else state.marker_life_count
        if _is_another_device(memory, count, state):
            memory = SupplyMemory()
        polarity: Mapping[str, str] = after.memory.get("polarity", {})
        entries: dict[str, Any] = dict(memory.entries)
        for supply in state.supplies:
            percent, serial = _shown(supply, polarity)
            entry = calm_entry(entries.get(supply.index), percent, serial)
            if entry is not None:
                entries[supply.index] = entry
                continue
            some = percent is None and supply.level_state == "some_remaining" and not is_receptacle(supply)
            step = follow(memory.watch(supply.index), Seen(seconds, percent, some, serial, count))
            entries[supply.index] = entry_of(step.watch, seconds, count)
            if step.undone_at is not None:
                self.entries.append(Undone(supply.index, _moment(step.undone_at), at))
            if step.replacement is not None:
                self.entries.append(_event(state, supply, step.replacement, after.device))
        self.memory = SupplyMemory(seconds, memory.count if count is None else count, entries)


def _is_same_row(before: Supply, after: Supply) -> bool:
    return (
        before.index == after.index
        and before.supply_type == after.supply_type
        and before.colorant == after.colorant
    )


def _is_open(state: PrinterState) -> bool:
    if state.state != "stopped":
        return False  # some printers report a cover as open for ever
    return "door_open" in state.detected_errors or any("open" in (c.status or "") for c in state.covers)


def _is_another_device(memory: SupplyMemory, count: int | None, state: PrinterState) -> bool:
    """Return whether the page counter says so where the printer has no serial number that could."""
    if count is None or memory.count is None or count >= memory.count:
        return False
    return not serial_of(state.serial_number)


def _shown(supply: Supply, polarity: Mapping[str, str]) -> tuple[int | None, str]:
    """Return the level of a supply, None where it is not measured, and the serial number of the piece."""
    percent = _filled(supply, polarity) if is_receptacle(supply) else supply.level_percent
    return percent, _serial(supply.description)


def _filled(supply: Supply, polarity: Mapping[str, str]) -> int | None:
    """Return what still fits into a container; None where its polarity is not known."""
    percent, meaning = supply.level_percent, polarity.get(supply.index)
    if percent is None or meaning is None:
        return None
    return _FULL - percent if meaning == "fill" else percent


@lru_cache(maxsize=4096)
def _serial(description: str | None) -> str:
    """Return the serial number of the piece; "" where there is none, or one that tells nothing."""
    serial = serial_in(description or "")
    return serial if serial_of(serial) else ""


def _event(state: PrinterState, supply: Supply, found: Replacement, device: int) -> SupplyEvent:
    description, color = supply.description or "", supply.colorant or ""
    return SupplyEvent(
        printer_id=state.printer_id,
        supply_index=supply.index,
        at=_moment(found.new.at),
        not_before=_moment(found.old.at),
        model=state.model or "",
        supply_type=supply.supply_type or "",
        color=color,
        description=description,
        part=order_name(description, color, supply.supply_type),
        part_number=part_number_of(description),
        serial=found.serial,
        old_serial=found.old_serial,
        old_percent=found.old.percent,
        new_percent=found.new.percent,
        life_count=found.new.count if found.new.count is not None else found.old.count,
        device=device,
    )


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
