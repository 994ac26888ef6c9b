"""`poll` against a real agent, without broker or database."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from console.poll_view import judged_view, raw_lines
from core.contract.messages import (
    Attention,
    Evidence,
    InputTray,
    OutputTray,
    PageCounter,
    PrinterState,
    Reading,
    Supply,
    VarbindValue,
)
from tests.brokers import free_port
from tests.collector.agents import FakeAgent, small_printer
from tests.console.cli import call_printers, run_printers
from tests.paths import ROOT
from tests.patience import PATIENCE_SECONDS

CALM = {"SNMP_TIMEOUT": "5", "SNMP_RETRIES": "1"}
QUICK = {"SNMP_TIMEOUT": "0.3", "SNMP_RETRIES": "0"}


@pytest.fixture(scope="module")
def agent() -> Iterator[str]:
    """HOST:PORT of a small printer."""
    ready, loop = threading.Event(), asyncio.new_event_loop()
    where: list[str] = []
    done = asyncio.Event()

    async def serve() -> None:
        async with FakeAgent(small_printer()) as served:
            found = served.agent()
            where.append(f"{found.host}:{found.port}")
            ready.set()
            await done.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    assert ready.wait(PATIENCE_SECONDS)
    yield where[0]
    loop.call_soon_threadsafe(done.set)
    thread.join()
    loop.close()


def test_a_program_gets_one_judged_object(agent: str) -> None:
    said = run_printers("poll", agent, "--json", env=CALM)
    assert said.returncode == 0, said.stderr
    state = json.loads(said.stdout)
    PrinterState.model_validate(state)
    assert state["reachable"] is True
    assert state["supplies"]
    assert not list(Path().iterdir()), "neither database nor folder is made"


def test_a_person_gets_a_sentence_and_bars(agent: str) -> None:
    said = call_printers("poll", agent, env=CALM)
    assert said.returncode == 0, said.stderr
    assert f"at {agent}" in said.stdout
    assert "Supplies" in said.stdout


def test_raw_shows_what_was_answered_by_mib_name(agent: str) -> None:
    said = call_printers("poll", agent, "--raw", env=CALM)
    assert said.returncode == 0, said.stderr
    assert "prtMarkerSuppliesLevel.1.1 = " in said.stdout
    assert 'sysDescr.0 = "' in said.stdout
    assert "answered" in said.stdout


def test_neither_database_nor_library_of_another_task_is_loaded(agent: str) -> None:
    """They would be most of the time that a person waits."""
    program = (
        "import sys; from console.__main__ import main\n"
        f"sys.argv = ['printers', 'poll', {agent!r}]\n"
        "try: main()\n"
        "except SystemExit: print('LOADED', *{name.partition('.')[0] for name in sys.modules})"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, **CALM, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert "Supplies" in done.stdout
    loaded = set(done.stdout.partition("LOADED")[2].split())
    unwanted = {
        "sqlalchemy",
        "sqlmodel",
        "influxdb_client",
        "pysnmp",
        "streamlit",
        "pandas",
        "paho",
        "sqlite3",
    }
    assert loaded & unwanted == set()


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C cannot be sent to one process on Windows")
def test_ctrl_c_ends_it_without_a_word() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        silent.settimeout(PATIENCE_SECONDS)
        command = [sys.executable, "-m", "console", "poll", f"127.0.0.1:{silent.getsockname()[1]}"]
        process = subprocess.Popen(
            command,
            env={**os.environ, "PYTHONPATH": str(ROOT), "SNMP_TIMEOUT": "60"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        silent.recv(65536)  # it waits for an answer
        process.send_signal(signal.SIGINT)
        said, complained = process.communicate(timeout=PATIENCE_SECONDS)
    assert (process.returncode, said) == (130, "")
    assert "Traceback" not in complained


@pytest.mark.parametrize("way", [(), ("--json",), ("--raw",)])
def test_a_printer_that_does_not_answer_is_exit_code_1(way: tuple[str, ...]) -> None:
    host = f"127.0.0.1:{free_port(socket.SOCK_DGRAM)}"
    said = call_printers("poll", host, *way, env=QUICK)
    assert said.returncode == 1, said.stderr
    if way == ("--json",):
        assert json.loads(said.stdout)["reachable"] is False
    else:
        assert "not answer" in said.stdout
    assert "Traceback" not in said.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("10.0.0.999",), "neither an IP address nor a host name"),
        (("10.0.0.5", "--json", "--raw"), "--json and --raw do not go together"),
        (("10.0.0.5:0",), "port `0` is not a number"),
    ],
)
def test_what_cannot_be_asked_is_one_sentence(arguments: tuple[str, ...], says: str) -> None:
    said = call_printers("poll", *arguments)
    assert said.returncode == 2
    assert said.stderr.startswith("error: ")
    assert says in said.stderr


def drawn(state: PrinterState, width: int = 120) -> str:
    console = Console(width=width, record=True, force_terminal=False, _environ={"TERM": "dumb"})
    with console.capture() as capture:
        console.print(judged_view(state, "10.0.0.5", console))
    return capture.get()


def make_state(**values: Any) -> PrinterState:
    return PrinterState(**{"printer_id": "p", "reachable": True, "state": "idle", **values})


def test_a_level_that_is_not_measured_has_no_bar() -> None:
    supplies = (
        Supply(index="1.1", description="Black [toner]", level_percent=40, level_state="measured"),
        Supply(index="1.2", supply_type="toner", colorant="cyan", level_state="some_remaining"),
    )
    lines = drawn(make_state(supplies=supplies)).splitlines()
    black = next(line for line in lines if "Black [toner]" in line)
    cyan = next(line for line in lines if "cyan toner" in line)
    assert "40 %" in black
    assert black.count("█") + black.count("#") == 8
    assert "some left" in cyan
    assert "%" not in cyan


def test_flags_come_first_with_who_can_fix_them_and_why() -> None:
    evidence = Evidence(object="hrPrinterDetectedErrorState", index="1", value="04")
    jam = Attention(
        code="jam",
        severity="critical",
        message="Paper jam in tray 2.",
        since_at="2026-01-31T12:00:00Z",  # type: ignore[arg-type]
        fixer="anyone",
        evidence=(evidence,),
    )
    said = drawn(make_state(state="stopped", severity="critical", attention=(jam, jam)))
    assert (
        "Stopped: Paper jam in tray 2. And 1 more.\n" in "\n".join(map(str.rstrip, said.splitlines())) + "\n"
    )
    assert "anyone can fix it" in said
    assert "hrPrinterDetectedErrorState.1 = 04" in said


def test_a_bar_is_whole_on_a_narrow_terminal() -> None:
    name = "A description as long as that of any cartridge of this vendor"
    supply = Supply(index="1.1", description=name, level_percent=100, level_state="measured")
    assert "█" * 20 in drawn(make_state(supplies=(supply,)), width=60)


def test_a_printer_with_nothing_wrong_is_said_to_be_so() -> None:
    assert "Asleep, nothing is wrong." in drawn(make_state(state="asleep"))
    assert "It reports no status, nothing is wrong." in drawn(make_state(state="unknown"))


def test_trays_and_facts_are_shown_where_there_are_any() -> None:
    tray = InputTray(index="1.1", name="Tray 1", media_name="A4", level_percent=50, level_state="measured")
    said = drawn(make_state(input_trays=(tray,), marker_life_count=12345, counter_unit="impressions"))
    assert "Tray 1" in said
    assert "12,345 impressions" in said
    assert "Alerts" not in said


def test_output_trays_and_page_counters_are_shown_where_there_are_any() -> None:
    trays = (
        OutputTray(
            index="1.1", name="Bin [1]", remaining=50, max_capacity=250, remaining_percent=20, status=16
        ),
        OutputTray(index="1.2", description="Stacker", remaining=-3, level_state="some_remaining"),
    )
    counters = (
        PageCounter(name="mono", count=26548, unit="impressions", source="kmBlackPages"),
        PageCounter(name="scan", count=7, unit="images", source="kmScanCount"),
    )
    lines = drawn(make_state(output_trays=trays, counters=counters)).splitlines()
    assert "room for 50 of 250" in next(line for line in lines if "Bin [1]" in line)
    assert "idle, critical alert" in next(line for line in lines if "Bin [1]" in line)
    assert "some room left" in next(line for line in lines if "Stacker" in line)
    mono = next(line for line in lines if "Mono" in line)
    assert "26,548" in mono
    assert "impressions" in mono
    assert "images" in next(line for line in lines if "Scans" in line)


def test_octets_are_text_only_where_they_are_text() -> None:
    varbinds: dict[str, VarbindValue] = {
        "1.3.6.1.2.1.25.3.5.1.2.1": "20",
        "1.3.6.1.2.1.1.1.0": "48500a",
        "1.3.6.1.2.1.1.5.0": "6c69622d3100",
        "1.3.6.1.2.1.1.6.0": "",
        "1.3.6.1.4.1.9.1": 7,
    }
    reading = Reading(
        id="r-1",
        printer_id="lib",
        site="main",
        seq=1,
        taken_at=datetime(2026, 3, 10, 12, tzinfo=UTC),
        reachable=True,
        duration_ms=4,
        varbinds=varbinds,
    )
    lines = [line.plain for line in raw_lines(reading)]
    assert lines[:5] == [
        "hrPrinterDetectedErrorState.1 = hex 20",
        "sysDescr.0 = hex 48 50 0a",
        'sysName.0 = "lib-1"',
        'sysLocation.0 = ""',
        "1.3.6.1.4.1.9.1 = 7",
    ]


def test_what_is_not_known_of_a_printer_is_said_beside_its_state() -> None:
    gap = "The printer's SNMP view shows no supplies: nothing is known of that."
    said = drawn(make_state(gaps=(gap,)))
    assert "Idle, nothing is wrong in what it shows." in said
    assert gap in said
