"""Limit the rate of cheap requests; counted in memory, in the event loop of this process.

What is worth guessing is counted in the database, for all processes: dashboard/throttle.py.
"""

from collections import OrderedDict, deque
from typing import Final

_MOST_KNOWN: Final = 10_000
"""Of those who ask; the one who has not asked for the longest time is forgotten."""


class Pace:
    """So many requests in so many seconds for each of those who ask."""

    def __init__(self, count: int, seconds: float) -> None:
        self._count: Final = count
        self._seconds: Final = seconds
        self._asked: Final[OrderedDict[str, deque[float]]] = OrderedDict()

    def wait_seconds(self, whose: str, now: float) -> float:
        """Count one request; or return how long to wait before the next. `now` is monotonic."""
        asked = self._asked.setdefault(whose, deque())
        self._asked.move_to_end(whose)
        if len(self._asked) > _MOST_KNOWN:
            self._asked.popitem(last=False)
        while asked and asked[0] <= now - self._seconds:
            asked.popleft()
        if len(asked) >= self._count:
            return asked[0] + self._seconds - now
        asked.append(now)
        return 0.0
