"""How often printers stop for the pages they print, judged soundly also where these are few. Pure.

Stoppages are counted as events of a Poisson process whose exposure is pages. What a printer's own few pages
cannot tell is filled in by the fleet (gamma-Poisson, as DuMouchel's EB05): one stoppage in 30 pages is no
proof of a bad printer, twelve in 15,000 are.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from statistics import median
from typing import Final

PER_PAGES: Final = 10_000
"""Rates are for so many pages."""
_CERTAINTY: Final = 1.645
"""Standard deviations that 95 % lie above of."""
_TREND_CERTAINTY: Final = 1.96
"""Standard deviations within which 95 % of what is mere chance lies, up or down."""
_PRIOR: Final = 1.0
"""What the fleet counts for beside a printer's own record: as many pages as see one stoppage in it."""


class Trend(StrEnum):
    """What has become of a rate since the period before, as far as that is more than chance."""

    RISING = "rising"
    FALLING = "falling"
    STEADY = "steady"


@dataclass(frozen=True, slots=True)
class StopCount:
    """Stoppages, and the pages that were printed meanwhile."""

    stops: int
    pages: int | None
    """None where nobody knows."""

    @property
    def rate(self) -> float | None:
        """Stoppages for PER_PAGES pages; None without pages."""
        return PER_PAGES * self.stops / self.pages if self.pages else None


def together(counted: Iterable[StopCount]) -> StopCount:
    """Return the sum of those whose pages are known; pages of the others are None, not zero."""
    known = [(each.stops, each.pages) for each in counted if each.pages is not None]
    return StopCount(sum(stops for stops, _ in known), sum(pages for _, pages in known) if known else None)


def without(whole: StopCount, part: StopCount) -> StopCount:
    """Return what is left of a sum by `together` without one of those it is made of."""
    if part.pages is None or whole.pages is None:
        return whole
    return StopCount(whole.stops - part.stops, whole.pages - part.pages)


def median_rate(counted: Iterable[StopCount]) -> float | None:
    """Return the rate that half of those with pages have at most; None where none has any."""
    rates = [rate for each in counted if (rate := each.rate) is not None]
    return median(rates) if rates else None


def lowest_rate(own: StopCount, usual: float | None) -> float | None:
    """Return the rate that a printer has at least, with 95 % certainty; None where nothing can be said.

    `usual` is the rate of the fleet. The lower 5 % of the gamma distribution with shape stops + 1 and rate
    pages + pages of one usual stoppage, by Wilson and Hilferty's cube root (within 1 % of the exact one).
    """
    if own.pages is None or not usual:
        return None
    shape = own.stops + _PRIOR
    exposure = own.pages / PER_PAGES + _PRIOR / usual
    root = 1 - 1 / (9 * shape) - _CERTAINTY / (3 * math.sqrt(shape))
    return shape * max(0.0, root) ** 3 / exposure


def trend(own: StopCount, before: StopCount) -> Trend | None:
    """Return whether a rate differs from the one before by more than chance; None where pages are missing.

    Of all stoppages of both periods, as many are expected in each as it has pages (the conditional test of
    two Poisson rates, with a continuity correction).
    """
    if not own.pages or not before.pages:
        return None
    stops, share = own.stops + before.stops, own.pages / (own.pages + before.pages)
    off = own.stops - stops * share
    spread = math.sqrt(stops * share * (1 - share))
    if abs(off) - 0.5 < _TREND_CERTAINTY * spread or not stops:
        return Trend.STEADY
    return Trend.RISING if off > 0 else Trend.FALLING
