"""The flags that a demo's past has seen: jams, open covers, full output, empty trays, by what it printed.

One printer of the fleet is failing: for some weeks it has jammed again and again.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Final

from sqlalchemy import Connection, insert

from console.demo.history import hour_activity
from core.contract.messages import HistoryPoint, Severity
from core.domain.conditions import DOOR_OPEN, JAM, NO_PAPER, OUTPUT_FULL, fixer_of, of_part, sentence
from core.storage.core_tables import ATTENTION
from core.storage.tables import AttentionRow
from simulator.life import JAM_EVERY_PAGES
from simulator.plan import PlannedPrinter

_CALMER: Final = 4
"""The past was calmer than the demo is: a jam after so many times the pages."""
_EVERY_PAGES: Final[Mapping[str, int]] = {DOOR_OPEN: 9_000, OUTPUT_FULL: 11_000, NO_PAPER: 3_000}
_TRIES: Final = 20
_MINUTES: Final[Mapping[str, tuple[float, float]]] = {
    JAM: (4, 35),
    DOOR_OPEN: (3, 20),
    OUTPUT_FULL: (5, 25),
    NO_PAPER: (8, 90),
}
_WORN_FOR: Final = timedelta(days=35)
"""How long ago it began to jam so often; before, it did as others do."""


def past_flags(
    printer: PlannedPrinter, points: Sequence[HistoryPoint], now: datetime
) -> Iterator[AttentionRow]:
    """Yield the flags that a printer with these points has had; all of them are over."""
    random = Random(printer.seed + 2)  # noqa: S311 (a past that is made up, not a secret)
    counts = [(point.taken_at, point.marker_life_count) for point in points]
    known = [(at, count) for at, count in counts if count is not None]
    for (before, count_before), (after, count) in pairwise(known):
        every = {JAM: _jam_every(printer, now - after), **_EVERY_PAGES}
        for code, pages in every.items():
            if random.random() < (count - count_before) / pages:
                flags = list(_lives(printer, code, _busy_moment(before, after, random), random))
                yield from (flag for flag in flags if flag.cleared_at and flag.cleared_at < now)


def write_flags(connection: Connection, flags: Iterator[AttentionRow]) -> None:
    """Store them as they would have been found."""
    rows = [flag.model_dump(exclude={"id"}) for flag in flags]
    if rows:
        connection.execute(insert(ATTENTION), rows)


def _jam_every(printer: PlannedPrinter, age: timedelta) -> int:
    return _CALMER * (printer.jam_every_pages if age < _WORN_FOR else JAM_EVERY_PAGES)


def _busy_moment(before: datetime, after: datetime, random: Random) -> datetime:
    """Return a moment between two, when the office is busy if that is ever so."""
    for _ in range(_TRIES):
        at = before + random.random() * (after - before)
        if random.random() < hour_activity(at):
            break
    return at


def _lives(printer: PlannedPrinter, code: str, began: datetime, random: Random) -> Iterator[AttentionRow]:
    """Yield a flag; of a jam also that of the cover that somebody opened to clear it."""
    shape = printer.shape
    trays = [(f"{shape.device}.{tray.row}", tray.name) for tray in shape.trays]
    covers = [(f"{shape.device}.{row}", name) for row, name in shape.covers.items()]
    minutes = timedelta(minutes=1) * random.uniform(*_MINUTES[code])
    if code == DOOR_OPEN:
        if covers:
            yield _flag(printer, code, random.choice(covers), began, minutes)
        return
    parts = trays if code in (JAM, NO_PAPER) and trays else [("", "")]
    yield _flag(printer, code, random.choice(parts), began, minutes)
    if code == JAM and covers:
        yield _flag(printer, DOOR_OPEN, random.choice(covers), began + minutes / 2, minutes / 2)


def _flag(
    printer: PlannedPrinter, code: str, part: tuple[str, str], began: datetime, lasted: timedelta
) -> AttentionRow:
    subject, name = part
    parameters, severity = of_part(name), _SEVERITIES.get(code, "critical")
    return AttentionRow(
        printer_id=printer.printer_id,
        code=code,
        subject=subject,
        severity=severity,
        message=sentence(code, parameters),
        parameters=parameters,
        fixer=fixer_of(code),
        since_at=began,
        cleared_at=began + lasted,
        evidence=[],
    )


_SEVERITIES: Final[Mapping[str, Severity]] = {NO_PAPER: "warning"}
"""One of several trays is empty."""
