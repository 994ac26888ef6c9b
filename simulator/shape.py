"""Read from a recording the parts of its printer, and how each part reports."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Literal

from core.contract import ber
from core.contract.mib_names import OID
from core.contract.printer_mib import HR_DEVICE_PRINTER
from simulator.counting import Counting, counting_of
from simulator.manner import Manner, load_manners
from simulator.recording import Arcs, arcs_of, content_of, read_recording

SHAPES: Final = Path(__file__).parent / "shapes"

SupplyKind = Literal["toner", "ink", "drum", "wear", "waste_toner", "waste_ink"]
_KINDS: Final[Mapping[int, SupplyKind]] = {
    3: "toner", 21: "toner", 5: "ink", 6: "ink", 9: "drum", 4: "waste_toner", 8: "waste_ink",
}  # fmt: skip
_YIELDS: Final[Mapping[SupplyKind, int]] = {
    "toner": 9_000, "ink": 5_000, "drum": 40_000, "wear": 120_000, "waste_toner": 35_000, "waste_ink": 30_000,
}  # fmt: skip
_IMPRESSIONS: Final = 7
_MANUAL: Final = 5


@dataclass(frozen=True)
class SimulatedSupply:
    """A row of prtMarkerSuppliesTable; `level` and `max_capacity` as recorded say how it reports."""

    row: int
    kind: SupplyKind
    name: str
    level: int
    max_capacity: int
    pages: int
    """How many pages use it up (fill it up)."""
    colorant: str
    """As its printer calls it; "" where it has none."""

    @property
    def is_waste(self) -> bool:
        return self.kind in ("waste_toner", "waste_ink")

    @property
    def black(self) -> bool:
        return self.colorant in ("black", "Schwarz")


@dataclass(frozen=True)
class TrayPart:
    """A row of prtInputTable that paper is drawn from."""

    row: int
    name: str
    capacity: int
    level: int


@dataclass(frozen=True)
class Shape:
    """A recording, its manner, and its parts."""

    name: str
    values: Mapping[Arcs, bytes]
    manner: Manner
    device: int
    model: str
    serial: str
    supplies: tuple[SimulatedSupply, ...]
    trays: tuple[TrayPart, ...]
    covers: Mapping[int, str]
    cover_closed: int
    console_rows: tuple[int, ...]
    output_trays: Mapping[int, tuple[str, int]]
    """By row of prtOutputTable: the name, and the room as recorded while there is some."""
    counting: Counting


class Rows:
    """The values of a recording, asked by object name and row."""

    def __init__(self, values: Mapping[Arcs, bytes]) -> None:
        self._values = values

    def of(self, name: str, *before: int) -> dict[int, bytes]:
        """Return a column: last arc of the index to content octets."""
        column = (*arcs_of(OID[name]), *before)
        size = len(column)
        return {
            arcs[-1]: content_of(value)
            for arcs, value in self._values.items()
            if len(arcs) == size + 1 and arcs[:size] == column
        }

    def numbers(self, name: str, *before: int) -> dict[int, int]:
        """Return a column of INTEGERs."""
        return {row: ber.decode_integer(content) for row, content in self.of(name, *before).items()}


@cache
def load_shapes() -> Mapping[str, Shape]:
    """Return every shape of this package by its name."""
    manners = load_manners()
    paths = sorted(SHAPES.glob("*.snmprec"))
    return {path.stem: make_shape(path.stem, read_recording(path), manners[path.stem]) for path in paths}


def make_shape(name: str, values: Mapping[Arcs, bytes], manner: Manner) -> Shape:
    """Find the parts in a recording."""
    rows = Rows(values)
    printer = ber.encode_arcs(arcs_of(HR_DEVICE_PRINTER))
    device = next(row for row, kind in rows.of("hrDeviceType").items() if kind == printer)
    covers = rows.of("prtCoverDescription", device)
    return Shape(
        name=name,
        values=values,
        manner=manner,
        device=device,
        model=_text(rows.of("hrDeviceDescr")[device], manner),
        serial=_text(rows.of("prtGeneralSerialNumber").get(device, b""), manner),
        supplies=_supplies(rows, device, manner),
        trays=_trays(rows, device, manner),
        covers={row: _text(content, manner) for row, content in covers.items()},
        cover_closed=next(iter(rows.numbers("prtCoverStatus", device).values()), 4),
        console_rows=tuple(rows.of("prtConsoleDisplayBufferText", device)),
        output_trays=_output_trays(rows, device, manner),
        counting=counting_of(values, next(iter(rows.numbers("prtMarkerLifeCount", device).values()), 0)),
    )


def _text(content: bytes, manner: Manner) -> str:
    return content.decode(manner.encoding, "replace").rstrip("\0")


def _supplies(rows: Rows, device: int, manner: Manner) -> tuple[SimulatedSupply, ...]:
    def column(name: str) -> dict[int, int]:
        return rows.numbers(f"prtMarkerSupplies{name}", device)

    types, units, colorants = column("Type"), column("SupplyUnit"), column("ColorantIndex")
    levels, capacities = column("Level"), column("MaxCapacity")
    colors = {row: _text(name, manner) for row, name in rows.of("prtMarkerColorantValue", device).items()}
    names = rows.of("prtMarkerSuppliesDescription", device)
    parts = []
    for row, number in types.items():
        kind = _KINDS.get(number, "wear")
        own_yield = capacities[row] if units[row] == _IMPRESSIONS and capacities[row] > 0 else 0
        parts.append(
            SimulatedSupply(
                row=row,
                kind=kind,
                name=_text(names[row], manner),
                level=levels[row],
                max_capacity=capacities[row],
                pages=own_yield or _YIELDS[kind],
                colorant=colors.get(colorants[row], ""),
            )
        )
    return tuple(parts)


def _output_trays(rows: Rows, device: int, manner: Manner) -> dict[int, tuple[str, int]]:
    names = rows.of("prtOutputName", device)
    room = rows.numbers("prtOutputRemainingCapacity", device)
    return {row: (_text(names.get(row, b""), manner), left) for row, left in room.items()}


def _trays(rows: Rows, device: int, manner: Manner) -> tuple[TrayPart, ...]:
    def column(name: str) -> dict[int, int]:
        return rows.numbers(f"prtInput{name}", device)

    types, levels = column("Type"), column("CurrentLevel")
    names = {row: _text(name, manner) for row, name in rows.of("prtInputName", device).items()}
    # Manual feeds and trays that were recorded empty are not what a printer draws its paper from.
    return tuple(
        TrayPart(row, names.get(row, f"Tray {row}"), capacity, levels[row])
        for row, capacity in column("MaxCapacity").items()
        if capacity > 1 and types[row] != _MANUAL and levels[row] != 0
    )
