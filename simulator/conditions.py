"""Conditions of a simulated printer, as the Printer MIB reports them: bit, group, code, who can fix it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from simulator.life import Life

_COVER, _INPUT, _OUTPUT, _SUPPLIES, _MEDIA_PATH = 6, 8, 9, 11, 13  # prtAlertGroup
_UNTRAINED, _TRAINED = 3, 4  # prtAlertTrainingLevel


@dataclass(frozen=True)
class Kind:
    """One kind of condition in the MIB's numbers; a special code may depend on the kind of supply."""

    group: int
    code: int
    special: Mapping[str, int]
    bit: int | None
    training: int = _UNTRAINED


KINDS: Final[Mapping[str, Kind]] = {
    "jam": Kind(_MEDIA_PATH, 8, {}, 5),
    "cover_open": Kind(_COVER, 3, {}, 4),
    "tray_empty": Kind(_INPUT, 13, {"": 808}, 13),
    "tray_low": Kind(_INPUT, 12, {"": 807}, 0),
    "tray_missing": Kind(_INPUT, 9, {"": 801}, 8),
    "supply_low": Kind(_SUPPLIES, 12, {"toner": 1104, "ink": 1105, "drum": 1111}, 2, _TRAINED),
    "supply_empty": Kind(_SUPPLIES, 13, {"toner": 1101, "ink": 1102}, 3, _TRAINED),
    "waste_nearly_full": Kind(_SUPPLIES, 14, {"waste_toner": 1107, "waste_ink": 1108}, None, _TRAINED),
    "waste_full": Kind(_SUPPLIES, 15, {"waste_toner": 1109, "waste_ink": 1110}, 7, _TRAINED),
    "output_full": Kind(_OUTPUT, 15, {"": 903}, 12),
}
NO_PAPER_BIT: Final = 1
_BLOCKING: Final = frozenset({"jam", "cover_open", "supply_empty", "waste_full", "output_full"})


class SimulatedCondition(NamedTuple):
    """One thing that is wrong: `row` is the tray's, cover's or supply's own, `part` its name."""

    kind: str
    row: int
    part: str
    critical: bool
    bit: int | None
    code: int


def conditions(life: Life) -> tuple[SimulatedCondition, ...]:
    """Return all conditions, what stops the printer first."""
    return tuple(sorted(_found(life), key=lambda one: not one.critical))


def _found(life: Life) -> Iterator[SimulatedCondition]:
    shape = life.shape
    if life.jam is not None:
        name = shape.trays[life.jam].name if shape.trays else ""
        yield _condition(life, "jam", 1, name)
    if life.open_cover is not None:
        row = tuple(shape.covers)[life.open_cover]
        yield _condition(life, "cover_open", row, shape.covers[row])
    if life.output_full:
        row = min(shape.output_trays, default=1)
        name, _ = shape.output_trays.get(row, ("", 0))
        yield _condition(life, "output_full", row, name)
    yield from _trays(life)
    yield from _supplies(life)


def _trays(life: Life) -> Iterator[SimulatedCondition]:
    for at, (tray, sheets) in enumerate(zip(life.shape.trays, life.stock.sheets, strict=True)):
        if at == life.stock.missing_tray:
            yield _condition(life, "tray_missing", tray.row, tray.name)
        elif sheets <= 0:
            empty = _condition(life, "tray_empty", tray.row, tray.name)
            yield empty._replace(critical=True, bit=NO_PAPER_BIT) if life.stock.out_of_paper else empty
        elif life.stock.is_low_tray(at):
            yield _condition(life, "tray_low", tray.row, tray.name)


def _supplies(life: Life) -> Iterator[SimulatedCondition]:
    low = life.shape.manner.low_percent / 100
    for at, (supply, left) in enumerate(zip(life.shape.supplies, life.stock.left, strict=True)):
        if supply.kind == "wear" or left > low:
            continue
        full = life.stock.is_empty(at)
        if supply.is_waste:
            yield _condition(
                life, "waste_full" if full else "waste_nearly_full", supply.row, supply.name, supply.kind
            )
        else:
            found = _condition(
                life, "supply_empty" if full else "supply_low", supply.row, supply.name, supply.kind
            )
            yield found._replace(bit=None) if supply.kind == "drum" else found


def _condition(life: Life, kind: str, row: int, part: str, supply_kind: str = "") -> SimulatedCondition:
    facts = KINDS[kind]
    code = facts.code if life.shape.manner.general_codes else facts.special.get(supply_kind, facts.code)
    return SimulatedCondition(kind, row, part, kind in _BLOCKING, facts.bit, code)
