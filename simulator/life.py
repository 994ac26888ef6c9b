"""The life of one printer, as events in its own time: pages, toner, paper, jams, sleep. Pure and seeded.

Nothing here knows SNMP: simulator/report.py says how a vendor tells what is going on. Time is in
seconds of the printer's own day; a simulated day has twelve hours, from 7 to 19: nobody watches the night.
"""

import heapq
from collections.abc import Callable, Mapping
from random import Random
from typing import Any, Final, Literal

from simulator.shape import Shape
from simulator.stock import LOW, Stock

Mode = Literal["idle", "printing", "asleep", "warming_up"]

MINUTE: Final = 60.0
HOUR: Final = 3600.0
DAY: Final = 12 * HOUR
MORNING: Final = 2.5 * HOUR  # half past nine: a fleet begins when its office is busy

MEAN_JOB_PAGES: Final = 7.5
_PAGES_OF_A_PAST: Final = 6_000  # per job an hour: more than ninety days print
JAM_EVERY_PAGES: Final = 1_500
_MISHAP_EVERY: Final = 14 * HOUR
_SLEEP_AFTER: Final = 20 * MINUTE
_PREPARE_SECONDS: Final = 20.0
_MAX_WAITING: Final = 300
# Share of the busiest hour's jobs, from 7 o'clock on.
OFFICE_HOURS: Final = (0.15, 0.6, 0.9, 1.0, 1.0, 0.6, 0.8, 1.0, 0.9, 0.6, 0.3, 0.15)
_EVERYDAY: Final = ("cover_open", "network_lost", "power_cut", "output_full", "tray_missing", "cover_open")


