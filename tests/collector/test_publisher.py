"""From the spool to the broker: never before it is on disk, never too much at once, newest first."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collector import publisher as publisher_module
from collector.publisher import MAX_IN_FLIGHT, Publisher
from collector.spool import Spool
from collector.spool_file import Spooled, SpoolFile
from tests.patience import PATIENCE_SECONDS


class FakeLink:
    """A broker that notes what it is given, and acknowledges it unless it is `slow`."""

    prefix = "printers"

    def __init__(self) -> None:
        self.connected = threading.Event()
        self.connected.set()
        self.slow = False
        self.sent: list[tuple[str, bytes]] = []

    def publish(
        self,
        topic: str,
        payload: bytes | str,
        *,
        retain: bool = False,
        on_puback: Callable[[], None] | None = None,
    ) -> bool:
        assert isinstance(payload, bytes)
        assert not retain
        if not self.connected.is_set():
            return False
        self.sent.append((topic, payload))
        if on_puback and not self.slow:
            on_puback()
        return True

    def seqs(self) -> list[int]:
        return [int(payload) for _, payload in self.sent]


class Clock:
    """It stands still unless the test moves it, however long the machine takes."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def reading(seq: int, printer_id: str = "p1") -> Spooled:
    return Spooled(seq, f"id-{seq}", printer_id, datetime.now(UTC).timestamp(), str(seq).encode())


class Bench:
    """A publisher at work on a spool, with a link and a clock that the test moves."""

    def __init__(self, path: Path, *, max_readings: int = 100_000) -> None:
        self.link = FakeLink()
        self.clock = Clock()
        self.spool = Spool(path, max_readings=max_readings, max_age_hours=1)
        self.spool.open(datetime.now(UTC))
        self.publisher = Publisher(self.spool, self.link, "main", self.clock)
        self._turns = 0
        self._turn, self.publisher._turn = self.publisher._turn, self._counted_turn  # type: ignore[method-assign]

    async def _counted_turn(self) -> None:
        await self._turn()
        self._turns += 1

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not condition():
                await asyncio.sleep(0.005)

    async def turns(self, count: int = 2) -> None:
        """Let it do whatever it wants to do."""
        done = self._turns + 1 + count  # one may be under way
        while self._turns < done:
            self.publisher._wake.set()
            self.publisher._flush_now.set()
            await asyncio.sleep(0.005)

    async def submit(self, readings: list[Spooled]) -> None:
        for one in readings:
            await self.publisher.submit(one, urgent=True)

    def give_receipts(self, seqs: list[int]) -> int:
        return self.publisher.receipted(f"id-{seq}" for seq in seqs)


@asynccontextmanager
async def at_work(bench: Bench) -> AsyncIterator[Bench]:
    task = asyncio.create_task(bench.publisher.run())
    try:
        yield bench
    finally:
        bench.publisher.stop()
        await task


def run(bench: Bench, work: Callable[[Bench], Awaitable[None]]) -> None:
    async def main() -> None:
        async with at_work(bench):
            await work(bench)

    try:
        asyncio.run(main())
    finally:
        bench.spool.close()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publisher_module, "_GATHER_SECONDS", 0.01)
    monkeypatch.setattr(publisher_module, "_TURN_SECONDS", 0.05)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "spool.sqlite3"


