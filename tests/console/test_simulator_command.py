"""`printers simulate` and the process behind it, as a developer starts them."""

import asyncio
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.hosts import printer_at
from collector.poll_once import poll_once
from core.contract.errors import UserError
from core.contract.messages import Reading
from core.domain.inventory.csv_file import read_inventory
from core.runtime.settings import SnmpSettings
from core.runtime.shutdown import ShutdownSignal
from simulator.fleet_run import FleetOptions, keep_memory, make_fleet, read_memory, serve
from simulator.plan import plan_fleet
from simulator.shape import SHAPES, load_shapes
from tests.console.embedded import end, eventually, start
from tests.console.simulated import free_ports
from tests.patience import PATIENCE_SECONDS

SIMULATE = [sys.executable, "-m", "console", "simulate"]
RECORDED = ("sharp_mx", "lexmark_ms")


def ask(*hosts: str) -> list[Reading]:
    """One reading of each by the collector's own code."""
    return poll_once([printer_at(host, "default") for host in hosts], SnmpSettings(), "main")


def test_it_writes_an_inventory_whose_printers_answer(tmp_path: Path) -> None:
    port = free_ports(4)
    command = [*SIMULATE, "--printers", "4", "--port", str(port), "--csv", "fleet.csv", "--seed", "5"]
    process = start(command, tmp_path / "log")
    try:
        assert eventually(lambda: f"ports {port} to {port + 3}" in said(tmp_path))
        found = read_inventory((tmp_path / "fleet.csv").read_bytes())
        assert (len(found.rows), found.refused) == (4, ())
        hosts = [f"{row.values['host']}:{row.values['port']}" for row in found.rows]
        readings = ask(*hosts)
        assert len(readings) == 4
        assert sum(reading.reachable for reading in readings) >= 3  # one may be off
    finally:
        assert end(process) == 0


def said(folder: Path) -> str:
    return re.sub(r"\s+", " ", (folder / "log").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[subprocess.Popen[bytes], int, Path]]:
    """Two recordings that are served, the first one's port, and the folder of what is said."""
    folder, port = tmp_path_factory.mktemp("recorded"), free_ports(2)
    paths = [str(SHAPES / f"{name}.snmprec") for name in RECORDED]
    command = [*SIMULATE, "--port", str(port), "--recording", paths[0], "--recording", paths[1]]
    process = start(command, folder / "log")
    try:
        assert eventually(lambda: f"ports {port} to {port + 1}" in said(folder))
        yield process, port, folder
    finally:
        end(process)


def test_recordings_are_served_as_they_are(recorded: tuple[subprocess.Popen[bytes], int, Path]) -> None:
    _, port, _ = recorded
    for at, name in enumerate(RECORDED):
        reading = ask(f"127.0.0.1:{port + at}")[0]
        assert load_shapes()[name].model.encode().hex() in reading.varbinds.values()


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C cannot be sent to one process on Windows")
def test_ctrl_c_ends_it_without_a_word(recorded: tuple[subprocess.Popen[bytes], int, Path]) -> None:
    process, _, folder = recorded
    assert "Ctrl-C ends them" in said(folder)
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE_SECONDS) == 0
    assert "Traceback" not in said(folder)


def test_a_taken_port_is_one_sentence() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        options = FleetOptions(1, other.getsockname()[1])
        with pytest.raises(UserError, match=f"^UDP port {options.first_port} on 127.0.0.1 is taken"):
            asyncio.run(serve(make_fleet(options), options, ShutdownSignal(), lambda: None))


@pytest.mark.parametrize(
    ("content", "words"), [(None, "cannot be read"), ("nothing\n", "it has no line OID|TAG|VALUE")]
)
def test_a_recording_that_cannot_be_used_is_one_sentence(
    content: str | None, words: str, tmp_path: Path
) -> None:
    path = tmp_path / "mine.snmprec"
    if content is not None:
        path.write_text(content)
    with pytest.raises(UserError, match=re.escape(words)):
        make_fleet(FleetOptions(1, 16_100, recordings=(path,)))


def test_the_same_seed_plans_the_same_fleet_and_another_another() -> None:
    assert plan_fleet(60, 3) == plan_fleet(60, 3)
    assert plan_fleet(60, 3) != plan_fleet(60, 4)


def test_a_large_fleet_has_every_shape_and_no_id_twice() -> None:
    plans = plan_fleet(3000, 1)
    assert len({plan.printer_id for plan in plans}) == 3000
    assert {plan.shape.name for plan in plans} == set(load_shapes())
    assert len(load_shapes()) >= 12


def test_counters_and_levels_go_on_in_the_next_run(tmp_path: Path) -> None:
    memory = tmp_path / "printers.json"
    options = FleetOptions(6, 16_100, speed=100.0, memory=memory)
    first = make_fleet(options)
    for printer in first.living:
        printer.live(3600.0)
    keep_memory(memory, first.living)
    second = make_fleet(options)
    assert [one.life.stock.memory() for one in second.living] == [
        one.life.stock.memory() for one in first.living
    ]


def test_a_memory_that_cannot_be_read_begins_anew(tmp_path: Path) -> None:
    memory = tmp_path / "printers.json"
    memory.write_text("{ broken")
    assert read_memory(memory) == {}
    assert len(make_fleet(FleetOptions(2, 16_100, memory=memory)).living) == 2


def test_the_fleet_answers_what_collectors_ask_by_default() -> None:
    assert SnmpSettings().snmp_community.get_secret_value() == FleetOptions(1, 1).community