def activity(now: float) -> float:
    """Return how busy the office is, 0 to 1."""
    return OFFICE_HOURS[int((now + MORNING) % DAY // HOUR)]


class Life:
    """A printer with its parts. `advance` runs it; whoever looks reads the attributes."""

    def __init__(
        self, shape: Shape, seed: int, jobs_per_hour: float, jam_every_pages: int = JAM_EVERY_PAGES
    ) -> None:
        self.shape = shape
        self.jobs_per_hour = jobs_per_hour
        self.jam_every_pages = jam_every_pages
        self.random = Random(seed)
        self.now = 0.0
        self.booted_at = 0.0
        self.boots = 0
        pages = int(jobs_per_hour * _PAGES_OF_A_PAST) + self.random.randint(4_000, 150_000)
        self.stock = Stock(shape, self.random, pages)
        self.mode: Mode = "idle"
        self.gone = False
        self.jam: int | None = None
        """The tray whose paper is stuck, by its place in the shape's list; open_cover likewise."""
        self.open_cover: int | None = None
        self.output_full = False
        self.changes = 0
        """Rises whenever something that could be seen has changed."""
        self._waiting = 0
        self._job = 0
        self._busy_at = 0.0
        self._awaited: set[tuple[str, int]] = set()
        self._due: list[tuple[float, int, str, int]] = []
        self._count = 0
        self._later(self.random.expovariate(1.0) * HOUR / jobs_per_hour, "job")
        self._later(self.random.expovariate(1.0) * _MISHAP_EVERY, "mishap")
        self._later(_SLEEP_AFTER, "doze")

    def advance(self, now: float) -> None:
        """Live until `now`; in how many steps makes no difference."""
        while self._due and self._due[0][0] <= now:
            self.now, _, event, what = heapq.heappop(self._due)
            self._awaited.discard((event, what))
            _EVENTS[event](self, what)
            self.changes += 1
        self.now = max(self.now, now)

    def remember(self, memory: Mapping[str, Any]) -> None:
        """Go on with the counter and the levels of an earlier run (Stock.memory)."""
        self.stock.remember(memory)
        self.notice()

    @property
    def stopped(self) -> bool:
        """Whether it cannot print until somebody comes."""
        return (
            self.jam is not None
            or self.open_cover is not None
            or self.output_full
            or self.stock.out_of_paper
            or self.stock.used_up
        )

    def halt(self) -> None:
        """Stop in the middle of a job, which is printed again afterwards."""
        if self.mode != "idle":
            self.mode = "idle"
            self._busy_at = self.now

    def notice(self) -> None:
        """Let somebody notice what runs out, and come after a while; sooner when nothing prints any more."""
        stock = self.stock
        for at, sheets in enumerate(stock.sheets):
            if sheets <= 0:
                self._await(self._minutes(5, 30), "refill", at)
            elif stock.is_low_tray(at):
                self._await(self._minutes(30, 90), "top_up", at)
        for at, left in enumerate(stock.left):
            if stock.is_empty(at):
                self._await(self._minutes(8, 60), "replace", at)
            elif left <= LOW / 2:
                self._await(self._minutes(60, 600), "swap", at)

    # Printing

    def _on_job(self, _what: int) -> None:
        pages = 1 + int(self.random.expovariate(1 / (MEAN_JOB_PAGES - 0.5)))
        self._waiting = min(self._waiting + pages, _MAX_WAITING)
        rate = self.jobs_per_hour * activity(self.now)
        self._later(self.random.expovariate(1.0) * HOUR / rate, "job")
        self._start()

    def _start(self) -> None:
        if self.gone or self.stopped or not self._waiting:
            return
        if self.mode == "asleep":
            self.mode = "warming_up"
            self._later(self.random.uniform(40, 100), "warm")
        elif self.mode == "idle":
            self.mode = "printing"
            seconds = _PREPARE_SECONDS + self._waiting * MINUTE / self.shape.manner.pages_per_minute
            self._job += 1
            self._later(seconds, "printed", self._job)

    def _on_warm(self, _what: int) -> None:
        if self.mode == "warming_up":
            self._rest()

    def _on_printed(self, job: int) -> None:
        if self.mode != "printing" or job != self._job:
            return
        pages, self._waiting = self._waiting, 0
        self.stock.use(pages)
        self._rest()
        if self.random.random() < pages / self.jam_every_pages:
            self._jam()
        self.notice()

    def _rest(self) -> None:
        self.mode = "idle"
        self._busy_at = self.now
        self._later(_SLEEP_AFTER, "doze")
        self._start()

    def _on_doze(self, _what: int) -> None:
        idle = self.mode == "idle" and not self.stopped
        if idle and self.now - self._busy_at >= _SLEEP_AFTER - 1:
            self.mode = "asleep"

    # What goes wrong

    def _on_mishap(self, _what: int) -> None:
        kind = self.random.choice(_EVERYDAY)
        if not self.stopped and not self.gone:
            MISHAPS[kind](self)
        self._later(self.random.expovariate(1.0) * _MISHAP_EVERY, "mishap")

    def _jam(self) -> None:
        self.halt()
        self.jam = next((at for at, sheets in enumerate(self.stock.sheets) if sheets), 0)
        self._await(self._minutes(3, 15), "open_to_clear")

    def _open_cover(self) -> None:
        if self.shape.covers:
            self.halt()
            self.open_cover = self.random.randrange(len(self.shape.covers))
            self._await(self._minutes(2.5, 12), "close_cover")

    def _on_open_to_clear(self, _what: int) -> None:
        if self.open_cover is None and self.jam is not None:
            self._open_cover()
        else:
            self.jam = None

    def _on_close_cover(self, _what: int) -> None:
        self.open_cover = self.jam = None
        self._rest()

    def _fill_output(self) -> None:
        self.halt()
        self.output_full = True
        self._await(self._minutes(4, 15), "empty_output")

    def _on_empty_output(self, _what: int) -> None:
        self.output_full = False
        self._rest()

    def _pull_tray(self) -> None:
        if len(self.stock.sheets) > 1:
            self.stock.missing_tray = self.random.randrange(len(self.stock.sheets))
            self._await(self._minutes(3, 12), "insert_tray")

    def _on_insert_tray(self, _what: int) -> None:
        self.stock.missing_tray = None
        self._start()

    def _vanish(self, *, power: bool) -> None:
        self.gone = True
        if power:
            self.halt()
        self._await(self._minutes(12, 40), "back", int(power))

    def _on_back(self, power: int) -> None:
        self.gone = False
        if power:
            self.booted_at = self.now
            self.boots += 1
            self.mode = "warming_up"
            self._later(self.random.uniform(40, 120), "warm")

    # Somebody mends it

    def _on_refill(self, at: int) -> None:
        self.stock.fill_tray(at)
        self._rest_if_idle()

    def _on_replace(self, at: int) -> None:
        self.stock.replace(at)
        self._rest_if_idle()

    def _rest_if_idle(self) -> None:
        if self.mode == "idle":
            self._rest()

    def _later(self, seconds: float, event: str, what: int = 0) -> None:
        self._count += 1
        heapq.heappush(self._due, (self.now + seconds, self._count, event, what))

    def _await(self, seconds: float, event: str, what: int = 0) -> None:
        if (event, what) not in self._awaited:
            self._awaited.add((event, what))
            self._later(seconds, event, what)

    def _minutes(self, low: float, high: float) -> float:
        return self.random.uniform(low, high) * MINUTE


_EVENTS: Final[Mapping[str, Callable[[Life, int], None]]] = {
    "job": Life._on_job,
    "warm": Life._on_warm,
    "printed": Life._on_printed,
    "doze": Life._on_doze,
    "mishap": Life._on_mishap,
    "open_to_clear": Life._on_open_to_clear,
    "close_cover": Life._on_close_cover,
    "empty_output": Life._on_empty_output,
    "insert_tray": Life._on_insert_tray,
    "back": Life._on_back,
    "refill": Life._on_refill,
    "top_up": Life._on_refill,
    "replace": Life._on_replace,
    "swap": Life._on_replace,
}

MISHAPS: Final[Mapping[str, Callable[[Life], None]]] = {
    "jam": Life._jam,
    "cover_open": Life._open_cover,
    "output_full": Life._fill_output,
    "tray_missing": Life._pull_tray,
    "network_lost": lambda life: life._vanish(power=False),
    "power_cut": lambda life: life._vanish(power=True),
}
"""What can happen to a printer at any time."""
