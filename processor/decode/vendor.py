"""Apply a vendor's own objects to the supplies: levels the Printer MIB lacks, pages left, "low", "empty".

One function for each table of core/contract/vendor_objects.py turns its rows into words; which row of
prtMarkerSuppliesTable a word is about is found by type and color.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from core.contract.messages import Evidence, Supply, VarbindValue
from core.contract.printer_mib import ALMOST_EMPTY, LEVEL_SOURCE
from core.contract.vendor_objects import VENDOR_TABLES
from core.domain.conditions import SUPPLY_EMPTY, SUPPLY_LOW
from processor.decode.device_words import COLORS, colors_in
from processor.decode.levels import amount_of
from processor.decode.mib_tables import MibTables
from processor.decode.values import count_of, number_of, octets_of

TONER: Final = frozenset({"toner", "toner_cartridge", "ink", "ink_cartridge"})
_DRUM: Final = frozenset({"opc"})
_BELT: Final = frozenset({"transfer_unit"})
_FUSER: Final = frozenset({"fuser"})
_PARTS: Final[Mapping[frozenset[str], str]] = {
    TONER: "toner", _DRUM: "drum", _BELT: "transfer belt", _FUSER: "fuser",
}  # fmt: skip

_TABLE_OF: Final = {name: table for table, names in VENDOR_TABLES.items() for name in names}

# Brother's blocks are records of id, kind, length and value, closed by 0xFF. What an id stands for was found
# out by people who compared the blocks with the printers' own web pages.
_RECORD_HEAD: Final = 3
_WIDE: Final = 4
_PAIR: Final = 2
_HUNDREDTHS: Final = 10_000
_REMAINING: Final[Mapping[str, tuple[frozenset[str], str]]] = {
    "6f": (TONER, "black"), "70": (TONER, "cyan"), "71": (TONER, "magenta"), "72": (TONER, "yellow"),
    "80": (_DRUM, "black"), "79": (_DRUM, "cyan"), "7a": (_DRUM, "magenta"), "7b": (_DRUM, "yellow"),
    "41": (_DRUM, ""), "69": (_BELT, ""), "6a": (_FUSER, ""),
    "a1": (TONER, "black"), "a2": (TONER, "cyan"), "a3": (TONER, "magenta"), "a4": (TONER, "yellow"),
}  # fmt: skip
_PAGES_LEFT: Final[Mapping[str, tuple[frozenset[str], str]]] = {
    "82": (_DRUM, ""), "88": (_BELT, ""), "89": (_FUSER, ""),
    "a4": (_DRUM, "black"), "a5": (_DRUM, "cyan"), "a6": (_DRUM, "magenta"), "a7": (_DRUM, "yellow"),
}  # fmt: skip
_PAGES_PRINTED: Final = 0
_BROTHER_VERDICTS: Final[Mapping[int, str]] = {1: SUPPLY_LOW, 3: SUPPLY_EMPTY}
"""brTonerLow: 0 is fine, 2 a color that this printer does not have."""

LEVEL_SOURCES: Final = frozenset({LEVEL_SOURCE, "brInfoMaintenance", "ricohEngTonerLevel"})
"""What a Supply's `source` can be."""
_FULL: Final = 100


@dataclass(frozen=True, slots=True)
class Word:
    """The statement of one object about one supply; `color` is "" where it names none."""

    types: frozenset[str]
    color: str
    evidence: Evidence
    percent: int | None = None
    pages_left: int | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class VendorStatement:
    """The vendor's own judgement of a supply."""

    index: str
    """The row of the supply; "" where no single row fits."""
    part: str
    """What the vendor speaks of: "cyan drum"."""
    code: str
    evidence: Evidence


def words_of(view: MibTables) -> tuple[Word, ...]:
    """Return all statements of the vendor's objects in a reading."""
    tables = view.tables
    if not (tables["brother_maintenance"] or tables["brother_toner_low"] or tables["ricoh_toner"]):
        return ()  # as nearly always: most printers are not asked
    return (*_brother_flags(view), *_brother_blocks(view), *_ricoh(view))


def vendor_statements(
    supplies: tuple[Supply, ...], words: Iterable[Word], before: Iterable[Supply], settled: frozenset[str]
) -> tuple[Supply, ...]:
    """Return the supplies with the vendor's levels; an earlier one where it was not answered now."""
    changes: dict[str, dict[str, Any]] = {}
    for supply in before:
        if supply.source != LEVEL_SOURCE and _TABLE_OF.get(supply.source) not in settled:
            changes[supply.index] = supply.model_dump(include=set(_TOLD))
    for word in words:
        for supply in _about(word, supplies):
            changes.setdefault(supply.index, {}).update(_told(word))
    if not changes:
        return supplies
    return tuple(s.model_copy(update=changes[s.index]) if s.index in changes else s for s in supplies)


