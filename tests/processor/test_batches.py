"""The batch loop: receipts after the commit, one bad reading alone, a database that is away."""

import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from sqlalchemy import Engine, update
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.exc import TimeoutError as ConnectionsTimeout

from core.contract.messages import Reading, Receipt
from core.runtime.mqtt_link import MqttLink
from core.runtime.settings import RuleSettings
from core.storage.database import writing
from core.storage.inventory import read_printers, update_printer
from processor.batch import batches as batches_module
from processor.batch.batches import Batches, BatchLimits
from processor.batch.inbox import Arrival
from processor.batch.printer_batch import Received
from processor.batch.store import Outcome, store
from processor.counters import Counters
from processor.publish.rejected import KEPT, Rejections
from processor.tables import OUTBOX, PRINTERS, REJECTED, SNAPSHOTS
from tests.processor.making import add_printers, make_reading, rows

NOBODY_STOPS = threading.Event()


class Wire:
    """A connection that only remembers; the real one is in test_service.py."""

    prefix = "printers"

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []

    def publish(self, topic: str, payload: str, **_: Any) -> bool:
        self.sent.append((topic, payload))
        return True

    def receipts(self) -> list[Receipt]:
        return [Receipt.model_validate_json(text) for topic, text in self.sent if topic.endswith("/stored")]


