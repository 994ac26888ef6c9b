"""`python -m collector` as a process: real SNMP agents, a real broker, and no mercy."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from collector import once
from collector.__main__ import main
from collector.inventory import StoredInventory
from core.contract.messages import PolledPrinter, Reading
from core.runtime.shutdown import LIFELINE_VARIABLE
from tests.brokers import BrokerProcess, free_port, mosquitto
from tests.collector.agents import FakeAgent, small_printer
from tests.collector.processor_double import processor, wait_for
from tests.paths import ROOT
from tests.patience import PATIENCE_SECONDS


@contextmanager
def agents(count: int) -> Iterator[tuple[PolledPrinter, ...]]:
    """So many SNMP agents on ports of 127.0.0.1, as printers of an inventory."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    running = [FakeAgent(small_printer()) for _ in range(count)]
    try:
        for agent in running:
            asyncio.run_coroutine_threadsafe(agent.__aenter__(), loop).result(PATIENCE_SECONDS)
        yield tuple(
            PolledPrinter(printer_id=f"p{number}", host="127.0.0.1", port=agent.agent().port)
            for number, agent in enumerate(running)
        )
    finally:
        for agent in running:
            asyncio.run_coroutine_threadsafe(agent.__aexit__(), loop).result(PATIENCE_SECONDS)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(PATIENCE_SECONDS)
        loop.close()


def environment(**settings: object) -> dict[str, str]:
    given = {name.upper(): str(value) for name, value in settings.items()}
    return os.environ | {"PYTHONPATH": str(ROOT), "SNMP_TIMEOUT": "2", "SNMP_RETRIES": "0"} | given


