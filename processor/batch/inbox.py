"""Queue of arrived messages that wait for their batch: bounded, since the spool holds the rest."""

import threading
import time
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from typing import Final

MAX_MESSAGES: Final = 5_000
MAX_BYTES: Final = 32 * 1024 * 1024


@dataclass(frozen=True)
class Arrival:
    """A message of a reading topic as it came."""

    topic: str
    payload: bytes
    at: datetime


@dataclass(frozen=True)
class BatchSize:
    """Size at which a batch is full."""

    readings: int
    """How many readings are stored in one transaction."""
    gather_seconds: float
    """How long a batch waits to fill."""


USUAL_SIZE: Final = BatchSize(readings=500, gather_seconds=0.25)
"""Each transaction waits for the disk: fewer of them cost less, and nobody sees a quarter of a second."""


class Inbox:
    """Filled by the connection's thread, emptied by the batches; drops the newest when it is full."""

    def __init__(self, max_messages: int = MAX_MESSAGES, max_bytes: int = MAX_BYTES) -> None:
        self._limits = (max_messages, max_bytes)
        self._arrivals: deque[Arrival] = deque()
        self._bytes = 0
        self._changed = threading.Condition()
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._arrivals)

    def put(self, arrival: Arrival) -> bool:
        """Queue a message. False where it was dropped: it has no receipt and will be sent again."""
        with self._changed:
            full = len(self._arrivals) >= self._limits[0] or (
                self._arrivals and self._bytes + len(arrival.payload) > self._limits[1]
            )
            if full:
                self.dropped += 1
                return False
            self._arrivals.append(arrival)
            self._bytes += len(arrival.payload)
            self._changed.notify()
            return True

    def take(self, size: BatchSize, wait_seconds: float) -> list[Arrival]:
        """Wait for a message, gather up to `size.readings` and return them; none where none has come."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._arrivals, wait_seconds):
                return []
            deadline = time.monotonic() + size.gather_seconds
            while len(self._arrivals) < size.readings and (left := deadline - time.monotonic()) > 0:
                self._changed.wait(left)
            taken = [self._arrivals.popleft() for _ in range(min(size.readings, len(self._arrivals)))]
            self._bytes -= sum(len(arrival.payload) for arrival in taken)
            return taken
