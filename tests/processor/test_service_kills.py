"""Processors are killed, two processors meet: nothing is lost, nothing is doubled.

Brokers are killed in tests/pipeline.
"""

import random
import threading
import time

from core.runtime.settings import DatabaseSettings
from processor.batch.inbox import BatchSize
from processor.tables import ATTENTION, ISSUES
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
    processor_process,
    recent,
)


def test_a_processor_killed_in_the_middle_of_batches_loses_and_doubles_nothing(
    one_broker: BrokerProcess, database_settings: DatabaseSettings
) -> None:
    engine = prepared(database_settings)
    readings = many(40)
    chance = random.Random(12)
    with (
        processor_process(database_settings, one_broker.port, BatchSize(50, 0.01)) as process,
        client(one_broker.port) as other,
    ):
        sender = threading.Thread(target=other.send_until_receipted, args=(readings,))
        sender.start()
        for _ in range(2):
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
        processor_process(database_settings, one_broker.port, small, INSTANCE="one"),
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
