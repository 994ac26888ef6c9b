"""Decide which datagrams are decoded: those of known printers, and not too many of them. Pure.

A datagram is dropped by its sender's address alone, before anything in it is looked at: decoding one takes
milliseconds. Who is dropped loses nothing but time, because every printer is read anyway.
"""

from collections.abc import Mapping
from typing import Final

Sender = str
PrinterIds = tuple[str, ...]

# An inform of version 3 takes three datagrams, and a jam comes with some traps at once.
_OF_ONE: Final = (10.0, 1.0)
"""Datagrams of one sender: at once, and per second."""
_OF_ALL: Final = (100.0, 20.0)


class TokenBucket:
    """A rate limit: so many at once, so many per second after that."""

    __slots__ = ("_at", "_left", "_most", "_per_second")

    def __init__(self, most: float, per_second: float) -> None:
        self._most = most
        self._per_second = per_second
        self._left = most
        self._at = 0.0

    def take(self, now: float) -> bool:
        """Return whether there is room for one more."""
        self._left = min(self._most, self._left + max(0.0, now - self._at) * self._per_second)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class TrapRateLimiter:
    """Lets the datagrams of known printers in."""

    def __init__(self) -> None:
        self.unknown = 0
        """Datagrams of senders that are no printer of ours."""
        self.dropped = 0
        """Datagrams of known printers that were too many."""
        self._known: Mapping[Sender, PrinterIds] = {}
        self._buckets: dict[Sender, TokenBucket] = {}
        self._all = TokenBucket(*_OF_ALL)

    def replace(self, known: Mapping[Sender, PrinterIds]) -> None:
        """Know these senders from now on."""
        self._known = known
        self._buckets = {sender: bucket for sender, bucket in self._buckets.items() if sender in known}

    def admit(self, sender: Sender, now: float) -> PrinterIds:
        """Return the printers at this address; none where the datagram is to be dropped."""
        printers = self._known.get(sender, ())
        if not printers:
            self.unknown += 1
            return ()
        bucket = self._buckets.setdefault(sender, TokenBucket(*_OF_ONE))
        if bucket.take(now) and self._all.take(now):
            return printers
        self.dropped += 1
        return ()
