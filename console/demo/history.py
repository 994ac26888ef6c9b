"""Ninety days of a simulated printer, told backwards from what it is today, so that both agree. Pure."""

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from random import Random
from typing import Final

from core.contract.messages import HistoryPoint, HistorySupply, State
from simulator.life import MEAN_JOB_PAGES, OFFICE_HOURS
from simulator.plan import PlannedPrinter
from simulator.report import supply_level
from simulator.shape import Shape, SimulatedSupply
from simulator.stock import Stock, share_of_page

DAYS: Final = 90
_GRAINS: Final = ((7, 1), (30, 3), (DAYS, 6))
"""Up to how many days ago a point stands for how many hours."""
_FIRST_OFFICE_HOUR: Final = 7
_SATURDAY: Final = 5
_WEEKEND: Final = 0.07
_NIGHT: Final = 0.01
_OUTAGE_CHANCE: Final = 0.0015
_STOPPED_CHANCE: Final = 0.008
_EARLY_CHANCE: Final = 0.1
"""How often a cartridge is replaced that could have printed for long."""
_BUSY: Final = 0.5
_PACE: Final = 0.5
"""The past was calmer than the demo is: about 250 pages a working day and printer."""
_LONG_PAST_OUTAGE: Final = (timedelta(days=13, hours=4), timedelta(days=13))
_OUTAGE_BUILDING: Final = "sci-"
"""One building's network was down for some hours: what a manager would look for in the charts."""


def moments(now: datetime) -> Iterator[tuple[datetime, int]]:
    """Yield the times of points, newest first, and how many hours each stands for: coarser with age."""
    at = now.replace(minute=0, second=0, microsecond=0)
    while at > now - timedelta(days=DAYS):
        hours = next(hours for days, hours in _GRAINS if at > now - timedelta(days=days))
        yield at, hours
        at -= timedelta(hours=hours)


def past(printer: PlannedPrinter, stock: Stock, now: datetime, zone: tzinfo | None) -> list[HistoryPoint]:
    """Return the points that lead to this stock, oldest first."""
    random = Random(printer.seed + 1)  # noqa: S311 (a past that is made up, not a secret)
    shape = printer.shape
    pages, left = stock.pages, list(stock.left)
    points = []
    for at, hours in moments(now):
        busy = _activity(at, hours, zone)
        state = _state(printer.printer_id, now - at, busy, random)
        points.append(_point(printer, at, state, pages, left))
        printed = _printed(printer.jobs_per_hour * _PACE * MEAN_JOB_PAGES * busy * hours, random)
        printed = 0 if state == "unreachable" else min(printed, pages)
        pages -= printed
        left = [
            _earlier(share, printed * share_of_page(supply), random)
            for share, supply in zip(left, shape.supplies, strict=True)
        ]
    return points[::-1]


def _earlier(share: float, used: float, random: Random) -> float:
    """Return the share before so much was used; above full it was replaced in between."""
    share += used
    if share <= 1.0:
        return share
    return random.uniform(0.15, 0.5) if random.random() < _EARLY_CHANCE else random.uniform(0.01, 0.08)


def _printed(expected: float, random: Random) -> int:
    spread = math.sqrt(expected * MEAN_JOB_PAGES)
    return max(0, round(random.gauss(expected, spread)))


def _activity(at: datetime, hours: int, zone: tzinfo | None) -> float:
    """Return how busy the office was in the hours before, 0 to 1."""
    return sum(hour_activity((at - timedelta(hours=ago)).astimezone(zone)) for ago in range(hours)) / hours


def hour_activity(local: datetime) -> float:
    """Return how busy the office is in an hour, 0 to 1."""
    hour = local.hour - _FIRST_OFFICE_HOUR
    if not 0 <= hour < len(OFFICE_HOURS):
        return _NIGHT
    return OFFICE_HOURS[hour] * (_WEEKEND if local.weekday() >= _SATURDAY else 1.0)


def _state(printer_id: str, age: timedelta, busy: float, random: Random) -> State:
    chance = random.random()
    began, ended = _LONG_PAST_OUTAGE
    if chance < _OUTAGE_CHANCE or (printer_id.startswith(_OUTAGE_BUILDING) and began >= age > ended):
        return "unreachable"
    if chance < _OUTAGE_CHANCE + _STOPPED_CHANCE:
        return "stopped"
    if busy < _BUSY / 5:
        return "asleep"
    return "printing" if random.random() < busy * _BUSY / 3 else "idle"


def _point(
    printer: PlannedPrinter, at: datetime, state: State, pages: int, left: Sequence[float]
) -> HistoryPoint:
    reachable = state != "unreachable"
    return HistoryPoint.model_construct(
        printer_id=printer.printer_id,
        taken_at=at,
        reachable=reachable,
        state=state,
        marker_life_count=pages if reachable else None,
        supplies=_supplies(printer.shape, left) if reachable else {},
    )


def _supplies(shape: Shape, left: Sequence[float]) -> Mapping[str, HistorySupply]:
    return {
        f"{shape.device}.{supply.row}": _supply(supply, supply_level(shape, supply, share))
        for supply, share in zip(shape.supplies, left, strict=True)
    }


def _supply(supply: SimulatedSupply, level: int) -> HistorySupply:
    measured = level >= 0 and supply.max_capacity > 0
    percent = min(100, round(100 * level / supply.max_capacity)) if measured else None
    return HistorySupply.model_construct(level=level, percent=percent)
