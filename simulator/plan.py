"""Plan the printers of a college, from a number and a seed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Final

from simulator.life import JAM_EVERY_PAGES
from simulator.shape import Shape, load_shapes

_BUILDINGS: Final = (
    ("lib", "Library", 4, "1200 Library"),
    ("sci", "Science Center", 5, "3100 Sciences"),
    ("art", "Arts Building", 3, "3400 Arts"),
    ("eng", "Engineering Hall", 4, "3100 Sciences"),
    ("uni", "Student Union", 2, "1500 Student services"),
    ("adm", "Admissions House", 3, "1500 Student services"),
    ("mus", "Music School", 2, "3400 Arts"),
    ("law", "Law School", 4, "3700 Law"),
    ("gym", "Sports Center", 1, "1500 Student services"),
    ("map", "Maple Hall", 5, ""),
)
"""Code, name, floors, and who pays for what is printed there."""
_ROOMS: Final = (
    "reading room",
    "copy room",
    "front desk",
    "computer lab",
    "staff room",
    "corridor",
    "office",
    "seminar room",
    "workshop",
    "mail room",
)
# What is going on when a fleet begins, for so many printers of every forty; the others are well.
_BEGINNINGS: Final[tuple[tuple[str, ...], ...]] = (
    ("jam",),
    ("toner_low",),
    ("network_lost",),
    ("no_paper",),
    ("asleep",),
    ("toner_empty",),
    ("cover_open", "tray_low"),
    ("toner_nearly_low",),
    ("waste_nearly_full",),
    ("asleep",),
    ("tray_empty",),
    ("jam", "toner_low"),
    ("tray_missing",),
    ("asleep",),
    ("drum_low",),
    ("output_full",),
    ("toner_nearly_low",),
    ("asleep", "toner_low"),
)
_ROUNDS: Final = ((200, 1095), (760, 1095), (1045, 1095), (1500, 1095), (2700, 1095))
"""Days ago that the college has bought printers, the newest first, and how long their warranty lasts."""
_LEASES: Final = (("Ricoh lease 4711", 410), ("Copy Center contract C-2093", 33), ("Ricoh lease 3980", -20))
"""Contracts, and in how many days they end."""
_ROUND: Final = 40
_JAM: Final = "jam"
_WORN: Final = 8
"""Times as often as the others."""
_WORN_JOBS: Final = 12.0
"""An hour, at least: one that prints nothing proves nothing."""


@dataclass(frozen=True)
class PlannedAsset:
    """What the college's list of equipment says of a printer, in days before (or after) the fleet begins."""

    tag: str
    used_days: int
    """For how long it is in use;"""
    warranty_days: int
    """and how long its warranty still lasts; negative: since when it has ended."""
    contract: str = ""
    """Empty: bought, without a service contract."""
    contract_days: int = 0

    def columns(self, today: date) -> dict[str, str]:
        """Return the columns of an inventory that say so."""
        until = today + timedelta(days=self.contract_days)
        return {
            "asset_tag": self.tag,
            "in_use_since": (today - timedelta(days=self.used_days)).isoformat(),
            "warranty_until": (today + timedelta(days=self.warranty_days)).isoformat(),
            "contract": self.contract,
            "contract_until": until.isoformat() if self.contract else "",
        }


@dataclass(frozen=True)
class PlannedPrinter:
    """A printer of the fleet, before it lives."""

    printer_id: str
    name: str
    location: str
    cost_center: str
    asset: PlannedAsset
    shape: Shape
    serial: str
    seed: int
    jobs_per_hour: float
    base_uptime: int
    """sysUpTime when the simulation begins."""
    beginning: tuple[str, ...]
    is_worn: bool = False
    """It jams again and again: there is one in every fleet."""

    @property
    def jam_every_pages(self) -> int:
        """After how many pages it jams, on average."""
        return JAM_EVERY_PAGES // _WORN if self.is_worn else JAM_EVERY_PAGES


def plan_fleet(printers: int, seed: int) -> list[PlannedPrinter]:
    """Return so many printers of a college; the same number and seed give the same fleet."""
    random = Random(seed)
    shapes = _shapes(printers, random)
    beginnings = _beginnings(printers, random)
    places = _places(printers, random)
    worn = next((at for at, beginning in enumerate(beginnings) if _JAM in beginning), None)
    return [
        PlannedPrinter(
            printer_id=printer_id,
            name=name,
            location=location,
            cost_center=cost_center,
            asset=_asset(at, is_worn=at == worn),
            shape=shape,
            serial=_serial(shape.serial, random),
            seed=random.randrange(2**32),
            jobs_per_hour=max(_jobs_per_hour(beginning, random), _WORN_JOBS if at == worn else 0.0),
            base_uptime=random.randrange(40 * 86_400 * 100),
            beginning=beginning,
            is_worn=at == worn,
        )
        for at, ((printer_id, name, location, cost_center), shape, beginning) in enumerate(
            zip(places, shapes, beginnings, strict=True)
        )
    ]


def _shapes(printers: int, random: Random) -> list[Shape]:
    """Return a shape for each printer: every shape once before any comes again as often as its share says."""
    known = list(load_shapes().values())
    random.shuffle(known)
    pool = [shape for shape in known for _ in range(shape.manner.share)]
    return [*known[:printers], *(random.choice(pool) for _ in range(printers - len(known)))]


def _beginnings(printers: int, random: Random) -> list[tuple[str, ...]]:
    found = [_BEGINNINGS[at % _ROUND] if at % _ROUND < len(_BEGINNINGS) else () for at in range(printers)]
    random.shuffle(found)
    return found


def _places(printers: int, random: Random) -> Iterator[tuple[str, str, str, str]]:
    taken: set[str] = set()
    for at in range(printers):
        code, building, floors, payer = _BUILDINGS[at % len(_BUILDINGS)]
        floor, room = random.randint(1, floors), random.choice(_ROOMS)
        number = random.randint(1, 40)
        while f"{code}-{floor}{number:02d}" in taken:
            number += 1
        printer_id = f"{code}-{floor}{number:02d}"
        taken.add(printer_id)
        yield printer_id, f"{building} {floor}{number:02d}", f"{building}, floor {floor}, {room}", payer


def _asset(at: int, *, is_worn: bool) -> PlannedAsset:
    """Return what is known of the printer: bought in rounds, every fourth of them leased."""
    bought, warranty = _ROUNDS[-1 if is_worn else at // 3 % len(_ROUNDS)]
    lease, ends = _LEASES[at // 4 % len(_LEASES)] if at % 4 == 1 and not is_worn else ("", 0)
    return PlannedAsset(f"A-{1042 + 7 * at:05d}", bought, warranty - bought, lease, ends)


def _jobs_per_hour(beginning: tuple[str, ...], random: Random) -> float:
    """Return the jobs per hour: a few printers do most of the work, one that sleeps at first little."""
    if "asleep" in beginning:
        return round(random.uniform(0.5, 1.5), 1)
    return round(min(60.0, 1 + random.lognormvariate(2.2, 0.9)), 1)


def _serial(pattern: str, random: Random) -> str:
    """Return a serial number of the same form as the recorded one."""
    return re.sub(r"\d", lambda _digit: str(random.randrange(10)), pattern)
