"""Brokers and processors are killed, two processors meet: nothing is lost, nothing is doubled."""

import random
import threading
import time
from pathlib import Path

from core.runtime.settings import DatabaseSettings
from processor.batch.inbox import BatchSize
from processor.batch.sql import ATTENTION, ISSUES, SNAPSHOTS
from tests.brokers import BrokerProcess
from tests.patience import until
from tests.processor.making import JAMMED, rows
from tests.processor.service_parts import (
    PRINTERS,
    are_online,
    client,
    history_is_whole,
    many,
    newest_are_stored,
    prepared,
    processor,
    recent,
    sqlite_in,
)


def test_a_killed_broker_loses_nothing(broker: BrokerProcess, tmp_path: Path) -> None:
    database = sqlite_in(tmp_path)
    engine = prepared(database)
    readings = many(20)
    with processor(database, broker.port), client(broker.port) as other:
        sender = threading.Thread(target=other.send_until_receipted, args=(readings,))
        sender.start()
        for _ in range(2):
            time.sleep(0.4)
            broker.kill()
            broker.start()
        sender.join()
        assert other.unreceipted(readings) == []
        newest_are_stored(engine, 20)
        history_is_whole(engine, tmp_path, len(readings))
        until(
            lambda: len(other.retained.keys() & {f"printers/{p}/state" for p in PRINTERS}) == 20, "all states"
        )
        until(lambda: not any(owed for (owed,) in rows(engine, SNAPSHOTS, "owed")), "acknowledged states")


def test_a_processor_killed_in_the_middle_of_batches_loses_and_doubles_nothing(
    one_broker: BrokerProcess, database_settings: DatabaseSettings
) -> None:
    engine = prepared(database_settings)
    readings = many(40)
    chance = random.Random(12)
    with (
        processor(database_settings, one_broker.port, BatchSize(50, 0.01)) as process,
        client(one_broker.port) as other,
    ):
        sender = threading.Thread(target=other.send_until_receipted, args=(readings,))
        sender.start()
        for _ in range(4):
            time.sleep(0.7 + chance.random())
            process.kill()
            process.start()
        sender.join()
        newest_are_stored(engine, 40)
        history_is_whole(engine, database_settings.data_dir, len(readings))
    engine.dispose()


def test_two_processors_at_once_lose_and_double_nothing(
    one_broker: BrokerProcess, database_settings: DatabaseSettings
) -> None:
    engine = prepared(database_settings)
    jams = [recent(n, printer, bits=JAMMED) for n in range(10) for printer in PRINTERS]
    small = BatchSize(30, 0.01)
    with (
        processor(database_settings, one_broker.port, small, INSTANCE="one"),
        processor(database_settings, one_broker.port, small, INSTANCE="two"),
        client(one_broker.port) as other,
    ):
        until(lambda: are_online(other, "one", "two"), "two processors")
        other.send_until_receipted(jams)
        newest_are_stored(engine, 10)
        assert len(rows(engine, ATTENTION)) == len(rows(engine, ISSUES)) == len(PRINTERS)
        history_is_whole(engine, database_settings.data_dir, len(jams))
    assert other.refused == {}
    engine.dispose()