def vendor_statements_of(words: Iterable[Word], supplies: tuple[Supply, ...]) -> tuple[VendorStatement, ...]:
    """Return what the vendor itself calls low or empty, by supply."""
    return tuple(
        VendorStatement(index, f"{word.color} {_PARTS[word.types]}".strip(), word.code, word.evidence)
        for word in words
        if word.code is not None
        for index in [supply.index for supply in _about(word, supplies)] or [""]
    )


_TOLD: Final = frozenset({"level_state", "level_percent", "source", "pages_left"})


def _told(word: Word) -> dict[str, Any]:
    told: dict[str, Any] = {}
    if word.percent is not None:
        told |= {"level_state": "measured", "level_percent": word.percent, "source": word.evidence.object}
    if word.pages_left is not None:
        told["pages_left"] = word.pages_left
    return told


def _about(word: Word, supplies: tuple[Supply, ...]) -> list[Supply]:
    """Return the supply that is meant; of two rows of one cartridge both, of two different ones neither."""
    found = [supply for supply in supplies if supply.supply_type in word.types]
    if word.color:
        colored = [supply for supply in found if word.color in colors_of(supply)]
        plain = [supply for supply in found if not colors_of(supply)]
        found = colored or (plain if word.color == "black" else [])
    names = {(supply.description, supply.colorant) for supply in found}
    return found if len(names) == 1 else []


def colors_of(supply: Supply) -> tuple[str, ...]:
    """Return the process colors that a supply's colorant and description name."""
    return colors_in(f"{supply.colorant or ''} {supply.description or ''}")


def _brother_flags(view: MibTables) -> Iterator[Word]:
    for (number, _), row in view.tables["brother_toner_low"].items():
        flag = number_of(row.get("brTonerLow"))
        if flag is not None and 1 <= number <= len(COLORS):
            seen = Evidence(object="brTonerLow", index=str(number), value=str(flag))
            yield Word(TONER, COLORS[number - 1], seen, code=_BROTHER_VERDICTS.get(flag))


def _brother_blocks(view: MibTables) -> Iterator[Word]:
    for key, value in _brother_records(view, "brInfoMaintenance"):
        percent = _percent(value)
        if key in _REMAINING and percent is not None:
            types, color = _REMAINING[key]
            seen = Evidence(object="brInfoMaintenance", index=key, value=value.hex())
            worn_out = SUPPLY_EMPTY if not any(value) and types is not TONER else None
            yield Word(types, color, seen, percent=percent, code=worn_out)
    for key, value in _brother_records(view, "brInfoNextCare"):
        pages = amount_of(int.from_bytes(value, "big")) if len(value) == _WIDE else None
        if key in _PAGES_LEFT and pages is not None:
            types, color = _PAGES_LEFT[key]
            seen = Evidence(object="brInfoNextCare", index=key, value=value.hex())
            yield Word(types, color, seen, pages_left=pages, code=SUPPLY_EMPTY if pages == 0 else None)


def pages_printed_of(view: MibTables) -> int | None:
    """Return the page counter of Brother's own block."""
    printed = brother_counts(view).get(_PAGES_PRINTED)
    return None if printed is None else count_of(printed)


def brother_counts(view: MibTables) -> dict[int, int]:
    """Return the page counters of Brother's own block by the id of their record."""
    return {
        int(key, 16): int.from_bytes(value, "big")
        for key, value in _brother_records(view, "brInfoCounter")
        if len(value) == _WIDE
    }


def _percent(value: bytes) -> int | None:
    """Return a percentage: hundredths of a percent in four octets, a fraction in two (older models)."""
    if len(value) == _WIDE and int.from_bytes(value, "big") <= _HUNDREDTHS:
        return round(int.from_bytes(value, "big") / 100)
    if len(value) == _PAIR and value[0] <= value[1] > 0:
        return round(100 * value[0] / value[1])
    return None


def _brother_records(view: MibTables, name: str) -> Iterator[tuple[str, bytes]]:
    """Yield id and value of each record of a block; all ones stand for a part that is not there."""
    row = view.tables["brother_maintenance"].get((0, 0), {})
    block, at = _octets(row.get(name)), 0
    while at + _RECORD_HEAD <= len(block):
        begin = at + _RECORD_HEAD
        value = block[begin : begin + block[at + 2]]
        if len(value) == block[at + 2] and value.strip(b"\xff"):
            yield block[at : at + 1].hex(), value
        at = begin + block[at + 2]


def _octets(value: VarbindValue | None) -> bytes:
    try:
        return bytes.fromhex(octets_of(value) or "")
    except ValueError:
        return b""


def _ricoh(view: MibTables) -> Iterator[Word]:
    for (number, _), row in view.tables["ricoh_toner"].items():
        name = (view.text(row.get("ricohEngTonerName")) or "").lower()
        level = number_of(row.get("ricohEngTonerLevel"))
        if level is None or "waste" in name:
            continue
        seen = Evidence(object="ricohEngTonerLevel", index=str(number), value=str(level))
        color = next(iter(colors_in(name)), "")
        if 0 <= level <= _FULL:
            yield Word(TONER, color, seen, percent=level)
        elif level == ALMOST_EMPTY:
            yield Word(TONER, color, seen, code=SUPPLY_LOW)
