"""Request ids that nobody can guess: an answer is believed by its id, so the next one must not follow from
the last (RFC 3416, section 3, only asks that they differ)."""

import os
from typing import Final

# Ids of this range always have four octets: a template's length never changes with its id.
FIRST_ID: Final = 0x01000000
LAST_ID: Final = 0x7FFFFFFF

_DRAWN_AT_ONCE: Final = 1024


class RequestIds:
    """Draws ids from the system's source of randomness, many at once: a call for each would cost a
    hundredth of a poll."""

    def __init__(self) -> None:
        self._drawn: list[int] = []

    def __call__(self) -> int:
        """Return an id of FIRST_ID to LAST_ID; it may be one that was used before."""
        while True:
            if not self._drawn:
                self._drawn = memoryview(os.urandom(4 * _DRAWN_AT_ONCE)).cast("I").tolist()
            drawn = self._drawn.pop() & LAST_ID
            if drawn >= FIRST_ID:
                return drawn
