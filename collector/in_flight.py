"""Track readings on their way to the processor, and when each is sent again.

Pure but for one thing: `Flight.acknowledged` is called from the connection's thread.
"""

from collections.abc import Callable, Iterable
from typing import Final

FIRST_RESEND_SECONDS: Final = 3.0
LAST_RESEND_SECONDS: Final = 60.0


class ReadingInFlight:
    """One reading on its way. While the broker has not even acknowledged it, it is hardly sent again."""

    __slots__ = ("_clock", "attempts", "id", "resend_at", "seq")

    def __init__(self, seq: int, reading_id: str, clock: Callable[[], float]) -> None:
        self.seq = seq
        self.id = reading_id
        self.attempts = 0
        self.resend_at = 0.0
        self._clock = clock

    def sent(self, now: float) -> None:
        """Note that the reading has been handed to the connection."""
        self.attempts += 1
        self.resend_at = now + LAST_RESEND_SECONDS

    def acknowledged(self) -> None:
        """Note that the broker has the reading: the processor's receipt should come soon."""
        wait = FIRST_RESEND_SECONDS * 2 ** min(self.attempts - 1, 8)
        self.resend_at = self._clock() + min(wait, LAST_RESEND_SECONDS)


class ReadingsInFlight:
    """The readings in flight, by their id."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._flights: dict[str, ReadingInFlight] = {}
        self._seqs: set[int] = set()

    def __len__(self) -> int:
        return len(self._flights)

    def __contains__(self, seq: int) -> bool:
        return seq in self._seqs

    def add(self, seq: int, reading_id: str) -> ReadingInFlight:
        """Add a reading that is about to be sent."""
        flight = self._flights[reading_id] = ReadingInFlight(seq, reading_id, self._clock)
        self._seqs.add(seq)
        return flight

    def remove(self, reading_ids: Iterable[str]) -> list[int]:
        """Remove readings that need no more sending; returns the seq of those that were in flight."""
        landed = [self._flights.pop(reading_id) for reading_id in reading_ids if reading_id in self._flights]
        self._seqs.difference_update(flight.seq for flight in landed)
        return [flight.seq for flight in landed]

    def overdue(self, now: float) -> list[ReadingInFlight]:
        """Return those to send again, the oldest first."""
        return sorted(
            (f for f in self._flights.values() if f.resend_at <= now), key=lambda flight: flight.seq
        )

    def clear(self) -> None:
        """Remove all: the connection is a new one."""
        self._flights.clear()
        self._seqs.clear()
