"""When printers run out of paper: by weekday and hour, so that somebody can fill them before. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

from core.domain.units import weekday_name
from dashboard.features.stoppages.stoppages import Stoppage

DAYS: Final = tuple(range(7))
HOURS: Final = tuple(range(24))
_WINDOW: Final = 3
"""Hours that somebody who fills trays can plan with."""
_FEWEST: Final = 3
"""Fewer times have no usual one."""


@dataclass(frozen=True, slots=True)
class EmptyPrinter:
    """A printer that ran out of paper in a period."""

    printer_id: str
    times: int
    hours: float
    """How long it had none in all."""
    usual_hours: str
    """`10:00 to 13:00 (6 of 9)`: the three hours in which it begins at least half the time; else empty."""
    usual_day: str
    """`Mon (5 of 9)`, likewise."""


def by_hour(outs: Iterable[Stoppage], zone: tzinfo) -> Mapping[tuple[int, int], int]:
    """Return how often paper ran out by weekday (Monday is 0) and hour of a time zone."""
    return Counter((at.weekday(), at.hour) for at in (each.began_at.astimezone(zone) for each in outs))


def empty_printers(outs: Iterable[Stoppage], zone: tzinfo, now: datetime) -> list[EmptyPrinter]:
    """Return the printers that ran out of paper, most often first."""
    found: dict[str, list[Stoppage]] = defaultdict(list)
    for each in outs:
        found[each.printer_id].append(each)
    printers = (_empty_printer(printer_id, own, zone, now) for printer_id, own in found.items())
    return sorted(printers, key=lambda each: (-each.times, -each.hours, each.printer_id))


def _empty_printer(printer_id: str, own: Sequence[Stoppage], zone: tzinfo, now: datetime) -> EmptyPrinter:
    began = [each.began_at.astimezone(zone) for each in own]
    hours = sum(each.seconds(now) for each in own) / 3600
    return EmptyPrinter(printer_id, len(own), hours, _usual_hours(began), _usual_day(began))


def _usual_hours(began: Sequence[datetime]) -> str:
    """Return the hours of a day in which most of these lie, and how many do; the earliest of several."""
    hours = Counter(at.hour for at in began)
    many, first = max(
        (sum(hours[hour] for hour in range(start, start + _WINDOW)), -start) for start in HOURS[: 1 - _WINDOW]
    )
    return _usual(f"{-first:02d}:00 to {_WINDOW - first:02d}:00", many, len(began))


def _usual_day(began: Sequence[datetime]) -> str:
    days = Counter(at.weekday() for at in began)
    many, first = max((days[day], -day) for day in DAYS)
    return _usual(weekday_name(-first), many, len(began))


def _usual(words: str, many: int, times: int) -> str:
    return f"{words} ({many} of {times})" if times >= _FEWEST and 2 * many >= times else ""
