"""Messages under way: sent on this connection, not yet acknowledged by the broker."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from core.runtime.mqtt_link import MqttLink

WINDOW: Final = 400
"""Printers, or events, that wait for the broker's acknowledgment at a time."""
_PATIENCE_SECONDS: Final = 60.0

Key = TypeVar("Key")
Mark = TypeVar("Mark")


@dataclass
class _Sent(Generic[Mark]):
    mark: Mark
    left: int
    at: float


class InFlight(Generic[Key, Mark]):
    """Used by one thread; acknowledgments come in the connection's."""

    def __init__(self, link: MqttLink) -> None:
        self._sent: dict[Key, _Sent[Mark]] = {}
        self._acknowledged: deque[tuple[Key, _Sent[Mark]]] = deque()
        self._connects = 0
        self._connect_seen = 0
        link.on_connect(self._connected)

    def __len__(self) -> int:
        return len(self._sent)

    def __contains__(self, key: Key) -> bool:
        return key in self._sent

    def _connected(self) -> None:
        self._connects += 1

    def renewed(self) -> bool:
        """Return whether the connection is a new one since the last call: nothing is under way on it."""
        if self._connect_seen == self._connects:
            return False
        self._connect_seen = self._connects
        self._sent.clear()
        return True

    def sent(self, key: Key, mark: Mark, messages: int = 1) -> Callable[[], None]:
        """Register so many messages; returns the callback for each acknowledgment."""
        sent = self._sent[key] = _Sent(mark, messages, time.monotonic())

        def acknowledged() -> None:
            sent.left -= 1
            if sent.left == 0:
                self._acknowledged.append((key, sent))

        return acknowledged

    def done(self) -> list[tuple[Key, Mark]]:
        """Return what the broker has acknowledged; what is overdue is no longer waited for."""
        done = []
        while self._acknowledged:
            key, sent = self._acknowledged.popleft()
            if self._sent.get(key) is sent:  # else it is of an old connection, or was given up
                done.append((key, sent.mark))
                del self._sent[key]
        late = time.monotonic() - _PATIENCE_SECONDS
        self._sent = {key: sent for key, sent in self._sent.items() if sent.at > late}
        return done
