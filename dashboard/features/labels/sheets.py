"""Labels on their sheets: the codes, and where each label comes to lie. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlencode, urlsplit

import segno

from core.domain.addresses import is_loopback
from dashboard.features.labels.formats import LabelFormat

_QUIET_MODULES: Final = 4
"""White around a code, in its own modules (ISO/IEC 18004, 5.3.8)."""
_PADDING: Final = 2.5
"""Millimeters to the label's edge: sheets are never fed exactly."""
_UNPRINTABLE: Final = 5.0
"""Millimeters from the edge of the paper that many printers leave white."""
_CODE_SHARE: Final = 0.45
"""Of the width, at most, that the code takes; the words have the rest."""
_SMALLEST_TEXT: Final = 5.5
_LARGEST_TEXT: Final = 26.0
_TEXT_BY_HEIGHT: Final = 0.34
_NO_ADDRESS_BELOW: Final = 30.0


@dataclass(frozen=True)
class Labelled:
    """A printer that gets a label."""

    printer_id: str
    name: str
    location: str


@dataclass(frozen=True)
class Label:
    """A label: its words, its code as SVG, and where on the sheet it lies (millimeters)."""

    name: str
    location: str
    url: str
    code: str
    left: float
    top: float


@dataclass(frozen=True)
class Sheet:
    """A sheet; of the first one the positions `used` (left, top) are taken already."""

    labels: Sequence[Label]
    used: Sequence[tuple[float, float]]


@dataclass(frozen=True)
class LabelLook:
    """Measures of what stands on a label: millimeters, and points for its text."""

    padding_x: float
    padding_y: float
    code: float
    text: float
    with_address: bool


def look_of(chosen: LabelFormat) -> LabelLook:
    """Return the measures of a format: a code as large as fits, nothing where printers may not print."""
    right = chosen.paper.width - chosen.left - (chosen.columns - 1) * chosen.pitch_x - chosen.width
    bottom = chosen.paper.height - chosen.top - (chosen.rows - 1) * chosen.pitch_y - chosen.height
    padding_x = max(_PADDING, _UNPRINTABLE - min(chosen.left, right))
    padding_y = max(_PADDING, _UNPRINTABLE - min(chosen.top, bottom))
    code = min(chosen.height - 2 * padding_y, _CODE_SHARE * chosen.width)
    text = min(max(_TEXT_BY_HEIGHT * code, _SMALLEST_TEXT), _LARGEST_TEXT)
    return LabelLook(padding_x, padding_y, round(code, 2), round(text, 1), chosen.height >= _NO_ADDRESS_BELOW)


def sheets(printers: Sequence[Labelled], base: str, chosen: LabelFormat, start: int) -> list[Sheet]:
    """Return the sheets for these printers; the first one begins at position `start`, from 1 on."""
    positions = range(start - 1, start - 1 + len(printers))
    labels = [
        _label(printer, base, *chosen.corner(position % chosen.per_sheet))
        for printer, position in zip(printers, positions, strict=True)
    ]
    first, each = chosen.per_sheet - (start - 1), chosen.per_sheet
    parts = [labels[:first], *(labels[at : at + each] for at in range(first, len(labels), each))]
    used = [chosen.corner(position) for position in range(start - 1)]
    return [Sheet(part, used if place == 0 else ()) for place, part in enumerate(parts)]


def labels_path(printer_ids: Sequence[str]) -> str:
    """Return where the labels of these printers are, or those of all."""
    return f"/labels?{urlencode([('printer', each) for each in printer_ids])}" if printer_ids else "/labels"


def report_url(base: str, printer_id: str) -> str:
    """Return where the code of a label leads."""
    return f"{base.strip().rstrip('/')}/report?printer={quote(printer_id, safe='')}"


def leads_nowhere(base: str) -> bool:
    """Return whether a phone that reads the code could not get there: it leads to this machine alone."""
    host = urlsplit(base.strip()).hostname or ""
    return not host or is_loopback(host) or host in ("0.0.0.0", "::")  # noqa: S104 (as nobody may set it)


def _label(printer: Labelled, base: str, left: float, top: float) -> Label:
    url = report_url(base, printer.printer_id)
    # Error correction "m": a label is scratched and greasy sooner or later.
    made = segno.make(url, error="m", micro=False)
    code = made.svg_inline(scale=4, border=_QUIET_MODULES, omitsize=True)
    return Label(printer.name or printer.printer_id, printer.location, url, code, left, top)
