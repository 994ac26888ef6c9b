"""What to carry on a round: parts with where they lie, and paper. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from core.domain.conditions import NO_PAPER, ORDERED_FOR, PAPER_LOW
from core.domain.places import place_of
from core.domain.units import counted
from core.storage.stock import StockLine
from core.storage.store_rooms import StoreRoom, room_for
from dashboard.features.attention.queries import Flag
from dashboard.features.places.queries import PartToBring
from dashboard.features.round.queries import Tray

_REAM: Final = 500
"""Sheets of a pack of paper."""


@dataclass(frozen=True)
class CarryPart:
    """A part to carry."""

    title: str
    color: str
    pieces: int
    shelves: tuple[tuple[str, int], ...]
    """The store rooms that have it, with how many; those that serve the places of the round first."""
    is_stocked: bool
    """Whether the stock knows it at all."""

    @property
    def missing(self) -> int:
        """How many are not in stock, of those the stock knows."""
        return max(0, self.pieces - sum(number for _, number in self.shelves)) if self.is_stocked else 0


@dataclass(frozen=True)
class CarryPaper:
    """Paper of one kind to carry."""

    paper: str
    """What it is called; "" where printers do not say."""
    trays: int
    sheets: int
    """How many fit into those trays whose printers count sheets."""

    @property
    def reams(self) -> int:
        """How many packs that are; 0 where nobody knows."""
        return -(-self.sheets // _REAM)

    @property
    def amount(self) -> str:
        """Return `2 trays, about 700 sheets`."""
        trays = counted(self.trays, "tray")
        return f"{trays}, about {counted(self.sheets, 'sheet')}" if self.sheets else trays


@dataclass(frozen=True)
class Carry:
    """All that is to be carried."""

    parts: tuple[CarryPart, ...]
    papers: tuple[CarryPaper, ...]

    @property
    def words(self) -> str:
        """Return `5 parts, paper for 3 trays`; "" where there is nothing to carry."""
        pieces, trays = sum(part.pieces for part in self.parts), sum(paper.trays for paper in self.papers)
        said = [counted(pieces, "part")] if pieces else []
        return ", ".join([*said, f"paper for {counted(trays, 'tray')}"] if trays else said)


class Needs:
    """What flags call for, by the supply or tray that they are about."""

    def __init__(self, parts: Iterable[PartToBring], trays: Mapping[str, Sequence[Tray]]) -> None:
        self._parts: Final = {(due.printer_id, due.index): part for part in parts for due in part.due}
        self._trays: Final = trays

    def part(self, flag: Flag) -> PartToBring | None:
        """Return the part that a flag calls for; None where it calls for none, or nobody knows which."""
        return self._parts.get((flag.printer_id, flag.subject)) if flag.code in ORDERED_FOR else None

    def trays(self, flag: Flag) -> Sequence[Tray]:
        """Return the trays to fill; one of which nothing is known where the flag does not say which."""
        if flag.code not in (NO_PAPER, PAPER_LOW):
            return ()
        known = self._trays.get(flag.printer_id, ())
        named = [tray for tray in known if tray.index == flag.subject]
        return named or [tray for tray in known if tray.is_empty] or (_ANY_TRAY,)

    def words(self, flag: Flag) -> tuple[str, ...]:
        """Return what to have at hand for a flag, a line each."""
        part = self.part(flag)
        papers = _papers(self.trays(flag))
        amounts = [f"{paper.paper or 'paper'}, {paper.amount}" for paper in papers]
        return (*((part.title,) if part is not None else ()), *amounts)


_ANY_TRAY: Final = Tray("", "", None, is_empty=True)


def carry_for(
    flags: Iterable[Flag], needs: Needs, shelves: Iterable[StockLine], rooms: Sequence[StoreRoom]
) -> Carry:
    """Return what flags call for together."""
    flags = list(flags)
    due: dict[int, tuple[PartToBring, list[Flag]]] = {}
    for flag in flags:
        if (part := needs.part(flag)) is not None:
            due.setdefault(id(part), (part, []))[1].append(flag)
    stock: dict[int, list[tuple[str, int]]] = {}
    for line in shelves:
        stock.setdefault(line.part.id, []).append((line.room_name, line.shelf.on_hand))
    parts = [_part(part, own, stock, rooms) for part, own in due.values()]
    return Carry(
        parts=tuple(sorted(parts, key=lambda part: part.title.casefold())),
        papers=_papers(tray for flag in flags for tray in needs.trays(flag)),
    )


def _part(
    part: PartToBring,
    flags: Sequence[Flag],
    stock: Mapping[int, Sequence[tuple[str, int]]],
    rooms: Sequence[StoreRoom],
) -> CarryPart:
    near = {room.name for flag in flags if (room := room_for(rooms, place_of(flag.location))) is not None}
    known = stock.get(part.part_id, ()) if part.part_id is not None else ()
    having = sorted((name not in near, name, number) for name, number in known if number > 0)
    return CarryPart(
        title=part.title,
        color=part.color,
        pieces=len(flags),
        shelves=tuple((name, number) for _, name, number in having),
        is_stocked=bool(known),
    )


def _papers(trays: Iterable[Tray]) -> tuple[CarryPaper, ...]:
    numbers: Counter[str] = Counter()
    sheets: Counter[str] = Counter()
    spelled: dict[str, str] = {}
    for tray in trays:
        paper = spelled.setdefault(tray.paper.casefold(), tray.paper)
        numbers[paper] += 1
        sheets[paper] += tray.room or 0
    # What printers do not name comes last.
    return tuple(
        CarryPaper(paper, numbers[paper], sheets[paper])
        for paper in sorted(numbers, key=lambda paper: (not paper, paper))
    )