class Bench:
    """A batch loop without threads."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.wire, self.counters = Wire(), Counters()
        link = cast(MqttLink, self.wire)
        self.rejections = Rejections(engine, link)
        limits = BatchLimits(RuleSettings())
        self.batches = Batches(engine, link, limits, self.rejections, self.counters)

    def handle(self, readings: Sequence[Reading], stopping: threading.Event = NOBODY_STOPS) -> None:
        now = datetime.now(UTC)
        arrivals = [
            Arrival(f"printers/{r.printer_id}/reading/{r.site}", r.model_dump_json().encode(), now)
            for r in readings
        ]
        self.batches.handle(arrivals, stopping)


@pytest.fixture
def bench(engine: Engine) -> Bench:
    add_printers(engine, *(f"p-{n}" for n in range(40)))
    return Bench(engine)


def test_receipts_name_each_reading_by_its_site(bench: Bench) -> None:
    with writing(bench.engine) as connection:
        connection.execute(update(PRINTERS).where(PRINTERS.c.printer_id == "p-2").values(site="annex"))
    bench.handle([make_reading(1, "p-1"), make_reading(1, "p-2", site="annex"), make_reading(1, "nobody")])
    annex, main = bench.wire.receipts()
    assert (annex.site, annex.stored, annex.refused) == ("annex", ("p-2-1",), ())
    assert (main.site, main.stored) == ("main", ("p-1-1",))
    assert [(refused.id, refused.reason) for refused in main.refused] == [
        ("nobody-1", "the printer is not in the inventory, or is disabled")
    ]


def test_a_reading_by_the_collector_of_another_site_is_refused_and_shown(
    bench: Bench, engine: Engine
) -> None:
    bench.handle([make_reading(1, "p-1"), make_reading(2, "p-1", site="annex", id="forged")])
    annex, main = bench.wire.receipts()
    assert main.stored == ("p-1-1",)
    assert (annex.site, annex.stored) == ("annex", ())
    assert [(refused.id, refused.reason) for refused in annex.refused] == [
        ("forged", "the printer belongs to the site 'main', not to 'annex'")
    ]
    assert rows(engine, SNAPSHOTS, "printer_id", "reading_id") == [("p-1", "p-1-1")]
    bench.rejections.step()
    assert [row["topic"] for row in rows(engine, REJECTED)] == ["printers/p-1/reading/annex"]


def test_what_was_read_before_the_printer_was_moved_is_still_stored(bench: Bench, engine: Engine) -> None:
    before, after = (make_reading(n, "p-1") for n in (1, 200))
    moved_at = after.taken_at - timedelta(minutes=1)
    with writing(engine) as connection:
        (seen,) = (row for row in read_printers(connection) if row.printer_id == "p-1")
        update_printer(connection, seen, {"site": "annex"}, moved_at, actor="ann")
    bench.handle([before, after])
    (receipt,) = bench.wire.receipts()
    assert receipt.site == "main"
    assert receipt.stored == (before.id,)
    assert [refused.id for refused in receipt.refused] == [after.id]


@pytest.mark.parametrize("poison", [{}, {"id": "a\x00b"}])
def test_a_reading_the_database_refuses_is_refused_alone(
    bench: Bench, engine: Engine, poison: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusing(engine: Engine, batch: Sequence[Received], *rest: Any) -> Outcome:
        if any(received.reading.printer_id == "p-23" for received in batch):
            raise DataError("INSERT", {}, Exception("a value is out of range"))
        return store(engine, batch, *rest)

    monkeypatch.setattr(batches_module, "store", refusing)
    good = [make_reading(1, f"p-{n}") for n in range(40) if n != 23]
    bench.handle([*good, make_reading(1, "p-23", **poison)])
    (receipt,) = bench.wire.receipts()
    assert set(receipt.stored) == {reading.id for reading in good}
    (refused,) = receipt.refused
    assert refused.id == poison.get("id", "p-23-1")
    assert refused.reason.startswith("the reading cannot be stored: ")
    assert "p-23" not in dict(rows(engine, SNAPSHOTS, "printer_id", "seq"))
    bench.rejections.step()
    (kept,) = rows(engine, REJECTED)
    assert kept["topic"] == "printers/p-23/reading/main"
    assert kept["reason"] == refused.reason


def failing(times: int, error: Exception, real: Callable[..., Any]) -> Callable[..., Any]:
    """`real`, after it has failed so many times."""
    left = [times]

    def attempt(*arguments: Any) -> Any:
        if left[0] > 0:
            left[0] -= 1
            raise error
        return real(*arguments)

    return attempt


AWAY = OperationalError("INSERT", {}, Exception("server closed the connection unexpectedly"))


@pytest.mark.parametrize(
    "error", [AWAY, ConnectionsTimeout("no connection is free"), MemoryError(), OSError(24, "too many files")]
)
def test_what_no_reading_can_help_is_waited_for_and_the_batch_stored(
    error: Exception, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches_module, "store", failing(2, error, store))
    bench.handle([make_reading(1, "p-1")])
    assert [receipt.stored for receipt in bench.wire.receipts()] == [("p-1-1",)]
    assert (bench.counters.retries, bench.counters.readings, bench.counters.refused) == (1, 1, 0)


def test_when_stopping_a_batch_that_cannot_be_stored_has_no_receipt(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches_module, "store", failing(99, AWAY, store))
    stopping = threading.Event()
    stopping.set()
    bench.handle([make_reading(1, "p-1")], stopping)
    assert bench.wire.receipts() == []


def test_a_locked_sqlite_database_is_waited_for(
    bench: Bench, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    if engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL has no such lock")
    import sqlite3

    other = sqlite3.connect(str(engine.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    handling = threading.Thread(target=bench.handle, args=([make_reading(1, "p-1")],))
    handling.start()
    assert bench.wire.receipts() == []
    other.execute("COMMIT")
    handling.join()
    other.close()
    assert [receipt.stored for receipt in bench.wire.receipts()] == [("p-1-1",)]


def test_more_rejected_messages_than_are_kept_leave_the_newest(bench: Bench, engine: Engine) -> None:
    for part in range(KEPT // 500 + 1):
        for number in range(500):
            bench.rejections.note("printers/x/reading/main", b"\xff\x00", f"reason {part * 500 + number}\x00")
        while bench.rejections.step():
            pass
    kept = rows(engine, REJECTED, "reason", "excerpt")
    assert len(kept) == KEPT
    assert (kept[0], kept[-1]) == (("reason 500", "ff00"), (f"reason {KEPT + 499}", "ff00"))
    assert bench.rejections.count == KEPT + 500


def test_history_waits_in_the_outbox_of_the_same_transaction(bench: Bench, engine: Engine) -> None:
    bench.handle([make_reading(n, "p-1") for n in range(5)])
    assert len(rows(engine, OUTBOX)) == 5
