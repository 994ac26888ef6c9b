"""Decide when the level of a supply has risen by more than its usual noise. Pure.

The one rule for the ledger of replacements, for forecasts made anew and for the fillings of a history.
"""

import math
from typing import Final

JUMP_PERCENT: Final = 5.0
"""A rise of so much is a refill if it stays; less is jitter."""
COARSEST_STEP: Final = 25
"""A fall by more than a quarter does not show how finely levels are reported."""
_FULL: Final = 100


def least_rise(step: float) -> float:
    """Return by how many percent a level rises at least when it is reported in steps of `step` percent.

    One step up and down again is what coarse levels do at the edge between two steps.
    """
    return max(JUMP_PERCENT, 2 * step)


def guessed_step(before: int, after: int) -> int:
    """Return the coarsest step in which both levels may be reported, where nothing else is known of it."""
    common = math.gcd(_FULL, before, after)
    return next(step for step in (25, 20, 10, 5, 2, 1) if common % step == 0)
