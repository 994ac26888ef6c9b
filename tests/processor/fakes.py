"""Stands in for the connection to the broker where a test decides when it acknowledges."""

from collections.abc import Callable
from typing import Any


class Wire:
    """A connection whose broker acknowledges when the test says so."""

    prefix = "printers"

    def __init__(self) -> None:
        self.connected = self
        self.up = True
        self.sent: list[tuple[str, bytes]] = []
        self._callbacks: list[Callable[[], None]] = []
        self._waiting: list[Callable[[], None]] = []

    def is_set(self) -> bool:
        return self.up

    def on_connect(self, callback: Callable[[], None]) -> None:
        self._callbacks.append(callback)

    def connect(self) -> None:
        self.up = True
        for callback in self._callbacks:
            callback()

    def publish(
        self, topic: str, payload: Any, *, on_puback: Callable[[], None], retain: bool = False
    ) -> bool:
        if self.up:
            self.sent.append((topic, payload))
            self._waiting.append(on_puback)
        return self.up

    def acknowledge(self) -> None:
        waiting, self._waiting = self._waiting, []
        for callback in waiting:
            callback()

    def take(self) -> list[str]:
        topics = [topic for topic, _ in self.sent]
        self.sent.clear()
        return topics
