"""`python -m collector` as a process: real SNMP agents, a real broker, and no mercy."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from core.runtime.shutdown import LIFELINE_VARIABLE
from tests.brokers import BrokerProcess, mosquitto
from tests.collector.agents import agents
from tests.collector.processor_double import processor
from tests.paths import ROOT
from tests.patience import PATIENCE_SECONDS


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


@pytest.mark.parametrize(
    ("arguments", "settings", "words"),
    [(["--poll"], {}, "unrecognized arguments"), ([], {"SNMP_RETRIES": "many"}, "SNMP_RETRIES")],
)
def test_what_cannot_be_done_is_a_sentence_and_exit_code_2(
    arguments: list[str], settings: dict[str, str], words: str
) -> None:
    done = run(*arguments, **settings)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr


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
