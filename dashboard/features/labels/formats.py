"""The sheets of labels that are sold: how many, how large and where on the paper; measures in millimeters."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_INCH: Final = 25.4


@dataclass(frozen=True)
class Paper:
    """A size of paper."""

    name: str
    width: float
    height: float


A4: Final = Paper("A4", 210, 297)
LETTER: Final = Paper("Letter", 8.5 * _INCH, 11 * _INCH)


@dataclass(frozen=True)
class LabelFormat:
    """A sheet of labels. The first one is `left` and `top` from the corner, the next one a pitch further."""

    code: str
    """In the address."""
    name: str
    """As it stands on the packet, and what is alike."""
    paper: Paper
    columns: int
    rows: int
    width: float
    height: float
    left: float
    top: float
    pitch_x: float
    pitch_y: float
    is_cut: bool = False
    """Plain paper, to be cut along lines that are printed."""

    @property
    def per_sheet(self) -> int:
        """How many labels a sheet has."""
        return self.columns * self.rows

    def corner(self, position: int) -> tuple[float, float]:
        """Return where a label lies, from the left and from the top; 0 is the first one, row by row."""
        row, column = divmod(position, self.columns)
        return round(self.left + column * self.pitch_x, 3), round(self.top + row * self.pitch_y, 3)


def _a4(
    code: str, name: str, grid: tuple[int, int], size: tuple[float, float], gap: float = 0
) -> LabelFormat:
    """Return a sheet of A4 whose labels are centered, rows without a gap."""
    (columns, rows), (width, height) = grid, size
    left = (A4.width - columns * width - (columns - 1) * gap) / 2
    top = (A4.height - rows * height) / 2
    return LabelFormat(code, name, A4, columns, rows, width, height, left, top, width + gap, height)


def _letter(
    code: str, name: str, grid: tuple[int, int], size: tuple[float, float], pitch_x: float
) -> LabelFormat:
    """Return a sheet of Letter whose labels are centered, rows without a gap; sizes in inches."""
    (columns, rows), (width, height) = grid, size
    left = (8.5 - (columns - 1) * pitch_x - width) / 2 * _INCH
    top = (11 - rows * height) / 2 * _INCH
    millimeters = (width * _INCH, height * _INCH, left, top, pitch_x * _INCH, height * _INCH)
    return LabelFormat(code, name, LETTER, columns, rows, *millimeters)


_ALL: Final = (
    _a4("l7163", "Avery L7163", (2, 7), (99.1, 38.1), 2.5),
    _a4("l7160", "Avery L7160", (3, 7), (63.5, 38.1), 2.5),
    _a4("3474", "Avery 3474, Herma 4464", (3, 8), (70, 37)),
    _a4("3657", "Avery 3657, Herma 4461", (4, 10), (48.5, 25.4)),
    _a4("l7165", "Avery L7165", (2, 4), (99.1, 67.7), 2.5),
    _a4("l7167", "Avery L7167", (1, 1), (199.6, 289.1)),
    _letter("5160", "Avery 5160", (3, 10), (2.625, 1), 2.75),
    _letter("5163", "Avery 5163", (2, 5), (4, 2), 4.1875),
    _letter("5164", "Avery 5164", (2, 3), (4, 10 / 3), 4.1875),
    _letter("5165", "Avery 5165", (1, 1), (8.5, 11), 8.5),
    LabelFormat("cut-a4", "Plain paper", A4, 2, 6, 90, 45, 15, 13.5, 90, 45, is_cut=True),
    LabelFormat("cut-letter", "Plain paper", LETTER, 2, 5, 90, 45, 17.95, 27.2, 90, 45, is_cut=True),
)
FORMATS: Final[Mapping[str, LabelFormat]] = {each.code: each for each in _ALL}

_LETTER_REGIONS: Final = frozenset({"us", "ca", "mx", "ph", "cl", "co"})
"""Where Letter lies in the printers."""


def usual_format(languages: str) -> LabelFormat:
    """Return the format to begin with, by the header Accept-Language of who asks: `en-US,en;q=0.9`."""
    first = languages.split(",", maxsplit=1)[0].partition(";")[0].strip().lower()
    return FORMATS["5163" if first.rpartition("-")[2] in _LETTER_REGIONS else "l7163"]
