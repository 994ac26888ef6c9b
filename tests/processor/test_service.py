"""The whole processor: what it takes in, what it stores and what it tells."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.contract.messages import (
    MAX_READING_BYTES,
    InventoryChunk,
    IssueChange,
    PrinterAttention,
    PrinterState,
)
from processor.tables import ATTENTION, EVENTS, ISSUES, OUTBOX, REJECTED, SERVICES, SNAPSHOTS
from tests.brokers import BrokerProcess
from tests.paths import ROOT
from tests.patience import PATIENCE_SECONDS, until
from tests.processor.making import JAMMED, edit, make_reading, rows
from tests.processor.service_parts import (
    ProcessorProcess,
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


def test_readings_are_stored_receipted_published_and_kept_as_history(
    broker: BrokerProcess, tmp_path: Path
) -> None:
    database = sqlite_in(tmp_path)
    engine = prepared(database)
    with processor(database, broker.port), client(broker.port) as other:
        readings = [recent(n, "p-1", bits=JAMMED) for n in range(3)]
        other.send_until_receipted(readings)
        until(lambda: other.of("printers/p-1/issue"), "the issue's event")
        change = IssueChange.model_validate_json(other.of("printers/p-1/issue")[0])
        assert (change.change, change.status, change.printer_id) == ("opened", "open", "p-1")
        until(lambda: "printers/p-1/attention" in other.retained, "the attention topic")
        state = PrinterState.model_validate_json(other.retained["printers/p-1/state"])
        flags = PrinterAttention.model_validate_json(other.retained["printers/p-1/attention"])
        assert (state.state, [flag.code for flag in flags.attention]) == ("stopped", ["jam"])
        until(lambda: not any(rows(engine, SNAPSHOTS, "owed")[0]), "the state's acknowledgment")
        until(lambda: not any(owed for (owed,) in rows(engine, EVENTS, "owed")), "the event's")
        history_is_whole(engine, tmp_path, 3)
    with client(broker.port, "later") as later:
        until(lambda: "printers/p-1/state" in later.retained, "the retained state")
        presence = later.retained["printers/$services/processor/test"]
        assert b'"status":"offline"' in presence


def test_what_cannot_be_used_is_told_and_kept_and_stops_nothing(
    broker: BrokerProcess, tmp_path: Path
) -> None:
    database = sqlite_in(tmp_path)
    engine = prepared(database)
    with processor(database, broker.port), client(broker.port) as other:
        other.send_until_receipted([make_reading(0, "p-1")])
        other.link.publish("printers/p-1/reading/main", b"\x00 no JSON")
        other.link.publish("printers/p-2/reading/main", make_reading(1, "p-1").model_dump_json())
        unknown = make_reading(2, "p-1", id="of-the-future").model_dump_json()
        other.link.publish(
            "printers/p-1/reading/main", unknown.replace('"schema_version":2', '"schema_version":9')
        )
        large = make_reading(3, "p-1", id="too-large", error="x" * MAX_READING_BYTES)
        other.send(large, make_reading(4, "nobody"))
        beyond = make_reading(5, "p-4").model_dump_json().replace('"seq":5', f'"seq":{2**70}')
        other.link.publish("printers/p-4/reading/main", beyond)
        other.send_until_receipted([make_reading(9, "p-1")])
        until(lambda: len(rows(engine, REJECTED)) == 5, "five rejected messages")
        until(lambda: len(other.of("printers/$rejected")) == 5, "five messages on the rejected topic")
    assert set(other.refused) == {"p-1-1", "of-the-future", "too-large", "nobody-4", "p-4-5"}
    reasons = " ".join(reason for (reason,) in rows(engine, REJECTED, "reason"))
    for part in (
        "Invalid JSON",
        "the topic names 'p-2'",
        "schema version 9",
        f"more than the {MAX_READING_BYTES} of a reading",
    ):
        assert part in reasons
    assert rows(engine, SNAPSHOTS, "printer_id", "seq") == [("p-1", 9)]


def test_processors_of_a_group_share_the_readings(one_broker: BrokerProcess, tmp_path: Path) -> None:
    database = sqlite_in(tmp_path)
    engine = prepared(database)
    readings = many(10)
    with (
        processor(database, one_broker.port, INSTANCE="one", PROCESSOR_GROUP="all"),
        processor(database, one_broker.port, INSTANCE="two", PROCESSOR_GROUP="all"),
        client(one_broker.port) as other,
    ):
        until(lambda: are_online(other, "one", "two"), "two processors")
        other.send(*readings)  # once: what is sent again has two receipts
        until(lambda: not other.unreceipted(readings), "all receipts")
        assert len(other.stored) == len(readings)  # one each: nobody got what the other got
        newest_are_stored(engine, 10)


def test_a_time_series_that_is_down_blocks_nothing(one_broker: BrokerProcess, tmp_path: Path) -> None:
    database = sqlite_in(tmp_path)
    engine = prepared(database)
    down = {"INFLUXDB_URL": "http://127.0.0.1:9", "INFLUXDB_TOKEN": "x"}
    with processor(database, one_broker.port, **down), client(one_broker.port) as other:
        other.send_until_receipted(many(3))
        assert len(set(rows(engine, OUTBOX, "payload"))) == 60
    with processor(database, one_broker.port):
        history_is_whole(engine, tmp_path, 60)


def test_states_are_published_again_on_a_new_connection(one_broker: BrokerProcess, tmp_path: Path) -> None:
    database = sqlite_in(tmp_path)
    engine = prepared(database)
    with processor(database, one_broker.port), client(one_broker.port) as other:
        other.send_until_receipted(many(1))
        until(lambda: not any(owed for (owed,) in rows(engine, SNAPSHOTS, "owed")), "acknowledged states")
    one_broker.kill()
    one_broker.start()  # it keeps nothing
    with processor(database, one_broker.port), client(one_broker.port) as other:
        until(lambda: len([t for t in other.retained if t.endswith("/state")]) == 20, "all states, once more")


def test_a_collector_gets_its_inventory_and_services_are_seen(
    one_broker: BrokerProcess, tmp_path: Path
) -> None:
    database = sqlite_in(tmp_path)
    engine = prepared(database)
    topic = "printers/$sites/main/inventory/0"
    with processor(database, one_broker.port), client(one_broker.port) as other:
        until(lambda: topic in other.retained, "the inventory")
        assert len(InventoryChunk.model_validate_json(other.retained[topic]).printers) == 20
        edit(engine, "UPDATE printers SET enabled = false, version = 2 WHERE printer_id = 'p-3'")
        until(lambda: b'"p-3"' not in other.retained[topic], "the inventory without p-3")
        until(lambda: len(rows(engine, SERVICES)) == 2, "both services in the database")
        assert [row["status"] for row in rows(engine, SERVICES)] == ["online", "online"]
        other.link.heartbeat({"spool_rows": 3.0})
        until(
            lambda: (
                '{"spool_rows":3.0}' in [c.replace(" ", "") for (c,) in rows(engine, SERVICES, "counters")]
            ),
            "it",
        )
        other.link.stop()
        until(lambda: ("tester", "offline") in rows(engine, SERVICES, "service", "status"), "its goodbye")
    seen = [row["seen_at"] for row in rows(engine, SERVICES)]
    assert all(abs((datetime.now(UTC) - at).total_seconds()) < 120 for at in seen)


def test_a_printer_taken_out_of_the_inventory_is_cleared_everywhere(
    one_broker: BrokerProcess, tmp_path: Path
) -> None:
    database = sqlite_in(tmp_path)
    engine = prepared(database)
    with processor(database, one_broker.port), client(one_broker.port) as other:
        other.send_until_receipted([recent(n, "p-1", bits=JAMMED) for n in range(3)])
        until(lambda: other.retained.get("printers/p-1/attention"), "its flags")
        edit(engine, "DELETE FROM printers WHERE printer_id = 'p-1'")
        for topic in ("printers/p-1/state", "printers/p-1/attention"):
            until(lambda topic=topic: other.retained[topic] == b"", f"{topic} cleared")  # type: ignore[misc]
        until(lambda: not rows(engine, SNAPSHOTS), "no snapshot")
        assert rows(engine, ISSUES, "status") == [("resolved",)]
        assert all(cleared for (cleared,) in rows(engine, ATTENTION, "cleared_at"))


@pytest.mark.parametrize("end", ["its parent's pipe", "a signal"])
def test_it_ends_cleanly_and_says_goodbye(end: str, one_broker: BrokerProcess, tmp_path: Path) -> None:
    engine = prepared(sqlite_in(tmp_path))
    environment = {**os.environ, "DATA_DIR": str(tmp_path), "MQTT_PORT": str(one_broker.port)}
    environment |= {"PRINTERS_LIFELINE": "stdin", "PYTHONPATH": str(ROOT)}
    child = subprocess.Popen(
        [sys.executable, "-m", "processor"], env=environment, stdin=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert child.stdin and child.stderr
    assert b"connected to the broker" in child.stderr.readline()
    until(lambda: rows(engine, SERVICES, "service", "status") == [("processor", "online")], "its heartbeat")
    if end == "a signal":
        child.terminate()
    else:
        child.stdin.close()
    assert child.wait(timeout=PATIENCE_SECONDS) == 0
    assert rows(engine, SERVICES, "service", "status") == [("processor", "offline")]


def test_without_a_database_one_sentence_says_so(tmp_path: Path) -> None:
    process = ProcessorProcess(sqlite_in(tmp_path), 1, DATABASE_URL="postgresql://127.0.0.1:1/none")
    process.start()
    until(lambda: process._process is None or process._process.poll() is not None, "its end")
    assert process.stop() == 2
    (line,) = process.log.read_text().splitlines()
    assert line.startswith("error: the database postgresql+psycopg://127.0.0.1:1/none cannot be opened")
