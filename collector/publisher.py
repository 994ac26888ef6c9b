"""The way of a reading out of the collector: into the spool, to the broker, away on the receipt.

Nothing is published before it is on disk. One task does everything in turns, many readings at a time;
all methods but run() return at once and belong to the event loop's thread.
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, Protocol, TypeVar

from collector.in_flight import ReadingInFlight, ReadingsInFlight
from collector.spool import Spool
from collector.spool_file import Spooled
from collector.timer import wait_until
from core.contract.topics import READING
from core.runtime.wall_clock import utc_now

Answer = TypeVar("Answer")

MAX_IN_FLIGHT: Final = 500
_BACKLOG_IN_FLIGHT: Final = 400  # the rest of the window is for readings that are new
_MAX_PENDING: Final = 1000
_GATHER_SECONDS: Final = 0.2  # readings of this time share one transaction
_TURN_SECONDS: Final = 1.0
_SWEEP_SECONDS: Final = 60.0
_SENT_AT_ONCE: Final = 100


class Link(Protocol):
    """The part of core.runtime.mqtt_link.MqttLink that is used here."""

    prefix: str
    connected: threading.Event

    def publish(
        self,
        topic: str,
        payload: bytes | str,
        *,
        retain: bool = False,
        on_puback: Callable[[], None] | None = None,
    ) -> bool:
        """Send at QoS 1; False when the broker is away."""
        ...


class Publisher:
    """Keeps what is submitted until its receipt; counts what happens to it."""

    def __init__(
        self, spool: Spool, link: Link, site: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.spool = spool
        self.link = link
        self.resent = 0
        self.window = ReadingsInFlight(clock)
        self.processor_is_there = True
        self._site = site
        self._clock = clock
        self._disk = ThreadPoolExecutor(1, thread_name_prefix="spool")
        self._pending: asyncio.Queue[Spooled] = asyncio.Queue(_MAX_PENDING)
        self._done: set[int] = set()
        self._wake = asyncio.Event()
        self._flush_now = asyncio.Event()
        self._stopping = False
        # What of the spool has not been sent since the last outage: first the newest of each printer,
        # then everything beyond the cursor.
        self._behind = True
        self._after_outage = True
        self._first: deque[int] = deque()
        self._cursor = 0
        self._sweep_at = 0.0

    async def submit(self, reading: Spooled, *, urgent: bool = False) -> None:
        """Take a reading over; waits while the disk is behind."""
        await self._pending.put(reading)
        self._wake.set()
        if urgent:
            self._flush_now.set()

    def receipted(self, reading_ids: Iterable[str]) -> int:
        """Remove readings that the processor has or will never take; return how many were in flight."""
        done = self.window.remove(reading_ids)
        self._done.update(done)
        self._wake.set()
        return len(done)

    def start_over(self) -> None:
        """Send everything again after a reconnect: whatever was on its way may be lost."""
        self.window.clear()
        self._behind = self._after_outage = True
        self._wake.set()

    def stop(self) -> None:
        """Let run() end, once everything submitted is in the spool."""
        self._stopping = True
        self._wake.set()
        self._flush_now.set()

    async def on_disk(self, question: Callable[..., Answer], *arguments: object) -> Answer:
        """Ask the spool, in its thread."""
        return await asyncio.get_running_loop().run_in_executor(self._disk, question, *arguments)

    async def run(self) -> None:
        """Work until stop()."""
        try:
            while not self._stopping:
                await wait_until(self._wake, _TURN_SECONDS)
                if self._pending.qsize() < _SENT_AT_ONCE:
                    await wait_until(self._flush_now, _GATHER_SECONDS)
                self._wake.clear()
                self._flush_now.clear()
                await self._turn()
            await self._save()
        finally:
            self._disk.shutdown()

    async def _turn(self) -> None:
        new = await self._save()
        await self._send(new, MAX_IN_FLIGHT)
        if self._may_send():
            await self._send_again()
            await self._catch_up()
        if self._clock() >= self._sweep_at:
            self._sweep_at = self._clock() + _SWEEP_SECONDS
            await self.on_disk(self.spool.sweep, utc_now())

    def _may_send(self) -> bool:
        return self.processor_is_there and self.link.connected.is_set()

    async def _save(self) -> list[Spooled]:
        new = [self._pending.get_nowait() for _ in range(self._pending.qsize())]
        done, self._done = self._done, set()
        if new or done:
            await self.on_disk(self.spool.write, new, done)
        return new

    async def _send(self, readings: Sequence[Spooled], limit: int) -> None:
        """Publish as far as the window has room; the others are found in the spool later."""
        for number, reading in enumerate(readings, start=1):
            if reading.seq in self.window or reading.seq in self._done:
                continue
            flight = None
            if len(self.window) < limit and self._may_send():
                flight = self.window.add(reading.seq, reading.id)
            if flight is None or not self._publish(reading, flight):
                self.window.remove([reading.id])
                self._behind = True
                self._cursor = min(self._cursor, reading.seq - 1)
            if number % _SENT_AT_ONCE == 0:
                await asyncio.sleep(0)  # answers of printers are waiting in the socket

    def _publish(self, reading: Spooled, flight: ReadingInFlight) -> bool:
        topic = READING.name(self.link.prefix, printer_id=reading.printer_id, site=self._site)
        flight.sent(self._clock())  # before it is: the acknowledgment may come while it is
        return self.link.publish(topic, reading.payload, on_puback=flight.acknowledged)

    async def _send_again(self) -> None:
        flights = {flight.seq: flight for flight in self.window.overdue(self._clock())[:_SENT_AT_ONCE]}
        if not flights:
            return
        self._after_outage = True  # for what has gathered behind them meanwhile
        waiting = await self.on_disk(self.spool.read, list(flights))
        for reading in waiting:
            flight = flights.pop(reading.seq)
            self.resent += self._publish(reading, flight)
        self.window.remove([flight.id for flight in flights.values()])  # dropped by the spool's bounds

    async def _catch_up(self) -> None:
        """Send what is in the spool and not on its way, as far as the backlog's share of the window goes."""
        room = _BACKLOG_IN_FLIGHT - len(self.window)
        if not self._behind or room <= 0:
            return
        if self._after_outage:
            self._after_outage = False
            self._cursor = 0
            self._first = deque(await self.on_disk(self.spool.newest_of_each))
        if self._first:
            seqs = [self._first.popleft() for _ in range(min(room, len(self._first)))]
            readings = await self.on_disk(self.spool.read, seqs)
        else:
            self._behind = False  # unless somebody says otherwise while the disk is read
            readings = await self.on_disk(self.spool.after, self._cursor, room)
            if len(readings) == room:
                self._behind = True
            if readings:
                self._cursor = max(self._cursor, readings[-1].seq)
        await self._send(readings, _BACKLOG_IN_FLIGHT)
        if self._behind and len(self.window) < _BACKLOG_IN_FLIGHT:
            self._wake.set()
