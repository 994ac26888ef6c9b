"""What is killed is started again; a killed `up` leaves no process and can be started again at once."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from console.broker.credentials import read_credentials
from console.broker.probe import ACCEPTED, connack
from tests.brokers import free_port
from tests.console.embedded import all_gone, end, eventually, family
from tests.console.runs import children_named, running, says, wait_for_services


def kill(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """Kill it; return what it ran."""
    processes = family(process)
    assert len(processes) >= 4
    process.kill()
    process.wait()
    return processes


def test_a_killed_up_is_started_again_at_once_and_killed_again_leaves_no_process(tmp_path: Path) -> None:
    port = {"MQTT_PORT": str(free_port())}
    with running(tmp_path, environment=port) as process:
        wait_for_services(tmp_path, "mosquitto")
        kill(process)
    (tmp_path / "up.log").unlink()
    with running(tmp_path, environment=port) as process:
        wait_for_services(tmp_path, "mosquitto")
        left = kill(process)
        assert eventually(lambda: all_gone(left)), [one.cmdline() for one in left if one.is_running()]


def test_a_killed_up_leaves_no_process_of_amqtt(tmp_path: Path) -> None:
    with running(tmp_path, "--broker", "amqtt") as process:
        wait_for_services(tmp_path, "amqtt")
        left = kill(process)
        assert eventually(lambda: all_gone(left)), [one.cmdline() for one in left if one.is_running()]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """One run and its folder; each test kills another child of it."""
    folder = tmp_path_factory.mktemp("run")
    with running(folder) as process:
        wait_for_services(folder, "mosquitto")
        yield process, folder
        assert end(process) == 0


@pytest.mark.parametrize("module", ["console.broker", "processor", "collector", "dashboard"])
def test_what_dies_is_started_again(module: str, run: tuple[subprocess.Popen[bytes], Path]) -> None:
    process, folder = run
    victim = children_named(process, module)[0]
    victim.kill()
    name = module.removeprefix("console.")
    assert says(folder, rf"up: {name} ended \(.*\); it is started again in 1 s")
    assert eventually(lambda: [one.pid for one in children_named(process, module)] not in ([], [victim.pid]))
    if module == "console.broker":
        found = read_credentials(folder / "data")
        assert found is not None
        assert eventually(lambda: connack(found.settings("console")) == ACCEPTED)