def test_a_reading_is_on_disk_before_it_is_published(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    change, publish = SpoolFile.change, FakeLink.publish

    def noted_change(*arguments: object) -> int:
        result = change(*arguments)  # type: ignore[arg-type]
        order.append("saved")
        return result

    def noted_publish(*arguments: object, **options: object) -> bool:
        order.append("published")
        return publish(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(SpoolFile, "change", noted_change)
    monkeypatch.setattr(FakeLink, "publish", noted_publish)

    async def work(bench: Bench) -> None:
        await bench.submit([reading(1), reading(2)])
        await bench.until(lambda: len(bench.link.sent) == 2)

    run(Bench(path), work)
    assert order[0] == "saved"
    assert order.count("saved") < order.index("published") + 2


def test_it_stays_until_its_own_receipt(path: Path) -> None:
    async def work(bench: Bench) -> None:
        await bench.submit([reading(n) for n in (1, 2, 3)])
        await bench.until(lambda: len(bench.link.sent) == 3)
        assert bench.link.sent[0][0] == "printers/p1/reading/main"
        assert bench.give_receipts([2]) == 1
        await bench.until(lambda: bench.spool.readings == 2)
        assert bench.give_receipts([1, 3, 99]) == 2
        await bench.until(lambda: bench.spool.readings == 0)

    run(Bench(path), work)


def test_at_most_so_many_are_on_their_way(path: Path) -> None:
    async def work(bench: Bench) -> None:
        await bench.submit([reading(n) for n in range(1, 1201)])
        await bench.until(lambda: bench.spool.readings == 1200)
        await bench.turns()
        assert 400 <= len(bench.link.sent) <= MAX_IN_FLIGHT
        seen: set[int] = set()
        while len(seen) < 1200:
            new = [seq for seq in bench.link.seqs() if seq not in seen]
            seen.update(new)
            bench.give_receipts(new)
            await bench.turns(1)
            assert len(bench.publisher.window) <= MAX_IN_FLIGHT
        assert len(bench.link.sent) == 1200, "none twice"

    run(Bench(path), work)


def test_after_an_outage_the_newest_of_each_printer_goes_first_then_the_oldest(path: Path) -> None:
    async def work(bench: Bench) -> None:
        bench.link.connected.clear()
        backlog = [reading(n, f"p{n % 10}") for n in range(1, 101)]
        await bench.submit(backlog)
        await bench.until(lambda: bench.spool.readings == 100)
        await bench.turns()  # what is on disk was still to be sent as new
        assert bench.link.sent == []
        bench.link.connected.set()
        bench.publisher.start_over()
        await bench.until(lambda: len(bench.link.sent) == 100)
        assert bench.link.seqs() == [*range(100, 90, -1), *range(1, 91)]

    run(Bench(path), work)


def test_a_new_reading_does_not_wait_behind_a_backlog(path: Path) -> None:
    async def work(bench: Bench) -> None:
        await bench.turns()
        assert len(bench.publisher.window) == 400
        await bench.submit([reading(5000, "asked-for")])
        await bench.until(lambda: 5000 in bench.link.seqs())

    bench = Bench(path)
    bench.spool.write([reading(n) for n in range(1, 2000)], [])
    run(bench, work)


def test_nothing_is_sent_while_no_processor_is_there(path: Path) -> None:
    async def work(bench: Bench) -> None:
        bench.publisher.processor_is_there = False
        await bench.submit([reading(1), reading(2)])
        await bench.until(lambda: bench.spool.readings == 2)
        await bench.turns()
        assert bench.link.sent == []
        bench.publisher.processor_is_there = True
        bench.publisher.start_over()
        await bench.until(lambda: sorted(bench.link.seqs()) == [1, 2])

    run(Bench(path), work)


def test_without_a_receipt_it_is_sent_again_with_back_off(path: Path) -> None:
    async def work(bench: Bench) -> None:
        await bench.submit([reading(1)])
        await bench.until(lambda: len(bench.link.sent) == 1)
        for times, wait in ((2, 3), (3, 6), (4, 12)):
            bench.clock.now += wait - 0.9
            await bench.turns()
            assert len(bench.link.sent) == times - 1
            bench.clock.now += 1
            await bench.until(lambda times=times: len(bench.link.sent) == times)  # type: ignore[misc]
        assert bench.publisher.resent == 3
        assert bench.give_receipts([1]) == 1

    run(Bench(path), work)


def test_a_slow_broker_is_not_given_everything_again(path: Path) -> None:
    async def work(bench: Bench) -> None:
        bench.link.slow = True
        await bench.submit([reading(n) for n in range(1, 21)])
        await bench.until(lambda: len(bench.link.sent) == 20)
        bench.clock.now += 50
        await bench.turns()
        assert len(bench.link.sent) == 20

    run(Bench(path), work)


def test_what_the_bounds_have_dropped_is_not_sent_again(path: Path) -> None:
    async def work(bench: Bench) -> None:
        await bench.submit([reading(n) for n in range(1, 101)])
        await bench.until(lambda: len(bench.link.sent) == 100)
        await bench.submit([reading(n) for n in range(101, 151)])
        await bench.until(lambda: len(bench.link.sent) == 150)
        assert bench.spool.dropped == 50
        bench.clock.now += 4
        await bench.until(lambda: len(bench.link.sent) == 250)
        await bench.until(lambda: len(bench.publisher.window) == 100)

    run(Bench(path, max_readings=100), work)


def test_what_waits_in_the_spool_from_before_is_sent(path: Path) -> None:
    bench = Bench(path)
    bench.spool.write([reading(n) for n in range(1, 51)], [])

    async def work(bench: Bench) -> None:
        await bench.until(lambda: len(bench.link.sent) == 50)

    run(bench, work)


def test_what_was_submitted_last_is_saved_at_the_end(path: Path) -> None:
    bench = Bench(path)

    async def work(bench: Bench) -> None:
        await bench.submit([reading(n) for n in range(1, 31)])

    run(bench, work)
    again = Spool(path, max_readings=100, max_age_hours=1)
    again.open(datetime.now(UTC))
    assert again.readings == 30
    again.close()


def test_a_full_disk_does_not_stop_what_can_be_published(
    path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("collector.spool._RETRY_SECONDS", 0)

    async def work(bench: Bench) -> None:
        assert bench.spool._file is not None
        sql = bench.spool._file._sql
        await bench.publisher.on_disk(sql.execute, "PRAGMA max_page_count=6")
        big = [reading(n)._replace(payload=str(n).encode().rjust(3000, b"0")) for n in range(1, 51)]
        await bench.submit(big)
        await bench.until(lambda: sorted(bench.link.seqs()) == list(range(1, 51)))
        assert bench.spool.unsaved > 0
        bench.give_receipts(list(range(1, 41)))
        await bench.until(lambda: bench.spool.readings == 10)
        await bench.publisher.on_disk(sql.execute, "PRAGMA max_page_count=1000000")
        await bench.submit([reading(51)])
        await bench.until(lambda: bench.spool.unsaved == 0)
        assert [one.seq for one in await bench.publisher.on_disk(bench.spool.after, 0, 99)] == [
            *range(41, 52)
        ]

    run(Bench(path), work)
    assert caplog.text.count("database or disk is full") == 1