@contextmanager
def collector(*arguments: str, **settings: object) -> Iterator["subprocess.Popen[str]"]:
    """The program as a process in the current folder; killed (-9) at the end where it still runs."""
    process = subprocess.Popen(
        [sys.executable, "-m", "collector", *arguments],
        env=environment(**settings) | {LIFELINE_VARIABLE: "stdin"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def end(process: "subprocess.Popen[str]") -> str:
    """Let go of the pipe by which it lives; returns what it has said."""
    _, told = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 0, told
    return told


def run(*arguments: str, **settings: object) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "collector", *arguments]
    return subprocess.run(
        command,
        env=environment(**settings),
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


@pytest.fixture
def broker() -> Iterator[BrokerProcess]:
    with mosquitto() as running:
        yield running


@pytest.fixture
def at_broker(broker: BrokerProcess) -> dict[str, object]:
    return {"mqtt_host": "127.0.0.1", "mqtt_port": broker.port}


def test_print_gives_a_reading_of_each_host_as_a_json_line() -> None:
    with agents(2) as (one, two):
        done = run(
            "--print",
            *("--host", f"127.0.0.1:{one.port}", "--host", f"127.0.0.1:{two.port}"),
            *("--host", f"127.0.0.1:{free_port(socket.SOCK_DGRAM)}"),
        )
    assert done.returncode == 0, done.stderr
    readings = [Reading.model_validate_json(line) for line in done.stdout.splitlines()]
    assert [reading.reachable for reading in readings] == [True, True, False]
    assert {reading.printer_id for reading in readings[:2]} == {
        f"127.0.0.1-{one.port}",
        f"127.0.0.1-{two.port}",
    }
    assert readings[0].tables["supplies"] == "partial" or readings[0].varbinds
    assert readings[2].error


def test_print_without_a_host_uses_the_inventory_kept_on_disk(tmp_path: Path) -> None:
    with agents(2) as printers:
        StoredInventory(tmp_path / "data", "main").write(printers)
        done = run("--print")
    assert {json.loads(line)["printer_id"] for line in done.stdout.splitlines()} == {"p0", "p1"}


def test_an_unknown_profile_and_a_name_without_address_are_readings() -> None:
    done = run("--print", "--host", "192.0.2.1", "--profile", "vault")
    assert "'vault' is not known here" in json.loads(done.stdout)["error"]
    done = run("--print", "--host", "no-such-printer.invalid")
    reading = json.loads(done.stdout)
    assert reading["reachable"] is False
    assert "no-such-printer.invalid" in reading["error"]


@pytest.mark.parametrize(
    ("arguments", "settings", "words"),
    [
        (["--print"], {}, "no inventory"),
        (["--print", "--host", "a:0"], {}, "--host 'a:0'"),
        (["--host", "192.0.2.1"], {}, "--host goes with --print"),
        (["--once", "--print"], {}, "not allowed with"),
        ([], {"SNMP_RETRIES": "many"}, "SNMP_RETRIES"),
    ],
)
def test_what_cannot_be_done_is_a_sentence_and_exit_code_2(
    arguments: list[str], settings: dict[str, str], words: str
) -> None:
    done = run(*arguments, **settings)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_once_ends_with_0_when_every_receipt_is_there(
    broker: BrokerProcess, at_broker: dict[str, object]
) -> None:
    with agents(8) as printers, processor(broker.port) as double:
        double.publish_inventory(printers)
        done = run("--once", **at_broker)
        assert done.returncode == 0, done.stderr
        assert "8 printers read: 8 answered, 0 did not" in done.stderr
        assert {reading.printer_id for reading in double.readings} == {p.printer_id for p in printers}


def test_once_ends_with_1_and_says_how_many_are_missing(
    broker: BrokerProcess, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(once, "_PATIENCE_SECONDS", 0.5)
    monkeypatch.setattr("core.runtime.service.configure_logs", lambda *_, **__: caplog.set_level("INFO"))
    monkeypatch.setenv("MQTT_HOST", "127.0.0.1")
    monkeypatch.setenv("MQTT_PORT", str(broker.port))
    with agents(5) as printers, processor(broker.port) as double:
        double.publish_inventory(printers)
        double.refuses = lambda reading: reading.printer_id == "p0"
        assert main(["--once"]) == 1
        assert "0 readings are not stored yet and wait in the spool, 1 were refused" in caplog.text
        double.answers = False
        assert main(["--once"]) == 1
        assert "5 readings are not stored yet and wait in the spool, 0 were refused" in caplog.text
        double.answers = True
        double.refuses = lambda _: False
        assert main(["--once"]) == 0


def test_once_without_broker_reads_the_inventory_of_last_time_or_says_what_is_missing(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(once, "INVENTORY_SECONDS", 0.2)
    monkeypatch.setattr(once, "_PATIENCE_SECONDS", 0.2)
    monkeypatch.setattr("core.runtime.service.configure_logs", lambda *_, **__: None)
    monkeypatch.setenv("MQTT_HOST", "127.0.0.1")
    monkeypatch.setenv("MQTT_PORT", str(free_port()))
    assert main(["--once"]) == 2
    assert "no inventory of site main came from the broker" in capsys.readouterr().err
    with agents(2) as printers:
        StoredInventory(tmp_path / "data", "main").write(printers)
        assert main(["--once"]) == 1
    assert "2 readings are not stored yet" in caplog.text


def test_killed_in_the_midst_it_goes_on_from_its_spool_with_rising_seq(
    broker: BrokerProcess, at_broker: dict[str, object]
) -> None:
    settings = at_broker | {"snmp_poll_interval_seconds": 1}
    with agents(10) as printers, processor(broker.port) as double:
        double.answers = False
        double.publish_inventory(printers)
        for _ in range(3):
            seen = len({reading.id for reading in double.readings})
            with collector(**settings):
                double.wait_until(lambda readings, seen=seen: len({r.id for r in readings}) >= seen + 15)  # type: ignore[misc]
        published = {reading.id for reading in double.readings}
        double.answers = True
        again = len(double.readings)
        with collector(**settings) as process:
            double.wait_until(lambda readings: published <= {r.id for r in readings[again:]})
            end(process)
        by_seq = sorted({(reading.seq, reading.id, reading.taken_at) for reading in double.readings})
        assert len({seq for seq, _, _ in by_seq}) == len(by_seq), "no seq was given twice"
        assert len({reading.id for reading in double.readings}) == len(by_seq)


def test_what_has_its_receipt_is_not_sent_after_a_restart(
    broker: BrokerProcess, at_broker: dict[str, object]
) -> None:
    with agents(6) as printers, processor(broker.port) as double:
        double.publish_inventory(printers)
        with collector(**at_broker) as process:
            double.wait_until(lambda readings: len(readings) >= 6)
            end(process)
        first = {reading.id for reading in double.readings}
        with collector(**at_broker):
            double.wait_until(lambda readings: len({r.id for r in readings} - first) >= 6)
        unreceipted_at_the_end = [r for r in double.readings[len(first) :] if r.id in first]
        assert len(unreceipted_at_the_end) <= 6


def test_a_second_collector_of_the_same_site_and_folder_is_refused(
    broker: BrokerProcess, at_broker: dict[str, object]
) -> None:
    with agents(1) as printers, processor(broker.port) as double:
        double.publish_inventory(printers)
        with collector(**at_broker):
            double.wait_until(lambda readings: len(readings) >= 1)
            refused = run(**at_broker)
    assert refused.returncode == 2
    assert "another collector uses the spool" in refused.stderr


def test_collectors_of_two_sites_share_a_machine(broker: BrokerProcess, at_broker: dict[str, object]) -> None:
    settings = at_broker | {"snmp_poll_interval_seconds": 1}
    with (
        agents(1) as printers,
        processor(broker.port) as main_site,
        processor(broker.port, site="other", instance="second") as other_site,
    ):
        main_site.publish_inventory(printers)
        other_site.publish_inventory(printers)
        with collector(**settings), collector(**settings, site="other"):
            main_site.wait_until(lambda readings: sum(r.site == "main" for r in readings) >= 3)
            main_site.wait_until(lambda readings: sum(r.site == "other" for r in readings) >= 3)


@pytest.mark.parametrize("way", ["pipe", "SIGTERM", "SIGINT"])
def test_it_ends_cleanly_when_it_is_told_to(
    way: str, broker: BrokerProcess, at_broker: dict[str, object]
) -> None:
    if way != "pipe" and sys.platform == "win32":
        pytest.skip("Windows has no such signals")
    with agents(3) as printers, processor(broker.port) as double:
        double.publish_inventory(printers)
        with collector(**at_broker) as process:
            double.wait_until(lambda readings: len(readings) >= 3)
            if way != "pipe":
                process.send_signal(getattr(signal, way))
                assert process.wait(PATIENCE_SECONDS) == 0
            assert "Traceback" not in end(process)


def test_without_uvloop_it_works_the_same(
    broker: BrokerProcess, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "uvloop", None)
    monkeypatch.setattr("core.runtime.service.configure_logs", lambda *_, **__: caplog.set_level("INFO"))
    monkeypatch.setenv("MQTT_HOST", "127.0.0.1")
    monkeypatch.setenv("MQTT_PORT", str(broker.port))
    with agents(3) as printers, processor(broker.port) as double:
        double.publish_inventory(printers)
        assert main(["--once"]) == 0
        wait_for(lambda: len(double.readings) >= 3, "three readings")
