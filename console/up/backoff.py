"""Compute how long to wait before a process that ended is started again."""

from typing import Final

FIRST_SECONDS: Final = 1.0
LONGEST_SECONDS: Final = 60.0
HEALTHY_SECONDS: Final = 60.0
"""Who has lived this long starts afresh."""


def next_delay(previous: float, lived_seconds: float) -> float:
    """Return 1, 2, 4 ... 60 seconds while it keeps ending early; `previous` is 0 before the first time."""
    if previous <= 0 or lived_seconds >= HEALTHY_SECONDS:
        return FIRST_SECONDS
    return max(FIRST_SECONDS, min(LONGEST_SECONDS, previous * 2))
